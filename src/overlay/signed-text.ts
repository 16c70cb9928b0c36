// What a signature covers, as text and as hash: the message itself, the question that an answer is for, and what a countersignature stands on
// (docs/protocol.md §4.2).
import { beside } from '../base/beside.ts'
import { base64url, utf8 } from '../base/bytes.ts'
import { canonicalJson, exactJson } from '../base/canonical-json.ts'
import type { Json } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { CALL, type Message, type Payload, type SignatureObject } from '../ocpp/frame.ts'

/** Binds an answer to its question: action, message id and payload. */
export const questionHash = (question: Message, engine: Engine): string => {
  if (question.type !== CALL) return ''
  const { action, id, payload } = question
  return hashOfText(`[${canonicalJson(action)},${canonicalJson(id)},${exactText(payload)}]`, engine)
}

/** What a countersignature covers besides the message: every signature that stands before it, in order. */
export const signaturesHash = (signatures: readonly SignatureObject[], engine: Engine): string =>
  hashOf(
    signatures.map(({ protected: header, signature }) => [header, signature]),
    engine,
  )

/** Of the header `answered`; nothing where there is none. */
export const answeredHash = (answered: Json | undefined, engine: Engine): string | undefined =>
  answered === undefined ? undefined : hashOf(answered, engine)

const hashOf = (value: Json, engine: Engine): string => hashOfText(exactJson(value), engine)
const hashOfText = (text: string, engine: Engine): string => base64url(engine.digest('SHA-256', utf8(text)))

/** What is signed: the payload as RFC 8785; for an error its code, description and details. */
export const signedBytes = (message: Message): Uint8Array => {
  if ('payload' in message) return utf8(exactText(message.payload))
  return utf8(exactJson([message.code, message.description, message.details.value]))
}

/** Wanted for the signature of a question, and again for that of its answer. */
const exactText = (payload: Payload): string => exact.of(payload) ?? exact.keep(payload, exactJson(payload.value))
const exact = beside<string>()
