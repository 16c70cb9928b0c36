// The streams of one node: those that end here, those that pass, and the links they run over. A stream is opened by a CALL, and its way is
// the way that the accepting answer took (docs/protocol.md §11).
import { asFault, Fault } from '../../base/fault.ts'
import type { Cancel, Clock, Json, Random } from '../../base/ports.ts'
import { answerChannel, askChannel } from '../../crypto/channel.ts'
import { ENTROPY_BYTES } from '../../crypto/hpke.ts'
import { CALL, type Envelope, type Payload, payloadOf, RESULT } from '../../ocpp/frame.ts'
import type { Version } from '../../ocpp/version.ts'
import { askChallenged } from '../challenge.ts'
import { faultOf, isUnknown } from '../error-answer.ts'
import type { Gatekeeper } from '../gatekeeper.ts'
import type { Peer } from '../peer.ts'
import { Endpoint } from './endpoint.ts'
import { type OpenRequest, readOpenAnswer, readOpenRequest, writeOpenAnswer, writeOpenRequest } from './open-request.ts'
import { Relay } from './relay.ts'
import { readShare, SealedStream, sealingInfo, writeShare } from './sealed.ts'
import { type ByteStream, OPEN_STREAM, type StreamHandler, type StreamRequest, type Streams } from './stream.ts'
import { StreamLink } from './stream-link.ts'

/** How long an answer is waited for, ms: a stream that is to be resumed has other ways to try. */
const OPEN_MS = 30_000
const RESUME_MS = 5_000
/** Between two attempts to find a way: the first wait, which doubles, and the longest. */
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5_000
/** Faults that another attempt may not meet. */
const PASSING: readonly string[] = ['unreachable', 'timeout', 'link-lost', 'queue-full', 'hop-limit']

export interface StreamParts {
  readonly self: string
  readonly clock: Clock
  readonly random: Random
  readonly gatekeeper: Pick<Gatekeeper, 'admit' | 'sealCall'>
  readonly compose: (destination: string, action: string, payload: Payload, options: { ocpp: Version; timeoutMs: number }) => Envelope
  /** Sends a complete CALL; resolves with the answer and the neighbour that it came over. */
  readonly ask: (envelope: Envelope) => Promise<{ answer: Envelope; peer?: Peer }>
}

/** What is asked again when the way is gone. */
interface Opened {
  readonly request: Omit<StreamRequest, 'sealed'>
  cancel?: Cancel
}

export class StreamLayer implements Streams {
  readonly #parts: StreamParts
  readonly #links = new Map<Peer, StreamLink>()
  readonly #ends = new Map<string, Endpoint>()
  readonly #opened = new Map<Endpoint, Opened>()
  readonly #relays = new Map<string, Set<Relay>>()
  readonly #handlers = new Map<string, StreamHandler>()
  /** Those that handlers are still asked about. */
  readonly #answering = new Set<string>()
  #isStopped = false

  constructor(parts: StreamParts) {
    this.#parts = parts
  }

  async open(destination: string, { sealed = false, ...request }: StreamRequest): Promise<ByteStream> {
    const { random, self } = this.#parts
    const id = random.uuid()
    const own = sealed ? await askChannel(random.bytes(ENTROPY_BYTES)) : undefined
    const shared = own && { share: writeShare(own.publicKey) }
    const { answer, peer } = await this.#ask(destination, { ...request, id, received: 0, resume: false, ...shared }, OPEN_MS)
    const { received, share } = readOpenAnswer(answer.message.payload.value)
    const answered = answer.path[0] as string
    const keys = await own?.keys(readShare(share), sealingInfo({ id, purpose: request.purpose, asked: self, answered }))
    const endpoint = this.#endpoint({ id, class: request.class, peer: answered }, true)
    this.#opened.set(endpoint, { request })
    attached(endpoint, this.#linkTo(peer), received)
    return keys ? new SealedStream(endpoint, keys, true) : endpoint
  }

  offer(purpose: string, handler: StreamHandler): void {
    this.#handlers.set(purpose, handler)
  }

  /**
   * Answers a CALL that opens a stream to this node, or opens it again over another way.
   * @param passed the CALL as the firewall lets it go on
   * @throws Fault `refused`, `payload-invalid`, `queue-full`, or what the handler throws
   */
  async answer(envelope: Envelope, passed: Envelope, from: Peer): Promise<Payload> {
    await this.#parts.gatekeeper.admit(envelope, this.#parts.self)
    const request = requestOf(passed)
    const asker = passed.path[0] as string
    const link = this.#linkTo(from)
    const known = this.#ends.get(request.id)
    if (request.resume) return payloadOf(this.#resumed(known, { request, asker, link }))
    if (known || this.#answering.has(request.id)) throw refused(`there is a stream ${request.id} already`)
    // a handler may take its time, and what it holds is given back by what it runs: nothing may refuse the stream behind it
    const giveBack = link.reserve()
    this.#answering.add(request.id)
    try {
      return await this.#answered(request, asker, link)
    } finally {
      this.#answering.delete(request.id)
      giveBack()
    }
  }

  async #answered(request: OpenRequest, asker: string, link: StreamLink): Promise<Payload> {
    const handler = this.#handlers.get(request.purpose)
    if (!handler) throw new Fault('remote-error', `nobody here offers streams for "${request.purpose}"`, { code: 'NotSupported' })
    const { purpose, class: rank, details, share } = request
    const sealing = share !== undefined ? await this.#sealing(request, share, asker) : undefined
    const { details: said = {}, run } = await handler({ purpose, class: rank, details, ...(sealing && { sealed: true }) }, asker)
    const endpoint = this.#endpoint({ id: request.id, class: rank, peer: asker }, false)
    // also where the link broke while the handler decided: what it holds is given back by what it runs, which the stream then tells
    Promise.resolve(sealing ? new SealedStream(endpoint, sealing.keys, false) : endpoint)
      .then(run)
      .catch((error) => endpoint.reset(asFault(error)))
    attached(endpoint, link, request.received)
    const own = sealing && { share: writeShare(sealing.answer) }
    return payloadOf(writeOpenAnswer({ received: endpoint.reached, details: said, ...own }))
  }

  /**
   * A CALL that opens a stream is about to be passed on.
   * @throws Fault `unreachable` where one of the links carries none, `queue-full`, `refused`, `payload-invalid`
   */
  checkWay(envelope: Envelope, from: Peer, to: Peer): void {
    const { id } = requestOf(envelope)
    const links = [this.#linkTo(from), this.#linkTo(to)]
    for (const link of links) {
      if (!link.leg(id)) link.checkRoom()
      else if (this.#ends.has(id)) throw refused(`the stream ${id} ends here`)
    }
    for (const { passing } of this.#relays.get(id) ?? [])
      if (passing.origin !== envelope.path[0] && passing.links.some((link) => links.includes(link)))
        throw refused(`there is a stream ${id} of ${passing.origin} already`)
  }

  /** The answer that accepts it is about to be passed back: from now on its frames move between the two links. Throws as `checkWay`. */
  passed(envelope: Envelope, from: Peer, to: Peer): void {
    this.checkWay(envelope, from, to)
    const { id, class: rank } = requestOf(envelope)
    const [origin, destination] = [envelope.path[0] as string, envelope.destination.at(-1) as string]
    const links = [this.#linkTo(from), this.#linkTo(to)] as const
    const relays = this.#relays.get(id) ?? new Set<Relay>()
    for (const relay of [...relays]) if (relay.passing.origin === origin) relay.leave(links)
    this.#relays.set(id, relays)
    relays.add(new Relay({ id, class: rank, origin, destination, links }, this.#parts.clock, (relay) => this.#left(relay)))
  }

  /** A binary frame came. Throws Fault `frame-malformed`, `limit-exceeded`. */
  came(frame: Uint8Array, from: Peer): void {
    this.#linkTo(from).received(frame)
  }

  /** Ways to these nodes came or went: whoever is looked for among them is asked now, and not at the next attempt. */
  moved(ids: readonly string[]): void {
    for (const [endpoint, opened] of this.#opened) {
      if (!opened.cancel || !ids.includes(endpoint.peer)) continue
      opened.cancel()
      delete opened.cancel
      void this.#reopen(endpoint)
    }
  }

  /** A link is gone. */
  closed(peer: Peer): void {
    const link = this.#links.get(peer)
    this.#links.delete(peer)
    link?.closed()
  }

  /** What runs over which link, for people. */
  views() {
    return [...this.#links.values()].map((link) => link.view())
  }

  stop(): void {
    this.#isStopped = true
    for (const endpoint of [...this.#ends.values()]) endpoint.reset(new Fault('unreachable', 'the node is shutting down'))
    for (const { cancel } of this.#opened.values()) cancel?.()
    for (const relay of [...this.#relays.values()].flatMap((relays) => [...relays])) relay.end()
  }

  #sealing({ id, purpose }: OpenRequest, share: string, asked: string) {
    const { random, self: answered } = this.#parts
    return answerChannel(readShare(share), sealingInfo({ id, purpose, asked, answered }), random.bytes(ENTROPY_BYTES))
  }

  #resumed(known: Endpoint | undefined, { request, asker, link }: { request: OpenRequest; asker: string; link: StreamLink }): Json {
    if (!known || known.peer !== asker || known.isOpener) throw refused(`there is no stream ${request.id} of ${asker}`)
    known.attach(link, request.received)
    return writeOpenAnswer({ received: known.reached, details: {} })
  }

  async #ask(destination: string, request: OpenRequest, timeoutMs: number) {
    const { gatekeeper, compose, ask } = this.#parts
    const composed = compose(destination, OPEN_STREAM, payloadOf(writeOpenRequest(request)), { ocpp: 'ocpp2.1', timeoutMs })
    let over: Peer | undefined
    const asked = async (question: Envelope): Promise<Envelope> => {
      const { answer, peer } = await ask(question)
      over = peer
      return answer
    }
    const { answer } = await askChallenged(gatekeeper.sealCall(composed), asked, (challenge) =>
      gatekeeper.sealCall(composed, { challenge }),
    )
    const { message } = answer
    if (message.type !== RESULT || !over) throw faultOf(answer)
    return { answer: { ...answer, message }, peer: over }
  }

  #endpoint({ id, class: rank, peer }: { id: string; class: StreamRequest['class']; peer: string }, isOpener: boolean): Endpoint {
    const endpoint = new Endpoint({
      ...{ id, class: rank, peer, isOpener, clock: this.#parts.clock },
      broken: (each) => void (isOpener && this.#reopen(each)),
      closed: (each) => {
        this.#opened.get(each)?.cancel?.()
        this.#opened.delete(each)
        this.#ends.delete(each.id)
      },
    })
    this.#ends.set(id, endpoint)
    return endpoint
  }

  /** Looks for a way until there is one, or the end gives itself up. */
  async #reopen(endpoint: Endpoint, wait = FIRST_WAIT_MS): Promise<void> {
    const opened = this.#opened.get(endpoint)
    if (!opened || this.#isStopped) return
    const { id, peer } = endpoint
    try {
      const { answer, peer: over } = await this.#ask(peer, { ...opened.request, id, received: endpoint.reached, resume: true }, RESUME_MS)
      if (this.#opened.has(endpoint)) endpoint.attach(this.#linkTo(over), readOpenAnswer(answer.message.payload.value).received)
    } catch (error) {
      const fault = asFault(error)
      // a hop whose errors are not believed says nothing of the other end
      if (!PASSING.includes(fault.code) && !isUnknown(fault)) return endpoint.reset(fault)
      opened.cancel = this.#parts.clock.after(wait, () => {
        delete opened.cancel
        void this.#reopen(endpoint, Math.min(LONGEST_WAIT_MS, wait * 2))
      })
    }
  }

  #linkTo(peer: Peer): StreamLink {
    const known = this.#links.get(peer)
    if (known) return known
    if (!peer.carrier) throw new Fault('unreachable', `no streams run over the link to ${peer.id}`)
    const link = new StreamLink(peer.carrier, this.#parts.clock)
    this.#links.set(peer, link)
    return link
  }

  #left(relay: Relay): void {
    const relays = this.#relays.get(relay.passing.id)
    relays?.delete(relay)
    if (relays?.size === 0) this.#relays.delete(relay.passing.id)
  }
}

const attached = (endpoint: Endpoint, link: StreamLink, received: number): void => {
  try {
    endpoint.attach(link, received)
  } catch (error) {
    endpoint.reset(asFault(error))
    throw error
  }
}

/** Whether a message is the CALL that opens a stream. */
export const opensStream = ({ message }: Pick<Envelope, 'message'>): boolean => message.type === CALL && message.action === OPEN_STREAM

const requestOf = ({ message }: Envelope): OpenRequest => readOpenRequest('payload' in message ? message.payload.value : null)

const refused = (why: string): Fault => new Fault('refused', `refused by rule stream-known: ${why}`, { rule: 'stream-known' })
