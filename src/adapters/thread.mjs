// Where a thread begins (thread.ts): the compile cache of the main thread is not the thread's. This file is JavaScript because without the
// cache a TypeScript file has Node load its compiler, which costs as much as the rest of the start.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(import.meta.dirname, '../../node_modules/.cache/chargeproof'))
await import(process.argv[2])
