// The question by which a node asks a station for its own word: a DataTransfer that changes nothing and names the node over which the
// station is asked. Who holds the station's socket hands it on only under its own name, and the station's signature covers the question:
// so an answer proves over whom the station is reached, and nobody gets one for a station that is elsewhere (docs/protocol.md §3.4).
import { Fault } from '../base/fault.ts'
import type { Answer } from '../ocpp/connection.ts'
import { CALL, type Envelope, isNodeId, type Message, type Payload, payloadOf, RESULT } from '../ocpp/frame.ts'
import { VENDOR } from './custom-data.ts'

export const WORD_ACTION = 'DataTransfer'
/** Message id of the DataTransfer; a station that never heard of it answers `UnknownVendorId`, which is as good. */
const WORD = 'org.chargeproof.Word'

export const wordPayload = (over: string): Payload => payloadOf({ vendorId: VENDOR, messageId: WORD, data: over })

/** The node over which a station is asked for its word; undefined for every message that is not exactly such a question. */
export const wordOver = (message: Message): string | undefined => {
  if (message.type !== CALL || message.action !== WORD_ACTION) return undefined
  const { vendorId, messageId, data, ...others } = message.payload.value as { readonly [member: string]: unknown }
  if (vendorId !== VENDOR || messageId !== WORD || Object.keys(others).length > 0) return undefined
  return isNodeId(data) ? data : undefined
}

/** Whether no firewall has anything to look for in it: the question, and an answer to it that is one word. */
export const isWord = ({ message }: Envelope, question?: Envelope): boolean => {
  if (!question) return wordOver(message) !== undefined
  if (wordOver(question.message) === undefined || message.type !== RESULT) return false
  return Object.keys(message.payload.value as object).join() === 'status'
}

/**
 * Whether this node may hand the message to its station without asking a policy: for its word no authority is needed.
 * @throws Fault `refused` by rule `word-elsewhere` for a question that is asked over another node
 */
export const asksHere = ({ message }: Envelope, self: string): boolean => {
  const over = wordOver(message)
  if (over === undefined || over === self) return over === self
  throw new Fault('refused', `refused by rule word-elsewhere: the station is asked for over ${over}, and is here`, {
    rule: 'word-elsewhere',
    at: self,
  })
}

/** A station's own answer; undefined where it is asked something else. */
export const wordAnswer = (question: Message): Answer | undefined =>
  wordOver(question) === undefined ? undefined : { type: RESULT, id: question.id, payload: payloadOf({ status: 'Accepted' }) }
