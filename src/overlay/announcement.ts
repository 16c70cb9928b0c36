// The one message by which nodes tell their uplink who is behind them: a SEND of an action of our own, hop by hop
// (docs/protocol.md §3.3). Ids and roles only; nothing in it can redirect what is directly attached elsewhere.
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { type Envelope, isNodeId, type Message, payloadOf, SEND } from '../ocpp/frame.ts'
import { isVersion, type Version } from '../ocpp/version.ts'

export const REACHABILITY = 'org.chargeproof.Reachability'

export interface AnnouncedPlace {
  readonly id: string
  readonly role: string
  readonly protocol?: Version
  /** Hops between the announcing node and the place, both left out. */
  readonly via: readonly string[]
}

export interface Announcement {
  readonly online: readonly AnnouncedPlace[]
  readonly offline: readonly string[]
}

export const announce = (route: { from: string; to: string; id: string }, { online, offline }: Announcement): Envelope => {
  const places = online.map(({ id, role, protocol, via }) => ({ id, role, via, ...(protocol && { protocol }) }))
  const message = { type: SEND, id: route.id, action: REACHABILITY, payload: payloadOf({ online: places, offline }) } as const
  return { destination: [route.to], path: [route.from], header: {}, message }
}

/** @throws Fault `frame-malformed` when the payload is anything else than an announcement */
export const readAnnouncement = (message: Message): Announcement => {
  const value = message.type === SEND ? message.payload.value : null
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new Fault('frame-malformed', 'the announcement is not an object')
  const { online = [], offline = [] } = value as { [key: string]: Json }
  if (!Array.isArray(online) || !Array.isArray(offline) || !offline.every(isNodeId))
    throw new Fault('frame-malformed', 'the announcement does not list node ids')
  return { online: online.map(readPlace), offline }
}

const readPlace = (value: Json): AnnouncedPlace => {
  const { id, role, protocol, via } = (value ?? {}) as { [key: string]: Json | undefined }
  if (!isNodeId(id) || typeof role !== 'string' || role.length > 32 || !Array.isArray(via) || via.length > 16 || !via.every(isNodeId))
    throw new Fault('frame-malformed', 'the announcement names a place that is none')
  return { id, role, via, ...(isVersion(protocol) && { protocol }) }
}
