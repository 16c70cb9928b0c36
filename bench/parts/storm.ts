// A restart storm: many stations come back to the back end at once, while others that stayed go on as before.
import { Child } from '../child.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import type { LoadResult } from '../processes/load.ts'

export const storm: Part = { name: 'storm', measure: (plan) => measure(plan) }

/** Between two calls of a station that stayed: the node is far from busy with them. */
const PAUSE_MS = 100
const CALM_WINDOWS = 10

const measure = async (plan: Plan): Promise<Row[]> => {
  const node = new Child('node', { role: 'tested', profile: plan.profile })
  const stayed = new Child('load', { role: 'other' })
  const returning = new Child('storm-load', { role: 'other' })
  try {
    const url = `ws://127.0.0.1:${await node.ask<number>('start', { node: 'csms', role: 'csms', stations: { registration: 'open' } })}/ocpp`
    await stayed.ask('connect', { url, count: plan.stations, prefix: 'cs' })
    await stayed.ask('run', { ms: plan.windowMs })
    const calm: number[] = []
    for (let i = 0; i < CALM_WINDOWS; i++) calm.push(await slowest(stayed))
    let over = false
    const back = returning.ask<number>('run', { url, count: plan.storm }).finally(() => {
      over = true
    })
    const during: number[] = []
    while (!over) during.push(await slowest(stayed))
    return [
      row({
        ...NAMES,
        what: `${plan.storm} stations connected and booted`,
        value: await back,
        unit: 's',
        target: { of: 'value', most: 60 },
      }),
      row({
        ...NAMES,
        what: 'those that stayed, 99 of 100 within',
        value: mean(during),
        unit: 'ms',
        yardstick: { what: 'the same before the storm', value: mean(calm) },
        target: { of: 'ratio', most: 2 },
        seen: { 'half seconds, ms': during, 'half seconds before, ms': calm },
      }),
    ]
  } finally {
    await Promise.all([node.end(), stayed.end(), returning.end()])
  }
}

const NAMES = { part: 'storm' } as const

/** Milliseconds in which 99 of 100 calls of the next half second are answered: the same windows before and during the storm. */
const slowest = async (stayed: Child): Promise<number> => (await stayed.ask<LoadResult>('run', { ms: 500, pauseMs: PAUSE_MS })).p99 / 1_000

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
