// Facts about keys on their way: told to every neighbour as soon as they are believed, and asked for when a link comes up, by
// comparing numbers. It carries; what is believed is decided in overlay/key-ledger.ts (docs/protocol.md §10.2).
import { asFault, type Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json, Random } from '../base/ports.ts'
import { CALL, type Envelope, payloadOf, RESULT } from '../ocpp/frame.ts'
import { carriesSignatures } from '../overlay/custom-data.ts'
import { Bucket, type Rate } from '../overlay/damping.ts'
import type { Journal } from '../overlay/journal.ts'
import { isAfter, KEY_NEWS, NEVER, readVouched, type Version, type Vouched, versionOf } from '../overlay/key-document.ts'
import type { KeyLedger } from '../overlay/key-ledger.ts'
import type { OverlayNode } from '../overlay/node.ts'
import type { Peer } from '../overlay/peer.ts'
import type { TrustStore } from '../overlay/trust.ts'

export { KEY_NEWS }
export const VENDOR = 'org.chargeproof'
const FACTS = 16
/** Facts that one neighbour is given: all there may be, once, and then as many as somebody who comes and goes needs. */
const GIVEN = { burst: 25_000, perSecond: 100 }
/** Nodes in one list of what is known. */
const NODES = 1_000
const STATION_MS = 30_000
/** Facts of one neighbour that are looked at: each may cost a signature or two. */
const RATE = { burst: 1_000, perSecond: 50 }
/** Of facts that were too many for a moment the rest is asked for after so long, when as many may come again. */
const AGAIN_MS = (1_000 * RATE.burst) / RATE.perSecond

export interface KeyNewsParts {
  readonly ledger: KeyLedger
  readonly node: OverlayNode
  readonly trust: TrustStore
  readonly clock: Clock
  readonly random: Random
  /** Where nodes that are new are written down. */
  readonly journal?: Pick<Journal, 'write'>
  readonly failed: (fault: Fault, peer: string) => void
}

const nodeOf = ({ fact }: Vouched): string | undefined => ('node' in fact ? fact.node : undefined)

type Members = { readonly [key: string]: Json | undefined }

export class KeyNews {
  readonly #parts: KeyNewsParts
  readonly #greeted = new WeakSet<Peer>()
  /** By neighbour, so that one that floods takes nothing from what the others bring; as many as there ever were neighbours with news. */
  readonly #buckets = new Map<string, Bucket>()
  /** The same for what is given: a question of thirty bytes has an answer of megabytes. */
  readonly #given = new Map<string, Bucket>()
  /** Who is asked once more what there is, and the timers. */
  readonly #again = new Map<string, Cancel>()

  constructor(parts: KeyNewsParts) {
    this.#parts = parts
  }

  stop(): void {
    for (const cancel of this.#again.values()) cancel()
    this.#again.clear()
  }

  /** Number of the root that counts. */
  get root(): number {
    return this.#parts.ledger.root
  }

  /** Links came up, among other things: who is new there hears what is known here before it hears anything else. */
  moved(ids: readonly string[]): void {
    const { node, ledger } = this.#parts
    for (const id of ids) {
      const peer = node.routes.direct(id)
      if (!peer || this.#greeted.has(peer)) continue
      this.#greeted.add(peer)
      if (peer.kind === 'node' && !peer.bare) for (const hello of hellos(ledger)) node.tell(id, KEY_NEWS, hello)
      else if (this.#listens(peer)) void this.#ask(peer, hellos(ledger)[0] as Json)
    }
  }

  /** The clock was set: what neighbours told when their links came up was judged by the old time, and may have been dropped. */
  again(): void {
    const { node, ledger } = this.#parts
    for (const { id, kind, bare } of node.routes.peers) {
      if (kind !== 'node' || bare) continue
      for (const hello of hellos(ledger)) node.tell(id, KEY_NEWS, hello)
      // an answer that seems to be signed before the step, by a clock a little behind, does not count
      this.#askLater(id)
    }
  }

  /** Takes a SEND that ends here; false where it is about something else. */
  heard(envelope: Envelope): boolean {
    const { message } = envelope
    if (!('action' in message) || message.action !== KEY_NEWS) return false
    this.#heard(envelope)
    return true
  }

  /** Takes facts from an operator, and tells them on. Throws as `KeyLedger.take`. */
  async publish(news: readonly Vouched[], except?: string): Promise<number> {
    const { ledger } = this.#parts
    const known = new Set(ledger.all())
    try {
      return (await ledger.take(news)).length
    } finally {
      // of several the good ones were believed, and are news, whatever became of the others
      const fresh = ledger.all().filter((each) => !known.has(each) && news.includes(each))
      this.#tellNew(fresh, known)
      this.#spread(fresh, except)
    }
  }

  #heard({ path, message }: Envelope): void {
    const [from] = path
    const { node, ledger } = this.#parts
    // from one node to the next: what comes from further away is nobody's to say
    if (path.length !== 1 || from === undefined || node.routes.direct(from)?.kind !== 'node' || !('payload' in message)) return
    const { have, facts } = membersOf(message.payload.value)
    try {
      const read = readFacts(facts)
      const news = read.filter(() => this.#mayTake(this.#buckets, RATE, from))
      if (news.length < read.length) this.#askLater(from)
      if (news.length > 0) this.publish(news, from).catch((error) => this.#parts.failed(asFault(error), from))
      const lacking = have === undefined ? [] : missing(ledger, have).filter(() => this.#mayTake(this.#given, GIVEN, from))
      for (const part of partsOf(lacking)) node.tell(from, KEY_NEWS, part)
    } catch (error) {
      this.#parts.failed(asFault(error), from)
    }
  }

  /** Nodes that nobody knew before are news for people: whoever has stolen the root makes such. */
  #tellNew(fresh: readonly Vouched[], before: ReadonlySet<Vouched>): void {
    const { node, journal, failed } = this.#parts
    if (!fresh.some(({ fact }) => fact.kind === 'keys')) return
    const known = new Set([...before].map(nodeOf))
    const found = fresh.flatMap(({ fact }) => (fact.kind === 'keys' && !known.has(fact.node) ? [`${fact.node} as ${fact.role}`] : []))
    if (found.length === 0) return
    const text = `keys of nodes that were not known before: ${found.join(', ')}. If nobody meant that, the root is stolen`
    journal
      ?.write({ kind: 'security', subject: node.id, rule: 'key-introduced', text: text.slice(0, 500) })
      .catch((error) => failed(asFault(error), node.id))
  }

  #mayTake(buckets: Map<string, Bucket>, rate: Rate, from: string): boolean {
    const now = this.#parts.clock.now()
    const bucket = buckets.get(from) ?? new Bucket(rate, now)
    // ids are many where anybody may connect: those that were quiet lately are made anew
    if (buckets.size >= NODES) for (const [id, each] of buckets) if (each.isFull(now)) buckets.delete(id)
    buckets.set(from, bucket)
    return bucket.take(now)
  }

  #askLater(from: string): void {
    const { node, ledger, clock } = this.#parts
    if (this.#again.has(from)) return
    const ask = (): void => {
      this.#again.delete(from)
      if (node.routes.direct(from)?.kind === 'node') for (const have of haves(ledger)) node.tell(from, KEY_NEWS, { have })
    }
    this.#again.set(from, clock.after(AGAIN_MS, ask))
  }

  #spread(fresh: readonly Vouched[], except: string | undefined): void {
    const { node } = this.#parts
    for (const part of partsOf(fresh))
      for (const peer of node.routes.peers) {
        if (peer.kind === 'node' && !peer.bare && peer.id !== except) node.tell(peer.id, KEY_NEWS, part)
        else if (this.#listens(peer)) void this.#ask(peer, part)
      }
  }

  /** A station that judges orders itself. */
  #listens({ kind, id, protocol }: Peer): boolean {
    return kind === 'station' && protocol !== undefined && carriesSignatures(protocol) && this.#parts.trust.knows(id)
  }

  /** Plain OCPP has no message for it but DataTransfer; the answer says what the station has, and it gets the rest. */
  async #ask(peer: Peer, data: Json): Promise<void> {
    const { node, random, ledger } = this.#parts
    const message = {
      type: CALL,
      id: random.uuid(),
      action: 'DataTransfer',
      payload: payloadOf({ vendorId: VENDOR, messageId: KEY_NEWS, data }),
    } as const
    const header = peer.protocol ? { ocpp: peer.protocol } : {}
    try {
      const answer = await peer.request({ destination: [peer.id], path: [node.id], header, message }, STATION_MS)
      const { have } = membersOf(answer.message.type === RESULT ? membersOf(answer.message.payload.value).data : undefined)
      for (const part of have === undefined ? [] : partsOf(missing(ledger, have))) await this.#ask(peer, part)
    } catch (error) {
      this.#parts.failed(asFault(error), peer.id)
    }
  }
}

/** What a station says to news of its node: what it has now, so that it is given what it lacks. Resolves once it is kept. */
export const hearAtStation = async (ledger: KeyLedger, data: Json | undefined): Promise<Json> => {
  const { have, facts } = membersOf(data)
  await ledger.take(readFacts(facts))
  return have === undefined ? {} : { have: haves(ledger)[0] as Json }
}

/** The first word on a link: roots and revocations at once, because orders may follow; of documents the numbers. */
export const hellos = (ledger: KeyLedger): Json[] =>
  haves(ledger).map((have, i) =>
    i === 0 ? { have, facts: jsonOf([...ledger.rootsAfter(0), ...ledger.revocationsAfter(NEVER)]) } : { have },
  )

const haves = (ledger: KeyLedger): Json[] => {
  const rows = ledger.documents().map(({ fact }): Json => [fact.node, fact.root, fact.seq])
  const { root, revocations } = ledger
  const said = { root, revocations: revocations ? [...versionOf(revocations)] : [...NEVER] }
  const lists = Array.from({ length: Math.max(1, Math.ceil(rows.length / NODES)) }, (_, i) => rows.slice(i * NODES, (i + 1) * NODES))
  const lastOf = (list: Json[] | undefined): string => ((list?.at(-1) as readonly string[] | undefined)?.[0] ?? '') as string
  return lists.map((documents, i) => ({
    ...said,
    ...(i > 0 && { after: lastOf(lists[i - 1]) }),
    ...(i < lists.length - 1 && { upto: lastOf(documents) }),
    documents,
  }))
}

/** What one who has that lacks, in the order in which it can be believed. A list speaks of the ids after `after`, up to `upto`. */
export const missing = (ledger: KeyLedger, have: Json): Vouched[] => {
  const { root, revocations, documents, after = '', upto } = membersOf(have)
  const known = new Map((Array.isArray(documents) ? documents : []).map((row) => [String(row?.[0]), asVersion(row?.slice?.(1))]))
  const isMeant = (node: string): boolean => node > String(after) && (upto === undefined || node <= String(upto))
  return [
    ...ledger.rootsAfter(typeof root === 'number' ? root : 0),
    ...ledger.revocationsAfter(asVersion(revocations)),
    ...ledger
      .documents()
      .filter(({ fact }) => isMeant(fact.node) && isAfter(versionOf(fact), known.get(fact.node) ?? NEVER))
      .flatMap(({ fact }) => ledger.documentsAfter(fact.node, known.get(fact.node) ?? NEVER)),
  ]
}

const partsOf = (facts: readonly Vouched[]): Json[] =>
  Array.from({ length: Math.ceil(facts.length / FACTS) }, (_, i) => ({ facts: jsonOf(facts.slice(i * FACTS, (i + 1) * FACTS)) }))

const jsonOf = (facts: readonly Vouched[]): Json =>
  facts.map(({ fact, signatures }) => ({ fact: { ...fact } as Json, signatures: [...signatures] as object as Json }))

const readFacts = (facts: Json | undefined): Vouched[] => (Array.isArray(facts) ? facts.slice(0, 64).map(readVouched) : [])

const asVersion = (value: Json | undefined): Version =>
  Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'number' ? [value[0], value[1]] : NEVER

const membersOf = (value: Json | undefined): Members =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Members) : {}
