// Questions about paths: what lies there is read and judged. Threads put them too, so nothing of the command line is in here.
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { nodeOpeners } from '../../src/adapters/node-openers.ts'
import { type Input, type Language, type Verdict, verify } from '../../src/transparency/index.ts'
import type { Io } from './ask.ts'
import { filesIn, inputsAt } from './verify-files.ts'

export interface AskOptions {
  readonly key: readonly string[]
  readonly trust?: string
  readonly lang: Language
}

/** Puts questions about paths, one after the other; key files are read once for all of them. */
export const asker = (
  { key, trust }: AskOptions,
  io: Pick<Io, 'stdin'>,
): ((paths: readonly string[], watch?: Watch) => Promise<Verdict>) => {
  const keys = key.flatMap((path) => filesIn(path)).map(held)
  const pinned = (trust === undefined ? [] : filesIn(trust)).map(held)
  const engine = nodeEngine()
  return (paths, watch) => {
    const inputs = inputsAt(paths, io.stdin)
    const watched = watch === undefined ? inputs : inputs.map((input) => watchedBy(watch, input, inputs.length))
    return verify(watched, { engine, openers: nodeOpeners, keys, trust: pinned, now: () => performance.now() })
  }
}

/** Called before each input is read, with the number of all. */
export type Watch = (total: number) => void

const watchedBy = (watch: Watch, input: Input, total: number): Input => ({
  name: input.name,
  bytes: () => {
    watch(total)
    return bytesOf(input)
  },
})

const bytesOf = async ({ bytes }: Input): Promise<Uint8Array> => (typeof bytes === 'function' ? bytes() : bytes)

const held = (input: Input): Input => {
  let reading: Promise<Uint8Array> | undefined
  return {
    name: input.name,
    bytes: () => {
      reading ??= bytesOf(input)
      return reading
    },
  }
}
