// The endpoints of one uplink, tried in turn, with a memory of the last one that worked: a new address that does not answer
// must not take a site off the network. It decides what to dial next; it dials nothing.
import type { Cancel, Clock, Json, Store } from '../base/ports.ts'

const COLLECTION = 'endpoints'
/** A connection that has lived this long shows that its endpoint is the right one; one that ends sooner counts as a failure. */
const PROVEN_MS = 10_000

interface Good {
  readonly url: string
  /** The list of endpoints as it was then: where it still is the same, there is nothing new to try first. */
  readonly among: readonly string[]
}

export interface EndpointParts {
  readonly store: Store
  readonly clock: Clock
  /** Told when another endpoint than the last one is tried, and when what works cannot be written down. */
  readonly changed?: (url: string) => void
  readonly failed?: (error: unknown) => void
}

export class EndpointMemory {
  readonly #uplink: string
  readonly #urls: readonly string[]
  readonly #parts: EndpointParts
  #order: readonly string[]
  #at = 0
  #proof: Cancel | undefined

  /** @param urls as configured, the preferred one first; at least one */
  constructor(uplink: string, urls: readonly string[], parts: EndpointParts) {
    this.#uplink = uplink
    this.#urls = urls
    this.#parts = parts
    this.#order = this.#sorted()
  }

  /** Where to dial now. */
  get current(): string {
    return this.#order[this.#at] as string
  }

  /** It did not answer: the next one is tried, the last good one before any other. */
  failed(): void {
    this.#proof?.()
    this.#proof = undefined
    if (this.#order.length < 2) return
    this.#at = (this.#at + 1) % this.#order.length
    this.#parts.changed?.(this.current)
  }

  opened(): void {
    this.#proof = this.#parts.clock.after(PROVEN_MS, () => {
      this.#proof = undefined
      this.#remember()
    })
  }

  /** A connection that had proven itself is dialled again where it was; a short one has failed. */
  ended(): void {
    if (this.#proof) this.failed()
  }

  stop(): void {
    this.#proof?.()
    this.#proof = undefined
  }

  #remember(): void {
    const { store, failed } = this.#parts
    const good: Good = { url: this.current, among: this.#urls }
    if (JSON.stringify(this.#good()) !== JSON.stringify(good))
      store.commit([{ collection: COLLECTION, key: this.#uplink, value: { ...good } }]).catch((error) => failed?.(error))
    this.#order = [good.url, ...this.#urls.filter((url) => url !== good.url)]
    this.#at = 0
  }

  /** What is new comes first, right behind it what worked before, even if the file does not name it any more. */
  #sorted(): string[] {
    const good = this.#good()
    const [first = '', ...others] = this.#urls
    if (good === undefined) return [first, ...others]
    const isUnchanged = good.among.length === this.#urls.length && this.#urls.every((url, i) => good.among[i] === url)
    const order = isUnchanged ? [good.url, first, ...others] : [first, good.url, ...others]
    return [...new Set(order)]
  }

  #good(): Good | undefined {
    return this.#parts.store.get(COLLECTION, this.#uplink) as ({ readonly [key: string]: Json } & Good) | undefined
  }
}
