// "Was it obeyed" by what was measured: the node keeps the signed reports around an order, and the auditor judges them with keys of its own.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import { CALL, type Envelope, payloadOf, RESULT, SEND } from '../../src/ocpp/frame.ts'
import { audit } from '../../src/overlay/audit.ts'
import { Journal, type JournalRow } from '../../src/overlay/journal.ts'
import { PowerKeeper } from '../../src/overlay/power-keeper.ts'
import { powerLimit, powerReport } from '../../src/overlay/power-report.ts'
import { callOf, engine, type JsonObject, keysOf, makeGuard, settle, virtualClock } from './support.ts'

const keys = keysOf({ lc: 'local-controller', grid: 'grid-operator', cs: 'station', meter: 'energy-meter' })
const profile = (limit: number, more: JsonObject = {}) => ({
  evseId: 1,
  chargingProfile: {
    ...{ id: 1, stackLevel: 0, chargingProfilePurpose: 'ChargingStationExternalConstraints', chargingProfileKind: 'Absolute', ...more },
    chargingSchedule: [{ id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit }] }],
  },
})

/** A controller between a grid operator and a station, with a meter beside it. */
const site = () => {
  const clock = virtualClock()
  const store = memoryStore()
  const journal = new Journal({ node: 'lc', store, engine, clock })
  const failed = (error: unknown): void => expect.unreachable(String(error))
  const power = new PowerKeeper({ journal, clock, isMeter: (node) => keys.trust.roleOf(node) === 'energy-meter', failed })
  const guards = Object.fromEntries(
    ['grid', 'cs', 'meter'].map((id) => [id, makeGuard(clock, id, { trust: keys.trust, identity: keys.identity(id) }).guard]),
  )
  const { guard } = makeGuard(clock, 'lc', { trust: keys.trust, identity: keys.identity('lc'), store, power })
  let id = 0
  const sample = (watts: number) => [
    {
      timestamp: new Date(clock.now()).toISOString(),
      sampledValue: [{ value: watts / 1000, measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'kW' } }],
    },
  ]
  const report = (from: string, action: string, payload: JsonObject, isSigned = true): Envelope => {
    const plain = callOf({ from, to: 'csms' }, { id: `r${++id}`, action, payload: payloadOf(payload) })
    const sent = isSigned ? (guards[from]?.sealReport(plain) as Envelope) : plain
    guard.inspect(sent, { id: from }, false)
    return sent
  }
  return {
    ...{ clock, journal, guard, report },
    draws: (watts: number, from = 'cs') =>
      report(from, 'MeterValues', { evseId: from === 'meter' ? 0 : 1, meterValue: sample(watts) as never }),
    event: (eventType: string, watts: number, evse?: number) =>
      report('cs', 'TransactionEvent', {
        ...{ eventType, transactionInfo: { transactionId: 't1' }, meterValue: sample(watts) as never },
        ...(evse !== undefined && { evse: { id: evse } }),
      }),
    async order(payload: JsonObject, status = 'Accepted') {
      const asked = callOf({ from: 'grid', to: 'cs' }, { id: `o${++id}`, action: 'SetChargingProfile', payload: payloadOf(payload) })
      const question = guards.grid?.sealCall(asked) as Envelope
      guard.inspect(question, { id: 'grid' }, false)
      await guard.admit(question, 'lc')
      const plain: Envelope = {
        ...{ destination: ['grid'], path: ['cs'], header: {} },
        message: { type: RESULT, id: question.message.id, payload: payloadOf({ status }) },
      }
      const answer = guards.cs?.sealAnswer(question, plain) as Envelope
      guard.inspect({ ...answer, question }, { id: 'cs' }, false)
      guard.answered(question, Promise.resolve(answer))
      await settle()
    },
    async later(seconds: number) {
      await clock.advance(seconds * 1000)
    },
    rows: () => journal.read(0, 9_999),
  }
}

const judge = (rows: readonly JournalRow[], trust = keys.trust) => audit([{ name: 'lc', text: JSON.stringify(rows) }], { trust, engine })
const measured = (rows: readonly JournalRow[]) => rows.filter(({ kind }) => kind === 'power-measured').map(({ text }) => text)

/** 11 kW until the order for 4.2 kW, and then what the test says. */
const ordered = async () => {
  const here = site()
  here.draws(9_000)
  await here.later(10)
  here.draws(11_000)
  here.draws(50_000, 'meter')
  await here.later(10)
  await here.order(profile(4_200))
  await here.later(40)
  return here
}

describe('an order that was measured', () => {
  it('is obeyed where the power fell, with what it was before, and the meter of the site beside it', async () => {
    const { draws, later, rows } = await ordered()
    draws(4_150)
    draws(43_000, 'meter')
    await later(10)
    draws(4_100)
    await settle()
    expect(measured(rows())).toEqual(['11000 W at cs/1', '50000 W at meter/0', '4150 W at cs/1', '43000 W at meter/0'])
    expect(judge(rows()).orders).toMatchObject([
      {
        obeyed: 'measured',
        power: {
          before: { watts: 11_000, receipt: 'verified' },
          after: { watts: 4_150, receipt: 'verified' },
          site: [{ meter: 'meter', before: { watts: 50_000 }, after: { watts: 43_000, receipt: 'verified' } }],
        },
      },
    ])
  })

  it('is not obeyed where the power stayed, or came back, whatever the station answered', async () => {
    const { draws, later, rows, clock } = await ordered()
    draws(4_000)
    await later(600)
    const from = clock.now()
    draws(6_500)
    await later(10)
    draws(7_000)
    await settle()
    const [order] = judge(rows()).orders
    expect(order).toMatchObject({
      obeyed: 'no',
      answer: { says: 'Accepted', receipt: 'verified' },
      power: { after: { watts: 7_000 }, exceeded: { watts: 6_500, limit: 4_200, at: from } },
    })
  })

  it('is as the station answered where nothing was measured in time, or the limit is in amperes', async () => {
    const { draws, rows, order, later } = site()
    await order(profile(4_200))
    await later(10)
    draws(11_000)
    await later(60)
    const amperes = profile(16)
    await order({
      ...amperes,
      chargingProfile: {
        ...amperes.chargingProfile,
        chargingSchedule: [{ chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }] }],
      },
    })
    await later(60)
    draws(11_000)
    await settle()
    expect(judge(rows()).orders.map(({ obeyed }) => obeyed)).toEqual(['answered', 'answered'])
  })

  it('ends with the next one', async () => {
    const { draws, rows, order, later } = await ordered()
    draws(4_000)
    await later(1)
    await order(profile(22_000))
    await later(60)
    draws(20_000)
    await settle()
    expect(judge(rows()).orders.map(({ obeyed }) => obeyed)).toEqual(['measured', 'measured'])
  })

  it('that was refused by the station changes nothing: nothing is kept', async () => {
    const { draws, rows, order, later } = site()
    draws(11_000)
    await order(profile(4_200), 'Rejected')
    await later(60)
    draws(11_000)
    await settle()
    expect(measured(rows())).toEqual([])
    expect(judge(rows()).orders).toMatchObject([{ obeyed: 'no' }])
  })

  it('keeps what was drawn before, though reports came since that tell of no power', async () => {
    const { report, draws, order, rows } = site()
    draws(11_000)
    const timestamp = '2026-01-01T00:00:00Z'
    const onePhase = { value: 3_600, measurand: 'Power.Active.Import', phase: 'L1' }
    const energy = { value: 1, measurand: 'Energy.Active.Import.Register' }
    for (const sample of [onePhase, energy])
      report('cs', 'MeterValues', { evseId: 1, meterValue: [{ timestamp, sampledValue: [sample] }] as never })
    await order(profile(4_200))
    expect(measured(rows())).toEqual(['11000 W at cs/1'])
  })

  it('finds the EVSE of a session in its first event, and only in one of its own', async () => {
    const { event, rows, order, later } = site()
    event('Started', 0, 1)
    await order(profile(4_200))
    await later(60)
    event('Updated', 9_000)
    await settle()
    expect(judge(rows()).orders).toMatchObject([{ obeyed: 'no', power: { exceeded: { watts: 9_000, receipt: 'verified' } } }])
    const other = rows().map((row) =>
      row.kind === 'power-measured' && 'begun' in (row.data as object)
        ? { ...row, data: { ...(row.data as JsonObject), begun: String((row.data as JsonObject).begun).replace('t1', 't2') } }
        : row,
    )
    expect(judge(other).findings.map(({ code }) => code)).toContain('report-forged')
  })

  it('costs few entries while the power rises', async () => {
    const { draws, rows, later } = await ordered()
    for (let watts = 1_000; watts < 11_000; watts += 100) {
      await later(5)
      draws(watts)
    }
    await settle()
    expect(measured(rows()).length).toBeLessThan(50)
    expect(judge(rows()).orders).toMatchObject([{ obeyed: 'no' }])
  })
})

describe('a report that is not what was signed', () => {
  it('is found and does not count', async () => {
    const { draws, rows } = await ordered()
    draws(9_000)
    await settle()
    const forged = rows().map((row) =>
      row.text === '9000 W at cs/1'
        ? { ...row, data: { ...(row.data as JsonObject), frame: String((row.data as JsonObject).frame).replace('"value":9', '"value":4') } }
        : row,
    )
    expect(judge(rows()).orders).toMatchObject([{ obeyed: 'no' }])
    const report = judge(forged)
    expect(report.findings).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'report-forged', node: 'lc' })]))
    expect(report).toMatchObject({ verdict: 'tampered', orders: [{ obeyed: 'answered' }] })
  })

  it('is not proven without the key, and says so', async () => {
    const { draws, rows } = await ordered()
    draws(4_000)
    await settle()
    const few = keysOf({ lc: 'local-controller' })
    expect(judge(rows(), few.trust).orders).toMatchObject([{ power: { after: { receipt: 'unproven' } } }])
  })
})

describe('payloads', () => {
  const call = (action: string, payload: JsonObject) => ({ type: CALL, id: '1', action, payload: payloadOf(payload) }) as const
  const watts = (sample: JsonObject) =>
    powerReport(
      call('MeterValues', {
        connectorId: 2,
        meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue: [{ measurand: 'Power.Active.Import', ...sample }] }],
      }),
    )?.readings.map((reading) => reading.watts)

  it('of OCPP 1.6 and 2.x are read; what is no power of all phases is not', () => {
    expect(watts({ value: '4.2', unit: 'kW' })).toEqual([4_200])
    expect(watts({ value: 42, unitOfMeasure: { unit: 'W', multiplier: 2 } })).toEqual([4_200])
    expect(watts({ value: '0' })).toEqual([0])
    for (const sample of [
      { value: '', unit: 'W' },
      { value: 'x' },
      { value: 1, unit: 'A' },
      { value: 1, phase: 'L1' },
      { value: 1, format: 'SignedData' },
    ])
      expect(watts(sample)).toEqual([])
    expect(watts({ value: 1, measurand: 'Current.Import' })).toEqual([])
    expect(powerReport({ type: SEND, id: '1', action: 'MeterValues', payload: payloadOf({}) })).toBeUndefined()
    expect(powerReport(call('Heartbeat', {}))).toBeUndefined()
  })

  it('of orders say what is allowed when', () => {
    const at = Date.parse('2026-01-01T00:00:00Z')
    const periods = [
      { startPeriod: 0, limit: 4_000 },
      { startPeriod: 600, limit: 8_000 },
    ]
    const limit = (kind: string, schedule: JsonObject, more: JsonObject = {}) =>
      powerLimit(
        call('SetChargingProfile', {
          csChargingProfiles: {
            chargingProfileKind: kind,
            chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: periods, ...schedule },
            ...more,
          },
        }),
        at,
      )
    const absolute = limit('Absolute', { startSchedule: '2026-01-01T01:00:00Z', duration: 1_200 }, { validTo: '2026-01-01T01:15:00Z' })
    const minutes = [0, 60, 71, 76].map((each) => absolute?.(at + each * 60_000))
    expect(minutes).toEqual([undefined, 4_000, 8_000, undefined])
    expect(limit('Relative', {})).toBeUndefined()
    expect(limit('Relative', { chargingSchedulePeriod: periods.slice(0, 1) })?.(at)).toBe(4_000)
    expect(limit('Absolute', { chargingRateUnit: 'A' })).toBeUndefined()
    expect(limit('Absolute', { chargingSchedulePeriod: [] })).toBeUndefined()
  })
})
