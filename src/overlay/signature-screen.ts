// Holds messages on their way against the signatures that the policy demands: at each hop, and where a report or an answer ends.
// Orders that end are the guard's (admit). What is held back or only noted is in the journal.
import { Fault } from '../base/fault.ts'
import { type Envelope, ERROR } from '../ocpp/frame.ts'
import { bearingOf } from './bearing.ts'
import { destinationOf } from './destinations.ts'
import type { AnswerEnvelope } from './gatekeeper.ts'
import type { Guard } from './guard.ts'
import type { Passage, Screen } from './passage.ts'
import type { Arbiter, Voice } from './policy.ts'
import { isHousekeeping } from './sighting.ts'
import { isOnThis } from './signature.ts'
import type { SignatureRuling } from './signature-policy.ts'
import { Tally, type TallyParts } from './tally.ts'

export interface SignatureScreenParts extends TallyParts {
  readonly self: string
  /** Whether this node is of that role or, with an `@` before it, group. */
  readonly isMeant: (whom: string) => boolean
  readonly arbiter: Arbiter
  readonly guard: Pick<Guard, 'judge'>
  /** Looks at what may go on from here. */
  readonly next?: Screen | undefined
}

export class SignatureScreen implements Screen {
  readonly #parts: SignatureScreenParts
  readonly #tally: Tally

  constructor(parts: SignatureScreenParts) {
    this.#parts = parts
    this.#tally = new Tally(parts)
  }

  /** Throws Fault `refused`, or `dropped`: then nobody is answered. Both name rule and node. */
  pass(envelope: Envelope, passage: Passage): Envelope {
    const { self, arbiter, next } = this.#parts
    if (!arbiter.isSilent && envelope.message.type !== ERROR && envelope.path[0] !== self && !isHousekeeping(passage.question ?? envelope))
      this.#hold(envelope, passage)
    return next ? next.pass(envelope, passage) : envelope
  }

  /** Writes what was only counted so far. */
  stop(): void {
    this.#tally.flush()
  }

  #hold(envelope: Envelope, { direction, question }: Passage): void {
    const { self, arbiter, guard } = this.#parts
    const ends = this.#isFor((question ? question.path[0] : envelope.destination.at(-1)) as string)
    const subject: Envelope | AnswerEnvelope = question ? { ...envelope, question } : envelope
    const voices = (): Voice[] =>
      guard.judge(subject).flatMap((j) => (j.state === 'valid' && !j.countersigns ? [{ ...j.key, loose: !isOnThis(j) }] : []))
    const bearing = bearingOf(envelope, { here: self, direction, ends }, question)
    const ruling = arbiter.weigh(bearing, voices)
    if (ruling.decision === 'accept') return
    this.#note(envelope, bearing.action, ruling)
    if (ruling.decision === 'pass') return
    const [code, verb] = ruling.decision === 'drop' ? (['dropped', 'dropped'] as const) : (['refused', 'refused'] as const)
    throw new Fault(code, `${verb} by rule ${ruling.rule}: ${ruling.reason}`, { rule: ruling.rule, at: self })
  }

  /** A message to many ends at each of them: who refuses it there does not pass it on either. */
  #isFor(addressee: string): boolean {
    const to = destinationOf(addressee)
    if (to.kind === 'node') return addressee === this.#parts.self
    return to.kind === 'broadcast' || this.#parts.isMeant(to.role)
  }

  #note({ path }: Envelope, action: string, { decision, rule, reason }: Exclude<SignatureRuling, { decision: 'accept' }>): void {
    const subject = path[0] as string
    const text = decision === 'pass' ? `let pass all the same: ${reason}` : reason
    this.#tally.note(`${rule} ${subject} ${action}`, { kind: 'policy', subject, rule, text })
  }
}
