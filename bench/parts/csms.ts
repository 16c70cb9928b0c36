// What a message costs at the back end: checked, its effect durable on disk before the answer goes out.
import { Child } from '../child.ts'
import { duel } from '../duel.ts'
import type { Part, Plan, Row } from '../part.ts'
import type { BenchNode } from '../processes/node.ts'

export const csms: Part = { name: 'csms', measure: (plan) => measure(plan) }

const measure = async (plan: Plan): Promise<Row[]> => {
  const node = new Child('node', { role: 'tested', profile: plan.profile })
  const plain = new Child('plain-server', { role: 'tested', profile: plan.profile })
  try {
    const [nodePort, plainPort] = [await node.ask<number>('start', BACKEND), await plain.ask<number>('start')]
    const contenders = {
      node: { process: node, url: `ws://127.0.0.1:${nodePort}/ocpp`, done: () => kept(node, plan) },
      yardstick: { process: plain, url: `ws://127.0.0.1:${plainPort}/ocpp` },
    }
    return [await duel(TERMS, contenders, plan)]
  } finally {
    await Promise.all([node.end(), plain.end()])
  }
}

/** A back end that kept nothing would be fast. */
const kept = async (node: Child, { stations }: Plan): Promise<void> => {
  const rows = await node.ask<number>('rows', 'meters')
  if (rows !== stations) throw new Error(`expected the last values of ${stations} stations in the store, found ${rows}`)
}

const TERMS = { part: 'csms', what: 'back end, MeterValues, durable', against: 'ws server, parse and answer', most: 2 } as const

const BACKEND: BenchNode = { node: 'csms', role: 'csms', stations: { registration: 'open' } }
