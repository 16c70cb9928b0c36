// Which facts about keys a node believes, and what they make of its trust store: the chain of roots, the newest revocations, the
// documents of every node. Nothing here goes back: each kind has a number that only rises, on disk too (docs/protocol.md §10).
import { asFault, Fault } from '../base/fault.ts'
import type { Clock, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import {
  isAfter,
  isVouchedBy,
  type KeyStatement,
  keyOf,
  type ListedKey,
  type RevocationStatement,
  type RootStatement,
  type Version,
  type Vouched,
  versionOf,
  vouchersOf,
} from './key-document.ts'
import { AFTER_ROOT_MS, BY_ADMINISTRATOR, CHAIN, CLOCK_SKEW, isOfTheFuture, NODES, ROOT_AHEAD_MS } from './key-limits.ts'
import { isSeconded } from './key-second.ts'
import { dropped, keeping, readKept, type Unbelieved } from './key-shelf.ts'
import type { TrustStore } from './trust.ts'

export interface LedgerParts {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly engine: Engine
  readonly trust: TrustStore
  /** How long revocations count as known after they were issued, milliseconds. */
  readonly maxAgeMs: number
}

type Key = ReturnType<typeof keyOf>

/** Where a fact was found. What lies on the own disk, or in a file that an operator put beside it, is judged by the time at which it was said. */
type Source = 'kept' | 'file' | 'told'

export class KeyLedger {
  readonly #parts: LedgerParts
  readonly #roots: Vouched<RootStatement>[] = []
  readonly #rootKeys = new Map<number, Key>()
  /** By number of a root: when this node heard of it, ms. */
  readonly #heard = new Map<number, number>()
  #revocations: Vouched<RevocationStatement> | undefined
  /** The last that came and that nobody with the right to it vouches for: its administrator's own document may be on its way. */
  #waiting: Vouched<RevocationStatement> | undefined
  /** By node: the documents under the newest root that has one of it, oldest first. */
  readonly #documents = new Map<string, readonly Vouched<KeyStatement>[]>()
  /** What was on the disk at the start and did not hold: damaged, or changed by hand. Nothing of it counts; whoever is connected tells it anew. */
  readonly unbelieved: readonly Unbelieved[]

  /**
   * Begins with the root that the operator put here, then with what is on disk.
   * @throws Fault `refused` where the anchor is not a root that vouches for itself
   */
  constructor(anchor: Vouched, parts: LedgerParts) {
    this.#parts = parts
    // nothing is known of revocations yet
    parts.trust.freshUntil = 0
    if (!isRoot(anchor)) throw new Fault('refused', 'expected a root as the first fact about keys')
    this.#crown(anchor, this.#selfVouched(anchor))
    // of a root before the anchor nothing is known
    this.unbelieved = readKept(parts.store, (kept, heard) => {
      if (kept.fact.kind === 'root' || kept.fact.root >= anchor.fact.seq) this.#take(kept, 'kept', heard)
    })
  }

  /** Takes `unbelieved` off the disk. Rejects with Fault `store-failed`. */
  async discard(): Promise<void> {
    await this.#parts.store.commit(this.unbelieved.map(({ key }) => dropped(key)))
  }

  /**
   * Believes what is new and proven, in the order given, and keeps it. Resolves with what was new once that is durable; it is in
   * force at once. What is known already is passed over.
   * @param from `file`: revocations by an administrator hold if its key counted when they were issued
   * @throws Fault `refused` for a fact that nobody with the right to say it vouches for; `limit-exceeded`; `store-failed`
   */
  async take(news: readonly Vouched[], from: 'file' | 'told' = 'told'): Promise<Vouched[]> {
    const fresh: Vouched[] = []
    // one bad fact holds nothing of the others back
    const refusals = new Map<Vouched, Fault>()
    const believe = (each: Vouched): void => {
      refusals.delete(each)
      try {
        if (this.#take(each, from)) fresh.push(each)
      } catch (error) {
        refusals.set(each, asFault(error))
      }
    }
    news.forEach(believe)
    // now the document may be known of whoever vouches for it
    if (this.#waiting && fresh.length > 0 && this.#byAdministrator(this.#waiting)) believe(this.#waiting)
    // and documents whose keys before are all revoked stand before those of who revoked them
    if (fresh.length > 0) for (const each of [...refusals.keys()]) believe(each)
    const [refusal] = refusals.values()
    const { store, clock } = this.#parts
    if (fresh.length > 0) await store.commit(fresh.flatMap((each) => keeping(each, store, clock.now())))
    if (refusal) throw refusal
    return fresh
  }

  /** `seq` of the root that counts. */
  get root(): number {
    return this.#current.fact.seq
  }

  get rootKid(): string {
    return (this.#rootKeys.get(this.root) as Key).kid
  }

  /** Thumbprint of the key that the root named as its successor, and when it did, milliseconds since 1970. */
  get nextRoot(): Pick<RootStatement, 'next' | 'issued'> {
    return this.#current.fact
  }

  get #current(): Vouched<RootStatement> {
    return this.#roots.at(-1) as Vouched<RootStatement>
  }

  get revocations(): RevocationStatement | undefined {
    return this.#revocations?.fact
  }

  /** Roots after that one, oldest first. */
  rootsAfter(seq: number): Vouched[] {
    return this.#roots.filter(({ fact }) => fact.seq > seq)
  }

  /** The revocations, if they are newer. */
  revocationsAfter(version: Version): Vouched[] {
    const held = this.#revocations
    return held && isAfter(versionOf(held.fact), version) ? [held] : []
  }

  /** Documents of a node after that version, oldest first. */
  documentsAfter(node: string, version: Version): Vouched[] {
    return (this.#documents.get(node) ?? []).filter(({ fact }) => isAfter(versionOf(fact), version))
  }

  /** The newest document of every node, by id. */
  documents(): Vouched<KeyStatement>[] {
    return [...this.#documents.keys()].sort().map((node) => this.#newest(node) as Vouched<KeyStatement>)
  }

  /** Everything that is believed, in the order in which another can believe it. */
  all(): Vouched[] {
    return [...this.#roots, ...(this.#revocations ? [this.#revocations] : []), ...[...this.#documents.values()].flat()]
  }

  #take(news: Vouched, from: Source, heard?: number): boolean {
    if (isRoot(news)) return this.#takeRoot(news, heard)
    if (from !== 'kept' && 'root' in news.fact && news.fact.root < this.root) return false
    return isRevocations(news) ? this.#takeRevocations(news, from) : this.#takeDocument(news as Vouched<KeyStatement>)
  }

  #crown(root: Vouched<RootStatement>, key: Key): void {
    this.#rootKeys.set(root.fact.seq, key)
    this.#roots.push(root)
  }

  /** KERI's pre-rotation: whoever has the old root cannot name the next one, because it was named before. */
  #takeRoot(news: Vouched<RootStatement>, heard = this.#parts.clock.now()): boolean {
    if (news.fact.seq <= this.root) return false
    const { fact: current } = this.#current
    if (news.fact.seq !== current.seq + 1) throw refused('root-chain', `expected root ${current.seq + 1}, got ${news.fact.seq}`)
    const key = this.#selfVouched(news)
    if (key.kid !== current.next) throw refused('root-committed', 'the root is not the one that the root before it named')
    this.#crown(news, key)
    this.#heard.set(news.fact.seq, heard)
    for (const { fact } of this.documents()) this.#putInForce(fact)
    return true
  }

  #takeRevocations(news: Vouched<RevocationStatement>, from: Source): boolean {
    const { fact } = news
    const held = this.#revocations?.fact
    if (held && !isAfter(versionOf(fact), versionOf(held))) return false
    const isByAdministrator = from === 'told' ? this.#byAdministrator(news) : this.#wasByAdministrator(news)
    if (!isByAdministrator) {
      if (from !== 'kept') this.#waiting = news
      this.#vouchedByRoot(news)
    }
    this.#waiting = undefined
    const { trust, maxAgeMs, clock } = this.#parts
    if (fact.seq > fact.issued + (isByAdministrator ? 0 : ROOT_AHEAD_MS))
      throw refused('revocations-issued', 'a number above the time: wait a minute, or set the clock right')
    const kids = new Set(fact.revoked.map(({ kid }) => kid))
    // what was kept was not of the future when it came
    if (from !== 'kept' && isOfTheFuture(fact, clock.now())) {
      // one of the two clocks is wrong, and may have been set back by a thief: what is revoked is so all the same
      trust.revoke(new Set([...kids, ...(held?.revoked ?? []).map(({ kid }) => kid)]))
      throw refused('revocations-issued', 'revocations issued in the future')
    }
    if (isByAdministrator && fact.revoked.length > BY_ADMINISTRATOR)
      throw refused('revocations-room', `a key for key administration names at most ${BY_ADMINISTRATOR} keys: the rest is the root's`)
    // under one root a revocation is for good; a new root takes back what a thief said in the name of the old
    if (held?.root === fact.root && !held.revoked.every(({ kid }) => kids.has(kid)))
      throw refused('revocations-kept', 'a key that was revoked is missing')
    this.#revocations = news
    trust.issuedAt = fact.issued
    trust.freshUntil = fact.issued + maxAgeMs
    trust.revoke(kids)
    return true
  }

  #takeDocument(news: Vouched<KeyStatement>): boolean {
    const { fact } = news
    const before = this.#newest(fact.node)?.fact
    if (before && !isAfter(versionOf(fact), versionOf(before))) return false
    if (!before && this.#documents.size >= NODES) throw new Fault('limit-exceeded', `expected documents of at most ${NODES} nodes`)
    this.#vouchedByRoot(news)
    const kids = fact.keys.map(({ key }) => keyOf(key, this.#parts.engine).kid)
    for (const kid of kids) this.#isFree(kid, fact.node)
    const isNext = before?.root === fact.root
    if (fact.root === 1 || isNext) this.#continues(news, new Set(kids))
    const root = this.#roots.find((each) => each.fact.seq === fact.root) as Vouched<RootStatement>
    if (!isSeconded(news, root.fact, isNext ? before : undefined, this.#parts.engine))
      throw refused('key-second', `the second key of the root does not vouch for what is new of ${fact.node}`)
    const chain = isNext ? (this.#documents.get(fact.node) ?? []) : []
    if (chain.length >= CHAIN) throw new Fault('limit-exceeded', `expected at most ${CHAIN} documents of a node under one root`)
    this.#documents.set(fact.node, [...chain, news])
    this.#putInForce(fact)
    return true
  }

  /** What a root before said ends by itself: it may have been a thief, who said more than the new one knows of. */
  #putInForce({ node, role, root, keys }: KeyStatement): void {
    const { trust, engine } = this.#parts
    const end = (this.#heard.get(root + 1) ?? Number.POSITIVE_INFINITY) + AFTER_ROOT_MS
    const entry = ({ key, purposes, from, until }: ListedKey) => ({
      ...{ node, role, purposes, from, until: Math.min(until, end), isFormer: root < this.root },
      publicKey: keyOf(key, engine).publicKey,
    })
    trust.replace(node, keys.map(entry))
  }

  /** A key is one node's; and the root's is nobody's. */
  #isFree(kid: string, node: string): void {
    const owner = this.#parts.trust.look(kid)?.node
    if (kid === this.rootKid || (owner !== undefined && owner !== node)) throw refused('key-owner', `the key is not ${node}'s`)
  }

  /** A key that is new needs the word of one that was there before, unless all of those are revoked. A new root's first word stands alone. */
  #continues(news: Vouched<KeyStatement>, kids: ReadonlySet<string>): void {
    const { trust, engine } = this.#parts
    const before = trust.of(news.fact.node).filter((key) => trust.stateOf(key) !== 'replaced')
    const known = new Set([...before, ...trust.readingKeysOf(news.fact.node)].map(({ kid }) => kid))
    const isNew = [...kids].some((kid) => !known.has(kid))
    if (!isNew || before.every(({ kid }) => trust.isRevoked(kid))) return
    if (!before.some((key) => isVouchedBy(news, key, engine)))
      throw refused('key-continuity', `no earlier key of ${news.fact.node} vouches for its new one`)
  }

  /** A key that the root named for it may revoke others, so that the root itself can stay locked away. It does not outlive its own revocation. */
  #byAdministrator(news: Vouched<RevocationStatement>): boolean {
    const { trust, engine } = this.#parts
    const { root, revoked } = news.fact
    if (root !== this.root) return false
    return vouchersOf(news).some((kid) => {
      const key = trust.find(kid, 'key-administration')
      return key?.source === 'document' && !revoked.some((each) => each.kid === kid) && isVouchedBy(news, key, engine)
    })
  }

  /** As it must have been when they were issued: the key may have been replaced since, and its document with it. */
  #wasByAdministrator(news: Vouched<RevocationStatement>): boolean {
    const { engine } = this.#parts
    const { root, revoked, issued } = news.fact
    const listed = [...this.#documents.values()].flat().flatMap(({ fact }) => (fact.root === root ? fact.keys : []))
    return listed.some(({ key, purposes, from, until }) => {
      if (!purposes.includes('key-administration') || from > issued + CLOCK_SKEW || until <= issued) return false
      const named = keyOf(key, engine)
      return !revoked.some(({ kid }) => kid === named.kid) && isVouchedBy(news, named, engine)
    })
  }

  #vouchedByRoot(news: Vouched<RevocationStatement | KeyStatement>): void {
    const key = this.#rootKeys.get(news.fact.root)
    if (!key) throw refused('root-current', `said under root ${news.fact.root}, the root is ${this.root}`)
    if (!isVouchedBy(news, key, this.#parts.engine)) throw refused('root-signature', 'the root does not vouch for it')
  }

  #selfVouched(root: Vouched<RootStatement>): Key {
    const key = keyOf(root.fact.key, this.#parts.engine)
    if (!isVouchedBy(root, key, this.#parts.engine)) throw refused('root-signature', 'the root does not vouch for itself')
    return key
  }

  #newest(node: string): Vouched<KeyStatement> | undefined {
    return this.#documents.get(node)?.at(-1)
  }
}

const isRoot = (news: Vouched): news is Vouched<RootStatement> => news.fact.kind === 'root'
const isRevocations = (news: Vouched): news is Vouched<RevocationStatement> => news.fact.kind === 'revocations'
const refused = (rule: string, why: string): Fault => new Fault('refused', `refused by rule ${rule}: ${why}`, { rule })
