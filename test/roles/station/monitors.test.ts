// What a station reports by itself, every so often: by events in 2.0.1, by event streams in 2.1 where the back end wants them.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/base/ports.ts'
import type { Payload } from '../support/fake-csms.ts'
import { type Bench, type BenchOptions, bench, charge } from '../support/test-station.ts'

const POWER = { component: { name: 'EVSE', evse: { id: 1 } }, variable: { name: 'Power' } }
const watching = (more: { readonly [member: string]: Json } = {}): Json => ({
  setMonitoringData: [{ ...POWER, type: 'Periodic', value: 0.5, severity: 9, ...more }],
})
const STREAM = { periodicEventStream: { interval: 60, values: 4 } }

const taking: BenchOptions = { prepare: (csms) => csms.replies.set('OpenPeriodicEventStream', () => ({ status: 'Accepted' })) }

/** A station of 2.1 that sends the power of its first EVSE in a stream. */
const streaming = async (options: BenchOptions = taking): Promise<Bench> => {
  const it = await bench('ocpp2.1', options)
  expect(await it.csms.order('SetVariableMonitoring', watching(STREAM))).toMatchObject({
    setMonitoringResult: [{ status: 'Accepted', id: 1 }],
  })
  await it.clock.advance(10)
  return it
}
const valuesOf = (it: Bench): Payload[] => it.csms.said('NotifyPeriodicEventStream').map(({ payload }) => payload)

describe('an event stream of 2.1', () => {
  it('is opened, and its values come as many at a time as was asked for', async () => {
    const it = await streaming()
    expect(it.csms.last('OpenPeriodicEventStream')).toEqual({
      constantStreamData: { id: 1, variableMonitoringId: 1, params: { interval: 60, values: 4 } },
    })
    await charge(it, 5_990)
    const values = valuesOf(it)
    expect(values.map(({ data }) => data.map(({ t }: { t: number }) => t))).toEqual([0, 1, 2].map(() => [0, 0.5, 1, 1.5]))
    const [first, , last] = values
    expect([first.id, first.pending, Date.parse(last.basetime) - Date.parse(first.basetime)]).toEqual([1, 0, 4_000])
    expect(last.data.at(-1).v).toBe(String(it.station.state[0]?.powerW))
    expect(Number(last.data.at(-1).v)).toBeGreaterThan(1_000)
    expect(it.csms.said('NotifyEvent')).toEqual([])
    expect(it.csms.flaws).toEqual([])
  })

  it('is listed, adjusted and closed', async () => {
    const it = await streaming()
    const open = { id: 1, variableMonitoringId: 1, params: { interval: 60, values: 4 } }
    expect(await it.csms.order('GetPeriodicEventStream', {})).toEqual({ constantStreamData: [open] })
    expect(await it.csms.order('AdjustPeriodicEventStream', { id: 1, params: { values: 1 } })).toEqual({ status: 'Accepted' })
    expect(await it.csms.order('AdjustPeriodicEventStream', { id: 2, params: { values: 1 } })).toEqual({ status: 'Rejected' })
    await it.clock.advance(2_000)
    expect(valuesOf(it).map(({ data }) => data.length)).toEqual([1, 1, 1, 1])
    const cleared = await it.csms.order('ClearVariableMonitoring', { id: [1, 7] })
    expect(cleared.clearMonitoringResult).toEqual([
      { id: 1, status: 'Accepted' },
      { id: 7, status: 'NotFound' },
    ])
    expect(it.csms.last('ClosePeriodicEventStream')).toEqual({ id: 1 })
    await it.clock.advance(5_000)
    expect(valuesOf(it)).toHaveLength(4)
    expect(await it.csms.order('GetPeriodicEventStream', {})).toEqual({})
    expect(it.csms.flaws).toEqual([])
  })

  it('says nothing that the back end has not taken', async () => {
    const it = await streaming({ prepare: (csms) => csms.replies.set('OpenPeriodicEventStream', () => ({ status: 'Rejected' })) })
    await it.clock.advance(10_000)
    expect([valuesOf(it), await it.csms.order('GetPeriodicEventStream', {})]).toEqual([[], {}])
  })

  it('takes no value while nobody hears, and is opened again after a boot', async () => {
    const it = await streaming()
    await it.csms.cut()
    await it.clock.advance(10_000)
    await it.csms.mend()
    await it.clock.advance(3_000)
    expect(it.csms.said('OpenPeriodicEventStream')).toHaveLength(1)
    expect(valuesOf(it).map(({ data }) => data.at(-1).t)).toEqual([1.5])
    await it.station.stop()
    const after = await bench('ocpp2.1', { ...taking, store: await it.store.copy(), clock: it.clock })
    await it.clock.advance(2_500)
    expect(after.csms.said('OpenPeriodicEventStream')).toHaveLength(1)
    expect(valuesOf(after)).toHaveLength(1)
  })
})

describe.each(['ocpp2.0.1', 'ocpp2.1'] as const)('a monitor without a stream in %s', (version) => {
  it('is reported by events', async () => {
    const it = await bench(version)
    const asked = watching({ value: 10, type: 'PeriodicClockAligned' })
    expect(await it.csms.order('SetVariableMonitoring', asked)).toMatchObject({ setMonitoringResult: [{ status: 'Accepted', id: 1 }] })
    await it.clock.advance(25_000)
    const events = it.csms.said('NotifyEvent').map(({ payload }) => payload.eventData[0])
    expect(events).toMatchObject([
      { eventId: 1, trigger: 'Periodic', actualValue: '0', variableMonitoringId: 1, ...POWER },
      { eventId: 2, trigger: 'Periodic', actualValue: '0' },
    ])
    for (const { timestamp } of events) expect(Date.parse(timestamp) % 10_000).toBe(0)
    expect(it.csms.flaws).toEqual([])
  })

  it.each([
    ['another way of watching', { type: 'UpperThreshold' }, 'UnsupportedMonitorType'],
    ['a variable that there is not', { variable: { name: 'Spin' } }, 'UnknownVariable'],
    ['a component that there is not', { component: { name: 'Spinner' } }, 'UnknownComponent'],
    ['faster than anything changes', { value: 0.01 }, 'Rejected'],
    ['only while somebody charges', { transaction: true }, 'Rejected'],
    ['in the place of one that there is not', { id: 5 }, 'Rejected'],
  ])('is not set: %s', async (_what, more, status) => {
    const it = await bench(version)
    expect(await it.csms.order('SetVariableMonitoring', watching(more))).toMatchObject({ setMonitoringResult: [{ status }] })
    await it.clock.advance(3_000)
    expect(it.csms.said('NotifyEvent')).toEqual([])
  })

  it('is set once, and replaced by its number', async () => {
    const it = await bench(version)
    const set = async (more: { readonly [member: string]: Json } = {}): Promise<string> =>
      (await it.csms.order('SetVariableMonitoring', watching(more))).setMonitoringResult[0].status
    expect([await set(), await set(), await set({ id: 1, value: 1 })]).toEqual(['Accepted', 'Duplicate', 'Accepted'])
    await it.clock.advance(3_500)
    expect(it.csms.said('NotifyEvent')).toHaveLength(3)
  })
})

it.each(['ocpp1.6', 'ocpp2.0.1'] as const)('%s knows no streams', async (version) => {
  const it = await bench(version)
  expect(await it.csms.order('GetPeriodicEventStream', {})).toMatchObject({ error: 'NotImplemented' })
})
