// One bit of one character of a whole session is altered, many times: it is never valid with other signed bytes.
import fc from 'fast-check'
import { expect } from 'vitest'
import { ask } from '../transparency/support.ts'

export const neverOtherBytes = async (name: string, text: string, numRuns: number): Promise<void> => {
  const bytes = async (document: string): Promise<string> => {
    const { verdict, sessions } = await ask({ [name]: document })
    return verdict === 'valid' ? sessions.flatMap(({ records }) => records.map(({ evidence }) => evidence?.signedBytes)).join() : ''
  }
  const original = await bytes(text)
  expect(original).not.toBe('')
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 0, max: 6 }), async (at, bit) => {
      const altered = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1)
      expect(['', original]).toContain(await bytes(altered))
    }),
    { numRuns },
  )
}
