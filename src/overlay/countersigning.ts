// Which messages a node countersigns when it passes them on: rules as data. How that is done is sealer.ts's matter, and what it is
// worth is for whoever judges the message.
import { type Envelope, ERROR, RESULT } from '../ocpp/frame.ts'
import type { Direction, Passage } from './passage.ts'

export interface CountersignRule {
  /** OCPP action names, or `*`. */
  readonly actions: readonly string[]
  /** Every direction where it is missing. */
  readonly direction?: readonly Direction[]
  /** Whether the answers and errors to such CALLs are meant, and not the CALLs. */
  readonly answers?: boolean
}

/** Whether a rule is meant for a message on its way through. */
export const isCountersigned = (rules: readonly CountersignRule[], { message }: Envelope, passage: Passage): boolean => {
  const named = passage.question?.message ?? message
  const action = 'action' in named ? named.action : ''
  const isAnswer = message.type === RESULT || message.type === ERROR
  return rules.some(
    ({ actions, direction, answers = false }) =>
      answers === isAnswer &&
      (actions.includes('*') || actions.includes(action)) &&
      (direction === undefined || direction.includes(passage.direction)),
  )
}
