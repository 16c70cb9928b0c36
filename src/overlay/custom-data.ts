// Carries signatures across a plain OCPP 2.x hop: inside `customData`, which every 2.x message may have, and errors have room for in
// their details. OCPP 1.6 refuses unknown members, so there signatures end at the last overlay node (docs/protocol.md §4.5).
import type { Json } from '../base/ports.ts'
import { type Message, type Payload, payloadOf, type SignatureObject } from '../ocpp/frame.ts'
import type { Version } from '../ocpp/version.ts'
import { readActionHeader } from './signed-action.ts'

/** The vendor id we write, and the member of `customData` that holds what is ours. */
/** By which OCPP knows what is ours. */
export const VENDOR = 'org.chargeproof'

type JsonObject = { readonly [key: string]: Json }

export const carriesSignatures = (version: Version): boolean => version !== 'ocpp1.6'

/** A message as a plain hop of that version carries it: its signatures in the payload, of an error in the details. */
export const foldedMessage = <M extends Message>(message: M, signatures: readonly SignatureObject[] | undefined, version: Version): M => {
  if (!signatures?.length || !carriesSignatures(version)) return message
  return 'payload' in message
    ? { ...message, payload: foldSignatures(message.payload, signatures) }
    : { ...message, details: foldSignatures(message.details, signatures) }
}

/** The message as it was signed, and its signatures. */
export const liftedMessage = <M extends Message>(message: M): { message: M; signatures?: readonly SignatureObject[] } => {
  const body = 'payload' in message ? message.payload : message.details
  const { payload: bare, signatures } = liftSignatures(body)
  if (bare === body) return { message }
  return { message: { ...message, ['payload' in message ? 'payload' : 'details']: bare }, ...(signatures && { signatures }) }
}

/** Puts signatures into the payload. Another vendor's `customData` stays beside ours. */
export const foldSignatures = (payload: Payload, signatures: readonly SignatureObject[] | undefined): Payload => {
  // those of OCPP's own kind are over the payload's very bytes, which change here
  const ours = signatures?.filter((signature) => readActionHeader(signature) === undefined)
  if (!ours?.length) return payload
  const value = payload.value as JsonObject
  const custom = isObject(value.customData) ? value.customData : { vendorId: VENDOR }
  return payloadOf({
    ...value,
    customData: { ...custom, [VENDOR]: { signatures: ours.map((s) => ({ protected: s.protected, signature: s.signature })) } },
  })
}

/** Takes our signatures out of the payload; what remains is what was signed. */
export const liftSignatures = (payload: Payload): { payload: Payload; signatures?: readonly SignatureObject[] } => {
  // most messages have none: one look, and the bytes go on as they came
  if (!isObject(payload.value) || !isObject(payload.value.customData)) return { payload }
  const { customData, ...rest } = payload.value
  const { [VENDOR]: ours, ...others } = customData as JsonObject
  if (!isObject(ours)) return { payload }
  const foreign = Object.keys(others).length > 1 || others.vendorId !== VENDOR
  const bare = payloadOf(foreign ? { ...rest, customData: others } : rest)
  const signatures = Array.isArray(ours.signatures) ? ours.signatures.filter(isSignature) : []
  return { payload: bare, signatures }
}

export const isSignature = (value: unknown): value is SignatureObject =>
  typeof value === 'object' &&
  value !== null &&
  'protected' in value &&
  'signature' in value &&
  typeof value.protected === 'string' &&
  typeof value.signature === 'string'

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
