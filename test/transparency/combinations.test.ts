// What two features do together: random questions of several meters, formats, sessions, containers and keys, with some of it dropped, doubled,
// moved or forged, against small models of the contract that share no code with the verifier. COMBINATIONS=20000 asks longer.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { certificateOf } from '../../tools/transparency-vectors/certificates.ts'
import {
  edlBlock,
  edlEnd,
  edlSignature,
  edlTelegram,
  keyHex,
  METER,
  P192,
  signedMeterValue,
} from '../../tools/transparency-vectors/edl-maker.ts'
import { CA, DIGITAL_SIGNATURE, keyDocument, OTHER, records } from '../../tools/transparency-vectors/keys.ts'
import { hexKeyOf, pemOf, SIGNER } from '../../tools/transparency-vectors/maker.ts'
import { modelOf } from './combinations/model.ts'
import { anyQuestion, asked } from './combinations/questions.ts'
import { toldBy } from './combinations/rules.ts'
import { askWorld, planned, type Told } from './combinations/world.ts'
import { ask, faults, findings, inputsOf } from './support.ts'

const RUNS = Number(process.env.COMBINATIONS ?? 150)
const PATIENCE = { timeout: 60_000 + 100 * RUNS }

describe('a question of many parts', () => {
  it('is told as the model tells it', PATIENCE, async () => {
    await fc.assert(
      fc.asyncProperty(planned, async (plan) => {
        const { world, told, placed } = await askWorld(plan)
        const model = modelOf(world)
        const sound = (sessions: readonly Told[]) =>
          sessions
            .filter(({ verdict }) => verdict === 'valid')
            .map((each) => JSON.stringify(each))
            .sort()
        expect(sound(told.sessions)).toEqual(sound(model.sessions))
        // nothing is valid as a whole that is not in each of its parts, and every record is somewhere
        expect(told.verdict === 'valid').toBe(model.records > 0 && model.sessions.every(({ verdict }) => verdict === 'valid'))
        expect(told.records).toBe(model.records)
        expect(placed.filter((name) => !told.inputs.some((input) => input === name || input.startsWith(`${name}/`)))).toEqual([])
      }),
      { numRuns: RUNS },
    )
  })
})

describe('a question of every format', () => {
  it('is told as the model tells it', PATIENCE, async () => {
    await fc.assert(
      fc.asyncProperty(anyQuestion, async (plan) => {
        const { question, verdict, told, files } = await asked(plan)
        const { sessions, torn } = toldBy(question)
        const texts = (all: typeof sessions) => all.map((each) => JSON.stringify(each)).sort()
        const known = (all: typeof sessions) => texts(all.filter(({ meter }) => !torn.has(meter)))
        expect(known(told)).toEqual(known(sessions))
        expect(texts(sessions)).toEqual(expect.arrayContaining(texts(told.filter(({ verdict }) => verdict === 'valid'))))
        // every record is somewhere, every file is named, and a whole is as bad as its worst part
        expect(told.reduce((sum, { records }) => sum + records, 0)).toBe(question.records.length)
        expect(files.filter((name) => !verdict.inputs.some((input) => input.name === name || input.name.startsWith(`${name}/`)))).toEqual(
          [],
        )
        if (torn.size === 0) expect(verdict.verdict).toBe(worstOf(sessions.map((session) => session.verdict)))
      }),
      { numRuns: RUNS },
    )
  })
})

const worstOf = (verdicts: readonly string[]): string =>
  ['invalid', 'incomplete', 'unproven', 'valid'].find((verdict) => verdicts.includes(verdict)) ?? 'unreadable'

describe('one block in several formats', () => {
  const [B, D, E] = [
    edlBlock(),
    edlBlock({ time: 1_772_353_000n, secondIndex: 2000n, pagination: 21n, value: 150_000n }),
    edlEnd({ pagination: 22n }),
  ]
  const key = { [`${METER}.hex`]: keyHex() }
  const sml = (block: Uint8Array, offset?: number): Uint8Array => edlTelegram(block, edlSignature(block), offset)
  const xml = (...blocks: readonly Uint8Array[]): string =>
    `<signedMeterValues>${blocks.map((block) => signedMeterValue(block, edlSignature(block), P192)).join('')}</signedMeterValues>`

  it('is one record: told in another format it comes twice', async () => {
    const verdict = await ask({ 'a.sml': sml(B), 'b.sml': sml(E), 'again.xml': xml(B, E), ...key })
    expect(verdict.sessions.map((session) => [session.verdict, findings(session)[0]])).toEqual([['invalid', 'duplicate:fail']])
  })

  it('is of one session: two halves in two formats are not two sessions', async () => {
    const verdict = await ask({ 'a.sml': sml(B), 'b.sml': sml(D), 'c.xml': xml(E), ...key })
    expect(verdict.sessions.map(({ records }) => records.length)).toEqual([3])
    expect(verdict.verdict).toBe('invalid')
  })

  it('is a whole session in one of them', async () => {
    expect((await ask({ 'a.sml': sml(B), 'b.sml': sml(D), 'c.sml': sml(E), ...key })).verdict).toBe('valid')
    expect((await ask({ 'a.xml': xml(B, D, E), ...key })).verdict).toBe('valid')
  })

  const certificate = certificateOf({
    subject: METER,
    issuer: 'Root',
    holder: P192,
    signer: CA,
    usage: DIGITAL_SIGNATURE,
    notAfter: '260301080000Z',
  })
  const trust = inputsOf({ 'root.cer': certificateOf({ subject: 'Root', issuer: 'Root', holder: CA, signer: CA, authority: true }) })

  it('is not moved to where a certificate was good by an offset that nobody signed', async () => {
    // the local times are 08:00 and 09:00; 14 hours to the east that was before 08:00 in UTC, anywhere else it was not
    for (const offset of [60, 14 * 60]) {
      const verdict = await ask({ 'a.sml': sml(B, offset), 'b.sml': sml(E, offset), 'meter.cer': certificate }, { trust })
      expect([verdict.verdict, verdict.sessions[0]?.keyTrust]).toEqual(['valid', 'supplied'])
    }
  })
})

describe('a charge detail record', () => {
  const [begin = '', end = ''] = records().split('\n')
  const cdr = (total: number, ...documents: readonly string[]): string => {
    const values = documents.map((document) => ({ signed_data: document }))
    return JSON.stringify({ cdr_token: {}, charging_periods: [], total_energy: total, signed_data: { signed_values: values } })
  }

  it.each([
    ['with the end beside it', (total: number) => ({ 'a.json': cdr(total, begin), 'b.ocmf': end })],
    ['and another one with the end', (total: number) => ({ 'a.json': cdr(total, begin), 'b.json': cdr(total, end) })],
    ['with both', (total: number) => ({ 'a.json': cdr(total, begin, end) })],
  ])('is compared with the whole session, %s', async (_, files) => {
    const told = async (total: number) => {
      const [session] = (await ask({ ...files(total), 'CPM-0001.pem': pemOf(SIGNER) })).sessions
      return [session?.verdict, session && findings(session)[0]]
    }
    expect(await told(10.5)).toEqual(['valid', undefined])
    expect(await told(99)).toEqual(['invalid', 'total-mismatch:fail'])
  })
})

describe('a key in a list of records', () => {
  it.each([
    ['an array', (documents: readonly string[]) => `[${documents.join()}]`, 'a/[1]'],
    ['lines', (documents: readonly string[]) => documents.join('\n'), 'a/content/[1]'],
  ])('is named, in %s', async (_, write, name) => {
    const values = records()
      .split('\n')
      .map((document) => ({ signed_data: document }))
    const bill = JSON.stringify({ signed_values: values, public_key: hexKeyOf(SIGNER) })
    expect(faults(await ask({ a: write([bill, JSON.stringify(JSON.parse(keyDocument()))]) }))).toEqual([`${name} input-unknown`])
  })
})

describe('a key of the trust store', () => {
  it('does not speak of another meter because a file is called like its own', async () => {
    const files = { 'OTHER-1.ocmf': records(OTHER), 'publicKey.pem': pemOf(OTHER) }
    const verdict = await ask(files, { trust: inputsOf({ 'OTHER-1.pem': pemOf(OTHER) }) })
    expect(verdict.sessions.map(({ keyTrust }) => keyTrust)).toEqual(['supplied'])
    const alone = await ask({ 'OTHER-1.ocmf': records(OTHER) }, { trust: inputsOf({ 'OTHER-1.pem': pemOf(OTHER) }) })
    expect(alone.verdict).toBe('unproven')
  })

  it('speaks of its own in whatever file', async () => {
    const verdict = await ask({ 'x.ocmf': records() }, { trust: inputsOf({ 'CPM-0001.pem': pemOf(SIGNER) }) })
    expect(verdict.sessions.map(({ keyTrust }) => keyTrust)).toEqual(['pinned'])
  })
})
