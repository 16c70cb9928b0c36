// A small park of real network nodes on memory links: csms, gateway, lc and a grid operator, with stations that guard themselves.

import { memoryStore } from '../../src/base/memory-store.ts'
import type { Store } from '../../src/base/ports.ts'
import { type Answer, Connection } from '../../src/ocpp/connection.ts'
import { CALL, type Call, type Envelope, ERROR, type ErrorMessage, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import type { Version } from '../../src/ocpp/version.ts'
import type { Journal, JournalRow } from '../../src/overlay/journal.ts'
import type { Local } from '../../src/overlay/node.ts'
import type { Secrecy } from '../../src/overlay/secrecy.ts'
import { NetworkNode, type NetworkParts, type NetworkSettings } from '../../src/roles/network-node.ts'
import type { Admitted, Refused } from '../../src/roles/station/parts.ts'
import { stationGuard } from '../../src/roles/station-guard.ts'
import {
  echo,
  engine,
  type JsonObject,
  type Keys,
  keysOf,
  LIMIT_POLICY,
  makeGuard,
  memoryLinks,
  PING,
  settle,
  virtualClock,
} from '../overlay/support.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import type { MemoryLink } from '../support/memory-link.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'

export const ROLES = { csms: 'csms', 'grid-operator': 'grid-operator', meter: 'energy-meter' }

let seeds = 100

export const makeNetwork = (
  clock: VirtualClock,
  settings: Partial<NetworkSettings> & { id: string },
  parts: Partial<NetworkParts> & { keys?: Keys } = {},
) => {
  const { keys = keysOf(ROLES) } = parts
  const identity = keys.identity(settings.id)
  return new NetworkNode(
    { role: settings.id, backend: 'csms', uplinks: [], ...settings },
    {
      clock,
      random: fixedRandom(++seeds),
      store: memoryStore(),
      engine,
      trust: keys.trust,
      policy: LIMIT_POLICY,
      identity,
      local: echo,
      ...parts,
    },
  )
}

/** `below` dials `above`; resolves when the routes are known. */
export const dial = async (below: NetworkNode, above: NetworkNode): Promise<{ low: MemoryLink; high: MemoryLink }> => {
  const [low, high] = memoryLinks()
  await Promise.all([above.nodeConnected(high, { nodeId: below.id }), below.uplinkConnected(low, above.id)])
  await settle()
  return { low, high }
}

/** A station with a key of its own and the guard at its door; it answers what it obeys with its payload. */
export const guardedStation = async (
  clock: VirtualClock,
  node: NetworkNode,
  station: { id: string; version: Version; keys: Keys; store?: Store; secrecy?: Secrecy },
) => {
  const { id, version, keys } = station
  const { guard, journal, store } = makeGuard(clock, id, {
    trust: keys.trust,
    identity: keys.identity(id),
    random: fixedRandom(++seeds),
    ...(station.store && { store: station.store }),
    ...(station.secrecy && { secrecy: station.secrecy }),
  })
  const door = stationGuard(guard, { id, version, backend: 'csms' })
  const obeyed: Call[] = []
  const [link, far] = memoryLinks()
  const handle = async (call: Call): Promise<Answer> => {
    const told = await door.told?.(call)
    if (told) return door.seal(call, told)
    const answer = answerTo(call, await door.admit(call))
    return door.seal(call, (await door.conceal?.(call, answer)) ?? answer)
  }
  const answerTo = (call: Call, admitted: Admitted | Refused): Answer => {
    if (!admitted.allowed) return refused(call, admitted)
    obeyed.push(admitted.call ?? call)
    return { type: RESULT, id: call.id, payload: payloadOf({ status: 'Accepted', statusInfo: { reasonCode: 'Obeyed' } }) }
  }
  const seal = (error: ErrorMessage, call?: Call) => (call ? door.seal(call, error) : door.sealTold(error))
  const connection = new Connection(link, { version, clock }, { call: handle, seal, closed: () => undefined })
  await node.stationConnected(far, { stationId: id, version })
  await settle()
  const ask = (payload: JsonObject, messageId = '1') => opened({ type: CALL, id: messageId, action: PING, payload: payloadOf(payload) })
  const opened = async (call: Call): Promise<Answer> => {
    const sealed = door.sealCall((await door.hide?.(call)) ?? call)
    return door.opened(sealed, await connection.request(sealed))
  }
  return { link, far, obeyed, journal, store, ask, say: opened }
}

const refused = ({ id }: Call, { description, details }: Refused): ErrorMessage => ({
  type: ERROR,
  id,
  code: 'SecurityError',
  description,
  details: payloadOf(details),
})

export interface SignedPark {
  readonly version: Version
  /** Whether the nodes know the station's key: then it decides itself. */
  readonly known?: boolean
  readonly csmsLocal?: Local
  /** What some of them keep secret, by id. */
  readonly secrecy?: (keys: Keys) => { readonly [id: string]: Secrecy }
  readonly lc?: Partial<NetworkParts>
}

/** grid-operator - csms - gateway - lc - station */
export const signedPark = async ({ version, known = version !== 'ocpp1.6', csmsLocal = echo, lc: controller, ...more }: SignedPark) => {
  const clock = virtualClock()
  const keys = keysOf({ ...ROLES, gateway: 'gateway', lc: 'local-controller', ...(known && { cs: 'station' }) })
  // one that cannot give its word is found by its home
  if (known && version === 'ocpp1.6') keys.trust.homes.add({ node: 'lc', stations: ['cs'] })
  const secrecy = more.secrecy?.(keys) ?? {}
  const make = (id: string, uplinks: string[] = [], local = echo, parts: Partial<NetworkParts> = {}) =>
    makeNetwork(clock, { id, uplinks }, { keys, local, ...parts, ...(secrecy[id] && { secrecy: secrecy[id] }) })
  const [csms, gateway, lc, operator] = [
    make('csms', [], csmsLocal),
    make('gateway', ['csms']),
    make('lc', ['gateway'], echo, controller),
    make('grid-operator', ['csms']),
  ]
  const wires = { gateway: await dial(gateway, csms), lc: await dial(lc, gateway), operator: await dial(operator, csms) }
  const cs = await guardedStation(clock, lc, { id: 'cs', version, keys, ...(secrecy.cs && { secrecy: secrecy.cs }) })
  // the nodes above ask it whether it is there
  if (known) await clock.advance(400)
  const nodes = [csms, gateway, lc, operator]
  const order = async (
    sealing?: Parameters<NetworkNode['ask']>[3]['sealing'],
    payload: JsonObject = { limit: 5000 },
    action = 'SetLimit',
  ) => operator.ask('cs', action, payloadOf(payload), { ocpp: version, ...(sealing !== undefined && { sealing }) })
  const refusals = () =>
    [...nodes.map(({ journal }) => journal), cs.journal]
      .flatMap((journal) => journal.read(0, 100))
      .filter(({ kind }) => kind === 'order-refused' || kind === 'message-refused')
  return { clock, keys, csms, gateway, lc, operator, wires, cs, order, refusals, nodes }
}

export const statusOf = (envelope: Envelope): unknown =>
  'payload' in envelope.message ? (envelope.message.payload.value as JsonObject).status : undefined

const NEWS: readonly string[] = ['station', 'node', 'head', 'order-answered']

/** What a journal says besides who came, who went, what was answered and whose head was held. */
export const decisions = (journal: Journal): JournalRow[] => journal.read(0, 99).filter(({ kind }) => !NEWS.includes(kind))
