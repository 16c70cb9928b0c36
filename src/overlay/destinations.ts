// Destinations that are not one node: whoever plays a role or is in a group, all of them, everybody (docs/protocol.md §3.6). The star
// is in no id of one who connects, so none of these spellings is the name of a node or station.
import { type Envelope, isNodeId } from '../ocpp/frame.ts'

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

export class SeenMessages {
  #young = new Set<string>()
  #old = new Set<string>()

  /** Whether this one comes for the first time. Origin and message id tell messages apart. */
  isNew({ path, message }: Envelope): boolean {
    const key = `${path[0]}\n${message.id}`
    if (this.#young.has(key) || this.#old.has(key)) return false
    this.#young.add(key)
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young
      this.#young = new Set()
    }
    return true
  }
}
