// The head of a journal: how far it has come and with which hash, signed by its node. Whoever holds one can tell that entries before
// it were taken out, altered, or written anew. Here heads are made, read and compared; who keeps them is in head-book.ts.
import { utf8 } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { type DetachedSignature, readProtected, signDetached, verifyDetached } from '../crypto/jws.ts'
import { isNodeId } from '../ocpp/frame.ts'
import { isSignature } from './custom-data.ts'
import type { JournalBase } from './journal.ts'
import type { Identity } from './signature.ts'
import type { TrustStore } from './trust.ts'

/** The SEND by which nodes hand their neighbours heads (docs/protocol.md §9.1). */
export const JOURNAL_HEADS = 'org.chargeproof.JournalHeads'
const HEAD_TYPE = 'org.chargeproof.journal-head'
const HELD_TYPE = 'org.chargeproof.journal-held'
/** How many earlier heads a head names. */
export const HEADS_BEFORE = 16
/** Clocks may be set back by this much without anybody wondering, ms: what §4.3 allows between two nodes. */
export const CLOCK_SLACK_MS = 30_000

export interface JournalHead extends JournalBase {
  readonly node: string
  /** When it was signed, milliseconds since 1970. */
  readonly at: number
  /** The heads that the node signed before this one, oldest first, without a gap. */
  readonly before: readonly JournalBase[]
}

export interface SignedHead {
  readonly head: JournalHead
  readonly signature: DetachedSignature
}

/** As it is given to an auditor. */
export type HeldHead = ReturnType<typeof headJson> & { readonly heldBy: string; readonly held: Json }

/** What cannot both be true of one journal. `split`: it has two histories. `back-dated`: its numbers rise and its times do not. */
export type Contradiction = 'split' | 'back-dated'

/** A head that follows the last one that the node signed. */
export const nextHead = (journal: JournalBase & { node: string }, at: number, last?: JournalHead): JournalHead => {
  const before = last ? [...last.before, { seq: last.seq, hash: last.hash }].slice(-HEADS_BEFORE) : []
  return { node: journal.node, seq: journal.seq, hash: journal.hash, at, before }
}

export const signHead = (head: JournalHead, { kid, signer }: Identity): SignedHead => ({
  head,
  signature: signDetached({ kid, typ: HEAD_TYPE }, headBytes(head), signer),
})

/**
 * A head that somebody handed over, when it is one and its node signed it.
 * @throws Fault `frame-malformed` for what is no head; `refused` where no key of its node is trusted, or the signature is not by it
 */
export const readHead = (value: Json | undefined, world: { trust: TrustStore; engine: Engine }): SignedHead => {
  const { head, signature } = shapeOf(value)
  const key = world.trust.find(kidOf(signature))
  if (!key || key.node !== head.node)
    throw new Fault('refused', `no key of ${head.node} that is trusted signed this head`, { rule: 'head-key' })
  if (!verifyDetached(signature, headBytes(head), key.publicKey, world.engine))
    throw new Fault('refused', `the signature on a head of ${head.node} does not fit`, { rule: 'head-signature' })
  return { head, signature }
}

/** Whether two heads of one node cannot both be of one journal that only grew. Their order does not matter. */
export const contradiction = (one: JournalHead, other: JournalHead): Contradiction | undefined => {
  if (one.seq === other.seq) return one.hash === other.hash ? undefined : 'split'
  const [low, high] = one.seq < other.seq ? [one, other] : [other, one]
  if (high.at < low.at - CLOCK_SLACK_MS) return 'back-dated'
  // what a head names before it is without a gap, and all there was where it is short: a head in that stretch that it does not name
  // belongs to another history
  const isCovered = high.before.length < HEADS_BEFORE || (high.before[0]?.seq ?? 0) <= low.seq
  return isCovered && !high.before.some(({ seq, hash }) => seq === low.seq && hash === low.hash) ? 'split' : undefined
}

/** A head as it is sent and kept. */
export const headJson = ({ head, signature }: SignedHead): { readonly head: Json; readonly signature: Json } => ({
  head: plain(head),
  signature: { ...signature },
})

/** A head as it is given to an auditor, with the word of who holds it: anybody could write a name beside it. */
export const heldHead = (signed: SignedHead, { node, kid, signer }: Identity): HeldHead => ({
  ...headJson(signed),
  heldBy: node,
  held: { ...signDetached({ kid, typ: HELD_TYPE }, heldBytes(signed.head, node), signer) },
})

/** Whether a node that is trusted said that it holds that head. */
export const isHeldBy = (
  head: JournalHead,
  node: string,
  held: Json | undefined,
  { trust, engine }: { trust: TrustStore; engine: Engine },
) => {
  if (!isSignature(held)) return false
  try {
    const { kid, typ } = readProtected(held)
    const key = typ === HELD_TYPE && typeof kid === 'string' ? trust.find(kid) : undefined
    return key?.node === node && verifyDetached(held, heldBytes(head, node), key.publicKey, engine)
  } catch {
    // a header that cannot be read proves nothing
    return false
  }
}

const heldBytes = (head: JournalHead, heldBy: string): Uint8Array => utf8(canonicalJson({ head: plain(head), heldBy }))

const plain = (head: JournalHead): Json => ({ ...head, before: head.before.map(({ seq, hash }) => ({ seq, hash })) })
const headBytes = (head: JournalHead): Uint8Array => utf8(canonicalJson(plain(head)))

const kidOf = (signature: DetachedSignature): string => {
  const { kid, typ } = readProtected(signature)
  if (typ !== HEAD_TYPE || typeof kid !== 'string') throw malformed('the signature is none of a head')
  return kid
}

const shapeOf = (value: Json | undefined): SignedHead => {
  const { head, signature } = objectOf(value)
  const { node, seq, hash, at, before } = objectOf(head)
  const { protected: header, signature: raw } = objectOf(signature)
  if (!isNodeId(node) || !isPoint(seq, hash) || !isCount(at) || !Array.isArray(before) || before.length > HEADS_BEFORE)
    throw malformed('the head lacks its node, number, hash, time or the heads before it')
  if (typeof header !== 'string' || typeof raw !== 'string') throw malformed('the head has no signature')
  const named = before.map(objectOf).map((point) => pointOf(point))
  for (const [i, { seq: each }] of named.entries())
    if (each > Number(seq) || (named[i - 1]?.seq ?? 0) > each) throw malformed('the heads before it are not in order')
  return { head: { node, seq, hash, at, before: named } as JournalHead, signature: { protected: header, signature: raw } }
}

const pointOf = ({ seq, hash }: JsonObject): JournalBase => {
  if (!isPoint(seq, hash)) throw malformed('a head before it lacks its number or hash')
  return { seq, hash } as JournalBase
}

type JsonObject = { readonly [member: string]: Json | undefined }
const objectOf = (value: Json | undefined): JsonObject => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw malformed('expected an object')
  return value as JsonObject
}
const isCount = (value: Json | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isPoint = (seq: Json | undefined, hash: Json | undefined): boolean =>
  isCount(seq) && seq > 0 && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)
const malformed = (why: string): Fault => new Fault('frame-malformed', why)
