// One signed message of every kind, a countersigned report, and what becomes of it: docs/protocol.md §4.
import { canonicalJson } from '../../src/base/canonical-json.ts'
import { CALL, type Envelope, ERROR, payloadOf, RESULT_ERROR, SEND, type SignatureObject, writeEnvelope } from '../../src/ocpp/frame.ts'
import { judgeSignature, type Stated, type Subject, signMessage } from '../../src/overlay/signature.ts'
import { answeredHash, questionHash, signaturesHash } from '../../src/overlay/signed-text.ts'
import { backend, engine, station, trust } from './keys.ts'
import { ORDER } from './signatures.ts'

/** 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600
const details = payloadOf({ at: station.node, rule: 'grid-limit', fault: 'refused' })

const by = (envelope: Envelope, subject: Omit<Subject, 'message'>, stated: Stated, identity = station): Envelope => {
  const { signatures = [] } = envelope.header
  const signature = signMessage({ ...subject, message: envelope.message }, identity, stated)
  return { ...envelope, header: { ...envelope.header, signatures: [...signatures, signature] } }
}
const said = (message: Envelope['message'], to: string): Envelope => ({
  destination: [to],
  path: [station.node],
  header: { ocpp: 'ocpp2.1' },
  message,
})

const TOLD = { iat: NOW, exp: NOW + 60, seq: NOW * 1_000_000 }
const REFUSED = said(
  { type: ERROR, id: ORDER.message.id, code: 'SecurityError', description: 'refused by rule grid-limit', details },
  'grid-operator',
)
const ASKED = { audience: 'grid-operator', action: 'SetChargingProfile', questionHash: questionHash(ORDER.message, engine) }
const STREAM = said(
  {
    type: SEND,
    id: '21',
    action: 'NotifyPeriodicEventStream',
    payload: payloadOf({ id: 1, pending: 0, basetime: '2026-01-01T00:00:00Z', data: [] }),
  },
  'csms',
)
const UNUSABLE = said(
  {
    type: RESULT_ERROR,
    id: '22',
    code: 'FormatViolation',
    description: 'status is missing',
    details: payloadOf({ fault: 'payload-invalid' }),
  },
  'csms',
)
const REPORT = said(
  {
    type: CALL,
    id: '23',
    action: 'StatusNotification',
    payload: payloadOf({ timestamp: '2026-01-01T00:00:00Z', connectorStatus: 'Available', evseId: 1, connectorId: 1 }),
  },
  'csms',
)
const NAMED = { audience: 'csms', action: 'StatusNotification' }

const REPORTED = by(REPORT, NAMED, { iat: NOW })
const countersigned = (envelope: Envelope, answered?: { readonly [name: string]: string }): Envelope => {
  const header = { ...envelope.header, ...(answered && { answered }) }
  const ans = answeredHash(answered, engine)
  const stated = { iat: NOW, as: 'countersigner', ovr: signaturesHash(header.signatures ?? [], engine), ...(ans && { ans }) } as const
  return by({ ...envelope, header }, NAMED, stated, backend)
}
const SECONDED = countersigned(REPORTED, {})

export const kindVectors = () => ({
  about: 'A signed message of every kind, by the station; countersigned by the key of csms, as a controller would. docs/protocol.md §4',
  error: { question: writeEnvelope(ORDER), frame: writeEnvelope(by(REFUSED, ASKED, { iat: NOW })), signed: signedOf(REFUSED) },
  send: { frame: writeEnvelope(by(STREAM, { audience: 'csms', action: 'NotifyPeriodicEventStream' }, TOLD)), signed: signedOf(STREAM) },
  resultError: { frame: writeEnvelope(by(UNUSABLE, { audience: 'csms', action: '' }, TOLD)), signed: signedOf(UNUSABLE) },
  countersigned: {
    frame: writeEnvelope(SECONDED),
    over: canonicalJson((REPORTED.header.signatures ?? []).map(({ protected: header, signature }) => [header, signature])),
    ovr: signaturesHash(REPORTED.header.signatures ?? [], engine),
    answered: canonicalJson({}),
    ans: answeredHash({}, engine),
  },
  judgements: CASES.map(({ name, envelope }) => ({ name, frame: writeEnvelope(envelope), at: NOW, judgements: judged(envelope) })),
})

/** The canonical text under the signature. */
const signedOf = ({ message }: Envelope): string =>
  canonicalJson('payload' in message ? message.payload.value : [message.code, message.description, message.details.value])

const carrying = (signatures: readonly SignatureObject[], answered = SECONDED.header.answered): Envelope => {
  const { answered: _, ...header } = SECONDED.header
  return { ...SECONDED, header: { ...header, ...(answered !== undefined && { answered }), signatures } }
}
const [OWN, SECOND] = SECONDED.header.signatures as [SignatureObject, SignatureObject]
const OTHER = (by(REPORT, NAMED, { iat: NOW - 1 }).header.signatures as [SignatureObject])[0]
const CASES: readonly { readonly name: string; readonly envelope: Envelope }[] = [
  { name: 'as it was countersigned', envelope: SECONDED },
  { name: "the origin's signature taken off", envelope: carrying([SECOND]) },
  { name: "another of the origin's in its place", envelope: carrying([OTHER, SECOND]) },
  { name: 'the two in the other order', envelope: carrying([SECOND, OWN]) },
  { name: 'one put between', envelope: carrying([OWN, OTHER, SECOND]) },
  { name: 'another answered', envelope: carrying([OWN, SECOND], { status: 'Accepted' }) },
]

const judged = ({ message, header }: Envelope): readonly string[] => {
  const { signatures = [], answered } = header
  const subject = { ...NAMED, message, ...(answered !== undefined && { answered }) }
  return signatures.map((signature, i) => {
    const judgement = judgeSignature(signature, { ...subject, before: signatures.slice(0, i) }, { trust, engine, nowSeconds: NOW })
    return judgement.state === 'valid' ? 'valid' : judgement.flaw
  })
}
