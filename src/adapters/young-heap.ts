// Collects what was allocated lately before there is much of it. Left to itself V8 waits for up to 32 MiB, and copies what of that is still
// in use in one go: little where messages come and go, but for 10 to 25 ms where a crowd came to stay. Of bytes that such objects stand for
// it lets another 32 MiB come together: a large file would cost every node on its way that much.
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes from which on a collection pays: it costs half a millisecond, and one for each MiB that stays. */
const ENOUGH = 4 * 1024 * 1024
/** Bytes of binary frames from which on it does: at 100 MiB a second, a collection of half a millisecond twelve times. */
const MANY = 8 * 1024 * 1024

/** A piece of work that a crowd brought is to be done in this turn: where enough was allocated, it is collected in the next. */
export const crowdWork = (): void => {
  if (!isDue && youngBytes() >= ENOUGH) collectNext()
}

/** So many bytes came or went in a frame of their own: what frames stood for before is garbage, and its bytes are not in the young heap. */
export const bytesPassed = (length: number): void => {
  passed += length
  if (passed < MANY) return
  passed = 0
  if (!isDue) collectNext()
}

const youngBytes = (): number => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_used_size ?? 0

const collectNext = (): void => {
  isDue = true
  setImmediate(() => {
    isDue = false
    collect ??= exposed()
    collect({ type: 'minor' })
  })
}

let passed = 0
let isDue = false
let collect: NodeJS.GCFunction | undefined

/** The collector as `--expose-gc` would give it: a context that is made after the flag was set has it among its globals. */
const exposed = (): NodeJS.GCFunction => {
  setFlagsFromString('--expose-gc')
  const gc: NodeJS.GCFunction = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return gc
}
