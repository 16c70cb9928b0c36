// A neighbour floods a node with announcements, while the calls of two other neighbours go through it.
import { Child } from '../child.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import type { LoadResult } from '../processes/load.ts'
import { gateway } from './hop.ts'

export const flood: Part = { name: 'flood', measure: (plan) => measure(plan) }

const PER_MINUTE = 100_000
const NODE = 'gw'
const CALLS = { ms: 500, stations: 20, pauseMs: 20 } as const
const CALM_WINDOWS = 10

const measure = async (plan: Plan): Promise<Row[]> => {
  const upstream = new Child('upstream', { role: 'other' })
  const node = new Child('node', { role: 'tested', profile: plan.profile })
  const honest = new Child('neighbour', { role: 'other' })
  const flooder = new Child('neighbour', { role: 'other' })
  try {
    const above = `ws://127.0.0.1:${await upstream.ask<number>('start')}`
    const trusted = [
      { node: 'lc1', role: 'local-controller', pem: await honest.ask<string>('key') },
      { node: 'evil', role: 'local-controller', pem: await flooder.ask<string>('key') },
    ]
    const url = `ws://127.0.0.1:${await node.ask<number>('start', { ...gateway(above), trusted })}/overlay`
    await honest.ask('connect', { url, id: 'lc1', peer: NODE })
    await flooder.ask('connect', { url, id: 'evil', peer: NODE })
    await honest.ask('run', { ...CALLS, ms: plan.windowMs })
    const calm: number[] = []
    for (let i = 0; i < CALM_WINDOWS; i++) calm.push(await slowest(honest))
    let over = false
    const [start, cpu] = [performance.now(), await node.ask<number>('cpu')]
    const sent = flooder.ask<number>('flood', { perMinute: PER_MINUTE, ms: plan.floodMs, peer: NODE }).finally(() => {
      over = true
    })
    const during: number[] = []
    while (!over) during.push(await slowest(honest))
    const ms = performance.now() - start
    const perMinute = ((await sent) / ms) * 60_000
    const used = (await node.ask<number>('cpu')) - cpu
    return [
      row({
        part: 'flood',
        what: `calls past ${PER_MINUTE} announcements a minute, 99 of 100 within`,
        value: mean(during),
        unit: 'ms',
        yardstick: { what: 'the same before the flood', value: mean(calm) },
        target: { of: 'ratio', most: 2 },
      }),
      row({
        part: 'flood',
        what: 'the node meanwhile',
        value: used / 10 / ms,
        unit: '% of a core',
        seen: { 'half seconds, ms': during, 'half seconds before, ms': calm, 'announcements a minute': Math.round(perMinute) },
      }),
    ]
  } finally {
    await Promise.all([honest.end(), flooder.end(), node.end()])
    await upstream.end()
  }
}

const slowest = async (honest: Child): Promise<number> => (await honest.ask<LoadResult>('run', CALLS)).p99 / 1_000

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
