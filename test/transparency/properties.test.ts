// What must hold for every record, whatever a meter says: one altered bit and it is not valid; one record too few, too many or from
// elsewhere and it is no valid session.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, hex, unhex, utf8 } from '../../src/base/bytes.ts'
import {
  beginRecord,
  endRecord,
  type Fields,
  hexKeyOf,
  ocmfText,
  payload,
  present,
  reading,
  SIGNER,
} from '../../tools/transparency-vectors/maker.ts'
import { ask, askAbout, PEM, receipt } from './support.ts'

const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice()
  const at = Math.floor(bit / 8) % copy.length
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8))
  return copy
}

const document = ocmfText(payload({ TT: 'Säule € 5' }))
const bar = document.lastIndexOf('|{"SA"')
const [signed, tail] = [utf8(document.slice('OCMF|'.length, bar)), document.slice(bar)]
const [, der = ''] = /"SD":"([0-9A-F]+)"/.exec(tail) ?? []
const bit = fc.integer({ min: 0, max: 1_000_000 })

describe('one altered bit is never valid', () => {
  it('in what is signed', async () => {
    await fc.assert(
      fc.asyncProperty(bit, async (at) => {
        const bytes = concat(utf8('OCMF|'), flip(signed, at), utf8(tail))
        const { verdict } = await ask({ 'r.ocmf': bytes, 'publicKey.pem': PEM })
        expect(['invalid', 'unreadable', 'unproven', 'incomplete']).toContain(verdict)
      }),
      { numRuns: 500 },
    )
  })

  it('in the signature', async () => {
    await fc.assert(
      fc.asyncProperty(bit, async (at) => {
        expect((await askAbout(document.replace(der, hex(flip(unhex(der), at))))).verdict).toBe('invalid')
      }),
      { numRuns: 300 },
    )
  })

  it('in the key', async () => {
    const key = unhex(hexKeyOf(SIGNER))
    await fc.assert(
      fc.asyncProperty(bit, async (at) => {
        expect((await ask({ 'r.xml': receipt([document], hex(flip(key, at))) })).verdict).not.toBe('valid')
      }),
      { numRuns: 300 },
    )
  })
})

const during = (number: number, minute: number): Fields =>
  payload({ PG: `T${number}`, RD: [present(reading({ TM: `2026-03-01T08:${minute}:00,000+0100 S`, TX: 'C', RV: '#15.000' }))] })
const session = (over: Fields): string[] =>
  [
    beginRecord({ PG: 'T11', ...over }),
    { ...during(12, 20), ...over },
    { ...during(13, 40), ...over },
    endRecord({ PG: 'T14', ...over }),
  ].map((fields) => ocmfText(fields))
const ours = session({})

describe('a session is all of its records and nothing else', () => {
  it('in any order', async () => {
    const sound = await askAbout(...ours)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(ours, { minLength: 4 }), async (shuffled) => {
        const verdict = await askAbout(...shuffled)
        expect(verdict.verdict).toBe('valid')
        const values = (of: typeof verdict) =>
          of.sessions.map(({ records, energyWh }) => [energyWh, records.map((record) => record.values)])
        expect(values(verdict)).toEqual(values(sound))
      }),
    )
  })

  it('with records dropped, doubled or swapped', async () => {
    const several = fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }).filter((picks) => picks.length !== 4 || new Set(picks).size !== 4)
    await fc.assert(
      fc.asyncProperty(several, async (picks) => {
        const verdict = await askAbout(...picks.map((pick) => ours[pick] ?? ''))
        expect(verdict.verdict).not.toBe('valid')
        expect(verdict.sessions.flatMap(({ records }) => records)).toHaveLength(picks.length)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['meter', session({ MS: 'CPM-0002' })],
    ['meter and gateway', session({ MS: 'CPM-0002', GS: 'CPG-0002' })],
    ['user', session({ ID: 'CAFEBABE' })],
    ['charge point', session({ CI: 'DE*CPV*E0002' })],
  ])('with records from another %s', async (_, theirs) => {
    const choice = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }).filter((mix) => new Set(mix).size === 2)
    await fc.assert(
      fc.asyncProperty(choice, async (mix) => {
        const verdict = await askAbout(...mix.map((own, index) => (own ? ours : theirs)[index] ?? ''))
        expect(verdict.verdict).not.toBe('valid')
      }),
      { numRuns: 14 },
    )
  })
})

describe('whatever is asked', () => {
  it('there is an answer', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        document,
        'OCMF|',
        '{',
        '}|{',
        '"',
        '<values>',
        '<value><signedData>',
        '</signedData></value>',
        '</values>',
        PEM,
        '\u0000',
        '|',
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const verdict = await ask({ 'x.bin': pieces.join('') })
        expect(verdict.inputs.length).toBeGreaterThan(0)
        expect(verdict.sessions.length === 0).toBe(verdict.verdict === 'unreadable')
      }),
      { numRuns: 500 },
    )
  })

  it('there is an answer to any bytes', async () => {
    const magic = fc.constantFrom([], [0x50, 0x4b, 3, 4], [0x50, 0x4b, 5, 6], [0xff, 0xfe], [0x30, 0x59])
    await fc.assert(
      fc.asyncProperty(magic, fc.uint8Array({ maxLength: 300 }), async (head, rest) => {
        expect((await ask({ x: Uint8Array.of(...head, ...rest) })).verdict).toBe('unreadable')
      }),
      { numRuns: 500 },
    )
  })
})
