import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Profiles } from '../../../src/roles/station/profiles.ts'
import { changesOf, limitOf, type Profile } from '../../../src/roles/station/schedule.ts'
import { MemoryStore } from '../support/memory-store.ts'

const NOON = Date.UTC(2026, 5, 1, 12)
const S = 1000
const SUPPLY = { volts: 230, phases: 3 }

const profile = (changes: Partial<Profile> = {}): Profile => ({
  id: 1,
  stackLevel: 0,
  purpose: 'TxDefaultProfile',
  kind: 'Absolute',
  schedule: {
    unit: 'W',
    start: NOON,
    periods: [
      { startPeriod: 0, limit: 5000 },
      { startPeriod: 60, limit: 3000 },
    ],
  },
  ...changes,
})
const at = (one: Profile, seconds: number, sessionStart?: number) => limitOf(one, NOON + seconds * S, SUPPLY, sessionStart)

describe('one profile', () => {
  it('sets the limit of the period that covers the instant', () => {
    expect([-1, 0, 59, 60, 100_000].map((seconds) => at(profile(), seconds))).toEqual([undefined, 5000, 5000, 3000, 3000])
  })

  it('says nothing outside its duration and its validity', () => {
    const short = profile({ schedule: { ...profile().schedule, duration: 90 } })
    expect([89, 90].map((seconds) => at(short, seconds))).toEqual([3000, undefined])
    const valid = profile({ validFrom: NOON + 10 * S, validTo: NOON + 20 * S })
    expect([9, 10, 19, 20].map((seconds) => at(valid, seconds))).toEqual([undefined, 5000, 5000, undefined])
  })

  it('repeats daily and weekly', () => {
    const daily = profile({ kind: 'Recurring', recurrency: 'Daily', schedule: { ...profile().schedule, duration: 120 } })
    expect([86_400, 86_400 + 60, 86_400 + 120].map((seconds) => at(daily, seconds))).toEqual([5000, 3000, undefined])
    const weekly = { ...daily, recurrency: 'Weekly' as const }
    expect([86_400, 7 * 86_400].map((seconds) => at(weekly, seconds))).toEqual([undefined, 5000])
  })

  it('starts with the session when it is relative', () => {
    const relative = profile({ kind: 'Relative', schedule: { unit: 'W', periods: profile().schedule.periods } })
    expect(at(relative, 100, NOON + 50 * S)).toBe(5000)
    expect(at(relative, 110, NOON + 50 * S)).toBe(3000)
  })

  it('turns amperes into watts by the phases used', () => {
    const amperes = (numberPhases?: number) =>
      profile({ schedule: { unit: 'A', start: NOON, periods: [{ startPeriod: 0, limit: 16, ...(numberPhases ? { numberPhases } : {}) }] } })
    expect(at(amperes(), 0)).toBe(11_040)
    expect(at(amperes(1), 0)).toBe(3680)
  })

  it('changes only at the instants it names', () => {
    const arbitrary = fc.record({
      start: fc.integer({ min: -200_000, max: 200_000 }),
      duration: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
      gaps: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 5 }),
      kind: fc.constantFrom('Absolute' as const, 'Recurring' as const),
      from: fc.integer({ min: -100_000, max: 100_000 }),
    })
    fc.assert(
      fc.property(arbitrary, ({ start, duration, gaps, kind, from }) => {
        const starts = gaps.map((_, i) => gaps.slice(1, i + 1).reduce((sum, gap) => sum + gap, 0))
        const periods = starts.map((startPeriod, i) => ({ startPeriod, limit: 1000 * (i + 1) }))
        const schedule = { unit: 'W' as const, start: NOON + start * S, periods, ...(duration === undefined ? {} : { duration }) }
        const one = profile({ kind, schedule })
        const named = new Set(changesOf(one, NOON + from * S, NOON + (from + 90_000) * S, undefined))
        for (let seconds = from + 1; seconds < from + 90_000; seconds += 1) {
          const differs = at(one, seconds) !== at(one, seconds - 1)
          if (differs && !named.has(NOON + seconds * S)) return false
        }
        return true
      }),
      { numRuns: 25 },
    )
  })
})

describe('profiles together', () => {
  const scope = { evse: 1, sharing: 1, maxPowerW: 22_000 }
  const flat = (limit: number, changes: Partial<Profile> = {}): Profile =>
    profile({ schedule: { unit: 'W', start: NOON, periods: [{ startPeriod: 0, limit }] }, ...changes })
  const setUp = () => new Profiles(new MemoryStore(), 'cs1', SUPPLY)

  it('give the least of station, grid and session', async () => {
    const profiles = setUp()
    expect(profiles.limitAt(NOON, scope)).toBe(22_000)
    await profiles.install(1, flat(9000))
    expect(profiles.limitAt(NOON, scope)).toBe(9000)
    await profiles.install(0, flat(8000, { id: 2, purpose: 'ChargingStationMaxProfile' }))
    expect(profiles.limitAt(NOON, scope)).toBe(8000)
    await profiles.install(0, flat(4200, { id: 3, purpose: 'ChargingStationExternalConstraints' }))
    expect(profiles.limitAt(NOON, scope)).toBe(4200)
    expect(await profiles.clear({ purpose: 'ChargingStationExternalConstraints' })).toBe(1)
    expect(profiles.limitAt(NOON, scope)).toBe(8000)
  })

  it('share what holds for the whole station', async () => {
    const profiles = setUp()
    await profiles.install(0, flat(8000, { purpose: 'ChargingStationMaxProfile' }))
    expect(profiles.limitAt(NOON, { ...scope, sharing: 2 })).toBe(4000)
    expect(profiles.limitAt(NOON, { ...scope, evse: 0, sharing: 2 })).toBe(8000)
  })

  it('follow the higher stack level, and the lower where the higher is silent', async () => {
    const profiles = setUp()
    await profiles.install(1, flat(9000))
    await profiles.install(1, flat(3000, { id: 2, stackLevel: 1, validTo: NOON + 10 * S }))
    expect(profiles.limitAt(NOON, scope)).toBe(3000)
    expect(profiles.limitAt(NOON + 10 * S, scope)).toBe(9000)
    expect(profiles.composite(NOON, 60, scope)).toEqual([
      { startPeriod: 0, limitW: 3000 },
      { startPeriod: 10, limitW: 9000 },
    ])
  })

  it('let a TxProfile overrule the default, upwards too', async () => {
    const profiles = setUp()
    await profiles.install(0, flat(4000))
    await profiles.install(1, flat(7000, { id: 2, purpose: 'TxProfile' }))
    expect(profiles.limitAt(NOON, scope)).toBe(7000)
    expect(profiles.limitAt(NOON, { ...scope, evse: 2 })).toBe(4000)
  })

  it('replace what has the same id or the same slot, and come back from the store', async () => {
    const store = new MemoryStore()
    const profiles = new Profiles(store, 'cs1', SUPPLY)
    await profiles.install(1, flat(9000))
    await profiles.install(1, flat(6000, { id: 2 }))
    expect(profiles.count).toBe(1)
    const again = new Profiles(store, 'cs1', SUPPLY)
    expect(again.limitAt(NOON, scope)).toBe(6000)
    expect(new Profiles(store, 'cs2', SUPPLY).count).toBe(0)
  })
})
