// What this node keeps from everybody between it and the one it speaks with: encrypts what its settings say, opens what is meant for it,
// and refuses what should have been encrypted. Signatures are judged before and made after (guard.ts, sealer.ts).
import { asFault, Fault } from '../base/fault.ts'
import type { Random } from '../base/ports.ts'
import type { Opener } from '../crypto/hpke.ts'
import { CALL, type Envelope, type Message, type Payload, RESULT } from '../ocpp/frame.ts'
import { actionsNamed } from './action-classes.ts'
import { decryptPayload, encryptPayload, isEncrypted, type Place, readEncrypted } from './encrypted.ts'
import { UNKNOWN } from './error-answer.ts'
import type { Local } from './node.ts'
import type { TrustStore } from './trust.ts'

/** What is to be secret. Actions are names, classes such as `@read`, or `*`; never those that begin with `org.chargeproof.`. */
export interface SecrecySettings {
  /** Orders that leave encrypted, by action and addressee: node ids, or `*` for everybody. */
  readonly encrypt?: readonly { readonly actions: readonly string[]; readonly to: readonly string[] }[]
  /** Orders to this node that are refused unless they are encrypted. */
  readonly demand?: readonly string[]
}

export interface SecrecyParts {
  readonly trust: TrustStore
  readonly random: Pick<Random, 'bytes'>
  /** Own keys for encryption, by name. */
  readonly openers?: ReadonlyMap<string, Opener>
}

export class Secrecy {
  readonly #parts: SecrecyParts
  readonly #encrypt: readonly { readonly actions: ReadonlySet<string>; readonly to: readonly string[] }[]
  readonly #demand: ReadonlySet<string>
  /** What was encrypted or opened here, as it can be read: by the message that is on its way. */
  readonly #plain = new WeakMap<Message, Message>()

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

  /**
   * An order of this node's as it leaves it: encrypted where the settings say so.
   * @throws Fault `refused` by rule `encryption-key` where no key of the addressee is known: it does not go out in clear
   */
  async hide(envelope: Envelope): Promise<Envelope> {
    const { message, destination, path } = envelope
    const to = destination.at(-1) as string
    if (message.type !== CALL || !this.#isSecret(message.action, to)) return envelope
    const key = this.#parts.trust.readingKeyOf(to)
    if (!key) throw refused('encryption-key', `${message.action} is to be encrypted, and no key of ${to} is known for that`)
    if (message.payload.attachment)
      throw refused('encryption-key', `${message.action} is to be encrypted, and has bytes beside it, which are not`)
    const place = { iss: path[0] as string, aud: to, act: message.action, mt: CALL, mid: message.id }
    return this.#hidden(envelope, await encryptPayload(message.payload, place, { key, random: this.#parts.random }))
  }

  /** An answer as it leaves this node: encrypted for who asked, where the question was and a key of theirs is known. Errors are not. */
  async hideAnswer(question: Envelope, answer: Envelope): Promise<Envelope> {
    const { message } = answer
    const key = this.#parts.trust.readingKeyOf(question.path[0] as string)
    if (message.type !== RESULT || !key || !isSecret(question)) return answer
    const place = placeOf(answer, question)
    return this.#hidden(answer, await encryptPayload(message.payload, place, { key, random: this.#parts.random }))
  }

  /**
   * A message for this node as it can be read. An answer is opened together with its question.
   * @throws Fault `refused`, by rule `encryption-demanded`, `encryption-key` or `encryption-intact`
   */
  async open(envelope: Envelope, question?: Envelope): Promise<Envelope> {
    const { message } = envelope
    if (!('payload' in message) || !isSecret(envelope)) {
      if ('action' in message && isNamed(this.#demand, message.action))
        throw refused('encryption-demanded', `${message.action} must come encrypted`)
      return envelope
    }
    const encrypted = readEncrypted(message.payload.value)
    const opener = encrypted && this.#openerOf(encrypted.kid)
    if (!encrypted || !opener) throw refused('encryption-key', 'it is encrypted for a key that this node does not have', question)
    let payload: Payload
    try {
      payload = await decryptPayload(encrypted, placeOf(envelope, question), opener)
    } catch (error) {
      throw refused('encryption-intact', asFault(error).message, question)
    }
    const opened = { ...message, payload }
    this.#plain.set(message, opened)
    return { ...envelope, message: opened }
  }

  #hidden(envelope: Envelope, payload: Payload): Envelope {
    const message = { ...envelope.message, payload } as Message
    this.#plain.set(message, envelope.message)
    return { ...envelope, message }
  }

  /** What a thief can read too is no secret. */
  #openerOf(kid: string): Opener | undefined {
    return this.#parts.trust.isRevoked(kid) ? undefined : this.#parts.openers?.get(kid)
  }

  #isSecret(action: string, to: string): boolean {
    return this.#encrypt.some((rule) => isNamed(rule.actions, action) && (rule.to.includes('*') || rule.to.includes(to)))
  }
}

/** Whether the payload of a message is encrypted. */
export const isSecret = ({ message }: Pick<Envelope, 'message'>): boolean => 'payload' in message && isEncrypted(message.payload.value)

/** A node that reads what is encrypted for it, and answers in kind. */
export const readingSecrets = (local: Local, secrecy: Secrecy | undefined, self: string): Local => ({
  ...local,
  async call(envelope, from) {
    if (!secrecy) return local.call(envelope, from)
    const payload = await local.call(await secrecy.open(envelope), from)
    const bare = { type: RESULT, id: envelope.message.id, payload } as const
    const { message } = await secrecy.hideAnswer(envelope, { destination: envelope.path, path: [self], header: {}, message: bare })
    return 'payload' in message ? message.payload : payload
  },
})

/** Who says it to whom: as signatures have it, so that a ciphertext cannot be taken from one message to another. */
const placeOf = ({ path, destination, message }: Envelope, question?: Envelope): Place => {
  const named = question?.message ?? message
  return {
    iss: path[0] as string,
    aud: (question?.path[0] ?? destination.at(-1)) as string,
    act: 'action' in named ? named.action : '',
    mt: message.type,
    mid: message.id,
  }
}

/** The network's own messages are for each node to read. */
const isNamed = (actions: ReadonlySet<string>, action: string): boolean =>
  actions.has(action) || (actions.has('*') && !action.startsWith('org.chargeproof.'))

/** An answer that cannot be read leaves open what became of its question. */
const refused = (rule: string, reason: string, question?: Envelope): Fault =>
  new Fault('refused', `refused by rule ${rule}: ${reason}`, { rule, ...(question && { outcome: UNKNOWN }) })
