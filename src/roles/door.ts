// The door of a controller for stations that know nothing but HTTP: addresses made for one station and one purpose, that nobody can guess,
// that end when they were used, and by themselves (docs/protocol.md §13.3). What is given and taken behind them is in adapters/door.ts.

import { base64url, hex, utf8 } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import type { Clock, Json, Random, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { Envelope } from '../ocpp/frame.ts'
import { answeringBefore } from '../overlay/answering.ts'
import { isContentId } from '../overlay/files/content.ts'
import { fileName } from '../overlay/files/names.ts'
import type { Guard } from '../overlay/guard.ts'
import type { Local } from '../overlay/node-parts.ts'
import { documentOf, integerOf, type JsonObject, objectOf, storedAs, textOf } from './behaviours/fields.ts'

/** A CALL to the controller; the prefix, so that no OCPP version can claim the name. */
export const OPEN_DOOR = 'org.chargeproof.OpenDoor'
/** Where it is in the address: `<base>/door/<token>`. */
export const DOOR_PATH = '/door/'

/** What an address is for: content of a node to be fetched, or a file to be sent to a node's file space. */
export type Errand =
  | { readonly kind: 'get'; readonly content: string; readonly size: number; readonly sha256: string }
  | { readonly kind: 'put'; readonly folder: string }

export interface Ticket {
  /** Whose it is; without it every station that is connected to this node may come, as often as it wants. */
  readonly station?: string
  /** The node that asked for it: it has the content, or gets the file. */
  readonly node: string
  readonly errand: Errand
  /** Milliseconds since 1970. */
  readonly until: number
}

export interface DoorParts {
  readonly self: string
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<Random, 'bytes'>
  readonly engine: Engine
  readonly guard: Pick<Guard, 'admit' | 'plain'>
  /** How stations reach this node: scheme, host and port, nothing behind. */
  readonly url: string
  /** Life of an address, ms. */
  readonly lifeMs: number
  /** Whether the station is connected to this node. */
  isHere(station: string): boolean
}

const COLLECTION = 'door-tickets'
const MOST_TICKETS = 10_000
const TOKEN_BYTES = 32

/** A node that answers for its door, and leaves everything else to `local`. */
export const servingDoor = (local: Local, door: () => Door | undefined): Local =>
  answeringBefore(local, (action) => {
    const opened = action === OPEN_DOOR ? door() : undefined
    return opened && ((envelope) => opened.answer(envelope))
  })

export class Door {
  readonly #parts: DoorParts

  constructor(parts: DoorParts) {
    this.#parts = parts
  }

  /** Rejects with Fault `refused` where the policy says no, `payload-invalid`, `queue-full`. */
  async answer(envelope: Envelope): Promise<Json> {
    const { guard, self } = this.#parts
    await guard.admit(envelope, self)
    const { message, path } = guard.plain(envelope)
    const { station, errand } = readOrder('payload' in message ? message.payload.value : null)
    const { url, until } = await this.issue(station, errand, path[0] as string)
    return { url, until }
  }

  /** An address for a station. Rejects as `answer`. */
  async issue(station: string, errand: Errand, node: string): Promise<{ url: string; until: number }> {
    if (!this.#parts.isHere(station)) throw new Fault('unreachable', `${station} is not connected to this node`)
    return this.#make({ station, node, errand })
  }

  /** An address for every station of this node, until it is over or `used` is told of it. Rejects with Fault `queue-full`. */
  publish(errand: Errand, node: string): Promise<{ url: string; until: number; token: string }> {
    return this.#make({ node, errand })
  }

  async #make(wanted: Omit<Ticket, 'until'>): Promise<{ url: string; until: number; token: string }> {
    const { store, clock, random, lifeMs, url } = this.#parts
    await this.#sweep()
    if (store.list(COLLECTION, { limit: MOST_TICKETS }).length >= MOST_TICKETS) throw new Fault('queue-full', 'too many addresses are open')
    const token = base64url(random.bytes(TOKEN_BYTES))
    const ticket: Ticket = { ...wanted, until: clock.now() + lifeMs }
    await store.commit([{ collection: COLLECTION, key: this.#keyOf(token), value: documentOf(ticket) }])
    // a folder ends with a slash, by which a station knows that it chooses the name
    return { url: `${url}${DOOR_PATH}${token}${wanted.errand.kind === 'put' ? '/' : ''}`, until: ticket.until, token }
  }

  /** What an address is for; nothing for one that was never made, that was used or is over, or whose station is not here. */
  find(token: string, kind: Errand['kind']): Ticket | undefined {
    const value = this.#parts.store.get(COLLECTION, this.#keyOf(token))
    const ticket = value === undefined ? undefined : storedAs<Ticket>(value)
    const counts = ticket?.errand.kind === kind && ticket.until > this.#parts.clock.now()
    return counts ? ticket : undefined
  }

  /** It served its purpose. */
  async used(token: string): Promise<void> {
    await this.#parts.store.commit([{ collection: COLLECTION, key: this.#keyOf(token), value: undefined }])
  }

  /** The store holds the hash alone: who reads it learns no address. */
  #keyOf(token: string): string {
    return hex(this.#parts.engine.digest('SHA-256', utf8(token)))
  }

  async #sweep(): Promise<void> {
    const { store, clock } = this.#parts
    const over = store.list(COLLECTION).filter(({ value }) => storedAs<Ticket>(value).until <= clock.now())
    if (over.length > 0) await store.commit(over.map(({ key }) => ({ collection: COLLECTION, key, value: undefined })))
  }
}

export const writeOrder = (station: string, errand: Errand): JsonObject => {
  const { kind, ...details } = errand
  return { station, [kind]: details }
}

/** @throws Fault `payload-invalid`; `refused` for a folder that is no name */
const readOrder = (value: Json): { station: string; errand: Errand } => {
  const { station, get, put, ...others } = objectOf(value)
  if (typeof station !== 'string' || station === '' || (get === undefined) === (put === undefined) || Object.keys(others).length > 0)
    throw new Fault('payload-invalid', 'expected "station" and either "get" or "put"')
  if (put !== undefined) return { station, errand: { kind: 'put', folder: fileName(objectOf(put).folder) } }
  const { content, size, sha256 } = objectOf(get)
  if (!isContentId(content) || !isContentId(sha256) || integerOf(size) === undefined)
    throw new Fault('payload-invalid', 'expected "content" and "sha256" as 64 hex digits and "size" in bytes')
  return { station, errand: { kind: 'get', content, size: integerOf(size) as number, sha256 } }
}

/** The address in an answer. @throws Fault `remote-error` */
export const readAddress = (answer: Json): string => {
  const url = textOf(objectOf(answer).url)
  if (url === undefined) throw new Fault('remote-error', 'the controller gave no address')
  return url
}
