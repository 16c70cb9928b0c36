// One node of the overlay: takes messages from its links, delivers what is meant for it and passes on the rest. It has no
// sockets and no clock of its own; which role it plays is decided by who listens behind `local`.
import { asFault, Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { type Envelope, type Header, type Payload, RESULT, RESULT_ERROR, SEND } from '../ocpp/frame.ts'
import { REACHABILITY } from './announcement.ts'
import { checkAttachment } from './attachments.ts'
import { destinationOf, SeenMessages } from './destinations.ts'
import { errorAnswer, hiddenError, sealedError, UNKNOWN } from './error-answer.ts'
import { Findings } from './findings.ts'
import { learnFromAnswer, learnFromCall } from './lessons.ts'
import { checkPath, nextHop } from './next-hop.ts'
import type { Asked, CallOptions, NodeParts, Returning, Served } from './node-parts.ts'
import { callFrom, resultFrom, sendFrom } from './own-messages.ts'
import { passageOf } from './passage.ts'
import { patience } from './patience.ts'
import { judgesItself, type Peer, type PeerEvents } from './peer.ts'
import { Routes } from './routes.ts'
import { isHousekeeping, isSigned, type Look, sightingOf, unacceptedState, unsigned } from './sighting.ts'
import type { SignatureState } from './signature.ts'
import { opensStream, StreamLayer } from './streams/stream-layer.ts'
import { LOOK, Topology } from './topology.ts'
import { asksHere, isWord } from './word-question.ts'

export type { CallOptions, Local, NodeParts } from './node-parts.ts'

export class OverlayNode implements PeerEvents {
  readonly id: string
  readonly role: string
  readonly routes: Routes
  readonly topology: Topology
  readonly streams: StreamLayer
  readonly binary = (frame: Uint8Array, from: Peer): void => this.streams.came(frame, from)
  readonly #parts: NodeParts
  readonly #seen = new SeenMessages()

  /** @param identity `uplinks`: those it is meant to have, up or not; a node that is meant to have none is the top of its network */
  constructor(identity: { id: string; role: string; uplinks?: readonly string[]; groups?: readonly string[] }, parts: NodeParts) {
    const { id, role, uplinks, groups = [] } = identity
    this.id = id
    this.role = role
    const leadsTo = (uplink: Peer, node: string): boolean => this.topology.leadsTo(node, uplink)
    this.routes = new Routes(id, { ...parts, leadsTo })
    this.#parts = parts
    this.streams = new StreamLayer({ ...parts, self: id, compose: (...call) => this.compose(...call), ask: (call) => this.#asked(call) })
    this.topology = new Topology({
      ...parts,
      self: { id, role, groups, isTop: uplinks?.length === 0 },
      routes: this.routes,
      alarm: (announcer, text, rule) => this.flaw(new Fault('refused', text, { rule }), { id: announcer }),
      compose: (...call) => this.compose(...call),
      ask: (bare) => this.#asked(this.#parts.gatekeeper.sealCall(bare)),
      tell: (node, action, value) => this.tell(node, action, value),
      moved: (ids) => this.#moved(ids),
    })
  }

  /** A link came up. What is known of the network is exchanged over it. */
  attach(peer: Peer, place: { role: string; uplink?: boolean }): void {
    this.routes.attach(peer, { role: place.role, uplink: place.uplink ?? false }, this.#parts.clock.now())
    this.topology.attached(peer)
    this.#moved([peer.id])
  }

  /** A CALL of this node's own, not yet signed. */
  compose(destination: string, action: string, payload: Payload, options: CallOptions): Envelope {
    return callFrom({ self: this.id, random: this.#parts.random }, destination, { action, payload }, options)
  }

  /**
   * Sends a CALL that is complete, signatures included, and resolves with the answer, whose path is the record route from
   * the answering node to this one. A CALLERROR is an answer, not a rejection.
   * @throws Fault `unreachable`, `timeout`, `link-lost`, `queue-full`; `refused` when the answer was tampered with; `refused` or `dropped` when
   *   the firewall holds it back
   */
  async ask(envelope: Envelope): Promise<Envelope> {
    return (await this.#asked(envelope)).answer
  }

  /** As `ask`, with the way the answer came, and what was found of its signatures. */
  async #asked(envelope: Envelope): Promise<Asked> {
    let question: Envelope
    try {
      question = this.screen(envelope)
    } catch (error) {
      return { question: envelope, answer: errorAnswer(envelope, asFault(error), this.id), signature: 'absent' }
    }
    const peer = nextHop(question, this)
    const answer = await peer.request(question, patience(question))
    try {
      return { question, peer, ...this.#returned(answer, peer, { passed: question, asked: question, here: question.path[0] === this.id }) }
    } catch (error) {
      const fault = asFault(error)
      if (fault.code === 'refused' && fault.data.at === undefined) this.#parts.refused?.(fault)
      throw new Fault(fault.code, fault.message, { at: this.id, ...fault.data }, error)
    }
  }

  /** The message as this node's firewall lets it go on. Throws as `Screen`. */
  screen(envelope: Envelope, from?: Peer, question?: Envelope): Envelope {
    const { firewall } = this.#parts
    return firewall && !isWord(envelope, question) ? firewall.pass(envelope, passageOf(envelope, this.routes, from, question)) : envelope
  }

  /** Sends a SEND of this node's own. Nothing tells whether it arrived. */
  tell(destination: string, action: string, value: Json, header: Header = {}): void {
    const bare = sendFrom({ self: this.id, random: this.#parts.random }, destination, { action, value }, header)
    const hiding = this.#parts.gatekeeper.hide?.(bare)
    if (hiding) hiding.then((hidden) => this.#say(hidden)).catch((error) => this.flaw(error, this))
    else this.#say(bare)
  }

  #say(bare: Envelope): void {
    try {
      this.#handOn(this.#parts.gatekeeper.sealCall(bare))
    } catch (error) {
      // nobody waits for a SEND, so that no way leads there is no news
      if (asFault(error).code !== 'unreachable') throw error
    }
  }

  /**
   * A CALL came in. `instead` answers it in the place of this node and of everybody behind it.
   * @throws Fault `dropped`: then nothing is to be answered
   */
  async request(envelope: Envelope, from: Peer, instead?: (passed: Envelope) => Promise<Envelope>): Promise<Envelope> {
    const findings = new Findings()
    let signature: SignatureState | undefined
    try {
      signature = this.#accept(envelope, from, findings)
      const passed = this.screen(envelope, from)
      const served = instead
        ? { answer: await instead(passed), signature: 'absent' as const }
        : await this.#serve(envelope, from, { passed, findings })
      this.#observe(envelope, signature, { findings })
      this.#observe(served.answer, served.signature, { question: envelope, findings })
      return served.answer
    } catch (error) {
      const fault = asFault(error)
      const answer = (await hiddenError(this.#parts.gatekeeper, envelope, fault, this.id)) ?? this.refusal(envelope, fault, from)
      if (fault.code === 'refused' && fault.data.at === undefined) this.#parts.refused?.(fault)
      this.#observe(envelope, signature ?? unacceptedState(envelope, fault), { fault, findings })
      if (fault.code === 'dropped') throw fault
      this.#observe(answer, 'absent', { question: envelope })
      return answer
    }
  }

  refusal(envelope: Envelope, fault: Fault, from?: Peer): Envelope {
    if (from?.kind !== 'node' && !isSigned(envelope)) return errorAnswer(envelope, fault, this.id)
    return sealedError(this.#parts.gatekeeper, envelope, fault, this.id)
  }

  send(envelope: Envelope, from: Peer, { message } = envelope): void {
    const findings = new Findings()
    try {
      const signature = this.#accept(envelope, from, findings)
      if (message.type === SEND && message.action === REACHABILITY) {
        // from one node to the next, so its path is the neighbour and nobody else
        if (from.kind === 'station') throw new Fault('refused', `${from.id} is a station: it has nobody behind it to announce`)
        this.topology.heard(message, from)
        return
      }
      // a firewall that stopped the network's own news would cut the node off
      this.#handOn(isHousekeeping(envelope) && from.kind === 'node' ? envelope : this.screen(envelope, from), from)
      // the network's own housekeeping is no traffic of anybody's
      if (!isHousekeeping(envelope)) this.#observe(envelope, signature, { findings })
    } catch (error) {
      const fault = asFault(error)
      if (!isHousekeeping(envelope)) this.#observe(envelope, unacceptedState(envelope, fault), { fault, findings })
      // what the firewall held back is in its journal, and no flaw of the link's
      if (fault.data.at === undefined) this.flaw(fault, from)
    }
  }

  /** A SEND to one goes its way; one to many is taken here where this node is meant, and goes on once over each link that leads to others. */
  #handOn(envelope: Envelope, from?: Peer): void {
    const to = destinationOf(envelope.destination.at(-1) as string)
    if (to.kind === 'node' || to.kind === 'anycast') {
      if (this.#isHere(envelope)) this.#told(envelope)
      else nextHop(envelope, this, from).send(from ? this.#stamped(envelope, from) : envelope)
      return
    }
    if (!this.#seen.isNew(envelope, this.#parts.engine)) return
    if (from && (to.kind === 'broadcast' || this.topology.isMeant(to.role))) {
      this.#parts.gatekeeper.inspect(envelope, from, true)
      this.#told(envelope)
    }
    const onward = from ? this.#stamped(envelope, from) : envelope
    for (const peer of this.topology.leadingTo(to.kind === 'multicast' ? to.role : undefined, from)) peer.send(onward)
  }

  #told(envelope: Envelope, { message, path } = envelope): void {
    checkAttachment(message, this.#parts.engine)
    if (message.type === RESULT_ERROR) throw new Fault('remote-error', `${path[0]} could not use the answer it got: ${message.code}`)
    if (message.type === SEND && message.action === LOOK) this.topology.look(message)
    else this.#parts.local.told?.(envelope)
  }

  flaw(error: Error, from: { readonly id: string }): void {
    this.#parts.flaw?.(asFault(error), from.id)
  }

  closed(from: Peer): void {
    this.streams.closed(from)
    const moved = this.topology.lost(from)
    const lost = this.routes.detach(from, this.#parts.clock.now())
    // whoever was attached here may be announced elsewhere
    for (const id of lost) this.topology.reachability.reinstall(id)
    this.#moved([...moved, ...lost])
  }

  #moved(ids: readonly string[]): void {
    if (ids.length === 0) return
    this.routes.preferUplinks((uplink) => this.topology.leadsUp(uplink))
    this.streams.moved(ids)
    this.#parts.moved?.(ids)
  }

  /** What every message must satisfy before anything is done with it. */
  #accept(envelope: Envelope, from: Peer, findings: Findings): SignatureState {
    checkPath(envelope.path, this.id)
    const state = this.#parts.gatekeeper.inspect(envelope, from, this.#isHere(envelope), findings)
    learnFromCall(envelope, from, state, this.#pupil)
    return state
  }

  /** `passed` is the message as the firewall lets it go on; who may ask for it is judged by what was signed. */
  async #serve(envelope: Envelope, from: Peer, { passed, findings }: { passed: Envelope; findings: Findings }): Promise<Served> {
    if (!this.#isHere(envelope)) {
      const peer = nextHop(envelope, this, from)
      if ((peer.kind === 'station' && !asksHere(envelope, this.id)) || peer.bare)
        await this.#parts.gatekeeper.protect(envelope, peer, this.id)
      const opens = opensStream(envelope)
      if (opens) this.streams.checkWay(envelope, from, peer)
      const onward = this.#stamped(passed, from)
      const asking = peer.request(onward, patience(onward))
      this.#parts.gatekeeper.answered?.(envelope, asking)
      const answer = await asking
      // for a station that cannot judge an answer, or is told it in this node's name, this node does
      const here = from.kind === 'station' && !judgesItself(from, this.#parts.trust)
      const { answer: screened, signature } = this.#returned(answer, peer, { passed: onward, asked: envelope, here, findings })
      if (opens && screened.message.type === RESULT) this.streams.passed(envelope, from, peer)
      // signed for the question that the firewall made, it does not fit the one that was asked: this node stands for it
      const fitting = passed === envelope ? screened : this.#parts.gatekeeper.sealAnswer(envelope, unsigned(screened))
      return { answer: this.#stamped(fitting, peer, envelope), signature }
    }
    const acted = await this.#act(envelope, passed, from)
    const answer = this.#parts.gatekeeper.sealAnswer(envelope, resultFrom(this.id, envelope, acted))
    return { answer, signature: isSigned(answer) ? 'valid' : 'absent' }
  }

  async #act(envelope: Envelope, passed: Envelope, from: Peer): Promise<Payload> {
    checkAttachment(passed.message, this.#parts.engine)
    return opensStream(envelope) ? this.streams.answer(envelope, passed, from) : this.#parts.local.call(passed, from)
  }

  /**
   * An answer came back over `peer`: it must have come honestly, and its path teaches the way to who gave it. Where it is held back, the
   * question `passed` on may have been acted on all the same.
   */
  #returned(answer: Envelope, peer: Peer, { passed, asked, here, findings }: Returning): Served {
    try {
      if (answer.path.includes(this.id)) throw new Fault('hop-limit', `the answer was here before: ${answer.path.join(' > ')}`)
      const signature = this.#parts.gatekeeper.inspect({ ...answer, question: passed }, peer, here, findings)
      if (here) checkAttachment(answer.message, this.#parts.engine)
      learnFromAnswer(answer, peer, this.#pupil)
      return { answer: this.screen(answer, peer, asked), signature }
    } catch (error) {
      const { code, message, data } = asFault(error)
      throw new Fault(code, message, { ...data, outcome: UNKNOWN }, error)
    }
  }

  get #pupil(): Parameters<typeof learnFromAnswer>[2] {
    const { clock, trust } = this.#parts
    return { clock, trust, routes: this.routes, topology: this.topology }
  }

  #isHere({ destination }: Envelope): boolean {
    return destination.length === 1 && (destination[0] === this.id || this.topology.isAnyOf(destination[0] as string))
  }

  /** The envelope as it leaves this node: perhaps countersigned, this node on its record route, and off its source route. */
  #stamped(envelope: Envelope, from: Peer, question?: Envelope): Envelope {
    const { destination, path } = envelope
    const rest = destination[0] === this.id && destination.length > 1 ? destination.slice(1) : destination
    const signed = this.#parts.gatekeeper.passOn(envelope, () => passageOf(envelope, this.routes, from, question))
    return { ...signed, destination: rest, path: [...path, this.id] }
  }

  #observe(envelope: Envelope, signature: SignatureState, more: Pick<Look, 'question' | 'fault' | 'findings'>): void {
    const { observe, clock } = this.#parts
    observe?.(() => sightingOf(envelope, { at: clock.now(), node: this.id, signature, ...more }))
  }
}
