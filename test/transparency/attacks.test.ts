// Attacks on whole questions, made of our own vectors: whatever is changed, a verdict that stays valid tells the same facts. What nobody
// signed may be shown, and then only as that.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionReport, Verdict } from '../../src/transparency/index.ts'
import { beginRecord, endRecord, type Fields, ocmfText } from '../../tools/transparency-vectors/maker.ts'
import { FOLDER } from '../../tools/transparency-vectors.ts'
import { ask, askAbout, findings, inputsOf, PEM } from './support.ts'

type Files = Readonly<Record<string, Uint8Array>>

const filesIn = (folder: string): Files =>
  Object.fromEntries(
    globSync(`${folder}/**/*`, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path), readFileSync(path)] as const),
  )

const folders = globSync(`${FOLDER}/*/*/expected.json`)
  .filter((path) => (JSON.parse(readFileSync(path, 'utf8')) as Verdict).verdict === 'valid')
  .map(dirname)
  .sort()

/**
 * What a reader is told as signed: everything but the names of files, the evidence, what is marked as not signed, and how far the key is
 * believed, which a missing certificate lowers.
 */
const factsOf = ({ sessions }: Verdict): string[] =>
  sessions.map(({ begin, end, energyWh, cost, meter, records }: SessionReport) =>
    JSON.stringify({
      ...{ begin, end, energyWh, cost, meter },
      records: records.map(({ format, time, values, signature: { state, algorithm, curve, hash, keyFingerprint } }) => ({
        ...{ format, time, values, state, algorithm, curve, hash, keyFingerprint },
      })),
      // EDL40 signs the local time; the offset beside it is not signed (docs/formats/edl40.md)
    }).replace(/(T\d\d:\d\d:\d\d)[+-]\d\d:\d\d"/g, '$1"'),
  )

interface Change {
  readonly vector: number
  readonly file: number
  readonly at: number
  readonly to: string
}

const change = fc.record({
  vector: fc.nat(folders.length - 1),
  file: fc.nat(9),
  at: fc.nat(1_000_000),
  to: fc.constantFrom('0', '1', '9', 'a', 'A', ' ', '-', '.', '"', '\n', 'Z', '+', '\u00a0', '\u0430'),
})

const changed = (files: Files, { file, at, to }: Change): Files => {
  const names = Object.keys(files)
  const name = names[file % names.length] ?? ''
  const bytes = files[name] ?? new Uint8Array()
  const place = at % Math.max(1, bytes.length)
  return { ...files, [name]: Buffer.concat([bytes.subarray(0, place), Buffer.from(to), bytes.subarray(place + 1)]) }
}

const RUNS = Number(process.env.ATTACKS ?? 300)

describe('a question of which one character is another', () => {
  it('is valid with the same facts, or not valid', async () => {
    const sound = new Map<string, Promise<string[]>>()
    await fc.assert(
      fc.asyncProperty(change, async (one) => {
        const folder = folders[one.vector] ?? ''
        const [question, trust] = [filesIn(`${folder}/question`), inputsOf(filesIn(`${folder}/trust`))]
        const facts = sound.get(folder) ?? ask(question, { trust }).then(factsOf)
        sound.set(folder, facts)
        const verdict = await ask(changed(question, one), { trust })
        const known = new Set(await facts)
        // a record that cannot be read any more is named, and may leave a smaller session where no end is signed
        const silent = verdict.verdict === 'valid' && verdict.inputs.every(({ fault }) => fault === undefined)
        if (silent) expect([folder, factsOf(verdict).filter((fact) => !known.has(fact))]).toEqual([folder, []])
      }),
      { numRuns: RUNS },
    )
  })
})

describe('a signed session', () => {
  const told = async (begin: Fields, end: Fields = {}, over: readonly [Fields, Fields] = [{}, {}]): Promise<string> => {
    const verdict = await askAbout(ocmfText(beginRecord(over[0], begin)), ocmfText(endRecord(over[1], end)))
    const [session] = verdict.sessions
    return session === undefined
      ? verdict.verdict
      : [session.verdict, session.energyWh ?? '', ...new Set(findings(session))].filter((part) => part !== '').join(' ')
  }

  it.each([
    ['#-0', 'valid 20500'],
    ['#1e1', 'valid 10500'],
    ['#1e400', 'invalid record-malformed:fail'],
    ['#1e-400', 'invalid record-malformed:fail'],
    [`#${'9'.repeat(200)}`, 'invalid record-malformed:fail'],
    ['#-5', 'valid 25500 value-negative:warn'],
    ['0x10', 'invalid record-malformed:fail'],
    ['9,038', 'invalid record-malformed:fail'],
    ['\u0669', 'invalid record-malformed:fail'],
    ['  9.038', 'valid 11462'],
  ])('with the value %s is what it is', async (RV, expected) => {
    expect(await told({ RV })).toBe(expected)
  })

  it.each([
    ['2026-03-01T08:00:00,000+1400 S', 'valid 10500'],
    ['2026-03-01T08:00:00,000+9999 S', 'invalid record-malformed:fail'],
    ['2026-03-01T08:00:00,000+0160 S', 'invalid record-malformed:fail'],
    ['2026-03-01T08:00:60,000+0100 S', 'invalid record-malformed:fail'],
    ['2026-03-01T24:00:00,000+0100 S', 'invalid record-malformed:fail'],
    ['2026-02-30T08:00:00,000+0100 S', 'invalid record-malformed:fail'],
    ['10000-01-01T00:00:00,000+0000 S', 'invalid record-malformed:fail'],
    ['2026-03-29T02:30:00,000+0100 S', 'invalid time-backwards:fail'],
  ])('that begins at %s is what it is', async (TM, expected) => {
    expect(await told({ TM })).toBe(expected)
  })

  it.each([
    ['PG', 'T1', 'F2', 'pagination-order'],
    ['PG', 'T1', 'T2 ', 'record-malformed'],
    ['PG', 'T+1', 'T+2', 'record-malformed'],
    ['PG', 'T\u0661', 'T\u0662', 'record-malformed'],
    ['MS', 'CPM-0001', 'CPM\u20110001', 'source-mismatch'],
    ['MS', 'CPM-0001', '\u0421PM-0001', 'source-mismatch'],
    ['MS', 'K1', '\u212a1', 'source-mismatch'],
    ['ID', '\u00e9', 'e\u0301', 'source-mismatch'],
    ['IL', 'mismatch', 'TRUSTED', 'user-assignment'],
  ])('of which %s is %s and then %s is not valid', async (name, begin, end, code) => {
    expect(await told({}, {}, [{ [name]: begin }, { [name]: end }])).toMatch(new RegExp(`^invalid.* ${code}:fail`))
  })

  it.each([
    ['e', 'invalid energy-unusable:fail'],
    ['T', /^valid 10500 .*warn/],
    [' ', 'valid 10500'],
  ])('with the flag "%s" is what it is', async (EF, expected) => {
    expect(await told({ EF })).toMatch(expected)
  })
})

describe('a signature', () => {
  const [begin, end] = [ocmfText(beginRecord()), ocmfText(endRecord())]
  const order = 'FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551'
  const [, der = ''] = /"SD":"([0-9A-Fa-f]+)"/.exec(begin) ?? []
  it.each([
    ['r and s of zero', '3006020100020100', 'malformed'],
    ['an r that is the order', `3026022100${order}020101`, 'invalid'],
    ['an s that is the order', `3026020101022100${order}`, 'invalid'],
    ['r and s of one', '3006020101020101', 'invalid'],
    ['numbers below zero', '30060201ff0201ff', 'malformed'],
    ['a byte behind it', `${der}00`, 'malformed'],
    [
      'a zero too many before r',
      der.replace(/^30(..)02(..)/, (_, all: string, r: string) => `30${longer(all)}02${longer(r)}00`),
      'malformed',
    ],
    ['a length that is longer than it must be', der.replace(/^30(..)/, '3081$1'), 'malformed'],
  ])('with %s is %s', async (_, SD, state) => {
    const verdict = await ask({ 'r.ocmf': `${begin.replace(der, SD)}\n${end}`, 'publicKey.pem': PEM })
    expect([verdict.verdict, verdict.sessions[0]?.records[0]?.signature.state]).toEqual(['invalid', state])
  })

  it.each(['ecdsa-SECP256R1-sha256', 'ECDSa-secp256r1-SHA256'])(
    'whose SA is spelled %s is told as the specification spells it',
    async (SA) => {
      const spelled = begin.replace(/\|\{"S[^|]*\}$/, `|{"SA":"${SA}","SD":"${der}"}`)
      const verdict = await ask({ 'r.ocmf': `${spelled}\n${end}`, 'publicKey.pem': PEM })
      expect([verdict.verdict, verdict.sessions[0]?.records[0]?.signature.algorithm]).toEqual(['valid', 'ECDSA-secp256r1-SHA256'])
    },
  )

  it.each(['SA', 'SE', 'SM'])('whose %s is no text is malformed, and not one by the default', async (name) => {
    const odd = begin.replace(/\|\{"S[^|]*\}$/, `|{"SD":"${der}","${name}":1}`)
    const verdict = await ask({ 'r.ocmf': `${odd}\n${end}`, 'publicKey.pem': PEM })
    expect(verdict.sessions[0]?.records[0]?.signature.state).toBe('malformed')
  })

  it.each([
    ['blanks around it', begin.replace('|{"S', '| {"S')],
    ['its members in another order', begin.replace(/\|\{("SA":"[^"]*"),("SD":"[^"]*")\}$/, '|{$2,$1}')],
    ['small letters in its signature', begin.replace(der, der.toLowerCase())],
  ])('of a record that comes again with %s makes no second record', async (_, again) => {
    const verdict = await ask({ 'a.ocmf': `${begin}\n${end}`, 'b.ocmf': again, 'publicKey.pem': PEM })
    expect([verdict.verdict, verdict.sessions[0] && findings(verdict.sessions[0])]).toEqual(['invalid', ['duplicate:fail']])
  })
})

const longer = (hexLength: string): string => (Number.parseInt(hexLength, 16) + 1).toString(16).padStart(2, '0')
