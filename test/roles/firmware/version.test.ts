// Versions as manufacturers write them, in the order in which they came out.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareVersions } from '../../../src/roles/firmware/version.ts'

const RISING = [
  '0.9',
  '1.0.0-alpha.2',
  '1.0.0-alpha.10',
  '1.0.0-rc1',
  '1.0',
  '1.0.1',
  'v1.2',
  '1.9',
  '1.10',
  '1.10.1a',
  '2.0.0+build7',
  '10',
]

describe('versions', () => {
  it('are in the order in which they came out', () => {
    const shuffled = RISING.toReversed()
    expect(shuffled.sort(compareVersions)).toEqual(RISING)
    for (const [i, a] of RISING.entries())
      for (const [j, b] of RISING.entries()) expect([a, b, Math.sign(compareVersions(a, b))]).toEqual([a, b, Math.sign(i - j)])
  })

  it('are the same whatever stands around the numbers', () => {
    for (const [a, b] of [
      ['1.2', '1.2.0'],
      ['v3.4.5', '3.4.5'],
      ['1.0+a', '1.0+b'],
      [' 007.1', '7.1'],
    ] as const)
      expect([a, b, compareVersions(a, b)]).toEqual([a, b, 0])
  })

  it('are in one order, whichever is asked first', () => {
    const version = fc.string({ unit: fc.constantFrom('1', '2', '0', '.', '-', 'a', 'v', '+', ' '), maxLength: 8 })
    fc.assert(fc.property(version, version, (a, b) => Math.sign(compareVersions(a, b)) === -Math.sign(compareVersions(b, a))))
  })
})
