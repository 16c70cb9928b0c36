// Freshness without a clock: a judge that cannot trust its own answers an order with a number that it never gave before, and obeys once
// what is signed with it. Both sides are here; which orders are judged so is the guard's question (docs/protocol.md §4.11).
import { base64url } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import type { Cancel, Clock, Random } from '../base/ports.ts'
import { readProtected } from '../crypto/jws.ts'
import { type Envelope, ERROR } from '../ocpp/frame.ts'
import type { Judgement } from './signature.ts'

const NONCE_BYTES = 32
/** How long a challenge stands. */
const LIFE_MS = 30_000
/** Challenges that stand at once, for one issuer and for all; the oldest give way, first those of the issuer itself. */
const FOR_ONE = 32
const FOR_ALL = 1_000

/** What an order is signed with once more: the judge's number, and the sequence number of the first time, so that it counts once. */
export interface Challenge {
  readonly nonce: string
  readonly seq: number
}

export class Challenges {
  readonly #clock: Clock
  readonly #random: Random
  /** To whom each was given, and the timer that takes it back. */
  readonly #given = new Map<string, { readonly issuer: string; readonly cancel: Cancel }>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  give(issuer: string): string {
    const nonce = base64url(this.#random.bytes(NONCE_BYTES))
    const own = [...this.#given].filter(([, given]) => given.issuer === issuer).map(([each]) => each)
    const [oldest] = own.length >= FOR_ONE ? own : this.#given.size >= FOR_ALL ? this.#given.keys() : []
    if (oldest !== undefined) this.#take(oldest)
    // a timer runs by the machine's ticks, whatever its clock says
    this.#given.set(nonce, { issuer, cancel: this.#clock.after(LIFE_MS, () => this.#given.delete(nonce)) })
    return nonce
  }

  /** Whether it was given to that issuer and not used yet; then it is used. */
  redeem(issuer: string, nonce: unknown): boolean {
    if (typeof nonce !== 'string' || this.#given.get(nonce)?.issuer !== issuer) return false
    this.#take(nonce)
    return true
  }

  #take(nonce: string): void {
    this.#given.get(nonce)?.cancel()
    this.#given.delete(nonce)
  }
}

/**
 * Without a clock, an order counts when each of its signatures is over a number that this node has just made up.
 * @throws Fault `refused` with the `challenge` to sign; without one where this node can make none
 */
export const checkChallenge = (judgements: readonly Judgement[], challenges: Challenges | undefined): void => {
  for (const judgement of judgements) {
    if (judgement.state !== 'valid' || challenges?.redeem(judgement.claims.iss, judgement.claims.chal)) continue
    const challenge = challenges?.give(judgement.claims.iss)
    throw new Fault('refused', 'refused by rule clock-untrusted: this node does not know the time; sign the order with its challenge', {
      rule: 'clock-untrusted',
      ...(challenge !== undefined && { challenge }),
    })
  }
}

/**
 * Asks, and where the answer is a challenge, asks once more with it signed. Who puts a challenge there that no judge gave gains nothing: the
 * second order has the number of the first, and counts only where that did not.
 */
export const askChallenged = async (
  first: Envelope,
  ask: (question: Envelope) => Promise<Envelope>,
  again: (challenge: Challenge) => Envelope | Promise<Envelope>,
): Promise<{ question: Envelope; answer: Envelope }> => {
  const answer = await ask(first)
  const challenge = challengeOf(first, answer)
  if (!challenge) return { question: first, answer }
  const question = await again(challenge)
  return { question, answer: await ask(question) }
}

const challengeOf = ({ header }: Envelope, { message }: Envelope): Challenge | undefined => {
  const [own, ...others] = header.signatures ?? []
  // whoever else signed is not here to sign again
  if (!own || others.length > 0 || message.type !== ERROR) return undefined
  const { challenge } = message.details.value as { readonly challenge?: unknown }
  const { seq } = readProtected(own)
  return typeof challenge === 'string' && /^[\w-]{43}$/.test(challenge) && typeof seq === 'number' ? { nonce: challenge, seq } : undefined
}
