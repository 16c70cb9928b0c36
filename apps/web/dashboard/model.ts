// What the management API tells, as far as the dashboard shows it, read with care: a member of the wrong type counts as
// absent, an object without its id is left out. Shapes: contract §3, docs of GET /api/openapi.json.
import type { Json } from '../../../src/base/ports.ts'
import { type SignatureInfo, TRACES } from './signature-info.ts'

export interface NodeInfo {
  readonly id: string
  readonly role: string
  readonly online: boolean
  readonly path: readonly string[]
}

export type LinkKind = 'uplink' | 'overlay' | 'station'

export interface LinkInfo {
  readonly node: string
  readonly peer: string
  readonly kind: LinkKind
  readonly up: boolean
  /** Of a link between nodes that is up: whether the peer proved a key that is listed for it. */
  readonly proven: boolean | undefined
  /** Messages that wait for the link. */
  readonly queued: number
  /** Messages per second. */
  readonly rate: number
  readonly sent: number
  readonly received: number
  /** Since when it is up, or down; milliseconds since 1970, 0 where nobody said. */
  readonly since: number
}

export const LEARNED = ['link', 'announced', 'traffic'] as const

export interface RouteInfo {
  readonly id: string
  readonly role: string
  readonly online: boolean
  readonly path: readonly string[]
  /** How the way became known; empty where the node does not say. */
  readonly learned: (typeof LEARNED)[number] | ''
  /** The neighbour that a message goes to next. */
  readonly next: string
  readonly seq: string
  /** Milliseconds since 1970, 0 where nobody said. */
  readonly expires: number
  readonly lastSeen: number
}

export interface StationInfo {
  readonly id: string
  readonly protocol: string
  readonly online: boolean
  readonly vendorName: string
  readonly model: string
  readonly path: readonly string[]
  readonly lastSeen: string
}

export interface TransactionInfo {
  readonly id: string
  readonly stationId: string
  readonly evseId?: number
  readonly state: 'running' | 'ended'
  readonly startedAt: string
  readonly endedAt?: string
  readonly energyWh: number
  readonly powerW: number
  readonly idToken?: string
  readonly signed: boolean
}

export const SIGNATURES = ['valid', 'invalid', 'absent', 'unchecked'] as const
export type SignatureState = (typeof SIGNATURES)[number]

export const MESSAGE_TYPES = ['call', 'result', 'error', 'send'] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

export interface MessageInfo {
  /** Counts up in this browser: two messages may carry the same id. */
  readonly key: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** The node that saw it and judged its signatures; empty where it did not say. */
  readonly node: string
  readonly from: string
  readonly to: string
  readonly action: string
  readonly type: MessageType
  readonly id: string
  readonly path: readonly string[]
  readonly signature: SignatureState
  readonly signatures: readonly SignatureInfo[]
  readonly code?: string
  /** Of what was refused. */
  readonly rule: string
  readonly refusedBy: string
}

export interface JournalEntry {
  /** Counts up per node. */
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly node: string
  readonly kind: string
  readonly subject: string
  readonly text: string
  /** The policy rule that decided. */
  readonly rule: string
  /** The neighbour that a refused message came over. */
  readonly hop: string
  /** Another node's entry: who told it. */
  readonly toldBy: string
  /** Everything else the entry holds, printable. */
  readonly rest: string
  /** Of an order: whose signatures held. */
  readonly by: readonly Signatory[]
  /** Of an answer: the entry of its order. */
  readonly order: number
  /** What proves it: frames, heads. Printable; empty where the entry has none, or another node told it. */
  readonly proof: string
}

export interface Signatory {
  readonly node: string
  readonly role: string
  readonly kid: string
}

export interface ParkEvent {
  readonly name: string
  readonly title: Readonly<Record<'en' | 'de', string>>
  readonly description: Readonly<Record<'en' | 'de', string>>
  readonly active: boolean
}

type Members = { readonly [key: string]: Json | undefined }

export const membersOf = (json: Json | undefined): Members =>
  typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Members) : {}
export const textOf = (json: Json | undefined): string => (typeof json === 'string' || typeof json === 'number' ? String(json) : '')
export const numberOf = (json: Json | undefined): number => {
  const value = typeof json === 'string' ? Number(json) : json
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
export const textsOf = (json: Json | undefined): string[] =>
  Array.isArray(json) ? json.map((each: Json) => textOf(each)).filter((each) => each !== '') : []
/** Milliseconds since 1970 from ISO 8601 or a number; 0 where it is neither. */
export const timeOf = (json: Json | undefined): number => (typeof json === 'string' ? Date.parse(json) || 0 : numberOf(json))
export const oneOf = <T extends string>(choices: readonly T[], json: Json | undefined, otherwise: T): T =>
  choices.find((choice) => choice === json) ?? otherwise

export type Reader<T> = (json: Json) => T | undefined

export const readNode: Reader<NodeInfo> = (json) => {
  const { id, role, online, path } = membersOf(json)
  return textOf(id) === '' ? undefined : { id: textOf(id), role: textOf(role), online: online === true, path: textsOf(path) }
}

export const readLink: Reader<LinkInfo> = (json) => {
  const link = membersOf(json)
  const node = textOf(link.node)
  const peer = textOf(link.peer)
  if (node === '' || peer === '') return undefined
  const kind = oneOf<LinkKind>(['uplink', 'overlay', 'station'], link.kind, 'overlay')
  const counts = { queued: numberOf(link.queued), rate: numberOf(link.rate), sent: numberOf(link.sent), received: numberOf(link.received) }
  const proven = typeof link.proven === 'boolean' ? link.proven : undefined
  return { node, peer, kind, up: link.up === true, proven, ...counts, since: timeOf(link.since) }
}

export const readRoute: Reader<RouteInfo> = (json) => {
  const it = membersOf(json)
  if (textOf(it.id) === '') return undefined
  const path = textsOf(it.path)
  return {
    id: textOf(it.id),
    role: textOf(it.role),
    online: it.online === true,
    path,
    // one hop away is a link of this node, whether it says so or not
    learned: oneOf([...LEARNED, ''], it.learned, path.length === 1 ? 'link' : ''),
    next: textOf(it.via) || (path[0] ?? ''),
    seq: textOf(it.seq),
    expires: timeOf(it.expires),
    lastSeen: timeOf(it.lastSeen),
  }
}

export const readStation: Reader<StationInfo> = (json) => {
  const { id, protocol, online, vendorName, model, path, lastSeen } = membersOf(json)
  if (textOf(id) === '') return undefined
  const names = { protocol: textOf(protocol), vendorName: textOf(vendorName), model: textOf(model), lastSeen: textOf(lastSeen) }
  return { id: textOf(id), online: online === true, path: textsOf(path), ...names }
}

export const readTransaction: Reader<TransactionInfo> = (json) => {
  const it = membersOf(json)
  if (textOf(it.id) === '') return undefined
  return {
    id: textOf(it.id),
    stationId: textOf(it.stationId),
    ...(typeof it.evseId === 'number' && { evseId: it.evseId }),
    state: oneOf(['running', 'ended'], it.state, 'running'),
    startedAt: textOf(it.startedAt),
    ...(typeof it.endedAt === 'string' && { endedAt: it.endedAt }),
    energyWh: numberOf(it.energyWh),
    powerW: it.state === 'ended' ? 0 : numberOf(it.powerW),
    ...(typeof it.idToken === 'string' && { idToken: it.idToken }),
    signed: it.signed === true,
  }
}

const readSignature: Reader<SignatureInfo> = (json) => {
  const it = membersOf(json)
  const names = { node: textOf(it.node), role: textOf(it.role), kid: textOf(it.kid), flaw: textOf(it.flaw), detail: textOf(it.detail) }
  return { state: oneOf(TRACES, it.state, 'unjudged'), countersigns: it.countersigns === true, ...names }
}

const readSignatory: Reader<Signatory> = (json) => {
  const { node, role, kid } = membersOf(json)
  return textOf(node) === '' ? undefined : { node: textOf(node), role: textOf(role), kid: textOf(kid) }
}

/** `now` and `key` come from the caller: the time of arrival stands in where the message carries none that can be read. */
export const readMessage = (json: Json, key: number, now: number): MessageInfo => {
  const it = membersOf(json)
  return {
    key,
    at: timeOf(it.at) || now,
    node: textOf(it.node),
    from: textOf(it.from),
    to: textOf(it.to),
    action: textOf(it.action),
    type: oneOf(MESSAGE_TYPES, it.type, 'call'),
    id: textOf(it.id),
    path: textsOf(it.path),
    signature: oneOf(SIGNATURES, it.signature, 'unchecked'),
    signatures: readList(it.signatures, readSignature),
    ...(textOf(it.code) !== '' && { code: textOf(it.code) }),
    rule: textOf(it.rule),
    refusedBy: textOf(it.refusedBy),
  }
}

/** What is shown in a place of its own, and the chain of hashes, which is for machines. */
const JOURNAL_MEMBERS = new Set(['seq', 'at', 'node', 'kind', 'subject', 'text', 'rule', 'previous', 'hop', 'toldBy', 'data'])

export const readJournal: Reader<JournalEntry> = (json) => {
  const it = membersOf(json)
  if (textOf(it.kind) === '') return undefined
  const { hop, by, order, ...proof } = membersOf(it.data)
  const rest = Object.entries(it).filter(([member, value]) => !JOURNAL_MEMBERS.has(member) && value !== null && value !== '')
  return {
    seq: numberOf(it.seq),
    at: timeOf(it.at),
    node: textOf(it.node),
    kind: textOf(it.kind),
    subject: textOf(it.subject),
    text: textOf(it.text),
    rule: textOf(it.rule),
    hop: textOf(it.hop) || textOf(hop),
    toldBy: textOf(it.toldBy),
    rest: rest.map(([member, value]) => `${member} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' · '),
    by: readList(by, readSignatory),
    order: numberOf(order),
    proof: Object.keys(proof).length > 0 ? JSON.stringify(proof, null, 1) : '',
  }
}

export const readParkEvent: Reader<ParkEvent> = (json) => {
  const it = membersOf(json)
  const name = textOf(it.name)
  if (name === '') return undefined
  const inBoth = (texts: Json | undefined, otherwise: string) => {
    const { en, de } = membersOf(texts)
    return { en: textOf(en) || otherwise, de: textOf(de) || textOf(en) || otherwise }
  }
  return { name, title: inBoth(it.title, name), description: inBoth(it.description, ''), active: it.active === true }
}

/** Reads every element of a list; anything else than a list is an empty one. */
export const readList = <T>(json: Json | undefined, read: Reader<T>): T[] =>
  Array.isArray(json) ? json.map((each: Json) => read(each)).filter((each): each is T => each !== undefined) : []
