// Destinations that are not one node: whoever plays a role or is in a group, all of them, everybody (docs/protocol.md §3.6). The star
// is in no id of one who connects, so none of these spellings is the name of a node or station.
import { base64url, utf8 } from '../base/bytes.ts'
import type { Json } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { type Envelope, isNodeId } from '../ocpp/frame.ts'
import { isCountersignature } from './signature.ts'

export type Destination =
  | { readonly kind: 'node' }
  /** The nearest node of that role; `@` before it makes it a group. */
  | { readonly kind: 'anycast'; readonly role: string }
  /** Every node of that role or group; SEND only. */
  | { readonly kind: 'multicast'; readonly role: string }
  /** Every node; SEND only. */
  | { readonly kind: 'broadcast' }

const NODE: Destination = { kind: 'node' }
const ANY = '*any='
const ALL = '*all='

export const anycast = (role: string): string => `${ANY}${role}`
export const multicast = (role: string): string => `${ALL}${role}`
export const BROADCAST = '*'

/** Characters of a group's name. */
const GROUP_LIMIT = 32
const GROUP = '@'

/** Where a role stands in a destination, a group does with an `@` before it: `multicast(group('tariffs'))`. */
export const group = (name: string): string => `${GROUP}${name}`

export const isGroupName = (name: unknown): name is string => isNodeId(name) && name.length <= GROUP_LIMIT && !name.includes('*')

/** Whether one who plays that role and subscribed to these groups is meant by what stands behind `*any=` or `*all=`. */
export const isMeant = (whom: string, { role, groups }: { readonly role: string; readonly groups: ReadonlySet<string> }): boolean =>
  whom.startsWith(GROUP) ? groups.has(whom.slice(GROUP.length)) : whom === role

/** What the id of a destination means. The usual case, a node, costs one look at its first character. */
export const destinationOf = (id: string): Destination => {
  if (id.charCodeAt(0) !== 0x2a) return NODE
  if (id === BROADCAST) return { kind: 'broadcast' }
  if (id.startsWith(ANY)) return { kind: 'anycast', role: id.slice(ANY.length) }
  return id.startsWith(ALL) ? { kind: 'multicast', role: id.slice(ALL.length) } : NODE
}

/** Messages to many that were here lately: each is handled once, over however many links it comes. */
const REMEMBERED = 4_096

/** What makes a message to many the one that its origin said: all that a hop could alter unseen, where nobody knows the origin's key, but what hops add. */
const saidOf = ({ destination, message, header: { signatures = [] } }: Envelope): Json => [
  destination.at(-1) as string,
  'action' in message ? message.action : '',
  'payload' in message ? message.payload.text : message.details.text,
  ...signatures.flatMap((each) => (isCountersignature(each) ? [] : [each.protected, each.signature])),
]

export class SeenMessages {
  #young = new Set<string>()
  #old = new Set<string>()

  /**
   * Whether this one comes for the first time, over whatever way. What its origin said and signed, and to whom, tells it from others: a copy
   * that somebody altered must not stand in the place of the true one, where nobody on the way could tell the two apart.
   * @param engine without it there are no signatures, and origin and message id are all there is
   */
  isNew(envelope: Envelope, engine?: Engine): boolean {
    const { path, message } = envelope
    const told = engine && base64url(engine.digest('SHA-256', utf8(JSON.stringify(saidOf(envelope)))))
    const key = `${path[0]}\n${message.id}\n${told}`
    if (this.#young.has(key) || this.#old.has(key)) return false
    this.#young.add(key)
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young
      this.#young = new Set()
    }
    return true
  }
}
