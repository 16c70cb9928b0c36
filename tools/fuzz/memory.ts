// What a process holds after it has thrown away what it can: the figure by which growth is judged.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export interface Memory {
  readonly heapMiB: number
  readonly rssMiB: number
}

const MIB = 1_048_576

export const memoryNow = (): Memory => {
  setFlagsFromString('--expose-gc')
  const collect: NodeJS.GCFunction = runInNewContext('gc')
  // gives back the pages of what it collects; otherwise V8 keeps them for later, and how many is chance. The second finds what the first
  // one's finalizers let go
  for (let n = 0; n < 2; n++) collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  const { heapUsed, rss } = process.memoryUsage()
  return { heapMiB: heapUsed / MIB, rssMiB: rss / MIB }
}
