// The same file under two names, as browsers save what is loaded twice: it is judged once, and said to be a copy. To the verifier a record that comes twice is
// no sound session, which is right for what a company sends, and no fault of it where a reader gave the file twice.
import type { InputReport } from '../../../src/transparency/index.ts'
import type { Input } from './question.ts'

/** Name of a copy -> name of the input that it is a copy of, the first of that content. */
export type Copies = Readonly<Record<string, string>>

/**
 * Keys are never copies: their name says which meter they speak of.
 * @param reports what was found in the inputs, by name
 */
export const copiesIn = (inputs: readonly Input[], reports: readonly InputReport[]): Copies => {
  const keys = new Set(reports.flatMap(({ name, kind }) => (kind === 'key' ? [name] : [])))
  const candidates = inputs.filter(({ name, bytes }) => bytes.length > 0 && !keys.has(name))
  const alike = [...Map.groupBy(candidates, ({ bytes }) => bytes.length).values()].filter((group) => group.length > 1)
  return Object.fromEntries(
    alike.flatMap((group) =>
      group.flatMap((input, i) => {
        const original = group.slice(0, i).find(({ bytes }) => bytes.every((byte, at) => byte === input.bytes[at]))
        return original === undefined ? [] : [[input.name, original.name]]
      }),
    ),
  )
}
