// Which records make a session, by what is signed alone.
import { describe, expect, it } from 'vitest'
import { beginRecord, endRecord, type Fields, ocmfText, payload, present, reading } from '../../tools/transparency-vectors/maker.ts'
import { ask, askAbout, receipt } from './support.ts'

/** Paginations of each session, with its verdict. */
const shape = async (...records: Fields[]): Promise<string[]> => {
  const { sessions } = await askAbout(...records.map((fields) => ocmfText(fields)))
  return sessions.map(
    ({ verdict, records }) =>
      `${verdict}: ${records.map(({ evidence }) => evidence?.fields.find(({ name }) => name === 'PG')?.value).join(' ')}`,
  )
}

const B = (number: number, over: Fields = {}, hour = '08'): Fields =>
  beginRecord({ PG: `T${number}`, ...over }, { TM: `2026-03-01T${hour}:00:00,000+0100 S` })
const E = (number: number, over: Fields = {}, hour = '09'): Fields =>
  endRecord({ PG: `T${number}`, ...over }, { TM: `2026-03-01T${hour}:00:00,000+0100 S` })
const C = (number: number): Fields =>
  payload({ PG: `T${number}`, RD: [present(reading({ TM: '2026-03-01T08:30:00,000+0100 S', TX: 'C', RV: '#15' }))] })
const OTHER = { MS: 'CPM-0002', GS: 'CPG-0002' }
const AT = { GS: 'CPG-0002' }

describe('sessionsOf', () => {
  it.each([
    ['several transactions', [B(1), E(2), B(3), E(4)], ['valid: T1 T2', 'valid: T3 T4']],
    ['whole records', [payload(), payload({ PG: 'T2' }), payload({ PG: 'T7' })], ['valid: T1', 'valid: T2', 'valid: T7']],
    ['any order', [E(9), C(2), B(5), E(6), B(1)], ['incomplete: T9', 'incomplete: T1 T2', 'valid: T5 T6']],
    ['two meters', [B(1), B(1, OTHER), E(2), E(2, OTHER)], ['valid: T1 T2', 'valid: T1 T2']],
    ['a lost end before a new session', [B(1), B(3), E(4)], ['incomplete: T1', 'valid: T3 T4']],
    ['a lost begin after a session', [B(1), E(2), E(4)], ['valid: T1 T2', 'incomplete: T4']],
    ['no room for a lost end', [B(1), B(2), E(3)], ['invalid: T1 T2 T3']],
    ['no room for a lost begin', [B(1), E(2), E(3)], ['invalid: T1 T2 T3']],
    ['an end before a begin', [E(1, {}, '07'), B(2)], ['incomplete: T1', 'incomplete: T2']],
    ['a count that fell', [B(9), E(1)], ['invalid: T9 T1']],
    ['a count and a time that fell', [B(9), E(1, {}, '07')], ['incomplete: T9', 'incomplete: T1']],
    ['a meter that changed', [B(1), E(2, { MS: 'CPM-0002' })], ['invalid: T1 T2']],
    ['strangers', [B(1), E(7, { ...OTHER, ID: 'CAFEBABE' })], ['incomplete: T1', 'incomplete: T7']],
    ['a copy', [B(1), E(2), B(1)], ['invalid: T1 T2 T1']],
    ['fiscal readings', [B(1), E(2), payload({ PG: 'F1', RD: [present(reading({ TX: undefined }))] })], ['valid: T1 T2', 'incomplete: F1']],
    ['nothing but a reading in between', [C(5)], ['incomplete: T5']],
    ['a reading in between before a begin', [C(1), B(2, {}, '09'), E(3, {}, '10')], ['incomplete: T1', 'valid: T2 T3']],
    ['a reading in between after an end', [B(1, {}, '07'), E(2, {}, '08'), C(3)], ['valid: T1 T2', 'incomplete: T3']],
    ['one end of two after a count that fell', [B(9), E(1), E(3)], ['invalid: T9 T1', 'incomplete: T3']],
    ['a count that fell, and another user', [B(9), E(1, { ID: 'CAFEBABE' })], ['invalid: T9 T1']],
    ['a meter that changed, and records that are lost', [B(1), E(7, { MS: 'CPM-0002' })], ['invalid: T1 T7']],
    ['a gateway that changed, and records that are lost', [B(1), E(7, { GS: 'CPG-0002' })], ['invalid: T1 T7']],
    ['a serial that two gateways have', [B(1), B(1, AT), E(2), E(2, AT)], ['valid: T1 T2', 'valid: T1 T2']],
  ])('%s', async (_, records, sessions) => {
    expect(await shape(...records)).toEqual(sessions)
  })

  it('does not care for names and attributes around a record', async () => {
    const xml = receipt([ocmfText(B(1)), ocmfText(E(2)), ocmfText(B(3)), ocmfText(E(4))])
    const verdict = await ask({ 'r.xml': xml })
    expect(verdict.sessions.map(({ records }) => records.length)).toEqual([2, 2])
    const torn = xml.replace('transactionId="1"', 'transactionId="999" context="Transaction.End"')
    expect((await ask({ 'r.xml': torn })).sessions).toEqual(verdict.sessions)
  })

  it('does not care for the order of records with one number and one time, or of meters that changed', async () => {
    const same = { TM: '2026-03-01T09:00:00,000+0100 S' }
    const all = [
      C(2),
      endRecord({ PG: 'T3' }, { ...same, RV: '#16' }),
      beginRecord({ PG: 'T3', ID: 'CAFEBABE' }, { ...same, RV: '#17' }),
      beginRecord({ PG: 'T1', MS: 'CPM-0002' }),
      beginRecord({ PG: 'T1', MS: 'CPM-0003' }),
    ].map((fields) => ocmfText(fields))
    const told = async (texts: readonly string[]) =>
      (await askAbout(...texts)).sessions
        .map(({ checks, records, ...of }) => JSON.stringify([{ ...of, id: '' }, checks.length, records.map(({ values }) => values)]))
        .toSorted()
    const first = await told(all)
    for (let turn = 1; turn < all.length; turn++) {
      const turned = [...all.slice(turn), ...all.slice(0, turn)]
      expect(await told(turned)).toEqual(first)
      expect(await told(turned.toReversed())).toEqual(first)
    }
  })

  it('puts records of several files together', async () => {
    const { sessions } = await ask({ 'end.xml': receipt([ocmfText(E(2))]), 'begin.xml': receipt([ocmfText(B(1))]) })
    expect(sessions).toMatchObject([{ verdict: 'valid', records: [{ input: 'begin.xml' }, { input: 'end.xml' }] }])
  })

  it('stays linear with thousands of torn sessions', async () => {
    const documents = Array.from({ length: 3000 }, (_, i) =>
      ocmfText(B(2 * i + 1), {
        signer: { publicKey: { curve: 'secp256r1', point: new Uint8Array(64) }, sign: () => new Uint8Array(64).fill(1) },
      }),
    )
    const started = performance.now()
    const { sessions } = await ask({ 'r.ocmf': documents.join('\n') })
    expect(sessions).toHaveLength(3000)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
