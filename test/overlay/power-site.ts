// A controller between a grid operator and a station, with a meter beside it, whose journal keeps what was measured around orders.
import { expect } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import { type Envelope, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { audit } from '../../src/overlay/audit.ts'
import { Journal, type JournalRow } from '../../src/overlay/journal.ts'
import type { Policy } from '../../src/overlay/policy.ts'
import { PowerKeeper } from '../../src/overlay/power-keeper.ts'
import { LIMITING } from '../../src/overlay/power-report.ts'
import type { Secrecy } from '../../src/overlay/secrecy.ts'
import { callOf, engine, type JsonObject, keysOf, makeGuard, settle, virtualClock } from './support.ts'

export const keys = keysOf({ lc: 'local-controller', grid: 'grid-operator', cs: 'station', meter: 'energy-meter' })
export const profile = (limit: number, more: JsonObject = {}) => ({
  evseId: 1,
  chargingProfile: {
    ...{ id: 1, stackLevel: 0, chargingProfilePurpose: 'ChargingStationExternalConstraints', chargingProfileKind: 'Absolute', ...more },
    chargingSchedule: [{ id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit }] }],
  },
})

/** @param secrecy where the station itself decides, and reads what is encrypted for it */
export const site = (secrecy?: Secrecy) => {
  const clock = virtualClock()
  const store = memoryStore()
  const journal = new Journal({ node: 'lc', store, engine, clock })
  const failed = (error: unknown): void => expect.unreachable(String(error))
  const power = new PowerKeeper({ journal, clock, isMeter: (node) => keys.trust.roleOf(node) === 'energy-meter', failed })
  const guards = Object.fromEntries(
    ['grid', 'cs', 'meter'].map((id) => [id, makeGuard(clock, id, { trust: keys.trust, identity: keys.identity(id) }).guard]),
  )
  const policy: Policy = { rules: [{ id: 'grid-limits', role: 'grid-operator', actions: LIMITING }] }
  const { guard } = makeGuard(clock, 'lc', {
    trust: keys.trust,
    identity: keys.identity('lc'),
    store,
    power,
    policy,
    ...(secrecy && { secrecy }),
  })
  let id = 0
  const samples = (sampledValue: Json) => [{ timestamp: new Date(clock.now()).toISOString(), sampledValue }]
  const sample = (watts: number) => samples([{ value: watts / 1000, measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'kW' } }])
  const report = (from: string, action: string, payload: JsonObject, isSigned = true): Envelope => {
    const plain = callOf({ from, to: 'csms' }, { id: `r${++id}`, action, payload: payloadOf(payload) })
    const sent = isSigned ? (guards[from]?.sealReport(plain) as Envelope) : plain
    guard.inspect(sent, { id: from }, false)
    return sent
  }
  return {
    ...{ clock, journal, guard },
    draws: (watts: number, from = 'cs') =>
      report(from, 'MeterValues', { evseId: from === 'meter' ? 0 : 1, meterValue: sample(watts) as never }),
    says: (sampledValue: Json, evseId = 1) => report('cs', 'MeterValues', { evseId, meterValue: samples(sampledValue) as never }),
    event: (eventType: string, watts: number, evse?: number) =>
      report('cs', 'TransactionEvent', {
        ...{
          eventType,
          timestamp: new Date(clock.now()).toISOString(),
          transactionInfo: { transactionId: 't1' },
          meterValue: sample(watts) as never,
        },
        ...(evse !== undefined && { evse: { id: evse } }),
      }),
    async order(payload: JsonObject, { status = 'Accepted', action = 'SetChargingProfile' } = {}) {
      const asked = callOf({ from: 'grid', to: 'cs' }, { id: `o${++id}`, action, payload: payloadOf(payload) })
      const question = guards.grid?.sealCall(asked) as Envelope
      guard.inspect(question, { id: 'grid' }, false)
      await guard.admit(question, secrecy ? 'cs' : 'lc')
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

export const judge = (rows: readonly JournalRow[], trust = keys.trust) =>
  audit([{ name: 'lc', text: JSON.stringify(rows) }], { trust, engine })
export const measured = (rows: readonly JournalRow[]) => rows.filter(({ kind }) => kind === 'power-measured').map(({ text }) => text)
