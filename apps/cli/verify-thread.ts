// Starts a thread of `verify --each` (verify-judge.ts) with the code that was compiled before: the cache of the main thread is not the thread's.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/chargeproof'))
await import('./verify-judge.ts')
