// A Store that lives and dies with the process: for tests and for nodes that need not remember. It keeps the contract of the
// durable store (order, all or none, visibility, failure) and nothing of its durability.
import { Fault } from './fault.ts'
import type { Change, Json, Range, Row, Store } from './ports.ts'
import { readJson } from './read-json.ts'

export interface MemoryStoreOptions {
  /** Called before each group of commits takes effect for good; what it throws fails them all, as a full disk would. */
  readonly beforeCommit?: () => void
}

/** Commits of one turn stand or fall together; their promise settles in a microtask. Throws and rejects with Fault `store-failed`. */
export const memoryStore = (options: MemoryStoreOptions = {}): Store => new MemoryStore(options)

/**
 * The half-open interval of keys, `low <= key < high`, that a range asks for.
 * The smallest text after `k` is `k` with a zero character behind it; no ASCII key reaches U+10FFFF.
 */
export const keyInterval = ({ prefix = '', after }: Range): { low: string; high: string } => {
  const next = after === undefined ? '' : `${after}\0`
  return { low: next > prefix ? next : prefix, high: `${prefix}\u{10ffff}` }
}

/** Values are kept as their JSON text, so that no reader shares an object with a writer, as on disk. */
interface Collection {
  readonly keys: string[]
  readonly texts: Map<string, string>
}

interface Undo {
  readonly collection: string
  readonly key: string
  readonly text: string | undefined
}

class MemoryStore implements Store {
  readonly #collections = new Map<string, Collection>()
  readonly #beforeCommit: (() => void) | undefined
  #undo: Undo[] = []
  #group: Promise<void> | undefined
  #closed = false

  constructor({ beforeCommit }: MemoryStoreOptions) {
    this.#beforeCommit = beforeCommit
  }

  get(collection: string, key: string): Json | undefined {
    const text = this.#opened().get(collection)?.texts.get(key)
    return text === undefined ? undefined : readJson(text)
  }

  list(collection: string, range: Range = {}): Row[] {
    const found = this.#opened().get(collection)
    if (found === undefined) return []
    const { low, high } = keyInterval(range)
    const keys = found.keys.slice(position(found.keys, low), position(found.keys, high))
    if (range.reverse === true) keys.reverse()
    return keys.slice(0, range.limit).map((key) => ({ key, value: readJson(found.texts.get(key) as string) }))
  }

  async commit(changes: readonly Change[]): Promise<void> {
    this.#opened()
    const texts = changes.map(jsonText)
    for (const [i, { collection, key }] of changes.entries())
      this.#undo.push({ collection, key, text: this.#put(collection, key, texts[i]) })
    this.#group ??= Promise.resolve().then(() => this.#settle())
    return this.#group
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #opened(): Map<string, Collection> {
    if (this.#closed) throw new Fault('store-failed', 'the store is closed')
    return this.#collections
  }

  #settle(): void {
    const undo = this.#undo
    this.#undo = []
    this.#group = undefined
    try {
      this.#beforeCommit?.()
    } catch (cause) {
      for (const { collection, key, text } of undo.reverse()) this.#put(collection, key, text)
      throw new Fault('store-failed', 'the changes were not kept', {}, cause)
    }
  }

  /** Sets or, with `undefined`, deletes; answers what was there before. */
  #put(collection: string, key: string, text: string | undefined): string | undefined {
    const found = this.#collections.get(collection) ?? { keys: [], texts: new Map() }
    this.#collections.set(collection, found)
    const before = found.texts.get(key)
    if (text === undefined) found.texts.delete(key)
    else found.texts.set(key, text)
    if (text === undefined && before !== undefined) found.keys.splice(position(found.keys, key), 1)
    if (text !== undefined && before === undefined) found.keys.splice(position(found.keys, key), 0, key)
    return before
  }
}

/** What is written for a change; `undefined` deletes. Throws Fault `store-failed` for a value that is not JSON. */
export const jsonText = ({ value }: Change): string | undefined => {
  if (value === undefined) return undefined
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw new Fault('store-failed', 'expected a value that JSON can hold', {}, cause)
  }
}

/** How many of the sorted keys are smaller than `key`. */
const position = (keys: readonly string[], key: string): number => {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
