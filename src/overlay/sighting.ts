// What people are shown of a message that went through a node, and what is said there of its signatures.
import type { Fault } from '../base/fault.ts'
import type { Envelope } from '../ocpp/frame.ts'
import { refusalOf } from './error-answer.ts'
import type { SignatureState } from './signature.ts'

/** Of a rule or a node; what a stranger wrote longer is cut. */
const LONGEST_NAME = 64

/** One message that went through a node, for people to look at. */
export interface Sighting {
  readonly at: number
  readonly from: string
  readonly to: string
  readonly type: 'call' | 'result' | 'error' | 'send'
  readonly action: string
  readonly id: string
  readonly path: readonly string[]
  readonly signature: SignatureState
  readonly code?: string
  /** Of a refusal: the rule, and the node that refused, as far as the answer tells. Whoever answered wrote them. */
  readonly rule?: string
  readonly refusedBy?: string
}

/** The second argument says when, with which result of the inspection, and for an answer the question that names its action. */
export const sightingOf = (
  envelope: Envelope,
  { at, signature, question }: { at: number; signature: SignatureState; question: Envelope | undefined },
): Sighting => {
  const { message, path, destination } = envelope
  const { rule, at: refusedBy } = refusalOf(envelope)
  const named = question?.message ?? message
  return {
    at,
    from: path[0] as string,
    to: destination.at(-1) as string,
    type: TYPE_NAMES[message.type],
    action: 'action' in named ? named.action : '',
    id: message.id,
    path,
    signature,
    ...('code' in message && { code: message.code }),
    ...(rule !== undefined && { rule: rule.slice(0, LONGEST_NAME), refusedBy: refusedBy.slice(0, LONGEST_NAME) }),
  }
}

export const isSigned = ({ header }: Envelope): boolean => Boolean(header.signatures?.length)

export const unsigned = (envelope: Envelope): Envelope => {
  const { signatures: _, ...header } = envelope.header
  return { ...envelope, header }
}

/** Messages of our own nodes about the network itself. */
export const isHousekeeping = ({ message }: Envelope): boolean => 'action' in message && message.action.startsWith('org.chargeproof.')

/** Of a message that was turned away at once: nobody looked at its signatures, unless they are why. */
export const unacceptedState = (envelope: Envelope, fault: Fault): SignatureState => {
  if (!isSigned(envelope)) return 'absent'
  return fault.code === 'refused' ? 'invalid' : 'unchecked'
}

const TYPE_NAMES = { 2: 'call', 3: 'result', 4: 'error', 5: 'error', 6: 'send' } as const
