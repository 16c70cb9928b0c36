// What every node that carries messages is made of: an overlay node, its guard and journal, links to stations, to other
// nodes and upwards, and, where it has an uplink, the autonomy of its stations. Roles differ in what listens behind it.
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Link } from '../base/ports.ts'
import type { Envelope, Payload } from '../ocpp/frame.ts'
import { carriesSignatures } from '../overlay/custom-data.ts'
import type { Guard, GuardParts } from '../overlay/guard.ts'
import { Journal, type JournalRow } from '../overlay/journal.ts'
import type { KeyLedger } from '../overlay/key-ledger.ts'
import { type Local, OverlayNode } from '../overlay/node.ts'
import type { Peer, PeerEvents } from '../overlay/peer.ts'
import { takingPolicies } from '../overlay/policy-delivery.ts'
import type { PolicyHolder } from '../overlay/policy-holder.ts'
import { readingSecrets } from '../overlay/secrecy.ts'
import type { Sighting } from '../overlay/sighting.ts'
import { isOfCurve } from '../overlay/signature.ts'
import { StationLink } from '../overlay/station-link.ts'
import { Uplinks } from '../overlay/uplinks.ts'
import { Arrivals } from './arrivals.ts'
import { Asking } from './asking.ts'
import { Autonomy } from './autonomy.ts'
import { Figures } from './figures.ts'
import { ForeignBackends } from './foreign-backends.ts'
import { joinAt } from './front-door.ts'
import { type Gates, makeGates } from './gates.ts'
import type { Inquiries } from './inquiries.ts'
import { JournalNotes } from './journal-notes.ts'
import { JournalWitness, witnessed } from './journal-witness.ts'
import { KeyNews } from './key-news.ts'
import { LinkReports } from './link-reports.ts'
import { Neighbours } from './neighbours.ts'
import type { AskOptions, DoorKnock, NetworkParts, NetworkSettings, NodeEvent } from './network-settings.ts'
import { Presence } from './presence.ts'
import { keepTime, type TimeKeeper, tellingTime } from './time-keeper.ts'
import { NODE_EVENTS, type Watcher, Watchers } from './watchers.ts'

export type { AskOptions, NetworkParts, NetworkSettings, NodeEvent }

const GIVING_UP = 'there is no more room on disk: kept messages of less worth are given up'

export class NetworkNode {
  readonly id: string
  readonly settings: NetworkSettings
  readonly overlay: OverlayNode
  readonly guard: Guard
  readonly journal: Journal
  readonly autonomy: Autonomy | undefined
  readonly links: LinkReports
  /** Orders of this node whose answer was lost. */
  readonly inquiries: Inquiries
  readonly notes: JournalNotes
  /** Facts about keys, from and to the neighbours. */
  readonly keys: KeyNews | undefined
  readonly witness: JournalWitness
  readonly figures = new Figures()
  /** The policy in force, and the one that is only tried. */
  readonly policy: PolicyHolder
  readonly #gates: Gates
  readonly #asking: Asking
  readonly #join: ReturnType<typeof joinAt>
  readonly foreign: ForeignBackends
  readonly #parts: NetworkParts
  readonly #neighbours: Neighbours
  readonly #presence: Presence
  readonly #arrivals: Arrivals
  /** The same for every station. */
  readonly #stationEvents: PeerEvents
  readonly #time: TimeKeeper | undefined
  readonly #watchers = new Watchers()

  constructor(settings: NetworkSettings, parts: NetworkParts) {
    this.id = settings.id
    this.settings = settings
    this.#parts = parts
    const { clock, store, engine } = parts
    const failed = (error: unknown): void => this.#flawed(asFault(error), this.id)
    this.journal = new Journal({ node: this.id, store, engine, clock, told: (row) => this.#written(row) })
    // a journal that cannot be written shows in the counters
    const unwritten = (): void => this.figures.flaws.add('store-failed')
    this.#arrivals = this.#makeArrivals(unwritten)
    const arrived: GuardParts['arrived'] = (claims, path) =>
      this.#arrivals.heard(claims, this.overlay.topology.paths.flawOf({ path, header: {} }) ? [] : path)
    const isMeant = (whom: string): boolean => this.overlay.topology.isMeant(whom)
    this.#gates = makeGates(parts, { self: this.id, isMeant, journal: this.journal, failed, unwritten, arrived })
    this.policy = this.#gates.policy
    this.guard = this.#gates.guard
    this.#join = joinAt({ routes: () => this.overlay.routes, journal: this.journal })
    this.overlay = this.#makeOverlay()
    this.#presence = new Presence({ clock, routes: this.overlay.routes, journal: this.journal, failed })
    this.keys = parts.ledger && this.#makeKeys(parts.ledger)
    this.#neighbours = this.#makeNeighbours()
    this.autonomy = settings.uplinks.length > 0 ? this.#makeAutonomy() : undefined
    this.#stationEvents = this.#makeStationEvents()
    const { guard, journal, overlay } = this
    this.#asking = new Asking({ ...parts, overlay, guard, journal, failed })
    this.inquiries = this.#asking.inquiries
    this.foreign = this.#makeForeign()
    this.links = this.#makeLinks()
    this.witness = new JournalWitness({ ...parts, node: overlay, journal, guard, failed })
    this.#time = keepTime(this, { ...parts, failed })
    this.notes = new JournalNotes({
      node: overlay,
      backend: settings.backend,
      clock,
      told: (data) => this.#watchers.tell({ type: 'note', data }),
    })
  }

  #written(row: JournalRow): void {
    this.witness.written(row)
    this.figures.written(row)
    this.notes.written(row)
    this.#watchers.tell({ type: 'journal', data: row })
  }

  #makeOverlay(): OverlayNode {
    const { local, foreign: _, firewall: __, ...parts } = this.#parts
    const { preferences } = this.settings
    return new OverlayNode(this.settings, {
      ...{ ...parts, gatekeeper: this.guard, local: this.#ends(local), firewall: this.#gates.screen },
      choice: new Uplinks({ ...parts, ...(preferences && { preferences }) }),
      observe: (look) => this.#sighted(look),
      moved: (data) => {
        this.keys?.moved(data)
        this.#presence.moved(data)
        this.witness.moved(data)
        this.#time?.moved(data)
        this.#watchers.tell({ type: 'moved', data })
      },
      flaw: (fault, peer) => this.#flawed(fault, peer),
      refused: (fault) => this.#note('message-refused', fault),
    })
  }

  #makeArrivals(unwritten: () => void): Arrivals {
    return new Arrivals({
      clock: this.#parts.clock,
      isOnline: (origin) => this.overlay.routes.place(origin)?.online === true,
      // whoever has the station's socket is the only one who can
      keeper: (origin, path) => this.links.keeper(origin, [path[1], this.overlay.routes.place(origin)?.path.at(-2)]),
      missed: (entry) => void this.journal.write(entry).catch(unwritten),
    })
  }

  /** What ends here: policies, news of keys and heads of journals are this node's own, everything else is for its role. */
  #ends(role: Local): Local {
    const told = { ...role, call: role.call.bind(role), told: (told: Envelope) => this.keys?.heard(told) || role.told?.(told) }
    const failed = (fault: Fault, origin: string): void => this.#flawed(fault, origin)
    const speaking = tellingTime(told, { ...this.#parts, guard: () => this.guard })
    const { secrecy } = this.#parts
    const discreet = secrecy ? readingSecrets(speaking, secrecy, { self: this.id, failed }) : speaking
    return takingPolicies(
      witnessed(discreet, () => this.witness),
      this.policy,
    )
  }

  #makeKeys(ledger: KeyLedger): KeyNews {
    const failed = (fault: Fault, peer: string): void => this.#flawed(fault, peer)
    return new KeyNews({ ...this.#parts, ledger, node: this.overlay, journal: this.journal, failed })
  }

  #makeNeighbours(): Neighbours {
    return new Neighbours({
      ...this.#parts,
      overlay: this.overlay,
      settings: this.settings,
      join: this.#join,
      risen: () => this.autonomy?.drain(),
    })
  }

  #makeAutonomy(): Autonomy {
    const { clock, random, store } = this.#parts
    const failed = (fault: Fault): void => this.#flawed(fault, this.id)
    const rejected = (station: string, fault: Fault): void => this.#note('queue', fault, station)
    const dropped = (station: string, count: number, isOver: boolean): void =>
      this.#note('queue', new Fault('queue-full', isOver ? `${count} kept messages were given up` : GIVING_UP), station)
    const { quota } = this.settings
    return new Autonomy({ node: this.overlay, guard: this.guard, store, clock, random, failed, rejected, dropped, ...(quota && { quota }) })
  }

  #makeLinks(): LinkReports {
    return new LinkReports({
      node: this.overlay,
      settings: this.settings,
      clock: this.#parts.clock,
      foreign: () => this.foreign.views(),
      queued: () => this.autonomy?.waiting ?? 0,
      kept: () => this.autonomy?.outbox.stations ?? [],
      isProven: (peer) => this.#neighbours.isProven(peer),
      told: (data) => this.#watchers.tell({ type: 'links', data }),
      isWatched: () => this.#watchers.wants('links'),
    })
  }

  #makeForeign(): ForeignBackends {
    const { foreign = { mirrors: [] }, firewall: _, ...parts } = this.#parts
    const { firewall } = this.#gates
    return new ForeignBackends(foreign, {
      ...parts,
      ...(firewall && { firewall }),
      node: this.id,
      guard: this.guard,
      peer: (station) => this.overlay.routes.direct(station),
      events: this.overlay,
      seen: (look) => this.#sighted(look),
      failed: (fault, subject) => this.#flawed(fault, subject),
    })
  }

  /** Tells of all that happens here, or of events of these types only, until it is cancelled. */
  watch(watcher: Watcher, types = NODE_EVENTS): Cancel {
    return this.#watchers.add(watcher, types)
  }

  /** Asks a station or node something, signed by this node unless told otherwise. */
  ask(destination: string, action: string, payload: Payload, options: AskOptions): Promise<{ question: Envelope; answer: Envelope }> {
    return this.#asking.ask(destination, action, payload, options)
  }

  /** A station came through the door with a valid name and, where asked for, valid credentials. */
  async stationConnected(link: Link, info: DoorKnock): Promise<void> {
    const { stationId: id, version, password, proven = false } = info
    const { settings } = this
    const { identity } = this.#parts
    const signed = settings.signedActions && carriesSignatures(version) && isOfCurve(identity) && { signedActions: identity }
    const options = { station: id, version, backend: settings.backend, clock: this.#parts.clock, proven, ...signed }
    const station = { id, version, ...(password && { password }) }
    await this.#join(id, link, () => {
      const way = this.foreign.mirrored(link, station)
      const peer = this.foreign.standardPeer(way, station) ?? new StationLink(way, options, this.#stationEvents)
      this.overlay.attach(peer, { role: 'station' })
    })
  }

  /** Another node dialled in. Rejects with Fault `refused` when it does not prove its key. */
  nodeConnected(link: Link, info: { nodeId: string; bare?: boolean }): Promise<void> {
    return this.#neighbours.dialledIn(link, info)
  }

  /** This node dialled one that is below it, or above it. Rejects with Fault `refused` when that does not prove its key. */
  downlinkConnected(link: Link, nodeId: string): Promise<void> {
    return this.#neighbours.downwards(link, nodeId)
  }

  uplinkConnected(link: Link, nodeId: string): Promise<void> {
    return this.#neighbours.upwards(link, nodeId)
  }

  /** Somebody was turned away before a connection stood. An address nobody named is noise, not news. */
  refusedAtDoor(knock: { id: string; status: number; reason: string; remoteAddress: string }): void {
    if (knock.id === '' || knock.status === 404) return
    this.#note('security', new Fault('refused', `${knock.reason} (${knock.status}), from ${knock.remoteAddress}`), knock.id)
  }

  stop(): void {
    this.#neighbours.stop()
    this.#time?.stop()
    const { keys, autonomy, inquiries, links, notes, witness, foreign, overlay } = this
    const parts = [keys, autonomy, inquiries, links, notes, this.#presence, this.#arrivals, witness, this.#gates, foreign, overlay.streams]
    for (const part of parts) part?.stop()
    for (const peer of overlay.routes.peers) peer.close(1001, 'the node is shutting down')
  }

  /** Stations' messages pass the autonomy first, where there is one. */
  #makeStationEvents(): PeerEvents {
    const { autonomy, overlay } = this
    if (!autonomy) return overlay
    return {
      request: (envelope, from) => autonomy.request(envelope, from),
      refusal: (envelope, fault, from) => overlay.refusal(envelope, fault, from),
      send: (envelope, from) => overlay.send(envelope, from),
      flaw: (error, from) => overlay.flaw(error, from),
      closed: (from: Peer) => overlay.closed(from),
    }
  }

  #flawed(fault: Fault, peer: string): void {
    if (fault.code === 'store-failed' || fault.code === 'refused') this.#note('security', fault, peer)
    this.figures.flaws.add(fault.code)
  }

  #note(kind: 'security' | 'message-refused' | 'queue', fault: Fault, peer = String(fault.data.origin ?? '')): void {
    const { rule, hop } = fault.data
    const entry = {
      kind,
      subject: peer,
      text: fault.message,
      ...(typeof rule === 'string' && { rule }),
      ...(typeof hop === 'string' && { data: { hop } }),
    }
    this.journal.writeRefusal(entry).catch((error) => this.figures.flaws.add(asFault(error).code))
  }

  #sighted(look: () => Sighting): void {
    if (this.#watchers.wants('message')) this.#watchers.tell({ type: 'message', data: look() })
  }
}
