// Nodes as witnesses of each other's journals: each hands its neighbours the heads of its own journal and passes on the newest it holds of
// others, keeps what it is handed, and raises an alarm where two heads, or a head and its own journal, cannot both be true.
import { asFault, type Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { type Envelope, SEND } from '../ocpp/frame.ts'
import { Bucket } from '../overlay/damping.ts'
import type { Guard } from '../overlay/guard.ts'
import { type Conflict, HeadBook, headMisfit } from '../overlay/head-book.ts'
import { entryHash, type Journal, type JournalRow } from '../overlay/journal.ts'
import { CLOCK_SLACK_MS, type HeldHead, headJson, heldHead, JOURNAL_HEADS, readHead, type SignedHead } from '../overlay/journal-heads.ts'
import type { Local, OverlayNode } from '../overlay/node.ts'
import type { Peer } from '../overlay/peer.ts'
import type { Identity } from '../overlay/signature.ts'
import type { TrustStore } from '../overlay/trust.ts'

/** How soon a head follows a decision over an order, and how far two are apart; and how soon it follows anything else, ms. */
const AFTER_ORDER_MS = 1_000
const APART_MS = 5_000
const AFTER_NEWS_MS = 60_000
/** Heads in one message. */
const HEADS = 32
/** What a neighbour can make this node verify. */
const VERIFICATIONS = { burst: 200, perSecond: 20 }
/** A head of a neighbour goes into the journal of this node once in this time, so that the one chain holds the other; so does what is wrong. */
const ANCHOR_MS = 3_600_000

export interface JournalWitnessParts {
  readonly node: OverlayNode
  readonly journal: Journal
  readonly store: Store
  readonly engine: Engine
  readonly clock: Clock
  readonly trust: TrustStore
  readonly identity: Identity
  readonly guard: Guard
  /** Something could not be kept. */
  readonly failed: (fault: Fault) => void
}

export class JournalWitness {
  readonly book: HeadBook
  readonly #parts: JournalWitnessParts
  readonly #greeted = new Set<string>()
  /** Nodes of which there is a newer head, with the neighbour it came from. */
  readonly #news = new Map<string, string>()
  readonly #verifications = new Map<string, Bucket>()
  readonly #written = new Map<string, number>()
  #timer: { readonly cancel: Cancel; readonly at: number } | undefined
  /** The newest entry that is known to be durable. */
  #last: JournalRow | undefined
  #told = Number.NEGATIVE_INFINITY
  #stopped = false

  constructor(parts: JournalWitnessParts) {
    this.#parts = parts
    this.book = new HeadBook(parts.store)
  }

  /** This node's own journal has a new entry. */
  written(row: JournalRow): void {
    this.#last = row
    this.#wait(row.kind.startsWith('order-') ? AFTER_ORDER_MS : AFTER_NEWS_MS)
  }

  /** Places came and went: a neighbour that is new is told where this journal stands, and what is held of its own. */
  moved(ids: readonly string[]): void {
    for (const id of ids) {
      const peer = this.#parts.node.routes.direct(id)
      if (!peer || !isNeighbour(peer)) this.#greeted.delete(id)
      else if (!this.#greeted.has(id)) {
        this.#greeted.add(id)
        this.#watch(this.#greet(id))
      }
    }
  }

  /** Takes a SEND of heads that came from a neighbour; false for any other message. */
  told({ message, path }: Envelope): boolean {
    if (message.type !== SEND || message.action !== JOURNAL_HEADS) return false
    const { heads } = message.payload.value as { readonly heads?: Json }
    const from = path[0] as string
    if (path.length === 1 && Array.isArray(heads) && heads.length <= HEADS) this.#watch(this.#heard(from, heads))
    return true
  }

  /** The head of this journal as it is now, and those held of others. Rejects with Fault `store-failed`. */
  async heads(): Promise<SignedHead[]> {
    const own = await this.#sign()
    return [...(own ? [own] : []), ...this.book.all()]
  }

  /** The same as an auditor gets them: each with this node's word that it holds it. */
  async held(): Promise<HeldHead[]> {
    return (await this.heads()).map((signed) => heldHead(signed, this.#parts.identity))
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  async #heard(from: string, heads: readonly Json[]): Promise<void> {
    const { clock, identity, journal } = this.#parts
    const bucket = this.#verifications.get(from) ?? new Bucket(VERIFICATIONS, clock.now())
    this.#verifications.set(from, bucket)
    for (const value of heads) {
      if (!bucket.take(clock.now())) return
      const signed = this.#read(value, from)
      if (!signed) continue
      if (signed.head.node === identity.node) {
        // as early as its own word says it was there: a clock that was set back opens no window
        this.#parts.guard.notBefore(signed.head.at)
        const misfit = headMisfit(journal, signed.head)
        if (misfit) await this.#ownMisfit(misfit, signed, from)
      } else await this.#take(signed, from)
    }
  }

  /** A head of a node whose key is not known here proves nothing here. */
  #read(value: Json, from: string): SignedHead | undefined {
    try {
      return readHead(value, this.#parts)
    } catch (error) {
      const fault = asFault(error)
      if (fault.data.rule !== 'head-key' && this.#isDue(`forged by ${from}`)) this.#parts.failed(fault)
      return undefined
    }
  }

  async #take(signed: SignedHead, from: string): Promise<void> {
    const { node, at } = signed.head
    // one of the two clocks is wrong; its next head is as good
    if (at > this.#parts.clock.now() + CLOCK_SLACK_MS) return
    const { isNew, conflict } = await this.book.take(signed)
    if (conflict) await this.#alarm(conflict, from)
    if (!isNew) return
    this.#news.set(node, from)
    this.#wait(APART_MS)
    if (node !== from || !this.#isDue(node)) return
    await this.#parts.journal.write({
      kind: 'head',
      subject: node,
      text: `${node} signed its entry ${signed.head.seq}`,
      data: headJson(signed),
    })
  }

  async #alarm({ kind, held, seen }: Conflict, from: string): Promise<void> {
    const { node } = seen.head
    await this.#parts.journal.write({
      kind: 'security',
      subject: node,
      rule: `journal-${kind}`,
      text: `${SENTENCES[kind](node)}: it signed entry ${held.head.seq} and entry ${seen.head.seq}, and they do not belong to one journal`,
      data: { hop: from, heads: [headJson(held), headJson(seen)] },
    })
  }

  async #ownMisfit(misfit: 'set-back' | 'altered', signed: SignedHead, from: string): Promise<void> {
    const { journal, identity } = this.#parts
    const rule = `journal-${misfit}`
    // every head that is handed back says the same
    if (!this.#isDue(rule)) return
    await journal.write({
      kind: 'security',
      subject: identity.node,
      rule,
      text: `this journal is not the one that was: ${from} holds a head of entry ${signed.head.seq} that this node signed`,
      data: { hop: from, heads: [headJson(signed)] },
    })
  }

  /** Whether that was not written down within the hour. */
  #isDue(what: string): boolean {
    const now = this.#parts.clock.now()
    if (now - (this.#written.get(what) ?? Number.NEGATIVE_INFINITY) < ANCHOR_MS) return false
    this.#written.set(what, now)
    return true
  }

  #neighbours(): string[] {
    return this.#parts.node.routes.peers.filter(isNeighbour).map(({ id }) => id)
  }

  async #greet(id: string): Promise<void> {
    const held = this.book.of(id).at(-1)
    const own = await this.#sign()
    this.#send(id, [own, held])
  }

  #wait(ms: number): void {
    if (this.#stopped) return
    const { clock } = this.#parts
    const at = Math.max(clock.now() + ms, this.#told + APART_MS)
    if (this.#timer && this.#timer.at <= at) return
    this.#timer?.cancel()
    this.#timer = { at, cancel: clock.after(at - clock.now(), () => this.#watch(this.#tell())) }
  }

  async #tell(): Promise<void> {
    this.#timer = undefined
    this.#told = this.#parts.clock.now()
    const before = this.book.own()?.head.seq
    const own = await this.#sign()
    const news = [...this.#news].slice(0, HEADS - 1)
    for (const [node] of news) this.#news.delete(node)
    for (const id of this.#neighbours()) {
      const others = news.filter(([node, from]) => node !== id && from !== id).map(([node]) => this.book.of(node).at(-1))
      this.#send(id, [own?.head.seq === before ? undefined : own, ...others])
    }
    if (this.#news.size > 0) this.#wait(APART_MS)
  }

  #sign(): Promise<SignedHead | undefined> {
    const { journal, clock, identity, engine } = this.#parts
    const newest = this.#last ? { seq: this.#last.seq, hash: entryHash(this.#last, engine) } : journal.newest()
    return this.book.sign(newest, clock.now(), identity)
  }

  #send(id: string, heads: readonly (SignedHead | undefined)[]): void {
    const given = heads.filter((signed) => signed !== undefined)
    if (given.length > 0) this.#parts.node.tell(id, JOURNAL_HEADS, { heads: given.map(headJson) })
  }

  #watch(done: Promise<void>): void {
    done.catch((error) => this.#parts.failed(asFault(error)))
  }
}

/** Another implementation knows nothing of heads. */
const isNeighbour = ({ kind, bare }: Peer): boolean => kind === 'node' && !bare

/** Heads of journals are for every node, whatever its role; the rest is for the role. */
export const witnessed = (local: Local, witness: () => JournalWitness): Local => ({
  call: (envelope, from) => local.call(envelope, from),
  told: (envelope) => {
    if (!witness().told(envelope)) local.told?.(envelope)
  },
})

const SENTENCES = {
  split: (node: string) => `the journal of ${node} has two histories`,
  'back-dated': (node: string) => `the journal of ${node} went back in time`,
} as const satisfies Record<Conflict['kind'], (node: string) => string>
