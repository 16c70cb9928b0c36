// Overlay nodes, stations and keys for tests: joined by memory links, under one virtual clock, with wires that can be tapped.

import { generateSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { Fault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json, Store } from '../../src/base/ports.ts'
import type { Signer } from '../../src/crypto/engine.ts'
import { type Answer, Connection } from '../../src/ocpp/connection.ts'
import {
  CALL,
  type Call,
  type Envelope,
  type Header,
  payloadOf,
  RESULT,
  readEnvelope,
  type Send,
  writeEnvelope,
} from '../../src/ocpp/frame.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { isUnknownAnswer } from '../../src/overlay/error-answer.ts'
import type { Gatekeeper } from '../../src/overlay/gatekeeper.ts'
import { Guard, type GuardParts } from '../../src/overlay/guard.ts'
import { Journal } from '../../src/overlay/journal.ts'
import { type Local, type NodeParts, OverlayNode } from '../../src/overlay/node.ts'
import { NodeLink } from '../../src/overlay/node-link.ts'
import type { Peer, PeerEvents } from '../../src/overlay/peer.ts'
import type { Policy } from '../../src/overlay/policy.ts'
import type { Sighting } from '../../src/overlay/sighting.ts'
import type { Identity } from '../../src/overlay/signature.ts'
import { StationLink } from '../../src/overlay/station-link.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { type MemoryLink, memoryLinks } from '../support/memory-link.ts'
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts'

export const engine = nodeEngine()
export type JsonObject = { readonly [name: string]: Json }

export const openGatekeeper: Gatekeeper & Pick<Guard, 'countersign' | 'leavesOpen'> = {
  leavesOpen: (_question, answer) => isUnknownAnswer(answer),
  countersign: (envelope) => envelope,
  inspect: () => 'absent',
  protect: () => Promise.resolve(),
  admit: () => Promise.resolve('open'),
  sealCall: (envelope) => envelope,
  passOn: (envelope) => envelope,
  sealError: (_call, error) => error,
  sealAnswer: (_call, answer) => answer,
}

export interface TestNode {
  readonly node: OverlayNode
  readonly seen: Sighting[]
  readonly flaws: Fault[]
  readonly refused: Fault[]
  readonly moved: string[]
}

let seeds = 0

export const makeNode = (
  clock: VirtualClock,
  id: string,
  parts: Partial<NodeParts> & { role?: string; uplinks?: readonly string[] } = {},
): TestNode => {
  const told: Omit<TestNode, 'node'> = { seen: [], flaws: [], refused: [], moved: [] }
  const node = new OverlayNode(
    { id, role: parts.role ?? 'node', ...(parts.uplinks && { uplinks: parts.uplinks }) },
    {
      clock,
      random: fixedRandom(++seeds),
      gatekeeper: openGatekeeper,
      local: echo,
      observe: (look) => told.seen.push(look()),
      flaw: (fault) => told.flaws.push(fault),
      refused: (fault) => told.refused.push(fault),
      moved: (ids) => told.moved.push(...ids),
      ...parts,
    },
  )
  return { node, ...told }
}

/** Answers every CALL with what it was asked. */
export const echo: Local = {
  call: ({ message, path }) => Promise.resolve(payloadOf({ asked: 'payload' in message ? message.payload.value : null, path })),
}

export interface Joint {
  /** The ends of the wire, and the peers on them. */
  readonly low: MemoryLink
  readonly high: MemoryLink
  readonly up: NodeLink
  readonly down: NodeLink
}

/** `below` dials `above`. */
export const join = (clock: VirtualClock, below: OverlayNode, above: OverlayNode): Joint => {
  const [low, high] = memoryLinks()
  const down = new NodeLink(high, { self: above.id, peer: below.id, clock }, above)
  above.attach(down, { role: 'node' })
  const up = new NodeLink(low, { self: below.id, peer: above.id, clock }, below)
  below.attach(up, { role: 'node', uplink: true })
  return { low, high, up, down }
}

/** Whatever leaves this end passes through `alter` first; undefined drops it. */
export const tap = (link: MemoryLink, alter: (frame: string) => string | undefined): void => {
  const send = link.send.bind(link)
  link.send = (frame) => {
    const altered = typeof frame === 'string' ? alter(frame) : frame
    if (altered !== undefined) send(altered)
  }
}

/** `tap` for one who understands overlay frames. */
export const tapEnvelopes = (link: MemoryLink, alter: (envelope: Envelope) => Envelope | undefined): void =>
  tap(link, (frame) => {
    const altered = alter(readEnvelope(frame))
    return altered && writeEnvelope(altered)
  })

export interface TestStation {
  readonly link: MemoryLink
  readonly far: MemoryLink
  readonly peer: StationLink
  readonly connection: Connection
  readonly calls: Call[]
  readonly sends: Send[]
  readonly closed: number[]
  ask(action: string, payload: JsonObject, id?: string): Promise<Answer>
}

export interface StationOptions {
  readonly version?: Version
  readonly backend?: string
  readonly answer?: (call: Call) => Promise<Answer> | Answer
  readonly callTimeoutMs?: number
  readonly events?: PeerEvents
}

let messages = 0

export const makeStation = (clock: VirtualClock, node: OverlayNode, id: string, options: StationOptions = {}): TestStation => {
  const { version = 'ocpp2.1', backend = 'csms', answer = accepted, events = node } = options
  const [link, far] = memoryLinks()
  const peer = new StationLink(far, { station: id, version, backend, clock }, events)
  node.attach(peer, { role: 'station' })
  return {
    ...stationOn(clock, link, { version, answer, ...(options.callTimeoutMs && { callTimeoutMs: options.callTimeoutMs }) }),
    far,
    peer,
  }
}

/** The station's own end of a link. */
export const stationOn = (
  clock: VirtualClock,
  link: MemoryLink,
  { version, answer = accepted, callTimeoutMs }: { version: Version; answer?: StationOptions['answer']; callTimeoutMs?: number },
): Omit<TestStation, 'peer' | 'far'> => {
  const told = { calls: [] as Call[], sends: [] as Send[], closed: [] as number[] }
  const connection = new Connection(
    link,
    { version, clock, ...(callTimeoutMs && { callTimeoutMs }) },
    {
      async call(call) {
        told.calls.push(call)
        return answer(call)
      },
      send: (send) => told.sends.push(send),
      closed: (code) => told.closed.push(code),
    },
  )
  const ask = (action: string, payload: JsonObject, id = `m${++messages}`): Promise<Answer> =>
    connection.request({ type: CALL, id, action, payload: payloadOf(payload) })
  return { link, connection, ask, ...told }
}

const accepted = ({ id }: Call): Answer => ({ type: RESULT, id, payload: payloadOf({ status: 'Accepted' }) })

/** Actions of our own, which no schema judges: the tests are about the way, not about the words. */
export const PING = 'org.example.Ping'

export const callOf = (
  route: { from: string | readonly string[]; to: string | readonly string[] },
  message: Partial<Call> = {},
  header: Header = {},
): Envelope => ({
  destination: [route.to].flat(),
  path: [route.from].flat(),
  header,
  message: { type: CALL, id: '1', action: PING, payload: payloadOf({}), ...message },
})

/** What an answer says, short enough to compare. */
export const outcomeOf = ({ message }: { readonly message: Envelope['message'] }): JsonObject => {
  if ('details' in message) return { code: message.code, ...(message.details.value as JsonObject) }
  return 'payload' in message ? (message.payload.value as JsonObject) : {}
}

/** The payload of a CALL as a test knows it to be. */
export const askedOf = <T extends JsonObject>({ message }: { readonly message: Envelope['message'] | undefined }): T =>
  (message && 'payload' in message ? message.payload.value : {}) as T

export const caught = async (promise: Promise<unknown>): Promise<Fault> => {
  try {
    await promise
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('expected a Fault')
}

/** A peer that remembers what it was told, and answers what it is told to. */
export const fakePeer = (id: string, parts: Partial<Peer> = {}): Peer & { readonly sent: Envelope[] } => {
  const sent: Envelope[] = []
  return {
    id,
    kind: 'node',
    waiting: 0,
    counters: { sent: 0, received: 0 },
    request: () => Promise.reject(new Fault('timeout', 'a fake does not answer')),
    send: (envelope) => void sent.push(envelope),
    alive: () => Promise.resolve(true),
    close: () => undefined,
    sent,
    ...parts,
  }
}

/** Signers cost more than anything else here, so there is one per name. */
const signers = new Map<string, Signer>()
export const signerOf = (name: string): Signer => {
  const signer = signers.get(name) ?? generateSigner('secp256r1')
  signers.set(name, signer)
  return signer
}

export interface Keys {
  readonly trust: TrustStore
  identity(node: string, key?: string): Identity<Signer>
}

/** Keys named after their nodes; `roles` says which of them are trusted, and as what. */
export const keysOf = (roles: Readonly<Record<string, string>>): Keys => {
  const trust = new TrustStore(engine)
  for (const [node, role] of Object.entries(roles)) trust.add({ node, role, publicKey: signerOf(node).publicKey })
  const strangers = new TrustStore(engine)
  return {
    trust,
    identity(node, key = node) {
      const signer = signerOf(key)
      return { node, signer, kid: strangers.add({ node, role: '', publicKey: signer.publicKey }).kid }
    },
  }
}

export const LIMIT_POLICY: Policy = {
  rules: [
    { id: 'csms-operates', role: 'csms', actions: ['*'] },
    {
      id: 'grid-limit',
      role: 'grid-operator',
      actions: ['SetLimit', 'SetChargingProfile'],
      where: [{ pointer: '/limit', min: 4200, optional: true }],
    },
    { id: 'anyone-asks', role: 'anyone', actions: ['Hello'] },
  ],
}

export const makeGuard = (
  clock: VirtualClock,
  node: string,
  parts: Partial<GuardParts> & Pick<GuardParts, 'trust'>,
): { guard: Guard; journal: Journal; store: Store } => {
  const store = parts.store ?? memoryStore()
  const journal = new Journal({ node, store, engine, clock })
  return { guard: new Guard({ engine, clock, store, policy: LIMIT_POLICY, journal, ...parts }), journal, store }
}

export { settle } from '../support/virtual-clock.ts'
export { memoryLinks, type VirtualClock, virtualClock }
