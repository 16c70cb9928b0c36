// A thread of the judging pool (judge-pool.ts): judges one question after the other and sends the verdict back as JSON, which costs less
// to hand over than the tree does.
import { parentPort, workerData } from 'node:worker_threads'
import { verify } from '../transparency/index.ts'
import type { Input } from '../transparency/open.ts'
import { nodeEngine } from './node-crypto.ts'
import { nodeOpeners } from './node-openers.ts'

const { trust } = workerData as { readonly trust: readonly Input[] }
const engine = nodeEngine()

parentPort?.on('message', async (inputs: readonly Input[]) => {
  const verdict = await verify(inputs, { engine, openers: nodeOpeners, trust, now: () => performance.now() })
  parentPort?.postMessage(JSON.stringify(verdict))
})
