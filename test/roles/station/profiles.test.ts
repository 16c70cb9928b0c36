// Charging limits as a back end sets them, and what the vehicle then gets.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/base/ports.ts'
import { VERSIONS, type Version } from '../../../src/ocpp/version.ts'
import { type Bench, bench, charge } from '../support/test-station.ts'
import { is16 } from '../support/transcript.ts'

interface Limit {
  readonly id: number
  readonly purpose: string
  readonly limit: number
  readonly unit?: 'W' | 'A'
  readonly more?: { readonly [key: string]: Json }
  readonly evse?: number
  readonly duration?: number
}

/** SetChargingProfile of one flat limit in the version's form. */
const limitOrder = (
  version: Version,
  { id, purpose, limit, unit = 'W', more = {}, evse = 1, duration }: Limit,
): { readonly [key: string]: Json } => {
  const schedule = {
    startSchedule: '2025-01-01T00:00:00Z',
    chargingRateUnit: unit,
    chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    ...(duration === undefined ? {} : { duration }),
  }
  const common = { stackLevel: 0, chargingProfileKind: 'Absolute', ...more }
  if (is16(version)) {
    const csChargingProfiles = { chargingProfileId: id, chargingProfilePurpose: purpose, ...common, chargingSchedule: schedule }
    return { connectorId: evse, csChargingProfiles }
  }
  const chargingProfile = { id, chargingProfilePurpose: purpose, ...common, chargingSchedule: [{ id: 1, ...schedule }] }
  return { evseId: evse, chargingProfile }
}

const powerOf = ({ station }: Bench, evse = 1): number => station.state[evse - 1]?.powerW ?? -1

describe.each(VERSIONS)('charging profiles in %s', (version) => {
  it('move the power within a second, and let it go again', async () => {
    const it = await bench(version)
    await charge(it, 5000)
    expect(powerOf(it)).toBeGreaterThan(10_000)
    expect(await it.csms.order('SetChargingProfile', limitOrder(version, { id: 1, purpose: 'TxDefaultProfile', limit: 5000 }))).toEqual({
      status: 'Accepted',
    })
    await it.clock.advance(1000)
    expect(powerOf(it)).toBeGreaterThan(4900)
    expect(powerOf(it)).toBeLessThanOrEqual(5000)
    expect(it.station.state[0]?.limitW).toBe(5000)
    const cleared = is16(version) ? { id: 1 } : { chargingProfileId: 1 }
    expect(await it.csms.order('ClearChargingProfile', cleared)).toEqual({ status: 'Accepted' })
    expect(await it.csms.order('ClearChargingProfile', cleared)).toEqual({ status: 'Unknown' })
    await it.clock.advance(1000)
    expect(powerOf(it)).toBeGreaterThan(10_000)
    expect(it.station.state[0]).not.toHaveProperty('limitW')
    expect(it.csms.flaws).toEqual([])
  })

  it('end by themselves after their duration', async () => {
    const it = await bench(version)
    await charge(it, 5000)
    const seconds = (it.clock.now() - Date.UTC(2025, 0, 1)) / 1000
    const order = limitOrder(version, { id: 1, purpose: 'TxDefaultProfile', limit: 6, unit: 'A', duration: Math.ceil(seconds) + 20 })
    await it.csms.order('SetChargingProfile', order)
    expect(powerOf(it)).toBeLessThanOrEqual(4140)
    await it.clock.advance(22_000)
    expect(powerOf(it)).toBeGreaterThan(10_000)
  })

  it('of zero suspend the session', async () => {
    const it = await bench(version)
    await charge(it, 5000)
    await it.csms.order('SetChargingProfile', limitOrder(version, { id: 1, purpose: 'TxDefaultProfile', limit: 0 }))
    expect(it.station.state[0]).toMatchObject({ status: 'SuspendedEVSE', powerW: 0 })
    if (is16(version)) expect(it.csms.last('StatusNotification').status).toBe('SuspendedEVSE')
    else expect(it.csms.last('TransactionEvent').transactionInfo.chargingState).toBe('SuspendedEVSE')
  })

  it('for a transaction need one, and go with it', async () => {
    const it = await bench(version)
    const order = limitOrder(version, { id: 9, purpose: 'TxProfile', limit: 3000 })
    expect(await it.csms.order('SetChargingProfile', order)).toMatchObject({ status: 'Rejected' })
    await charge(it, 5000)
    const wrong = { transactionId: is16(version) ? 4711 : 'another' }
    const other = limitOrder(version, { id: 9, purpose: 'TxProfile', limit: 3000, more: wrong })
    expect(await it.csms.order('SetChargingProfile', other)).toMatchObject({ status: 'Rejected' })
    const id = it.station.state[0]?.transactionId ?? ''
    const right = { transactionId: is16(version) ? Number(id) : id }
    const own = limitOrder(version, { id: 9, purpose: 'TxProfile', limit: 3000, more: right })
    expect(await it.csms.order('SetChargingProfile', own)).toEqual({ status: 'Accepted' })
    expect(powerOf(it)).toBeLessThanOrEqual(3000)
    it.station.unplug(1)
    await charge(it, 5000)
    expect(powerOf(it)).toBeGreaterThan(10_000)
  })

  it('of the station are shared by the sessions that run', async () => {
    const it = await bench(version)
    const max = is16(version) ? 'ChargePointMaxProfile' : 'ChargingStationMaxProfile'
    await it.csms.order('SetChargingProfile', limitOrder(version, { id: 1, purpose: max, limit: 10_000, evse: 0 }))
    await charge(it, 2000, 1)
    expect(powerOf(it, 1)).toBeGreaterThan(9800)
    await charge(it, 2000, 2)
    expect(powerOf(it, 1)).toBeLessThanOrEqual(5000)
    expect(powerOf(it, 1) + powerOf(it, 2)).toBeGreaterThan(9800)
    it.station.unplug(2)
    await it.clock.advance(1000)
    expect(powerOf(it, 1)).toBeGreaterThan(9800)
  })

  it('are turned down where they make no sense', async () => {
    const it = await bench(version)
    const max = is16(version) ? 'ChargePointMaxProfile' : 'ChargingStationMaxProfile'
    for (const wrong of [
      limitOrder(version, { id: 1, purpose: 'TxDefaultProfile', limit: 1000, evse: 3 }),
      limitOrder(version, { id: 1, purpose: max, limit: 1000, evse: 1 }),
      limitOrder(version, { id: 1, purpose: 'TxDefaultProfile', limit: 1000, more: { stackLevel: 99 } }),
    ]) {
      expect(await it.csms.order('SetChargingProfile', wrong)).toMatchObject({ status: 'Rejected' })
    }
    expect(it.csms.flaws).toEqual([])
  })

  it('show in the composite schedule', async () => {
    const it = await bench(version)
    const max = is16(version) ? 'ChargePointMaxProfile' : 'ChargingStationMaxProfile'
    await it.csms.order('SetChargingProfile', limitOrder(version, { id: 1, purpose: max, limit: 13.1, unit: 'A', evse: 0, duration: 60 }))
    const of = (evse: number, unit: string) =>
      it.csms.order('GetCompositeSchedule', { [is16(version) ? 'connectorId' : 'evseId']: evse, duration: 120, chargingRateUnit: unit })
    const schedule = (answer: Awaited<ReturnType<typeof of>>) => (answer.chargingSchedule ?? answer.schedule).chargingSchedulePeriod
    expect(schedule(await of(1, 'W'))).toEqual([
      { startPeriod: 0, limit: 9039 },
      { startPeriod: 59, limit: 22_000 },
    ])
    expect(schedule(await of(0, 'A'))[1].limit).toBe(63.7)
    expect(await of(7, 'W')).toMatchObject({ status: 'Rejected' })
    expect(it.csms.flaws).toEqual([])
  })
})
