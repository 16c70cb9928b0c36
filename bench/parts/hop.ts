// What a message costs at a local controller: 50 stations below, one overlay link above, payloads checked, nothing signed. Beside it a
// relay that looks at what it carries, and one that only puts many stations on one socket.
import { Child, type ProcessName } from '../child.ts'
import { type Contender, type Duel, duel } from '../duel.ts'
import type { Part, Plan, Row } from '../part.ts'
import type { BenchNode } from '../processes/node.ts'

export const hop: Part = {
  name: 'hop',
  measure: (plan) => measure(plan, 'plain-relay', { ...TERMS, part: 'hop', against: 'ws relay, parse and stringify', most: 2.5 }),
}

/** A call is two forwarded messages, on either side. */
export const mux: Part = {
  name: 'mux',
  measure: (plan) => measure(plan, 'mux-relay', { ...TERMS, part: 'mux', against: 'ws relay onto one socket, no check', most: 2 }),
}

/** Both go through one gateway, each over a link of its own: what differs is what the calls and answers carry. */
export const signedHop: Part = {
  name: 'signed-hop',
  measure: async (plan) => {
    const upstream = new Child('upstream', { role: 'other' })
    const node = new Child('node', { role: 'tested', profile: plan.profile })
    try {
      const above = `ws://127.0.0.1:${await upstream.ask<number>('start')}`
      const url = `ws://127.0.0.1:${await node.ask<number>('start', gateway(above))}/overlay`
      const through = (id: string, signed: boolean): Contender => ({
        process: node,
        url,
        load: { name: 'neighbour', connect: { id, peer: 'gw' }, run: { stations: plan.stations, pauseMs: 0, signed } },
      })
      const terms = { part: 'signed-hop', what: 'a gateway, signed by keys it does not know', against: 'the same unsigned', most: 1.25 }
      return [await duel(terms, { node: through('lc1', true), yardstick: through('lc2', false) }, plan)]
    } finally {
      await node.end()
      await upstream.end()
    }
  },
}

const TERMS = { what: 'local controller, MeterValues' } as const

const measure = async (plan: Plan, yardstick: ProcessName, terms: Duel): Promise<Row[]> => {
  const upstream = new Child('upstream', { role: 'other' })
  const node = new Child('node', { role: 'tested', profile: plan.profile })
  const relay = new Child(yardstick, { role: 'tested', profile: plan.profile })
  try {
    const above = `ws://127.0.0.1:${await upstream.ask<number>('start')}`
    const [nodePort, relayPort] = [
      await node.ask<number>('start', controller(above)),
      await relay.ask<number>('start', { upstream: above }),
    ]
    const contenders = {
      node: { process: node, url: `ws://127.0.0.1:${nodePort}/ocpp`, done: (calls: number) => carried(upstream, calls) },
      yardstick: { process: relay, url: `ws://127.0.0.1:${relayPort}/ocpp` },
    }
    return [await duel(terms, contenders, plan)]
  } finally {
    await Promise.all([node.end(), relay.end()])
    await upstream.end()
  }
}

/** A controller that answered by itself would be fast. */
const carried = async (upstream: Child, calls: number): Promise<void> => {
  const answered = await upstream.ask<number>('answered')
  if (answered !== calls) throw new Error(`${calls} calls were answered below, and ${answered} arrived above`)
}

export const controller = (above: string): BenchNode => ({
  node: 'lc',
  role: 'local-controller',
  backend: 'csms',
  uplinks: [{ node: 'csms', url: `${above}/overlay` }],
  stations: { registration: 'open' },
  policy: [{ id: 'csms-operates', role: 'csms', actions: ['*'] }],
})

export const gateway = (above: string): BenchNode => ({
  node: 'gw',
  role: 'gateway',
  backend: 'csms',
  uplinks: [{ node: 'csms', url: `${above}/overlay` }],
  nodes: { registration: 'open' },
})
