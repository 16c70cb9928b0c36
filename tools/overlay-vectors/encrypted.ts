// Encrypted payloads, docs/protocol.md §4.12: what is bound to a ciphertext, an order and its answer as frames, how a plain OCPP 2.x hop
// carries them, and what does not open. The reader's key is one that RFC 9180 prints.
import { base64url, unhex } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import { openerOf } from '../../src/crypto/hpke.ts'
import { thumbprint, toPem } from '../../src/crypto/key.ts'
import { CALL, type Call, type Envelope, ERROR, payloadOf, RESULT, type Result, writeEnvelope, writeFrame } from '../../src/ocpp/frame.ts'
import { attach } from '../../src/overlay/attachments.ts'
import { carriedCall, carriedResult } from '../../src/overlay/carriage.ts'
import { foldedMessage } from '../../src/overlay/custom-data.ts'
import { decryptPayload, type Encrypted, encryptMessage, encryptPayload, type Place, readEncrypted } from '../../src/overlay/encrypted.ts'
import { type Identity, signMessage } from '../../src/overlay/signature.ts'
import { questionHash } from '../../src/overlay/signed-text.ts'
import { caughtLater } from './caught.ts'
import { engine, operator, station } from './keys.ts'

/** RFC 9180 appendix A.3.1: the recipient's key. */
const SCALAR = unhex('f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2')
const POINT = unhex(
  'fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0',
)
const PUBLIC = { curve: 'secp256r1', point: POINT } as const
const KEY = { kid: thumbprint(PUBLIC, engine), publicKey: PUBLIC }
const OPENER = openerOf(SCALAR, PUBLIC)
/** 2026-01-01T00:00:00Z */
const NOW = 1_767_225_600
const ENTROPY = {
  order: new Uint8Array(32).map((_, i) => i),
  answer: new Uint8Array(32).map((_, i) => 255 - i),
  error: new Uint8Array(32).fill(1),
  report: new Uint8Array(32).fill(2),
} as const

const ORDER = payloadOf({ evseId: 1, chargingProfile: { id: 7, stackLevel: 0 } })
const ORDER_PLACE: Place = { iss: operator.node, aud: station.node, act: 'SetChargingProfile', mt: CALL, mid: '1' }
const ANSWER = payloadOf({ status: 'Accepted' })
const ANSWER_PLACE: Place = { ...ORDER_PLACE, iss: station.node, aud: operator.node, mt: RESULT }

const by = (entropy: Uint8Array) => ({ key: KEY, engine, random: { bytes: () => entropy } })
const encrypted = (payload: typeof ORDER, place: Place, entropy: Uint8Array) => encryptPayload(payload, place, by(entropy))

export const encryptedVectors = async () => {
  const order = await encrypted(ORDER, ORDER_PLACE, ENTROPY.order)
  const held = readEncrypted(order.value) as Encrypted
  const call: Call = { type: CALL, id: '1', action: 'SetChargingProfile', payload: order }
  const signature = sign(call, station.node, { by: operator, iat: NOW, exp: NOW + 60, seq: NOW * 1_000_000 })
  const result: Result = { type: RESULT, id: '1', payload: await encrypted(ANSWER, ANSWER_PLACE, ENTROPY.answer) }
  const answered = sign(result, operator.node, { by: station, iat: NOW, question: call })
  const header = { ocpp: 'ocpp2.1' } as const
  const asked: Envelope = {
    destination: [station.node],
    path: [operator.node],
    header: { ...header, signatures: [signature] },
    message: call,
  }
  const told: Envelope = {
    destination: [operator.node],
    path: [station.node],
    header: { ...header, signatures: [answered] },
    message: result,
  }
  return {
    about:
      'An order that only "cs-21-a" reads, and its answer; an error in the place of the answer; a report of a station as it leaves it; bytes beside a message. All are encrypted for one key; entropy is the `ikm` of DeriveKeyPair (RFC 9180 §7.1.3). docs/protocol.md §4.12',
    key: { kid: KEY.kid, d: base64url(SCALAR), publicKey: toPem(PUBLIC), source: 'RFC 9180 appendix A.3.1' },
    info: 'org.chargeproof.encrypted.1',
    order: { ...explained(ORDER.text, ORDER_PLACE, ENTROPY.order), encrypted: order.value, frame: writeEnvelope(asked) },
    answer: { ...explained(ANSWER.text, ANSWER_PLACE, ENTROPY.answer), encrypted: result.payload.value, frame: writeEnvelope(told) },
    plain: {
      order: writeFrame(foldedMessage(carriedCall(call, 'ocpp2.1'), [signature], 'ocpp2.1')),
      answer: writeFrame(foldedMessage(carriedResult(result), [answered], 'ocpp2.1')),
    },
    error: await errorVector(),
    report: await reportVector(),
    attachment: await attachmentVector(),
    refused: await Promise.all(
      REFUSED.map(async ({ name, change, place = {} }) => {
        const value = { ...held, ...change?.(held) }
        const there = { ...ORDER_PLACE, ...place }
        return { name, encrypted: value, place: { ...there }, fault: await caughtLater(decryptPayload(value, there, OPENER)) }
      }),
    ),
  }
}

const errorVector = async () => {
  const details = payloadOf({ at: station.node, fault: 'refused', rule: 'site-limit' })
  const error = { type: ERROR, id: '1', code: 'SecurityError', description: 'refused by rule site-limit', details } as const
  const place: Place = { ...ANSWER_PLACE, mt: ERROR }
  const hidden = await encryptMessage(error, place, by(ENTROPY.error))
  const plaintext = payloadOf({ description: error.description, details: details.value }).text
  return { ...explained(plaintext, place, ENTROPY.error), plain: writeFrame(hidden) }
}

const reportVector = async () => {
  const payload = payloadOf({ idToken: { idToken: 'DEADBEEF', type: 'ISO14443' } })
  const place: Place = { iss: station.node, aud: 'csms', act: 'Authorize', mt: CALL, mid: '7' }
  const call: Call = { type: CALL, id: '7', action: 'Authorize', payload: await encrypted(payload, place, ENTROPY.report) }
  const about = { message: call, audience: 'csms', action: 'Authorize' }
  const signed = signMessage(about, station, { iat: NOW })
  return {
    ...explained(payload.text, place, ENTROPY.report),
    plain: writeFrame(foldedMessage(carriedCall(call, 'ocpp2.1'), [signed], 'ocpp2.1')),
  }
}

const attachmentVector = async () => {
  const bytes = new Uint8Array(16).map((_, i) => i)
  const payload = attach({ note: 'hello' }, bytes, engine)
  const entropies = [ENTROPY.error, ENTROPY.report]
  const next = { bytes: () => entropies.shift() as Uint8Array }
  const sealed = await encryptPayload(payload, ORDER_PLACE, { key: KEY, engine, random: next })
  return {
    ...explained(payload.text, ORDER_PLACE, ENTROPY.error),
    bytes: base64url(bytes),
    bytesAad: canonicalJson({ ...ORDER_PLACE, kid: KEY.kid, part: 'attachment' }),
    bytesEntropy: base64url(ENTROPY.report),
    encrypted: sealed.value,
    attachment: base64url(sealed.attachment as Uint8Array),
  }
}

const explained = (plaintext: string, place: Place, entropy: Uint8Array) => ({
  plaintext,
  aad: canonicalJson({ ...place, kid: KEY.kid }),
  entropy: base64url(entropy),
})

interface Signing {
  readonly by: Identity
  readonly iat: number
  readonly exp?: number
  readonly seq?: number
  readonly question?: Call
}
const sign = (message: Call | Result, audience: string, { by, question, ...times }: Signing) =>
  signMessage(
    { message, audience, action: 'SetChargingProfile', ...(question && { questionHash: questionHash(question, engine) }) },
    by,
    times,
  )

const flipped = (text: string): string => `${text.slice(0, 5)}${text[5] === 'A' ? 'B' : 'A'}${text.slice(6)}`

interface Refused {
  readonly name: string
  readonly change?: (encrypted: Encrypted) => Partial<Encrypted>
  readonly place?: Partial<Place>
}
const REFUSED: readonly Refused[] = [
  { name: 'a byte of the ciphertext flipped', change: ({ ciphertext }) => ({ ciphertext: flipped(ciphertext) }) },
  { name: 'a byte of the encapsulated key flipped', change: ({ enc }) => ({ enc: flipped(enc) }) },
  { name: 'another suite', change: () => ({ suite: 'HPKE-1' }) },
  { name: 'another name of the key', change: ({ kid }) => ({ kid: flipped(kid) }) },
  { name: 'moved to another message', place: { mid: '2' } },
  { name: 'moved to another action', place: { act: 'ClearChargingProfile' } },
  { name: 'moved to another addressee', place: { aud: 'cs-21-b' } },
  { name: 'said by another', place: { iss: 'csms' } },
  { name: 'an order taken for an answer', place: { mt: RESULT } },
]
