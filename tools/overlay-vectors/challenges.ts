// Orders under a clock that cannot be trusted, docs/protocol.md §4.11: what the judge answers, what is signed then, and what counts.
import { asFault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Clock, Json, Random } from '../../src/base/ports.ts'
import { CALL, type Envelope, payloadOf, writeEnvelope } from '../../src/ocpp/frame.ts'
import { errorAnswer } from '../../src/overlay/error-answer.ts'
import { Guard } from '../../src/overlay/guard.ts'
import { Journal } from '../../src/overlay/journal.ts'
import { signMessage } from '../../src/overlay/signature.ts'
import { engine, operator, trust } from './keys.ts'

/** 2026-01-01T00:00:00Z, which the orderer knows and the judge does not. */
const IAT = 1_767_225_600
const SEQ = IAT * 1_000_000
const asleep: Clock = { now: () => 1_000, after: () => () => undefined }
const random: Random = { bytes: (length) => Uint8Array.from({ length }, (_, i) => i), uuid: () => '' }

export const challengeVectors = async () => {
  const store = memoryStore()
  const journal = new Journal({ node: 'cs-21-a', store, engine, clock: asleep })
  const policy = { rules: [{ id: 'grid-limit', role: 'grid-operator', actions: ['SetChargingProfile'] }] }
  const guard = new Guard({ engine, clock: asleep, random, store, trust, policy, journal })
  const attempts: { name: string; frame: string; answer: string; claims: Json }[] = []
  const attempt = async (name: string, id: string, chal?: string): Promise<string> => {
    const { order, claims } = sealed(id, chal)
    const refusal = await guard.admit(order, 'cs-21-a').then(
      () => undefined,
      (error) => asFault(error),
    )
    const answer = refusal ? writeEnvelope(errorAnswer(order, refusal, 'cs-21-a')) : 'obeyed'
    attempts.push({ name, frame: writeEnvelope(order), claims, answer })
    return String(refusal?.data.challenge)
  }
  const nonce = await attempt('the first time: challenged', '1')
  await attempt('again, with the challenge', '2', nonce)
  await attempt('the same once more: the challenge is used up', '2', nonce)
  await attempt('another challenge for the same order: its number counted already', '3', nonce)
  return {
    about: 'Orders to "cs-21-a", whose clock stands at 1970. The judge draws the bytes 0 to 31 each time. docs/protocol.md §4.11',
    attempts,
  }
}

const sealed = (id: string, chal?: string): { order: Envelope; claims: Json } => {
  const message = { type: CALL, id, action: 'SetChargingProfile', payload: payloadOf({ evseId: 1 }) } as const
  const times = { iat: IAT, exp: IAT + 60, seq: SEQ, ...(chal !== undefined && { chal }) }
  const signature = signMessage({ message, action: message.action, audience: 'cs-21-a' }, operator, times)
  const order: Envelope = { destination: ['cs-21-a'], path: [operator.node], header: { ocpp: 'ocpp2.1', signatures: [signature] }, message }
  return { order, claims: JSON.parse(Buffer.from(signature.protected, 'base64url').toString()) as Json }
}
