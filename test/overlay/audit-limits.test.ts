// Limits that do not stand there in watts: amperes, phases, schedules of every kind, stacked profiles, whole stations, encrypted orders. What can be
// said is said, what was assumed for it too, and where it cannot be said the order stays `answered`, with the reason.
import { describe, expect, it } from 'vitest'
import { exportPkcs8Pem, generateNodeSigner } from '../../src/adapters/node-crypto.ts'
import { openerOfPem } from '../../src/adapters/reading-keys.ts'
import type { Json } from '../../src/base/ports.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { CALL, payloadOf, readEnvelope, writeEnvelope } from '../../src/ocpp/frame.ts'
import { audit } from '../../src/overlay/audit.ts'
import { openedOrders } from '../../src/overlay/audit-secrets.ts'
import { encryptMessage } from '../../src/overlay/encrypted.ts'
import type { JournalRow } from '../../src/overlay/journal.ts'
import { allowedAt, compare } from '../../src/overlay/power-limit.ts'
import { placeOf, Secrecy } from '../../src/overlay/secrecy.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { judge, keys, profile, site } from './power-site.ts'
import { engine, type JsonObject, settle } from './support.ts'

const NOW = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const power = (watts: number) => ({ value: watts, measurand: 'Power.Active.Import' })
const current = (value: number, phase: string) => ({ value, measurand: 'Current.Import', phase, unitOfMeasure: { unit: 'A' } })
const voltage = (value: number) => ({ value, measurand: 'Voltage', phase: 'L1-N' })

const ordering = (schedule: JsonObject, more: JsonObject = {}, evseId = 1): JsonObject => {
  const whole = profile(0, more)
  return { evseId, chargingProfile: { ...whole.chargingProfile, chargingSchedule: [{ id: 1, ...schedule }] } }
}
const amperes = (limit: number, period: JsonObject = {}) => ({
  chargingRateUnit: 'A',
  chargingSchedulePeriod: [{ startPeriod: 0, limit, ...period }],
})

/** An order, a minute, and then what a meter says of EVSE 1. */
const judged = async (order: JsonObject, samples: Json) => {
  const here = site()
  await here.order(order)
  await here.later(60)
  here.says(samples)
  await settle()
  const [found] = judge(here.rows()).orders
  return [found?.obeyed, found?.unsaid ?? found?.power?.exceeded?.unit, found?.power?.assumed]
}

describe('a limit in amperes', () => {
  it('against currents is judged phase by phase, whatever the power is', async () => {
    const each = (...values: number[]) => values.map((value, i) => current(value, `L${i + 1}`))
    expect(await judged(ordering(amperes(16)), each(15.9, 15, 16))).toEqual(['measured', undefined, ['reported-phases']])
    expect(await judged(ordering(amperes(16)), [...each(32), power(7_360)])).toEqual(['no', 'A', ['reported-phases']])
    // the neutral is no phase, and a current without a phase is that of nobody knows how many
    expect(await judged(ordering(amperes(16)), [current(40, 'N'), { ...current(40, ''), phase: null }])).toEqual([
      'answered',
      'not-measured',
      [],
    ])
  })

  it('against power needs phases and voltage: what is not said is assumed, and said to be', async () => {
    const all = ['three-phases', 'even-phases', 'nominal-voltage']
    expect(await judged(ordering(amperes(16)), [power(11_000)])).toEqual(['measured', undefined, all])
    expect(await judged(ordering(amperes(16)), [power(13_000)])).toEqual(['no', 'W', all])
    // 16 A on three phases are 11,040 W at 230 V and 12,144 W at 253 V: between the two, with tolerance, nobody can tell
    expect(await judged(ordering(amperes(16)), [power(12_000)])).toEqual(['answered', 'between', all])
    expect(await judged(ordering(amperes(16)), [power(12_000), voltage(228)])).toEqual(['no', 'W', all.slice(0, 2)])
    expect(await judged(ordering(amperes(16, { numberPhases: 1 })), [power(4_900)])).toEqual(['no', 'W', ['nominal-voltage']])
  })

  it('a power that was reported phase by phase is their sum, if each was', async () => {
    const single = (watts: number, phase: string) => ({ ...power(watts), phase })
    const three = [single(2_000, 'L1'), single(2_000, 'L2'), single(2_000, 'L3')]
    expect((await judged(profile(4_200), three))[0]).toBe('no')
    expect((await judged(profile(4_200), three.slice(1)))[1]).toBe('not-measured')
  })
})

describe('a schedule', () => {
  const two = {
    chargingRateUnit: 'W',
    chargingSchedulePeriod: [
      { startPeriod: 0, limit: 4_000 },
      { startPeriod: 600, limit: 8_000 },
    ],
  } // prettier-ignore
  const at = (minutes: number, profile: JsonObject, since?: number) => {
    const found = allowedAt(profile, { at: NOW + minutes * MINUTE, orderedAt: NOW, since })
    return found && [found.low, found.high]
  }
  const iso = (minutes: number): string => new Date(NOW + minutes * MINUTE).toISOString()

  it('that is absolute begins where it says, or with the order, and ends', () => {
    const absolute = (schedule: JsonObject, more: JsonObject = {}) => ({
      ...{ chargingProfileKind: 'Absolute', chargingSchedule: { ...two, ...schedule } },
      ...more,
    })
    const dated = absolute({ startSchedule: iso(60), duration: 1_200 }, { validTo: iso(75) })
    expect([0, 60, 71, 76].map((minutes) => at(minutes, dated))).toEqual([undefined, [4_000, 4_000], [8_000, 8_000], undefined])
    expect([5, 15].map((minutes) => at(minutes, absolute({})))).toEqual([
      [4_000, 4_000],
      [8_000, 8_000],
    ])
    expect(allowedAt(absolute({}), { at: NOW, orderedAt: NOW })?.assumed).toEqual(['begins-with-order'])
  })

  it('that recurs begins again every day or week', () => {
    const daily = {
      chargingProfileKind: 'Recurring',
      recurrencyKind: 'Daily',
      chargingSchedule: { ...two, startSchedule: iso(0), duration: 1_200 },
    } // prettier-ignore
    expect([5, 15, 25, 24 * 60 + 5, 48 * 60 + 15].map((minutes) => at(minutes, daily)?.[1])).toEqual([
      4_000,
      8_000,
      undefined,
      4_000,
      8_000,
    ])
    const weekly = { ...daily, recurrencyKind: 'Weekly' }
    expect([24 * 60 + 5, 7 * 24 * 60 + 5].map((minutes) => at(minutes, weekly)?.[1])).toEqual([undefined, 4_000])
    // when it begins nobody said: any of its periods, or none
    const { startSchedule: _, ...undated } = daily.chargingSchedule
    expect(at(5, { ...daily, chargingSchedule: undated })).toEqual([4_000, Number.POSITIVE_INFINITY])
  })

  it('that is relative begins with the session or with the order: both count where both are possible', () => {
    const relative = { chargingProfileKind: 'Relative', chargingSchedule: two }
    expect(at(5, relative)).toEqual([4_000, 8_000])
    expect(at(5, relative, NOW - 30 * MINUTE)).toEqual([4_000, 8_000])
    expect(at(15, relative, NOW - 30 * MINUTE)).toEqual([8_000, 8_000])
    expect(at(15, relative, NOW + 10 * MINUTE)).toEqual([4_000, 4_000])
  })

  it('of several that the vehicle may choose from allows the most of them, and certainly the least', () => {
    const other = { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 2_000 }] }
    expect(at(5, { chargingProfileKind: 'Absolute', chargingSchedule: [two, other] })).toEqual([2_000, 4_000])
    expect(at(5, { chargingProfileKind: 'Absolute', chargingSchedule: [two, { ...other, chargingRateUnit: 'A' }] })).toBeUndefined()
  })

  it('that limits single phases, or nothing, says nothing', () => {
    for (const period of [
      { startPeriod: 0, limit: 1, limit_L2: 2 },
      { startPeriod: 0, setpoint: 1 },
    ])
      expect(at(5, { chargingProfileKind: 'Absolute', chargingSchedule: { ...two, chargingSchedulePeriod: [period] } })).toBeUndefined()
    const allowed = { unit: 'A', low: 6, high: 16, phases: undefined, assumed: [] } as const
    expect([5, 10, 17].map((amperes) => compare({ at: NOW, amperes }, allowed)?.verdict)).toEqual(['within', 'unclear', 'over'])
  })

  it('of a session whose first event is there is judged by it', async () => {
    const here = site()
    here.event('Started', 0, 1)
    await here.order(ordering(two, { chargingProfileKind: 'Relative', transactionId: 't1', chargingProfilePurpose: 'TxProfile' }))
    await here.later(300)
    here.event('Updated', 7_900)
    await settle()
    // by the session and by the order it is the first period
    expect(judge(here.rows()).orders).toMatchObject([{ obeyed: 'no', power: { exceeded: { limit: 4_000 }, assumed: ['session-begin'] } }])
  })
})

describe('profiles beside each other', () => {
  const watts = (limit: number) => ({ chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit }] })
  const run = async (orders: readonly (readonly [JsonObject, string?])[], drawn = 9_000, evse = 1) => {
    const here = site()
    for (const [payload, action = 'SetChargingProfile'] of orders) {
      await here.order(payload, { action })
      await here.later(1)
    }
    await here.later(60)
    here.says([power(drawn)], evse)
    await settle()
    return judge(here.rows()).orders.map(({ obeyed, unsaid }) => unsaid ?? obeyed)
  }
  const low = ordering(watts(4_200))
  const high = ordering(watts(11_000), { id: 2, stackLevel: 1 })

  it('of one purpose: the higher one counts, and the lower is not broken by it', async () => {
    expect(await run([[low], [high]])).toEqual(['overridden', 'measured'])
    expect(await run([[high], [low]])).toEqual(['measured', 'overridden'])
  })

  it('of other purposes or places: each is a limit of its own', async () => {
    const session = ordering(watts(11_000), { id: 2, stackLevel: 1, chargingProfilePurpose: 'TxDefaultProfile' })
    expect(await run([[low], [session]])).toEqual(['no', 'measured'])
    expect(await run([[low], [ordering(watts(11_000), { id: 3, stackLevel: 1 }, 2)]])).toEqual(['no', 'not-measured'])
    const tx = ordering(watts(11_000), { id: 4, chargingProfilePurpose: 'TxProfile' })
    const defaults = ordering(watts(4_200), { chargingProfilePurpose: 'TxDefaultProfile' })
    expect(await run([[defaults], [tx]])).toEqual(['overridden', 'measured'])
    // what local generation adds, nobody knows
    expect(await run([[low], [ordering(watts(9_000), { id: 5, chargingProfilePurpose: 'LocalGeneration' })]])).toEqual([
      'overridden',
      'no-limit',
    ])
  })

  it('that were replaced or cleared count until then; one for another does not end them', async () => {
    const clear = (payload: JsonObject) => [payload, 'ClearChargingProfile'] as const
    expect(await run([[low], clear({ chargingProfileId: 1 })])).toEqual(['not-measured', 'answered'])
    expect(await run([[low], clear({ chargingProfileCriteria: { stackLevel: 0 } })])).toEqual(['not-measured', 'answered'])
    expect(await run([[low], clear({ chargingProfileId: 7 })])).toEqual(['no', 'answered'])
    expect(await run([[low], [high], clear({ chargingProfileId: 2 })])).toEqual(['no', 'not-measured', 'answered'])
    expect(await run([[low], [ordering(watts(11_000), { id: 9 })]])).toEqual(['not-measured', 'measured'])
  })

  it('of the whole station are not kept by each EVSE alone', async () => {
    const whole = ordering(watts(4_200), { chargingProfilePurpose: 'ChargingStationMaxProfile' }, 0)
    const drawing = async (one: number, two: number) => {
      const here = site()
      await here.order(whole)
      await here.later(60)
      here.says([power(one)], 1)
      here.says([power(two)], 2)
      await settle()
      const [found] = judge(here.rows()).orders
      return found?.unsaid ?? found?.obeyed
    }
    expect(await drawing(2_000, 2_100)).toBe('measured')
    expect(await drawing(4_000, 4_000)).toBe('several-evses')
    expect(await drawing(4_000, 5_000)).toBe('no')
  })
})

describe('an order that was encrypted', () => {
  const reader = generateNodeSigner('p-256')
  const kid = thumbprint(reader.publicKey, engine)
  const openers = new Map([[kid, openerOfPem(exportPkcs8Pem(reader))]])

  /** A station's journal, with what it says that it read of an encrypted order. */
  const journal = async (watts: number, claimed: Json = profile(4_200) as Json): Promise<JournalRow[]> => {
    const here = site(new Secrecy({}, { trust: keys.trust, engine, random: fixedRandom(1), openers }))
    const asked = profile(4_200)
    const place = { iss: 'grid', aud: 'cs', act: 'SetChargingProfile', mt: CALL, mid: 'o1' }
    const bare = { type: CALL, id: 'o1', action: 'SetChargingProfile', payload: payloadOf(asked) } as const
    const hidden = await encryptMessage(bare, place, { key: { kid, publicKey: reader.publicKey }, random: fixedRandom(1), engine })
    await here.order('payload' in hidden ? (hidden.payload.value as JsonObject) : {})
    await here.later(60)
    here.draws(watts)
    await settle()
    expect(placeOf(readEnvelope(frameOf(here.rows())))).toEqual(place)
    return here.rows().map((row) => {
      if (row.kind !== 'order-accepted') return row
      expect(row.data).toMatchObject({ opened: profile(4_200) })
      return { ...row, data: { ...(row.data as JsonObject), opened: claimed } }
    })
  }
  const frameOf = (rows: readonly JournalRow[]): string =>
    String((rows.find(({ kind }) => kind === 'order-accepted')?.data as { frame?: string } | undefined)?.frame)
  const withKey = async (rows: readonly JournalRow[]) => {
    const files = [{ name: 'cs', text: JSON.stringify(rows) }]
    return audit(files, { trust: keys.trust, engine, opened: await openedOrders(files, openers) })
  }

  it('is judged with the key of its reader', async () => {
    expect((await withKey(await journal(4_000))).orders).toMatchObject([
      { read: 'opened', limits: ['4200 W'], evse: 1, obeyed: 'measured' },
    ])
    expect((await withKey(await journal(9_000))).orders).toMatchObject([{ read: 'opened', obeyed: 'no' }])
  })

  it('without it: what its reader says that it read may convict it, and does not clear it; the journal of a node on the way says nothing', async () => {
    const rows = await journal(4_000)
    expect(judge(rows).orders).toMatchObject([{ read: 'claimed', obeyed: 'answered', unsaid: 'encrypted' }])
    expect(judge(await journal(9_000)).orders).toMatchObject([{ read: 'claimed', obeyed: 'no' }])
    const unread = rows.map((row) => (row.kind === 'order-accepted' ? { ...row, data: { frame: frameOf(rows), by: [] } } : row))
    expect(judge(unread).orders).toMatchObject([{ read: 'unread', limits: [], obeyed: 'answered', unsaid: 'encrypted' }])
  })

  it('of which its reader says another thing is found with the key', async () => {
    const rows = await journal(9_000, profile(22_000) as Json)
    const report = await withKey(rows)
    expect(report.findings).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'order-forged' })]))
    expect(report.orders).toMatchObject([{ read: 'opened', obeyed: 'no' }])
  })

  it('that was moved into another message does not open', async () => {
    const rows = await journal(9_000)
    const moved = readEnvelope(frameOf(rows))
    const forged = writeEnvelope({ ...moved, message: { ...moved.message, id: 'o2' } })
    const files = [{ name: 'cs', text: JSON.stringify([{ ...rows[0], kind: 'order-accepted', data: { frame: forged } }]) }]
    expect((await openedOrders(files, openers)).size).toBe(0)
  })
})
