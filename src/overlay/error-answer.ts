// What a refusal looks like on the wire: a CALLERROR that says who spoke, which rule, and why, in the spelling of the
// message's OCPP version.
import { FAULTS, Fault, type FaultCode } from '../base/fault.ts'
import { errorFor } from '../ocpp/error-message.ts'
import { type Envelope, ERROR } from '../ocpp/frame.ts'
import { isEncrypted } from './encrypted.ts'
import type { Gatekeeper } from './gatekeeper.ts'

/** The node's own CALLERROR to a CALL. `at` is the node that refused; a Fault that already names one keeps it. */
export const errorAnswer = (call: Envelope, fault: Fault, self: string): Envelope => {
  const version = call.header.ocpp ?? 'ocpp2.1'
  // with its cause, by which errorFor knows words that are not ours
  const told = new Fault(fault.code, fault.message, { at: self, ...fault.data }, fault.cause)
  return {
    destination: [call.path[0] as string],
    path: [self],
    header: { ocpp: version },
    message: errorFor(version, call.message.id, told),
  }
}

/** The same, signed by this node. */
export const sealedError = (gatekeeper: Pick<Gatekeeper, 'sealError'>, call: Envelope, fault: Fault, self: string): Envelope => {
  const answer = errorAnswer(call, fault, self)
  try {
    return gatekeeper.sealError(call, answer)
  } catch {
    // the question has no canonical form, so nothing can be bound to it; an error must come of it all the same
    return answer
  }
}

/** The same to a question that was encrypted for this node: encrypted for who asked, then signed. Undefined for every other one. */
export const hiddenError = async (
  gatekeeper: Pick<Gatekeeper, 'sealError' | 'hideAnswer'>,
  call: Envelope,
  fault: Fault,
  self: string,
): Promise<Envelope | undefined> => {
  if (!('payload' in call.message && isEncrypted(call.message.payload.value)) || call.destination.join() !== self || !gatekeeper.hideAnswer)
    return undefined
  return gatekeeper.sealError(call, await gatekeeper.hideAnswer(call, errorAnswer(call, fault, self)))
}

/** Reads the node that refused, the fault and the rule from a CALLERROR's details, where one of our nodes wrote them. */
export const refusalOf = (envelope: Envelope): { at: string; fault?: string; rule?: string } => {
  const at = envelope.path[0] as string
  if (envelope.message.type !== ERROR) return { at }
  const details = envelope.message.details.value
  if (details === null || typeof details !== 'object' || Array.isArray(details)) return { at }
  const told = details as { readonly [name: string]: unknown }
  return {
    at: typeof told.at === 'string' ? told.at : at,
    ...(typeof told.fault === 'string' && { fault: told.fault }),
    ...(typeof told.rule === 'string' && { rule: told.rule }),
  }
}

/**
 * Whether such an end of a CALL leaves open if it was acted on: it went out, and no answer came, or none that can be believed
 * (docs/protocol.md §7).
 */
export const isUnknown = ({ code, data }: Pick<Fault, 'code' | 'data'>): boolean =>
  ((code === 'link-lost' || code === 'timeout') && data.sent !== false) || data.outcome === UNKNOWN

/** What is said of a CALL whose answer came and was held back. */
export const UNKNOWN = 'unknown'

/** The same, as another node tells it of the way further on. */
export const isUnknownAnswer = (answer: Envelope): boolean => {
  if (answer.message.type !== ERROR) return false
  const { fault } = refusalOf(answer)
  const { sent, outcome } = answer.message.details.value as { readonly sent?: unknown; readonly outcome?: unknown }
  return ((fault === 'link-lost' || fault === 'timeout') && sent !== false) || outcome === UNKNOWN
}

/** The same as a Fault, for who asked and cannot go on. */
export const faultOf = (answer: Envelope): Fault => {
  const { fault, ...data } = refusalOf(answer)
  const { message } = answer
  const text = 'code' in message ? `${message.code}: ${message.description}` : 'an answer was expected'
  return new Fault(fault !== undefined && isCode(fault) ? fault : 'remote-error', text, data)
}

const isCode = (code: string): code is FaultCode => Object.hasOwn(FAULTS, code)
