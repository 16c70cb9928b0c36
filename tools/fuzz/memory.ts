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
  const collect = runInNewContext('gc') as () => void
  // the second finds what the first one's finalizers let go
  collect()
  collect()
  const { heapUsed, rss } = process.memoryUsage()
  return { heapMiB: heapUsed / MIB, rssMiB: rss / MIB }
}
