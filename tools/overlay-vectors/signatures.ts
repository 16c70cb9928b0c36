// Signatures, docs/protocol.md §4: an order and its answer byte by byte, and how a judge decides over every way they can be wrong.
import { base64url, utf8 } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import type { Json } from '../../src/base/ports.ts'
import { readProtected } from '../../src/crypto/jws.ts'
import {
  CALL,
  type Call,
  type Envelope,
  payloadOf,
  RESULT,
  readEnvelope,
  type SignatureObject,
  writeEnvelope,
} from '../../src/ocpp/frame.ts'
import { type Identity, judgeSignature, type Subject, signMessage } from '../../src/overlay/signature.ts'
import { questionHash } from '../../src/overlay/signed-text.ts'
import { engine, operator, station, stranger, trust } from './keys.ts'

/** 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600
const TIMES = { iat: NOW, exp: NOW + 60, seq: NOW * 1_000_000 }

const PAYLOAD = {
  evseId: 0,
  chargingProfile: {
    id: 14,
    stackLevel: 1,
    chargingProfilePurpose: 'ChargingStationMaxProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: [{ id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 4200 }] }],
  },
}
const CALL_14A: Call = { type: CALL, id: '5b1c0a52-6d1f-4a5e-8f0e-0d5d2c9b7e14', action: 'SetChargingProfile', payload: payloadOf(PAYLOAD) }
const SUBJECT: Subject = { message: CALL_14A, action: CALL_14A.action, audience: station.node }

const carrying = (message: Envelope['message'], ...signatures: readonly SignatureObject[]): Envelope => ({
  destination: [station.node],
  path: [operator.node],
  header: { ocpp: 'ocpp2.1', signatures },
  message,
})
const sealed = (times: { iat: number; exp?: number; seq?: number } = TIMES, identity: Identity = operator): SignatureObject =>
  signMessage(SUBJECT, identity, times)
export const ORDER = carrying(CALL_14A, sealed())

export const signatureVectors = () => ({
  about: 'A signed order, and judgements over it and what may become of it. Signatures use the nonces of RFC 6979. docs/protocol.md §4',
  order: explained(ORDER),
  report: explained(REPORT),
  judgements: CASES.map(({ name, envelope, at = NOW }) => ({ name, frame: writeEnvelope(envelope), at, judgement: judged(envelope, at) })),
})

/** Every step between a message and its signature. */
const explained = (envelope: Envelope) => {
  const [signature] = envelope.header.signatures ?? []
  if (!signature || !('payload' in envelope.message)) throw new Error('expected a signed message with a payload')
  const canonical = canonicalJson(envelope.message.payload.value)
  return {
    frame: writeEnvelope(envelope),
    protectedHeader: readProtected(signature),
    canonicalPayload: canonical,
    signingInput: `${signature.protected}.${base64url(utf8(canonical))}`,
    signature,
  }
}

/** As the addressee judges: a CALL by itself, an answer together with its question. */
const judged = (envelope: Envelope, at: number, question?: Envelope): string => {
  const named = question?.message ?? envelope.message
  const subject: Subject = {
    message: envelope.message,
    action: 'action' in named ? named.action : '',
    audience: (question ? question.path[0] : envelope.destination.at(-1)) as string,
    ...(question && { questionHash: questionHash(question.message, engine) }),
  }
  const [signature] = envelope.header.signatures ?? []
  if (!signature) throw new Error('expected a signature')
  const judgement = judgeSignature(signature, subject, { trust, engine, nowSeconds: at })
  return judgement.state === 'valid' ? 'valid' : judgement.flaw
}

const METER_CALL: Call = {
  type: CALL,
  id: '17',
  action: 'MeterValues',
  payload: payloadOf({ evseId: 1, meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue: [{ value: 12345 }] }] }),
}
const REPORT: Envelope = {
  destination: ['csms'],
  path: [station.node],
  header: {
    ocpp: 'ocpp2.1',
    signatures: [signMessage({ message: METER_CALL, action: METER_CALL.action, audience: 'csms' }, station, { iat: NOW })],
  },
  message: METER_CALL,
}

/** The order with its frame's text changed: what a box on the way can do without any key. */
const rewritten = (from: string | RegExp, to: string): Envelope => {
  const before = writeEnvelope(ORDER)
  const after = before.replace(from, to)
  if (after === before) throw new Error(`expected ${from} in the frame`)
  return readEnvelope(after)
}

/** The operator's key over a header of any content: what only its owner can do. */
const withHeader = (header: { readonly [name: string]: Json }): Envelope => {
  const encoded = base64url(utf8(JSON.stringify(header)))
  const input = utf8(`${encoded}.${base64url(utf8(canonicalJson(PAYLOAD)))}`)
  return carrying(CALL_14A, { protected: encoded, signature: base64url(operator.signer.sign('SHA-256', input)) })
}
const CLAIMS = readProtected(sealed())

const CASES: readonly { readonly name: string; readonly envelope: Envelope; readonly at?: number }[] = [
  { name: 'as it was signed', envelope: ORDER },
  { name: 'blanks and number forms changed: the same canonical text', envelope: rewritten('"limit":4200', ' "limit" : 4.2e3 ') },
  { name: 'a value changed', envelope: rewritten('"limit":4200', '"limit":4201') },
  { name: 'a member added', envelope: rewritten('"evseId":0', '"evseId":0,"note":""') },
  { name: 'another message id', envelope: rewritten(CALL_14A.id, 'another') },
  { name: 'another action', envelope: rewritten('SetChargingProfile', 'ClearChargingProfile') },
  { name: 'sent to another station', envelope: rewritten('"cs-21-a"', '"cs-21-b"') },
  { name: 'made a SEND', envelope: rewritten('[2,', '[6,') },
  { name: 'the last second', envelope: ORDER, at: NOW + 59 },
  { name: 'expired', envelope: ORDER, at: NOW + 60 },
  { name: 'the judge is 30 s behind', envelope: ORDER, at: NOW - 30 },
  { name: 'the judge is 31 s behind', envelope: ORDER, at: NOW - 31 },
  { name: 'by a key that is not in the trust store', envelope: carrying(CALL_14A, sealed(TIMES, stranger)) },
  { name: 'by the key of another node', envelope: carrying(CALL_14A, sealed(TIMES, { ...station, node: operator.node })) },
  { name: 'the wrong key under a known name', envelope: carrying(CALL_14A, sealed(TIMES, { ...stranger, kid: operator.kid })) },
  { name: 'alg of another curve', envelope: withHeader({ ...CLAIMS, alg: 'ES384' }) },
  { name: 'alg none', envelope: withHeader({ ...CLAIMS, alg: 'none' }) },
  { name: 'a critical header parameter', envelope: withHeader({ ...CLAIMS, crit: ['b64'], b64: false }) },
  { name: 'iat is not a whole number', envelope: withHeader({ ...CLAIMS, iat: '1767225600' }) },
  { name: 'the header is not base64url', envelope: carrying(CALL_14A, { ...sealed(), protected: 'e30=' }) },
  { name: 'the signature is not base64url', envelope: carrying(CALL_14A, { ...sealed(), signature: '%' }) },
  { name: 'a lone surrogate in the payload', envelope: rewritten('"Absolute"', '"\\ud800"') },
]

/** What the station answers to the order, and to one that differs in nothing but its payload. */
export const answerVectors = () => {
  const accepted = { type: RESULT, id: CALL_14A.id, payload: payloadOf({ status: 'Accepted' }) } as const
  const subject = { message: accepted, action: CALL_14A.action, audience: operator.node, questionHash: questionHash(CALL_14A, engine) }
  const answer: Envelope = {
    destination: [operator.node],
    path: [station.node],
    header: { ocpp: 'ocpp2.1', signatures: [signMessage(subject, station, { iat: NOW })] },
    message: accepted,
  }
  const other = rewritten('"limit":4200', '"limit":6000')
  const altered: Envelope = { ...answer, message: { ...accepted, payload: payloadOf({ status: 'Rejected' }) } }
  return {
    about: 'An answer is signed together with the hash of its question. docs/protocol.md §4.2',
    question: writeEnvelope(ORDER),
    hashed: canonicalJson([CALL_14A.action, CALL_14A.id, PAYLOAD]),
    req: questionHash(CALL_14A, engine),
    answer: explained(answer),
    judgements: [
      {
        name: 'as it was signed',
        question: writeEnvelope(ORDER),
        frame: writeEnvelope(answer),
        at: NOW,
        judgement: judged(answer, NOW, ORDER),
      },
      {
        name: 'moved to another question',
        question: writeEnvelope(other),
        frame: writeEnvelope(answer),
        at: NOW,
        judgement: judged(answer, NOW, other),
      },
      {
        name: 'its payload changed',
        question: writeEnvelope(ORDER),
        frame: writeEnvelope(altered),
        at: NOW,
        judgement: judged(altered, NOW, ORDER),
      },
    ],
  }
}
