// What this node keeps from everybody between it and the one it speaks with: encrypts what its settings say, opens what is meant for it,
// and refuses what should have been encrypted. Signatures are judged before and made after (guard.ts, sealer.ts).
import { asFault, Fault } from '../base/fault.ts'
import type { Json, Random } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { Opener } from '../crypto/hpke.ts'
import { CALL, type Envelope, ERROR, type Message, RESULT, SEND } from '../ocpp/frame.ts'
import { actionsNamed } from './action-classes.ts'
import { checkAttachment } from './attachments.ts'
import { decryptMessage, encryptMessage, isEncrypted, type Place, readEncrypted } from './encrypted.ts'
import { UNKNOWN } from './error-answer.ts'
import type { Local } from './node.ts'
import type { TrustStore } from './trust.ts'

/** What is to be secret. Actions are names, classes such as `@read`, or `*`, which never means those that begin with `org.chargeproof.`. */
export interface SecrecySettings {
  /** CALLs and SENDs of this node that leave encrypted, reports of a station too, by action and addressee: node ids, or `*` for everybody. */
  readonly encrypt?: readonly { readonly actions: readonly string[]; readonly to: readonly string[] }[]
  /** CALLs and SENDs to this node that are refused unless they are encrypted. */
  readonly demand?: readonly string[]
}

export interface SecrecyParts {
  readonly trust: TrustStore
  readonly random: Pick<Random, 'bytes'>
  readonly engine: Engine
  /** Own keys for encryption, by name. */
  readonly openers?: ReadonlyMap<string, Opener>
}

export class Secrecy {
  readonly #parts: SecrecyParts
  readonly #encrypt: readonly { readonly actions: ReadonlySet<string>; readonly to: readonly string[] }[]
  readonly #demand: ReadonlySet<string>
  /** What was encrypted or opened here, as it can be read: by the message that is on its way. */
  readonly #plain = new WeakMap<Message, Message>()
  /** The other way round, for what was opened: signatures are over what was sent. */
  readonly #sent = new WeakMap<Message, Message>()

  constructor({ encrypt = [], demand = [] }: SecrecySettings, parts: SecrecyParts) {
    this.#parts = parts
    this.#encrypt = encrypt.map(({ actions, to }) => ({ actions: new Set(actionsNamed(actions)), to }))
    this.#demand = new Set(actionsNamed(demand))
  }

  /** The message as it can be read, where this node encrypted or opened it; else the very same. */
  plain(envelope: Envelope): Envelope {
    const message = this.#plain.get(envelope.message)
    return message ? { ...envelope, message } : envelope
  }

  /** What was opened here, as it was sent and signed; else the very same. */
  sent(envelope: Envelope): Envelope {
    const message = this.#sent.get(envelope.message)
    return message ? { ...envelope, message } : envelope
  }

  /** Whether a message of this node's has to leave it encrypted. */
  hides({ message, destination }: Pick<Envelope, 'message' | 'destination'>): boolean {
    if (message.type !== CALL && message.type !== SEND) return false
    const to = destination.at(-1) as string
    return this.#encrypt.some((rule) => isNamed(rule.actions, message.action) && (rule.to.includes('*') || rule.to.includes(to)))
  }

  /** Whether such a message to this node is refused because it came in clear. */
  demands({ message }: Pick<Envelope, 'message'>): boolean {
    return 'action' in message && isNamed(this.#demand, message.action) && !isSecret({ message })
  }

  /**
   * A CALL or SEND of this node's as it leaves it: encrypted where the settings say so.
   * @throws Fault `refused` by rule `encryption-key` where no key of the addressee is known: it does not go out in clear
   */
  async hide(envelope: Envelope): Promise<Envelope> {
    if (!this.hides(envelope)) return envelope
    const place = placeOf(envelope)
    const key = this.#parts.trust.readingKeyOf(place.aud)
    if (!key) throw refused('encryption-key', `${place.act} is to be encrypted, and no key of ${place.aud} is known for that`)
    return this.#hidden(envelope, await encryptMessage(envelope.message, place, { ...this.#parts, key }))
  }

  /**
   * An answer or error as it leaves this node: encrypted for who asked, where the question was and a key of theirs is known. Where none is,
   * an error has no description: a reason may quote what was encrypted.
   */
  async hideAnswer(question: Envelope, answer: Envelope): Promise<Envelope> {
    const { message } = answer
    if ((message.type !== RESULT && message.type !== ERROR) || !isSecret(question)) return answer
    const key = this.#parts.trust.readingKeyOf(question.path[0] as string)
    if (key) return this.#hidden(answer, await encryptMessage(message, placeOf(answer, question), { ...this.#parts, key }))
    return message.type === ERROR ? { ...answer, message: { ...message, description: '' } } : answer
  }

  /**
   * A message for this node as it can be read. An answer is opened together with its question.
   * @throws Fault `refused`, by rule `encryption-demanded`, `encryption-key` or `encryption-intact`
   */
  async open(envelope: Envelope, question?: Envelope): Promise<Envelope> {
    const { message } = envelope
    if (this.demands(envelope)) throw refused('encryption-demanded', 'it must come encrypted')
    if (!isSecret(envelope)) return envelope
    const encrypted = readEncrypted(contentOf(message))
    const opener = encrypted && this.#openerOf(encrypted.kid)
    if (!encrypted || !opener) throw refused('encryption-key', 'it is encrypted for a key that this node does not have', question)
    let opened: Message
    try {
      opened = await decryptMessage(message, encrypted, placeOf(envelope, question), opener)
      checkAttachment(opened, this.#parts.engine)
    } catch (error) {
      throw refused('encryption-intact', asFault(error).message, question)
    }
    this.#plain.set(message, opened)
    this.#sent.set(opened, message)
    return { ...envelope, message: opened }
  }

  #hidden(envelope: Envelope, message: Message): Envelope {
    this.#plain.set(message, envelope.message)
    return { ...envelope, message }
  }

  /** What a thief can read too is no secret. */
  #openerOf(kid: string): Opener | undefined {
    return this.#parts.trust.isRevoked(kid) ? undefined : this.#parts.openers?.get(kid)
  }
}

/** Whether the payload of a message is encrypted, or the details of an error. */
export const isSecret = ({ message }: Pick<Envelope, 'message'>): boolean => isEncrypted(contentOf(message))

/** A node that reads what is encrypted for it, and answers in kind. `failed` is told of a SEND that cannot be read: nobody waits for an answer. */
export const readingSecrets = (
  local: Local,
  secrecy: Secrecy,
  { self, failed }: { self: string; failed: (fault: Fault, origin: string) => void },
): Local => ({
  ...local,
  told(envelope) {
    if (!(isSecret(envelope) || secrecy.demands(envelope))) return local.told?.(envelope)
    const told = secrecy.open(envelope).then((opened) => local.told?.(opened))
    told.catch((error) => failed(asFault(error), envelope.path[0] as string))
  },
  async call(envelope, from) {
    const opened = await secrecy.open(envelope)
    // a link could not hold against its schema what it could not read
    const payload = await local.call(opened, opened === envelope ? from : undefined)
    const bare = { type: RESULT, id: envelope.message.id, payload } as const
    const { message } = await secrecy.hideAnswer(envelope, { destination: envelope.path, path: [self], header: {}, message: bare })
    return 'payload' in message ? message.payload : payload
  },
})

/** Who says it to whom: as signatures have it, so that a ciphertext cannot be taken from one message to another. */
export const placeOf = ({ path, destination, message }: Envelope, question?: Envelope): Place => {
  const named = question?.message ?? message
  return {
    iss: path[0] as string,
    aud: (question?.path[0] ?? destination.at(-1)) as string,
    act: 'action' in named ? named.action : '',
    mt: message.type,
    mid: message.id,
  }
}

const contentOf = (message: Message): Json => ('payload' in message ? message.payload : message.details).value

/** The network's own messages are for each node to read, unless one is named. */
const isNamed = (actions: ReadonlySet<string>, action: string): boolean =>
  actions.has(action) || (actions.has('*') && !action.startsWith('org.chargeproof.'))

/** An answer that cannot be read leaves open what became of its question. */
const refused = (rule: string, reason: string, question?: Envelope): Fault =>
  new Fault('refused', `refused by rule ${rule}: ${reason}`, { rule, ...(question && { outcome: UNKNOWN }) })
