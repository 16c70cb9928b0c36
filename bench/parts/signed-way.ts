// A signed order on a whole way of three nodes, in one process and without sockets: what signatures cost a hop that cannot verify them
// (what that is of a whole hop says hop.ts), and whether signing, verifying and forwarding cost together what they cost apart.
import { systemClock } from '../../src/adapters/clock.ts'
import { generateSigner, nodeEngine, nodeRandom } from '../../src/adapters/node-crypto.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import { type Envelope, payloadOf, RESULT, readEnvelope, writeEnvelope } from '../../src/ocpp/frame.ts'
import { Guard } from '../../src/overlay/guard.ts'
import { Journal } from '../../src/overlay/journal.ts'
import { OverlayNode } from '../../src/overlay/node.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { cpuOf } from '../cpu.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import { arrived, ORDER } from './orders.ts'

export const signedWay: Part = { name: 'signed-way', measure: (plan) => measure(plan) }

const measure = async (plan: Plan): Promise<Row[]> => {
  const engine = nodeEngine()
  const [strangers, trust] = [new TrustStore(engine), new TrustStore(engine)]
  const csms = guardOf('csms', trust)
  const station = guardOf('cs1', trust)
  const hop = nodeOf(guardOf('gw', strangers).guard)
  const [signed, plain] = [writeEnvelope(csms.guard.sealCall(ORDER)), writeEnvelope(ORDER)]
  const inspect = (envelope: Envelope): unknown => station.guard.inspect(envelope, { id: 'gw' }, true)
  const sealed = csms.guard.sealCall(ORDER)
  const cpu = await cpuOf(
    {
      plain: () => hop(plain),
      signed: () => hop(signed),
      sign: () => csms.guard.sealCall(ORDER),
      verify: () => inspect(arrived(sealed)),
      whole: async () => {
        const sent = csms.guard.sealCall(ORDER)
        await hop(writeEnvelope(sent))
        return inspect(sent)
      },
    },
    plan,
  )
  const names = { part: 'signed-way', unit: 'µs CPU' } as const
  return [
    row({
      ...names,
      what: 'forward a signed order, unverified',
      value: cpu.signed,
      yardstick: { what: 'the same unsigned', value: cpu.plain },
    }),
    row({
      ...names,
      what: 'sign, forward and verify an order',
      value: cpu.whole,
      yardstick: { what: 'the sum of the three', value: cpu.sign + cpu.signed + cpu.verify },
      target: { of: 'ratio', most: 1.3 },
    }),
  ]
}

const guardOf = (node: string, trust: TrustStore): { guard: Guard } => {
  const [engine, store, signer] = [nodeEngine(), memoryStore(), generateSigner('secp256r1')]
  const { kid } = trust.add({ node, role: node, publicKey: signer.publicKey })
  const journal = new Journal({ node, store, engine, clock: systemClock })
  return { guard: new Guard({ engine, clock: systemClock, store, trust, policy: { rules: [] }, journal, identity: { node, kid, signer } }) }
}

/** A gateway that forwards frames and answers: text in, text out, on both sides. */
const nodeOf = (guard: Guard): ((frame: string) => Promise<string>) => {
  const local = { call: () => Promise.resolve(payloadOf({})) }
  // one that announced itself for ever would keep the bench from ending
  const clock = { now: () => systemClock.now(), after: () => () => undefined }
  const node = new OverlayNode({ id: 'gw', role: 'gateway' }, { clock, random: nodeRandom, gatekeeper: guard, local })
  const peer = (id: string, request: Peer['request']): Peer => ({
    ...{ id, kind: 'node', waiting: 0, counters: { sent: 0, received: 0 }, request, send: () => undefined },
    ...{ alive: () => Promise.resolve(true), close: () => undefined },
  })
  const above = peer('csms', () => Promise.reject(new Error('nobody asks above')))
  const below = peer('cs1', (envelope) => {
    const { message, path } = readEnvelope(writeEnvelope(envelope))
    const answer = { type: RESULT, id: message.id, payload: payloadOf({ status: 'Accepted' }) } as const
    return Promise.resolve(readEnvelope(writeEnvelope({ destination: [path[0] as string], path: ['cs1'], header: {}, message: answer })))
  })
  node.attach(above, { role: 'csms', uplink: true })
  node.attach(below, { role: 'node' })
  return async (frame) => writeEnvelope(await node.request(readEnvelope(frame), above))
}
