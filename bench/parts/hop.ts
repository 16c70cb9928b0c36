// What a message costs at a local controller: 50 stations below, one overlay link above, payloads checked, nothing signed.
import { Child } from '../child.ts'
import { duel } from '../duel.ts'
import type { Part, Plan, Row } from '../part.ts'
import type { BenchNode } from '../processes/node.ts'

export const hop: Part = { name: 'hop', measure: (plan) => measure(plan) }

const measure = async (plan: Plan): Promise<Row[]> => {
  const upstream = new Child('upstream', { role: 'other' })
  const node = new Child('node', { role: 'tested', profile: plan.profile })
  const relay = new Child('plain-relay', { role: 'tested', profile: plan.profile })
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
    return [await duel(TERMS, contenders, plan)]
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

const TERMS = { part: 'hop', what: 'local controller, MeterValues', against: 'ws relay, parse and stringify', most: 2.5 } as const

export const controller = (above: string): BenchNode => ({
  node: 'lc',
  role: 'local-controller',
  backend: 'csms',
  uplinks: [{ node: 'csms', url: `${above}/overlay` }],
  stations: { registration: 'open' },
  policy: [{ id: 'csms-operates', role: 'csms', actions: ['*'] }],
})
