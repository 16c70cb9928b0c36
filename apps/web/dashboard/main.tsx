// The dashboard: `/`.
import { show } from '../shell/page.tsx'
import { Dashboard } from './dashboard.tsx'

show('dashboard', <Dashboard />)
