// Every case of the golden vectors that is named after a code is told that code, whatever its format.
import { describe, expect, it } from 'vitest'
import { CODE_SENTENCES } from '../../src/transparency/index.ts'
import { FORMAT_VECTORS, vectorCases } from '../../tools/transparency-vectors/registry.ts'
import { verdictOf } from '../../tools/transparency-vectors.ts'
import { ENGINE, findings } from './support.ts'

const CODES = Object.keys(CODE_SENTENCES).toSorted((a, b) => b.length - a.length)

const named = vectorCases().flatMap((vector) => {
  const rule = /\/rule-(.+)$/.exec(vector.name)?.[1] ?? ''
  const code = CODES.find((each) => rule === each || rule.startsWith(`${each}-`))
  return code === undefined ? [] : [{ vector, code, name: vector.name }]
})

describe('a case named after a code', () => {
  it.each(named)('$name', async ({ vector, code }) => {
    const { sessions } = await verdictOf(vector, ENGINE)
    expect(sessions.flatMap(findings).map((each) => each.split(':')[0])).toContain(code)
  })

  it.each(FORMAT_VECTORS)('is there for $format', ({ format }) => {
    expect(named.filter(({ name }) => name.startsWith(`${format}/`)).length).toBeGreaterThan(3)
  })

  it('is there for a stated amount that is wrong', () => {
    expect(named.map(({ code }) => code)).toContain('total-mismatch')
  })
})

describe('a weak curve', () => {
  it('is named, and makes nothing worse', async () => {
    const weak = vectorCases().filter(({ name }) => /\/algorithm-(ECDSA-secp192[kr]1-SHA256|secp224k1)$/.test(name))
    expect(weak).toHaveLength(3)
    for (const vector of weak) {
      const { verdict, sessions } = await verdictOf(vector, ENGINE)
      expect([verdict, ...sessions.flatMap(findings).filter((found) => found !== 'pagination-absent:skip')]).toEqual([
        'valid',
        'algorithm-weak:warn',
      ])
    }
  })
})
