// The verifier: `/verify`.
import { show } from '../shell/page.tsx'
import { Verifier } from './verifier.tsx'

show('verifier', <Verifier />)
