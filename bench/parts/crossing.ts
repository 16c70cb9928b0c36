// Many stations on one link, all with the same message ids, asking and being asked at the same time: nothing may reach another, nothing
// may be lost. How long it takes stands beside a relay that only puts them on one socket.
import { Child } from '../child.ts'
import type { Crossing } from '../crossing.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import { controller } from './hop.ts'

export const crossing: Part = { name: 'crossing', measure: (plan) => measure(plan) }

const measure = async (plan: Plan): Promise<Row[]> => {
  const upstream = new Child('upstream', { role: 'other' })
  const node = new Child('node', { role: 'tested', profile: plan.profile })
  const relay = new Child('mux-relay', { role: 'tested' })
  try {
    const above = `ws://127.0.0.1:${await upstream.ask<number>('start')}`
    const theirs = await cross(upstream, await relay.ask<number>('start', { upstream: above }), plan)
    // what is down here is asked over the link that came last: the node's
    const policy = [{ id: 'unsigned-for-the-bench', role: 'anyone', actions: ['DataTransfer'] }]
    const ours = await cross(upstream, await node.ask<number>('start', { ...controller(above), policy }), plan)
    const { stations, each } = plan.crossing
    const what = `${2 * stations * each} calls both ways, ${stations} stations, equal ids`
    const found = ours.up.misrouted + ours.down.misrouted
    const lost = ours.up.lost + ours.down.lost
    const later = (pick: (both: Both) => number): { value: number; yardstick: { what: string; value: number } } => ({
      value: pick(ours) / 1_000,
      yardstick: { what: 'ws relay onto one socket', value: pick(theirs) / 1_000 },
    })
    return [
      row({ part: 'crossing', what, value: found, unit: 'misrouted', target: { of: 'value', most: 0 } }),
      row({ part: 'crossing', what, value: lost, unit: 'lost', target: { of: 'value', most: 0 } }),
      row({ part: 'crossing', what: 'up, 99 of 100 within', unit: 'ms', ...later(({ up }) => up.p99) }),
      row({ part: 'crossing', what: 'down, each order in the journal, 99 of 100 within', unit: 'ms', ...later(({ down }) => down.p99) }),
    ]
  } finally {
    await Promise.all([node.end(), relay.end()])
    await upstream.end()
  }
}

interface Both {
  readonly up: Crossing
  readonly down: Crossing
}

const cross = async (upstream: Child, port: number, plan: Plan): Promise<Both> => {
  const load = new Child('crossing-load', { role: 'other' })
  const { stations, each } = plan.crossing
  try {
    await load.ask('connect', { url: `ws://127.0.0.1:${port}/ocpp`, count: stations })
    const [up, down] = await Promise.all([load.ask<Crossing>('run', { each }), upstream.ask<Crossing>('ask', { stations, each })])
    return { up, down }
  } finally {
    await load.end()
  }
}
