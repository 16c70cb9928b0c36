// A running node as its operators see it: the views of the management API over the node's own parts. No state of its own.

import { asFault } from '../base/fault.ts'
import type { Cancel, Clock, Json, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { spelled, wireCode } from '../ocpp/error-code.ts'
import { type Envelope, ERROR, isNodeId, payloadOf, RESULT } from '../ocpp/frame.ts'
import { validateRequest } from '../ocpp/validate.ts'
import { isVersion, type Version } from '../ocpp/version.ts'
import { isUnknown, refusalOf } from '../overlay/error-answer.ts'
import type { KeyLedger } from '../overlay/key-ledger.ts'
import { POLICY_ON_DISK } from '../overlay/policy-shelf.ts'
import type { Place } from '../overlay/routes.ts'
import type { Sighting } from '../overlay/sighting.ts'
import { SteeredClock } from '../overlay/steered-clock.ts'
import type { TrustStore } from '../overlay/trust.ts'
import type { CsmsDesk } from '../roles/csms-desk.ts'
import { getTransaction, listTransactions, stations, type TransactionView } from '../roles/csms-views.ts'
import type { ToldRow } from '../roles/journal-notes.ts'
import type { LinkView as LinkState } from '../roles/link-reports.ts'
import type { LiveFeeds } from '../roles/live-feeds.ts'
import type { NetworkNode, NodeEvent } from '../roles/network-node.ts'
import { transparencyRecord } from '../roles/record.ts'
import { fileOperations } from './file-operations.ts'
import type { FirmwareDesk } from './firmware-desk.ts'
import { firmwareOperations, rollOutView } from './firmware-operations.ts'
import type { LiveView } from './http/stream-views.ts'
import { sharedJudges } from './judge-pool.ts'
import { keyOperations } from './key-operations.ts'
import type {
  CallOrder,
  CallOutcome,
  ClockView,
  LinkView,
  Management,
  ManagementEvent,
  MessageView,
  NodeView,
  NoteView,
  RouteView,
  StationView,
} from './management.ts'
import type { NodeFiles } from './node-files.ts'
import { policyOperations } from './policy-operations.ts'
import { meterValueView, transactionView } from './transaction-view.ts'

export interface OperationsParts {
  readonly network: NetworkNode
  readonly desk?: CsmsDesk
  readonly trust: TrustStore
  readonly ledger?: KeyLedger
  readonly files?: NodeFiles
  readonly clock: Pick<Clock, 'now'>
  readonly store: Store
  readonly engine: Engine
  readonly metrics: () => Promise<string>
  readonly ready: () => boolean
  readonly firmware?: FirmwareDesk
  readonly live: Pick<LiveFeeds, 'streams' | 'readers'>
  readonly park?: Management['park']
}

export const operationsOf = (parts: OperationsParts): Management => {
  const { network, store } = parts
  const { routes } = network.overlay
  return {
    node: { id: network.id, role: network.settings.role },
    clock: () => clockView(parts),
    ready: parts.ready,
    attention: () => (network.policy.state().lost === undefined ? [] : [POLICY_ON_DISK]),
    nodes: () => [{ id: network.id, role: network.settings.role, online: true, path: [] }, ...routes.places().filter(isNode).map(nodeView)],
    stations: () => stationViews(parts),
    asksUpwards: (station) => routes.hasUplink && isNodeId(station),
    links: () => network.links.all().map(linkView),
    streams: () => network.overlay.streams.views(),
    live: () => liveView(parts.live),
    routes: () => routes.places().map(routeView),
    call: (order) => callStation(parts, order),
    transactions: (station) => listTransactions(store, station).map(transactionView),
    transaction: (id) => {
      const found = getTransaction(store, id)
      return found && { ...transactionView(found), meterValues: found.meterValues.map(meterValueView) }
    },
    record: (id) => {
      const found = getTransaction(store, id)
      return found && transparencyRecord(found)
    },
    journal: (after, limit) => network.journal.read(after, limit).map(({ at, ...row }) => ({ ...row, at: iso(at) })),
    heads: () => network.witness.held(),
    notes: () => network.notes.all().map(noteView),
    ...keyOperations(parts),
    subscribe: (listener) => subscribe(parts, listener),
    verify: (inputs) => sharedJudges().judge(inputs),
    metrics: parts.metrics,
    policy: policyOperations(network),
    ...(parts.firmware && { firmware: firmwareOperations(parts.firmware) }),
    ...(parts.files && { files: fileOperations(parts.files, network.id, parts.engine) }),
    ...(parts.park && { park: parts.park }),
  }
}

const clockView = ({ network, clock }: OperationsParts): ClockView => {
  const { state, bound } = network.guard.quality
  const offsetMs = clock instanceof SteeredClock ? Math.round(clock.offset) : 0
  return { now: iso(clock.now()), state, boundMs: bound === undefined ? null : Math.ceil(bound), offsetMs }
}

const liveView = ({ streams, readers }: OperationsParts['live']): LiveView => ({
  streams: streams().map(({ last, ...stream }) => ({ ...stream, ...(last && { last: { value: last.value, at: iso(last.at) } }) })),
  readers: readers().map((reader) => ({ ...reader })),
})

const iso = (ms: number): string => new Date(ms).toISOString()
/** With `learned`: `link`, `announced` or `traffic`; and of what was announced `via`, `proven`, `seq` and `expires`. */
const routeView = ({ lastSeen, path, expires, ...place }: Place): RouteView => ({
  ...place,
  path: [...path],
  lastSeen: iso(lastSeen),
  ...(expires !== undefined && { expires: iso(expires) }),
})
const linkView = ({ since, ...view }: LinkState): LinkView => ({ ...view, ...(since !== undefined && { since: iso(since) }) })
const noteView = ({ at, ...row }: ToldRow): NoteView => ({ ...row, at: iso(at), toldBy: row.node })
const messageView = ({ at, path, signatures, ...rest }: Sighting): MessageView => ({
  ...{ ...rest, at: iso(at), path: [...path] },
  signatures: signatures.map((trace) => ({ ...trace })),
})
const isNode = ({ role }: Place): boolean => role !== 'station'
const nodeView = ({ id, role, online, path }: Place): NodeView => ({ id, role, online, path: [...path] })

/** Stations that the network reaches or once reached, with what they said of themselves when they booted. */
const stationViews = ({ network, desk, store }: OperationsParts): StationView[] => {
  const places = new Map(
    network.overlay.routes
      .places()
      .filter((place) => place.role === 'station')
      .map((place) => [place.id, place]),
  )
  const known = stations(store, desk?.seen)
  const ids = new Set([...places.keys(), ...known.map(({ id }) => id)])
  const about = new Map(known.map((station) => [station.id, station]))
  return [...ids].sort().map((id) => {
    const place = places.get(id)
    const boot = about.get(id)
    return {
      id,
      protocol: place?.protocol ?? boot?.protocol ?? null,
      online: place?.online ?? false,
      vendorName: boot?.vendorName ?? null,
      model: boot?.model ?? null,
      path: [...(place?.path ?? [])],
      lastSeen: boot?.lastSeen ?? (place ? iso(place.lastSeen) : null),
    }
  })
}

/** Asks a station something: the payload is checked first, the order is signed by this node. */
const callStation = async ({ network, store }: OperationsParts, order: CallOrder): Promise<CallOutcome> => {
  const version = order.protocol ?? versionOf(network, store, order.station)
  const flaw = validateRequest(version, order.action, order.payload)
  if (flaw)
    return {
      status: 'error',
      code: wireCode(version, flaw),
      description: `${order.action}: ${flaw.path || 'the payload'} ${flaw.detail}`,
      at: network.id,
    }
  try {
    const { question, answer } = await network.ask(order.station, order.action, payloadOf(order.payload), {
      ocpp: version,
      timeoutMs: order.timeoutMs,
    })
    return outcomeOf(network, question, answer)
  } catch (error) {
    const fault = asFault(error)
    const refusal = { code: wireCode(version, fault), description: fault.message, at: String(fault.data.at ?? network.id) }
    return { status: 'error', ...refusal, ...(isUnknown(fault) && { outcome: 'unknown' as const }) }
  }
}

/** What a station speaks: as it is connected now, or as it last booted. A grid operator's node may know neither and takes the newest. */
const versionOf = (network: NetworkNode, store: Store, station: string): Version => {
  const booted = (store.get('stations', station) as { readonly protocol?: Json } | undefined)?.protocol
  const known = network.overlay.routes.place(station)?.protocol ?? booted
  return isVersion(known) ? known : 'ocpp2.1'
}

/** An answer of the network as the management API tells it. */
export const outcomeOf = (network: NetworkNode, question: Envelope, answer: Envelope): CallOutcome => {
  const { message, path } = answer
  if (message.type === ERROR)
    return {
      status: 'error',
      code: spelled(question.header.ocpp ?? 'ocpp2.1', message.code),
      description: message.description,
      at: refusalOf(answer).at,
      ...(network.guard.leavesOpen(question, answer) && { outcome: 'unknown' as const }),
    }
  const signatures = network.guard.judge({ ...answer, question }).map(
    (judgement): Json =>
      judgement.state === 'valid'
        ? {
            state: 'valid',
            ...(judgement.claims.mid === '' && { loose: true }),
            kid: judgement.claims.kid,
            node: judgement.key.node,
            role: judgement.key.role,
          }
        : { state: 'invalid', kid: judgement.kid, flaw: judgement.flaw, detail: judgement.detail },
  )
  const { message: read } = network.guard.plain(answer)
  return { status: 'result', payload: read.type === RESULT ? read.payload.value : {}, path: [...path], signatures }
}

const subscribe = (parts: OperationsParts, listener: (event: ManagementEvent) => void): Cancel => {
  const { network, desk } = parts
  const stopNetwork = network.watch((event) => {
    for (const told of translate(parts, event)) listener(told)
  })
  const stopDesk = desk?.onEvent(({ type, data }) =>
    listener({ type, data: type === 'transaction' ? { ...transactionView(data as object as TransactionView) } : data }),
  )
  const stopFirmware = parts.firmware?.onChange((roll) => listener({ type: 'firmware', data: { ...rollOutView(roll) } }))
  return () => {
    stopFirmware?.()
    stopNetwork()
    stopDesk?.()
  }
}

/** What happened inside as the events of the API: each carries the same object as its list endpoint. */
const translate = (parts: OperationsParts, event: NodeEvent): ManagementEvent[] => {
  switch (event.type) {
    case 'message':
      return [{ type: 'message', data: messageView(event.data) }]
    case 'journal':
      return [{ type: 'journal', data: { ...event.data, at: iso(event.data.at) } }]
    case 'links':
      return event.data.map((view) => ({ type: 'link', data: { ...linkView(view) } }))
    case 'note':
      return [{ type: 'journal', data: { ...noteView(event.data) } }]
    case 'moved': {
      const places = event.data.map((id) => parts.network.overlay.routes.place(id)).filter((place) => place !== undefined)
      const stations = stationViews(parts).filter(({ id }) => event.data.includes(id))
      return [
        ...places.filter(isNode).map((place) => ({ type: 'node', data: { ...nodeView(place) } })),
        ...stations.map((view) => ({ type: 'station', data: { ...view } })),
      ]
    }
  }
}
