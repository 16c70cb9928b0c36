import { describe, expect, it } from 'vitest'
import { cpuOf } from '../../bench/cpu.ts'
import { summary } from '../../bench/crossing.ts'
import { median, type Plan, row } from '../../bench/part.ts'
import { crossing } from '../../bench/parts/crossing.ts'
import { csms } from '../../bench/parts/csms.ts'
import { doors } from '../../bench/parts/doors.ts'
import { orders } from '../../bench/parts/orders.ts'
import { storm } from '../../bench/parts/storm.ts'
import { verifying } from '../../bench/parts/verify.ts'
import { table } from '../../bench/table.ts'

const TINY: Plan = {
  windowMs: 60,
  cpuMs: 2,
  rounds: 1,
  stations: 2,
  crossing: { stations: 3, each: 4 },
  storm: 5,
  streams: { long: 4 * 1024 ** 2, timed: 2 * 1024 ** 2, besideMs: 500 },
  floodMs: 300,
  liveMs: 200,
  idle: 2,
  files: 8,
}

describe('the benchmark', () => {
  it('loads a real node and its yardstick in processes of their own', async () => {
    const [measured] = await csms.measure(TINY)
    expect(measured).toMatchObject({ part: 'csms', target: { of: 'ratio', most: 2 }, ok: expect.any(Boolean) })
    expect(measured?.value).toBeGreaterThan(1)
    expect(measured?.yardstick?.value).toBeGreaterThan(1)
    expect(measured?.ratio).toBeGreaterThan(0)
    expect(measured?.seen?.['calls per second']).toBeGreaterThan(0)
  })

  it('counts what reached another station and what was lost', async () => {
    const [misrouted, lost, up, down] = await crossing.measure(TINY)
    expect([misrouted, lost]).toMatchObject([
      { unit: 'misrouted', value: 0, ok: true },
      { unit: 'lost', value: 0, ok: true },
    ])
    for (const slowest of [up, down]) expect(slowest?.ratio).toBeGreaterThan(0)
    expect(summary([3, 1, 2], { misrouted: 1, lost: 0 })).toEqual({ calls: 3, misrouted: 1, lost: 0, p50: 2_000, p99: 3_000 })
  })

  it('brings stations back all at once', async () => {
    const [all, stayed] = await storm.measure(TINY)
    expect(all).toMatchObject({ value: expect.any(Number), ok: true })
    expect(stayed?.yardstick?.value).toBeGreaterThan(0)
  })

  it.each([verifying, orders])('measures the part $name in this process', async (part) => {
    for (const { value, yardstick, ratio } of await part.measure(TINY)) {
      expect(value).toBeGreaterThan(0)
      expect(ratio).toBeCloseTo(value / (yardstick?.value ?? Number.NaN))
    }
  })

  it('judges a folder, starts the command line and weighs the page', { timeout: 60_000 }, async () => {
    const rows = await doors.measure(TINY)
    expect(rows.map(({ unit }) => unit)).toEqual(['µs CPU', 'MiB RSS', 'ms wall', 'kB'])
    for (const { value, ok } of rows) expect([value > 0, typeof ok]).toEqual([true, 'boolean'])
  })

  it('counts CPU time, not waiting', async () => {
    const sleep = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
    const { idle } = await cpuOf({ idle: sleep }, { ...TINY, cpuMs: 0.2 })
    expect(idle).toBeLessThan(4_000)
  })
})

describe('a row', () => {
  const missed = row({
    part: 'hop',
    what: 'a call',
    value: 30,
    unit: 'µs',
    yardstick: { what: 'ws', value: 10 },
    target: { of: 'ratio', most: 2.5 },
  })

  it('says whether it met its target, and by which ratio', () => {
    expect(missed).toMatchObject({ ratio: 3, ok: false })
    expect(row({ ...missed, target: { of: 'ratio', most: 3 } }).ok).toBe(true)
    expect(row({ part: 'verify', what: 'a record', value: 501, unit: 'µs', target: { of: 'value', most: 500 } }).ok).toBe(false)
    expect(row({ part: 'frames', what: 'read', value: 2, unit: 'µs' })).not.toHaveProperty('ok')
  })

  it('is shown as missed where it missed', () => {
    expect(table([missed]).split('\n')).toEqual([
      'part  what    value  unit  yardstick  its value  ratio   target  ok',
      '----  ------  -----  ----  ---------  ---------  -----  -------  ------',
      'hop   a call   30.0  µs    ws              10.0  3.00x  <= 2.5x  MISSED',
    ])
  })

  it('takes the middle of its windows', () => {
    expect(median([9, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 9])).toBe(3)
  })
})
