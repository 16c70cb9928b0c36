// A signed order on its way: what its origin pays to sign it, and what each hop pays to find it unbroken.
import { createPublicKey, verify as nodeVerify } from 'node:crypto'
import { systemClock } from '../../src/adapters/clock.ts'
import { generateSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import { CALL, type Envelope, payloadOf } from '../../src/ocpp/frame.ts'
import { Guard } from '../../src/overlay/guard.ts'
import { Journal } from '../../src/overlay/journal.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { cpuOf } from '../cpu.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import { signedMessage } from '../records.ts'

export const orders: Part = { name: 'orders', measure: (plan) => measure(plan) }

const measure = async (plan: Plan): Promise<Row[]> => {
  const guard = guardOf('csms')
  const order = guard.sealCall(ORDER)
  const bare = signedMessage('secp256r1')
  const key = { key: createPublicKey({ key: Buffer.from(bare.spki), format: 'der', type: 'spki' }), dsaEncoding: 'ieee-p1363' } as const
  const cpu = await cpuOf(
    {
      seal: () => guard.sealCall(ORDER),
      sign: () => bare.signer.sign('SHA-256', bare.message),
      inspect: () => {
        if (guard.inspect(arrived(order), { id: 'csms' }, false) !== 'valid') throw new Error('a good signature was not found valid')
      },
      verify: () => nodeVerify('sha256', bare.message, key, bare.raw),
    },
    plan,
  )
  return [
    row({ ...NAMES, what: 'sign an order', value: cpu.seal, yardstick: { what: 'node:crypto, bare sign', value: cpu.sign } }),
    row({
      ...NAMES,
      what: 'inspect a signed order, per hop',
      value: cpu.inspect,
      yardstick: { what: 'node:crypto, bare verify', value: cpu.verify },
    }),
  ]
}

const NAMES = { part: 'orders', unit: 'µs CPU' } as const

export const ORDER: Envelope = {
  destination: ['cs1'],
  path: ['csms'],
  header: { ocpp: 'ocpp2.0.1' },
  message: {
    type: CALL,
    id: '0b7a9f1e-6f0c-4d38-9a0b-0f2f4f6c7d11',
    action: 'SetChargingProfile',
    payload: payloadOf({
      evseId: 0,
      chargingProfile: {
        id: 14,
        stackLevel: 3,
        chargingProfilePurpose: 'ChargingStationExternalConstraints',
        chargingProfileKind: 'Absolute',
        chargingSchedule: [{ id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 4200 }] }],
      },
    }),
  },
}

/** As each frame brings it: a message of its own, of which nothing was verified yet (src/overlay/proofs.ts). */
export const arrived = (envelope: Envelope): Envelope => ({ ...envelope, message: { ...envelope.message } })

/** A guard that signs and knows its own key. */
const guardOf = (node: string): Guard => {
  const engine = nodeEngine()
  const store = memoryStore()
  const trust = new TrustStore(engine)
  const signer = generateSigner('secp256r1')
  const { kid } = trust.add({ node, role: 'csms', publicKey: signer.publicKey })
  const journal = new Journal({ node, store, engine, clock: systemClock })
  return new Guard({ engine, clock: systemClock, store, trust, policy: { rules: [] }, journal, identity: { node, kid, signer } })
}
