// The one message by which nodes tell their neighbours who is where: a SEND of an action of our own, from one node to the next
// (docs/protocol.md §3.3). It carries statements of the nodes themselves, signed, each with the way it came; here they are
// written, read and signed. Which of them is believed is decided in reachability.ts.
import { utf8 } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { readProtected, signDetached, verifyDetached } from '../crypto/jws.ts'
import { type Envelope, isNodeId, type Message, payloadOf, SEND, type SignatureObject } from '../ocpp/frame.ts'
import { isVersion, type Version } from '../ocpp/version.ts'
import { isGroupName } from './destinations.ts'
import type { Identity } from './signature.ts'
import type { TrustedKey, TrustStore } from './trust.ts'

export const REACHABILITY = 'org.chargeproof.Reachability'
/** `typ` of the protected header: a signature on a statement is none on a message, and the other way round. */
const STATEMENT = 'org.chargeproof.reachability'

/** A station attached to the node that speaks. */
export interface AttachedStation {
  readonly id: string
  readonly protocol?: Version
}

/** What a node says of itself and of the stations attached to it. Part 0 is about the node, every other part lists stations. */
export interface Statement {
  readonly node: string
  readonly role: string
  readonly part: number
  /** Rises with every statement of that part. */
  readonly seq: number
  /** Milliseconds since 1970; it does not count from then on. */
  readonly expires: number
  /** Part 0: the neighbours above, to which the node has a link now. */
  readonly up?: readonly string[]
  /** Part 0: nobody is above this node, ever. */
  readonly top?: boolean
  /** Part 0: the groups whose messages it wants; missing where there are none. */
  readonly groups?: readonly string[]
  readonly stations?: readonly AttachedStation[]
}

/** A statement on its way. */
export interface Advertisement {
  /** The node that made the statement first, then every node that passed it on. */
  readonly path: readonly string[]
  readonly statement: Statement
  readonly signature?: SignatureObject
}

export interface Withdrawal {
  readonly node: string
  /** The newest statement of the node that the sender had. */
  readonly seq: number
}

export interface Announcement {
  readonly reachable: readonly Advertisement[]
  readonly withdrawn: readonly Withdrawal[]
}

export const STATEMENTS_PER_FRAME = 250
export const STATIONS_PER_PART = 100
/** Parts of one node: 10,000 stations. */
export const PARTS = 101
export const HOPS = 16
const UPLINKS = 16
/** Groups that one node is in. */
export const GROUPS = 64

export const announce = (route: { from: string; to: string; id: string }, { reachable, withdrawn }: Announcement): Envelope => {
  const value = { reachable: reachable.map(asJson), withdrawn: withdrawn.map(({ node, seq }) => ({ node, seq })) }
  const message = { type: SEND, id: route.id, action: REACHABILITY, payload: payloadOf(value) } as const
  return { destination: [route.to], path: [route.from], header: {}, message }
}

const asJson = ({ path, statement, signature }: Advertisement): Json => ({
  path,
  statement: statementJson(statement),
  ...(signature && { signature }),
})

/** Members in the order they are written; those that say nothing are left out. */
const statementJson = ({ node, role, part, seq, expires, up, top, groups, stations }: Statement): Json => ({
  node,
  role,
  part,
  seq,
  expires,
  ...(up && { up }),
  ...(top && { top }),
  ...(groups && { groups }),
  ...(stations && { stations: stations.map(({ id, protocol }) => ({ id, ...(protocol && { protocol }) })) }),
})

/** Signs what this node says: JWS over the canonical JSON of the statement, detached like every signature here. */
export const signStatement = (statement: Statement, identity: Identity): SignatureObject =>
  signDetached({ kid: identity.kid, typ: STATEMENT }, signedBytes(statement), identity.signer)

/** The key that a signature names, if it is one of the node that the statement is about. Cheap: nothing is verified yet. */
export const keyOfStatement = ({ statement, signature }: Advertisement, trust: TrustStore): TrustedKey | undefined => {
  if (!signature) return undefined
  try {
    const { kid, typ } = readProtected(signature)
    const key = typeof kid === 'string' && typ === STATEMENT ? trust.find(kid) : undefined
    return key?.node === statement.node ? key : undefined
  } catch {
    // a header that cannot be read names no key
    return undefined
  }
}

export const isSignedBy = ({ statement, signature }: Advertisement, key: TrustedKey, engine: Engine): boolean =>
  signature !== undefined && verifyDetached(signature, signedBytes(statement), key.publicKey, engine)

const signedBytes = (statement: Statement): Uint8Array => utf8(canonicalJson(statementJson(statement)))

/** @throws Fault `frame-malformed` when the payload is anything else than an announcement */
export const readAnnouncement = (message: Message): Announcement => {
  const value = message.type === SEND ? message.payload.value : null
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw malformed('the announcement is not an object')
  const { reachable = [], withdrawn = [] } = value as { [key: string]: Json }
  if (!isList(reachable, STATEMENTS_PER_FRAME) || !isList(withdrawn, STATEMENTS_PER_FRAME))
    throw malformed('the announcement is not made of two lists of up to 250')
  return { reachable: reachable.map(readAdvertisement), withdrawn: withdrawn.map(readWithdrawal) }
}

const readAdvertisement = (value: Json): Advertisement => {
  const { path, statement, signature } = membersOf(value)
  if (!isList(path, HOPS) || path.length === 0 || !path.every(isName)) throw malformed('the way of a statement is not 1 to 16 node ids')
  const read = { path, statement: readStatement(statement) }
  if (signature === undefined) return read
  const { protected: header, signature: bytes } = membersOf(signature)
  if (typeof header !== 'string' || typeof bytes !== 'string') throw malformed('the signature of a statement is none')
  return { ...read, signature: { protected: header, signature: bytes } }
}

const readStatement = (value: Json | undefined): Statement => {
  const { node, role, part, seq, expires, up, top, groups, stations } = membersOf(value)
  if (!isName(node) || typeof role !== 'string' || role.length > 32) throw malformed('the statement names no node with a role')
  if (!isCount(part) || part >= PARTS || !isCount(seq) || !isCount(expires))
    throw malformed('part, seq or expires is no number in its range')
  if (up !== undefined && !(isList(up, UPLINKS) && up.every(isName))) throw malformed('up is not up to 16 node ids')
  if (stations !== undefined && (part === 0 || !isList(stations, STATIONS_PER_PART))) throw malformed('stations is not a list of up to 100')
  if (top !== undefined && top !== true) throw malformed('top is not true')
  if (groups !== undefined && !(part === 0 && isList(groups, GROUPS) && groups.every(isGroupName)))
    throw malformed('groups is not up to 64 names of groups')
  return {
    ...{ node, role, part, seq, expires },
    ...(up && { up: up as readonly string[] }),
    ...(top && { top }),
    ...(groups && { groups: groups as readonly string[] }),
    ...(stations && { stations: stations.map(readStation) }),
  }
}

const readStation = (value: Json): AttachedStation => {
  const { id, protocol } = membersOf(value)
  if (!isName(id)) throw malformed('the statement names a station that is none')
  if (protocol !== undefined && !isVersion(protocol)) throw malformed('the statement names no OCPP version')
  return { id, ...(protocol && { protocol }) }
}

const readWithdrawal = (value: Json): Withdrawal => {
  const { node, seq } = membersOf(value)
  if (!isName(node) || !isCount(seq)) throw malformed('a withdrawal names no node and number')
  return { node, seq }
}

const membersOf = (value: Json | undefined): { readonly [key: string]: Json | undefined } =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as { readonly [key: string]: Json }) : {}
/** Of one who can connect: the star stands for many. */
const isName = (id: unknown): id is string => isNodeId(id) && !id.includes('*')
const isList = (value: Json | undefined, limit: number): value is readonly Json[] => Array.isArray(value) && value.length <= limit
const isCount = (value: Json | undefined): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const malformed = (why: string): Fault => new Fault('frame-malformed', why)
