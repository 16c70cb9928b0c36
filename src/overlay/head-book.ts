// The heads of journals that a node holds: the newest of other nodes, and the last of its own. In the store, so that a restart forgets
// none; bounded. Tells when two cannot both be true.
import { Fault } from '../base/fault.ts'
import type { Store } from '../base/ports.ts'
import type { Journal, JournalBase } from './journal.ts'
import { type Contradiction, contradiction, headJson, type JournalHead, nextHead, type SignedHead, signHead } from './journal-heads.ts'
import type { Identity } from './signature.ts'

const OTHERS = 'journal-heads'
const OWN = 'journal-head-own'
/** Heads that are held of a node: the newest says what its journal was, the others when. */
const HELD = 16
/** Nodes whose heads are held; only those with a trusted key have any. */
const NODES = 1_000

export interface Conflict {
  readonly kind: Contradiction
  readonly held: SignedHead
  readonly seen: SignedHead
}

export class HeadBook {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** The last head that this node signed. */
  own(): SignedHead | undefined {
    return this.#store.get(OWN, 'own') as SignedHead | undefined
  }

  /**
   * Signs how far the journal has come, where that is news. Durable before it is given away, so that none is ever missing in `before`.
   * @param newest the newest entry that is durable
   */
  async sign(newest: JournalBase, now: number, identity: Identity): Promise<SignedHead | undefined> {
    const last = this.own()
    if (newest.seq === 0 || (last?.head.seq === newest.seq && last.head.hash === newest.hash)) return last
    const signed = signHead(nextHead({ node: identity.node, ...newest }, now, last?.head), identity)
    await this.#store.commit([{ collection: OWN, key: 'own', value: headJson(signed) }])
    return signed
  }

  /**
   * Takes a head that was read and verified. Resolves with `isNew` where it says more than those held, and with what it contradicts.
   * Rejects with Fault `store-failed`; Fault `limit-exceeded` where the book is full.
   */
  async take(seen: SignedHead): Promise<{ isNew: boolean; conflict?: Conflict }> {
    const { node } = seen.head
    const held = this.of(node)
    if (held.length === 0 && this.#store.list(OTHERS, { limit: NODES }).length >= NODES)
      throw new Fault('limit-exceeded', `the heads of ${NODES} nodes are held already`)
    if (held.some(({ head }) => isSame(head, seen.head))) return { isNew: false }
    const conflict = held.map((each) => conflictOf(each, seen)).find((each) => each !== undefined)
    const newest = held.at(-1)?.head
    const isNew = conflict !== undefined || !newest || seen.head.seq > newest.seq
    // of two histories both stay: the newer is what the next head is compared with, the older is the proof
    if (isNew) await this.#store.commit([{ collection: OTHERS, key: node, value: [...held, seen].slice(-HELD).map(headJson) }])
    return { isNew, ...(conflict && { conflict }) }
  }

  /** The heads that are held of a node, in the order in which they came. */
  of(node: string): readonly SignedHead[] {
    return (this.#store.get(OTHERS, node) ?? []) as object as readonly SignedHead[]
  }

  /** Every head that is held of other nodes. */
  all(): readonly SignedHead[] {
    return this.#store.list(OTHERS, { limit: NODES }).flatMap(({ value }) => value as object as readonly SignedHead[])
  }
}

/** What a journal and a head of it, signed by its own node, say of each other: entries are gone, or others than they were. */
export const headMisfit = (journal: Journal, head: JournalHead): 'set-back' | 'altered' | undefined => {
  if (head.seq > journal.newest().seq) return 'set-back'
  // of what was sealed and taken out nothing can be said here
  if (head.seq < journal.base().seq) return undefined
  return journal.hashOf(head.seq) === head.hash ? undefined : 'altered'
}

const conflictOf = (held: SignedHead, seen: SignedHead): Conflict | undefined => {
  const kind = contradiction(held.head, seen.head)
  return kind && { kind, held, seen }
}

const isSame = (one: JournalHead, other: JournalHead): boolean => one.seq === other.seq && one.hash === other.hash
