// What must hold for every record, whatever a meter says: one altered bit and it is not valid; one record too few, too many or from
// elsewhere and it is no valid session.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeOpeners } from '../../src/adapters/node-openers.ts'
import { concat, hex, unhex, utf8 } from '../../src/base/bytes.ts'
import { Budget, LIMITS } from '../../src/metering/limits.ts'
import { TRAITS } from '../../src/metering/traits.ts'
import type { FoundRecord } from '../../src/transparency/found.ts'
import { open } from '../../src/transparency/open.ts'
import { sessionReport } from '../../src/transparency/report.ts'
import { sessionFrom } from '../../src/transparency/session.ts'
import { sessionsOf } from '../../src/transparency/sessions.ts'
import { Trust } from '../../src/transparency/trust.ts'
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
import { FOLDER } from '../../tools/transparency-vectors.ts'
import { ask, askAbout, ENGINE, inputsOf, PEM, receipt } from './support.ts'

const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice()
  const at = Math.floor(bit / 8) % copy.length
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8))
  return copy
}

/** Made once, when it is first asked for. */
const memo = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** What a session is about. */
const SPAN = ['begin', 'end', 'energyWh'] as const

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

describe('of every golden vector that is valid', () => {
  const valid = memo(async () => {
    const budget = () => new Budget(LIMITS, () => 0)
    // what the stored verdicts are worth is shown in vectors.test.ts
    const sound = globSync(`${FOLDER}/*/*/expected.json`)
      .map(dirname)
      .filter((folder) => storedVerdict(folder) === 'valid')
    return Promise.all(
      sound.map(async (name) => {
        const [question, trust] = [storedFiles(`${name}/question`), storedFiles(`${name}/trust`)]
        const opened = await open({ inputs: inputsOf(question), keys: [], trust: inputsOf(trust) }, budget(), nodeOpeners)
        return { name, question, records: opened.records, trust: new Trust(opened, ENGINE, budget()) }
      }),
    )
  })

  it('one altered bit under a signature, or in it, is never valid', async () => {
    const vectors = await valid()
    expect(vectors.length).toBeGreaterThan(100)
    const place = fc.record({ vector: fc.nat(vectors.length - 1), of: fc.nat(5), bit: fc.nat(1_000_000), inside: fc.boolean() })
    fc.assert(
      fc.property(place, ({ vector, of, bit: at, inside }) => {
        const { records, trust, name } = vectors[vector] ?? { records: [] }
        const found = records[of % records.length]
        if (found === undefined || trust === undefined) return
        const { record } = found
        const { signature } = record
        const signed = record.signed.map((part) => (inside ? { ...part, bytes: flip(part.bytes, at) } : part))
        const altered =
          inside || signature.state !== 'ready'
            ? signature
            : { ...signature, choices: signature.choices.map((choice) => ({ ...choice, raw: flip(choice.raw, at) })) }
        const judged = trust.judge({ ...found, record: { ...record, signed, signature: altered } })
        expect([name, judged.signature.state]).toEqual([name, 'invalid'])
      }),
      { numRuns: 500 },
    )
  })

  it('two make no valid session of both', async () => {
    const vectors = await valid()
    const two = fc.tuple(fc.nat(vectors.length - 1), fc.nat(vectors.length - 1)).filter(([a, b]) => a !== b)
    const named = (prefix: string, files: Readonly<Record<string, string | Uint8Array>>) =>
      Object.entries(files).map(([name, content]) => [`${prefix}/${name}`, content] as const)
    await fc.assert(
      fc.asyncProperty(two, async ([a, b]) => {
        const files = Object.fromEntries([...named('a', vectors[a]?.question ?? {}), ...named('b', vectors[b]?.question ?? {})])
        const { sessions } = await ask(files)
        const alone = await Promise.all([a, b].map((index) => ask(vectors[index]?.question ?? {})))
        const ofOcpp = alone.every(({ inputs }) => inputs.some(({ format }) => format === 'ocpp' || format === 'soap'))
        for (const session of sessions) {
          const origins = new Set(session.records.map(({ input }) => input[0]))
          // messages of OCPP tell one session twice (decision 0065), and so do records that hold their begin again: then it is the very
          // session of one of them
          const repeats = session.records.every(({ format }) => TRAITS[format as keyof typeof TRAITS].begin !== 'once')
          const again = (ofOcpp || repeats) && SPAN.every((name) => session[name] === alone[0]?.sessions[0]?.[name])
          const both = session.verdict === 'valid' && origins.size > 1 && !again
          expect([vectors[a]?.name, vectors[b]?.name, both]).toEqual([vectors[a]?.name, vectors[b]?.name, false])
        }
      }),
      { numRuns: 100 },
    )
  })

  it('one record less or one more is no valid session of as many', async () => {
    const vectors = (await valid()).filter(({ records }) => records.length > 1)
    // where no begin is signed and numbers may skip, fewer records may be a smaller session (docs/threats.md T70); where each record holds
    // the begin, the last one alone is the session
    const told = ({ record: { format } }: FoundRecord, all: readonly FoundRecord[]): boolean =>
      TRAITS[format].begin === 'once' && (all.length === 2 || TRAITS[format].count === 'next')
    const change = fc.record({ vector: fc.nat(vectors.length - 1), of: fc.nat(5), double: fc.boolean() })
    fc.assert(
      fc.property(change, ({ vector, of, double }) => {
        const { records = [], trust, name } = vectors[vector] ?? {}
        const at = of % records.length
        if (!double && !records.every((found) => told(found, records))) return
        const changed = records.flatMap((found, i) => (i !== at ? [found] : double ? [found, { ...found, id: 'copy' }] : []))
        const whole = statesOf(records, trust).length
        const still = statesOf(changed, trust).filter((state) => state === 'valid').length
        // what was dropped or doubled had a session of its own, or the one it was in is torn
        expect([name, still]).toEqual([name, Math.min(still, whole - 1)])
      }),
      { numRuns: 300 },
    )
  })
})

const storedVerdict = (folder: string): string => {
  const { verdict }: { verdict: string } = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8'))
  return verdict
}

/** By their paths below the folder; none where there is no such folder. */
const storedFiles = (folder: string): Record<string, Uint8Array> =>
  Object.fromEntries(
    globSync(`${folder}/**/*`, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path), readFileSync(path)] as const),
  )

const statesOf = (records: readonly FoundRecord[], trust: Trust | undefined): string[] =>
  trust === undefined
    ? []
    : sessionsOf(records).map((group) => {
        const judged = group.records.map((found) => trust.judge(found))
        const copies = group.copies.flatMap(({ copy, original }) => {
          const of = judged.find(({ id }) => id === original.id)
          return of === undefined ? [] : [{ copy: trust.judge(copy), original: of }]
        })
        return sessionReport('s', sessionFrom({ records: judged, copies }), { engine: ENGINE, evidence: false, unsigned: true }).verdict
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
