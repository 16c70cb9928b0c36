// What the journal keeps of an order, so that somebody who was not there can judge it again: the order as it came, with its signatures,
// who this node took it to be from, and later the answer with its signature. Nothing is decided here.
import { asFault, type Fault } from '../base/fault.ts'
import type { Change, Json } from '../base/ports.ts'
import { type Envelope, ERROR, type Message, writeEnvelope } from '../ocpp/frame.ts'
import type { Journal, JournalEntry } from './journal.ts'
import type { Judgement } from './signature.ts'

/** Characters of a refused order that are kept: strangers send those. */
const REFUSED_LENGTH = 8_192

/** As `data` of an `order-accepted` or `order-refused`. */
export interface OrderEvidence {
  /** The order as the overlay frame that it was or would have been (docs/protocol.md §2), byte for byte in what was signed. */
  readonly frame?: string
  /** Of an order that came encrypted: what this node read. `frame` holds what was sent and signed. */
  readonly opened?: Json
  /** Characters of an order that was refused and is too long to keep. */
  readonly length?: number
  /** Whose signatures held here, with the role that their keys had here then. */
  readonly by: readonly { readonly node: string; readonly role: string; readonly kid: string }[]
}

/** As `data` of an `order-answered`. */
export interface AnswerEvidence {
  /** The entry of this journal that accepted the order. */
  readonly order: number
  /** The answer as a frame; missing where none came. */
  readonly frame?: string
  /** Why none came: a fault code. */
  readonly fault?: string
}

/** An order that is to be obeyed. */
export interface Accepted {
  readonly envelope: Envelope
  /** The same as it was read, where it came encrypted. */
  readonly read: Envelope
  readonly rule: string
  readonly judgements: readonly Judgement[]
}

export class Evidence {
  readonly #journal: Journal
  readonly #failed: (fault: Fault) => void
  /** The entries of orders that were accepted and are not answered yet. */
  readonly #accepted = new WeakMap<Message, number>()

  constructor(journal: Journal, failed: (fault: Fault) => void = () => undefined) {
    this.#journal = journal
    this.#failed = failed
  }

  /** Resolves when the decision is durable, and `along` with it; only then the order may be obeyed. */
  async accepted({ envelope, read, rule, judgements }: Accepted, along: readonly Change[]): Promise<void> {
    const { message } = envelope
    const opened = read.message !== message && 'payload' in read.message ? { opened: read.message.payload.value } : {}
    const entry: JournalEntry = {
      kind: 'order-accepted',
      subject: envelope.path[0] as string,
      text: `${actionOf(message)} for ${envelope.destination.at(-1)}`,
      rule,
      data: { frame: writeEnvelope(envelope), by: signers(judgements), ...opened },
    }
    const { seq } = await this.#journal.write(entry, along)
    this.#accepted.set(message, seq)
  }

  async refused(envelope: Envelope, { message, data }: Fault, judgements: readonly Judgement[]): Promise<void> {
    const frame = writeEnvelope(envelope)
    await this.#journal.writeRefusal({
      kind: 'order-refused',
      subject: envelope.path[0] as string,
      text: `${actionOf(envelope.message)}: ${message}`,
      rule: String(data.rule),
      data: { ...(frame.length > REFUSED_LENGTH ? { length: frame.length } : { frame }), by: signers(judgements) },
    })
  }

  /** Writes down what became of an order that was accepted here; of any other message nothing. Nobody waits for it. */
  answered({ message, destination }: Envelope, asked: Promise<Envelope>): void {
    const order = this.#accepted.get(message)
    if (order === undefined) return
    const write = (text: string, data: { readonly [name: string]: Json }): Promise<unknown> =>
      this.#journal.write({
        kind: 'order-answered',
        subject: destination.at(-1) as string,
        text: `${actionOf(message)}: ${text}`,
        data: { order, ...data },
      })
    asked
      .then(
        (answer) => write(said(answer), { frame: writeEnvelope(answer) }),
        (error) => write(`no answer, ${asFault(error).code}`, { fault: asFault(error).code }),
      )
      .catch((error) => this.#failed(asFault(error)))
  }
}

const signers = (judgements: readonly Judgement[]) =>
  judgements.flatMap((j) => (j.state === 'valid' ? [{ node: j.key.node, role: j.key.role, kid: j.key.kid }] : []))

const actionOf = (message: Message): string => ('action' in message ? message.action : '')

/** What an answer says, short: its status, where it has one. */
const said = ({ message }: Envelope): string => {
  if (message.type === ERROR) return message.code
  const { status } = ('payload' in message ? message.payload.value : {}) as { readonly status?: unknown }
  return typeof status === 'string' ? status.slice(0, 64) : 'answered'
}
