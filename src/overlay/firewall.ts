// The firewall of a node: lets pass, drops, refuses or replaces what its rules say, and writes down whatever is not a plain
// passing. It decides over what may go through at all; who may give orders is the policy's.
import { base64url, utf8 } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { type Envelope, payloadOf } from '../ocpp/frame.ts'
import { type FirewallDecision, type FirewallSettings, RuleBook, type Ruling } from './firewall-rules.ts'
import type { AnswerEnvelope } from './gatekeeper.ts'
import type { Guard } from './guard.ts'
import type { Passage, Screen } from './passage.ts'
import { isSigned, unsigned } from './sighting.ts'
import { isOnThis } from './signature.ts'
import { Tally, type TallyParts } from './tally.ts'
import type { TrustStore } from './trust.ts'

export interface FirewallParts extends TallyParts {
  /** The node that speaks. */
  readonly self: string
  readonly engine: Engine
  readonly trust: TrustStore
  /** Judges whose roles a message has, and signs what was replaced. */
  readonly guard: Pick<Guard, 'judge' | 'sealCall' | 'sealReport' | 'sealAnswer'>
}

export class Firewall implements Screen {
  readonly #parts: FirewallParts
  readonly #book: RuleBook
  readonly #tally: Tally

  constructor(settings: FirewallSettings, parts: FirewallParts) {
    this.#parts = parts
    this.#book = new RuleBook(settings)
    this.#tally = new Tally(parts)
  }

  /**
   * The message as it may go on: the very same, or a replacement that this node signed. Errors always pass.
   * @throws Fault `refused` with the rule: the sender is told. Fault `dropped`: nobody is
   */
  pass(envelope: Envelope, passage: Passage): Envelope {
    const { message, header, path } = envelope
    const named = passage.question?.message ?? message
    if (!('action' in named) || !('payload' in message)) return envelope
    const version = header.ocpp ?? passage.question?.header.ocpp
    const roles = (): readonly string[] => this.#roles(envelope, passage)
    const asked = { action: named.action, version, payload: message.payload.value, origin: path[0] as string, passage, roles }
    const { rehearsed, ...ruling } = this.#book.weigh(asked)
    const about: About = { envelope, passage, action: named.action }
    for (const rehearsal of rehearsed) this.#note(about, rehearsal, true)
    if (ruling.decision === 'forward') return envelope
    if (ruling.decision === 'replace') return this.#replace(about, ruling)
    throw this.#stop(about, ruling)
  }

  /** Writes what was only counted so far. */
  stop(): void {
    this.#tally.flush()
  }

  #roles(envelope: Envelope, { question }: Passage): readonly string[] {
    const subject: Envelope | AnswerEnvelope = question ? { ...envelope, question } : envelope
    return this.#parts.guard.judge(subject).flatMap((judgement) => (isOnThis(judgement) ? [judgement.key.role] : []))
  }

  #stop(about: About, ruling: Ruling): Fault {
    this.#note(about, ruling, false)
    const data = { rule: ruling.rule, at: this.#parts.self }
    if (ruling.decision === 'drop') return new Fault('dropped', `dropped by rule ${ruling.rule}: ${ruling.why}`, data)
    return new Fault('refused', `refused by rule ${ruling.rule}: ${ruling.why}`, data)
  }

  /** What goes on is a statement of this node, which says so, and names the rule and the hash of what was there. */
  #replace(about: About, ruling: Ruling): Envelope {
    const { envelope, passage } = about
    const { message } = envelope
    const obstacle = this.#obstacle(envelope, passage)
    if (obstacle !== undefined || !('payload' in message) || ruling.payload === undefined)
      throw this.#stop(about, { decision: 'reject', rule: ruling.rule, why: obstacle ?? 'there is nothing to replace' })
    const before = this.#hash(message.payload.value)
    const after = this.#hash(ruling.payload)
    if (before === undefined || after === undefined)
      throw this.#stop(about, { decision: 'reject', rule: ruling.rule, why: 'what has no canonical form cannot be replaced' })
    this.#note(about, ruling, false, { before, after })
    const bare: Envelope = { ...unsigned(envelope), message: { ...message, payload: payloadOf(ruling.payload) } }
    const replaces = { was: before, rule: ruling.rule }
    const { guard } = this.#parts
    if (passage.question) return guard.sealAnswer(passage.question, bare, replaces)
    return passage.station ? guard.sealReport(bare, { replaces }) : guard.sealCall(bare, { replaces })
  }

  /** Why nobody would believe the replacement: whoever knows the key of one of the two expects signatures that this node cannot make. */
  #obstacle({ path, destination }: Envelope, { direction, question }: Passage): string | undefined {
    const { trust } = this.#parts
    const [origin, addressee] = [path[0] as string, destination.at(-1) as string]
    const expected = question ? isSigned(question) : direction !== 'down'
    if (expected && trust.knows(origin)) return `${origin} signs what it says, and nobody can replace that`
    if (!question && direction !== 'up' && trust.knows(addressee)) return `${addressee} would sign the answer to another question`
    return undefined
  }

  #hash(value: Json): string | undefined {
    try {
      return base64url(this.#parts.engine.digest('SHA-256', utf8(canonicalJson(value))))
    } catch {
      // a lone surrogate: it cannot be signed either
      return undefined
    }
  }

  #note({ envelope, passage, action }: About, ruling: Ruling, isRehearsal: boolean, hashes?: { before: string; after: string }): void {
    const { decision, rule, why } = ruling
    const subject = envelope.path[0] as string
    const what = `${passage.question ? 'answer to ' : ''}${action}`
    const text = `${what} ${isRehearsal ? 'would have been' : 'was'} ${PAST[decision]}: ${why}`
    // a message that comes by twice, because it waited here, is one replacement
    const likeness = [rule, decision, subject, what, passage.direction, ...(hashes ? [envelope.message.id, hashes.before] : [])].join('\n')
    const data = { decision, direction: passage.direction, dryRun: isRehearsal, ...hashes }
    this.#tally.note(likeness, { kind: 'firewall', subject, text, rule, data })
  }
}

interface About {
  readonly envelope: Envelope
  readonly passage: Passage
  readonly action: string
}

const PAST = { forward: 'forwarded', drop: 'dropped', reject: 'refused', replace: 'replaced' } as const satisfies Record<
  FirewallDecision,
  string
>
