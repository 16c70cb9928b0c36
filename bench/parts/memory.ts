// What an idle station costs in memory: resident bytes of a local controller before and after many stations connect and say one thing.
import { Child } from '../child.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import type { BenchNode } from '../processes/node.ts'
import { controller } from './hop.ts'

export const memory: Part = { name: 'memory', measure: (plan) => measure(plan) }

const measure = async (plan: Plan): Promise<Row[]> => {
  // what a process compiles it keeps for the next one when it ends
  await Promise.all([new Child('node', { role: 'tested' }).once(BARE), new Child('plain-server', { role: 'tested' }).once()])
  const upstream = new Child('upstream', { role: 'other' })
  const node = new Child('node', { role: 'tested' })
  const plain = new Child('plain-server', { role: 'tested' })
  try {
    const above = `ws://127.0.0.1:${await upstream.ask<number>('start')}`
    const ours = await perStation(node, await node.ask<number>('start', controller(above)), plan)
    const theirs = await perStation(plain, await plain.ask<number>('start'), plan)
    return [
      row({
        part: 'memory',
        what: `an idle station, of ${plan.idle}`,
        value: ours.each,
        unit: 'KiB RSS',
        yardstick: { what: 'ws server', value: theirs.each },
      }),
      row({
        part: 'memory',
        what: `the whole process with ${plan.idle}`,
        value: ours.whole,
        unit: 'MiB RSS',
        yardstick: { what: 'ws server', value: theirs.whole },
        target: { of: 'ratio', most: 1.5 },
      }),
    ]
  } finally {
    await Promise.all([node.end(), plain.end()])
    await upstream.end()
  }
}

const BARE: BenchNode = { node: 'lc', role: 'local-controller', backend: 'csms', stations: { registration: 'open' } }

const perStation = async (server: Child, port: number, { idle }: Plan): Promise<{ each: number; whole: number }> => {
  const load = new Child('load', { role: 'other' })
  const url = `ws://127.0.0.1:${port}/ocpp`
  try {
    // code that is loaded and compiled for the first station is no station's memory
    await load.ask('connect', { url, count: 20, prefix: 'first' })
    await load.ask('run', { ms: 200 })
    const before = await server.ask<number>('memory')
    await load.ask('connect', { url, count: idle, prefix: 'idle' })
    await load.ask('run', { ms: 0 })
    const after = await server.ask<number>('memory')
    return { each: (after - before) / 1_024 / idle, whole: after / 1_048_576 }
  } finally {
    await load.end()
  }
}
