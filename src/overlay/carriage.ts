// Carries an encrypted message over a plain OCPP 2.x connection: no action's schema has room for a ciphertext, and DataTransfer takes
// anything. The signatures stay those of the message inside (custom-data.ts). OCPP 1.6 stations have no keys to read with.
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { type Call, type Envelope, type Payload, payloadOf, RESULT, type Result } from '../ocpp/frame.ts'
import type { Version } from '../ocpp/version.ts'
import { carriesSignatures } from './custom-data.ts'
import { isEncrypted } from './encrypted.ts'

const VENDOR = 'org.chargeproof'
const MESSAGE = 'org.chargeproof.Encrypted'

type Members = { readonly [name: string]: Json | undefined }

/** @throws Fault `refused` by rule `encryption-end` for a station that could not read it */
export const carriedCall = ({ type, id, action, payload }: Call, version: Version): Call => {
  if (!carriesSignatures(version))
    throw new Fault('refused', 'refused by rule encryption-end: a station of OCPP 1.6 cannot read what is encrypted', {
      rule: 'encryption-end',
    })
  const data = { action, payload: payload.value }
  return { type, id, action: 'DataTransfer', payload: payloadOf({ vendorId: VENDOR, messageId: MESSAGE, data }) }
}

/** The message that was carried, or the very same where nothing encrypted was. */
export const uncarriedCall = (call: Call): Call => {
  if (call.action !== 'DataTransfer') return call
  const { vendorId, messageId, data } = membersOf(call.payload.value)
  const { action, payload } = membersOf(data)
  const isOurs = vendorId === VENDOR && messageId === MESSAGE && typeof action === 'string'
  return isOurs && payload !== undefined && isEncrypted(payload) ? { ...call, action, payload: payloadOf(payload) } : call
}

/** The answer to such a message; encrypted itself, or not. */
export const carriedResult = ({ type, id, payload }: Result): Result => ({
  type,
  id,
  payload: payloadOf({ status: 'Accepted', data: { payload: payload.value } }),
})

/** @throws Fault `remote-error` where the station does not know what it was given */
export const uncarriedAnswer = (answer: Envelope): Envelope => {
  const { message, path } = answer
  if (message.type !== RESULT) return answer
  const { status, data } = membersOf(message.payload.value)
  const { payload } = membersOf(data)
  if (status !== 'Accepted' || payload === undefined)
    throw new Fault('remote-error', `${path[0]} takes no encrypted messages: it answered ${String(status)}`, { code: 'NotSupported' })
  const inner: Payload = payloadOf(payload)
  return { ...answer, message: { ...message, payload: inner } }
}

const membersOf = (value: Json | undefined): Members =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Members) : {}
