// The calling side: opens the WebSocket of a station or of an overlay node, and keeps trying where it is told to. The server's
// certificate is always verified; there is no switch that turns that off.
import type { ClientRequest, IncomingMessage } from 'node:http'
import { type ClientOptions, WebSocket } from 'ws'
import { asFault, Fault } from '../base/fault.ts'
import { LinkAround } from '../base/link-around.ts'
import type { Cancel, Clock, Link, LinkEvents, Random } from '../base/ports.ts'
import { isVersion, VERSIONS, type Version } from '../ocpp/version.ts'
import { type ChannelBinding, exporterOf } from './channel-binding.ts'
import { DEFLATE, MAX_PAYLOAD, OVERLAY_PING_MS, type WsLinkOptions, wsLink } from './ws-link.ts'
import { OVERLAY_PROTOCOL } from './ws-server.ts'

export interface ConnectOptions extends WsLinkOptions {
  /** HTTP Basic credentials, with the id as the user name (security profiles 1 and 2). */
  readonly password?: string | Uint8Array
  /** PEM texts: the CA of the server if it is not a public one, and the client's own certificate (security profile 3). */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** For the whole opening handshake, in milliseconds. */
  readonly timeoutMs?: number
  /** Offer permessage-deflate (RFC 7692). */
  readonly compress?: boolean
  /** Gives the attempt up. */
  readonly signal?: AbortSignal
  /** Whether the link is bound to its TLS session; not if not given. */
  readonly channelBinding?: ChannelBinding
}

export interface StationOptions extends ConnectOptions {
  readonly stationId: string
  /** OCPP versions offered, the preferred one first; all if not given. */
  readonly versions?: readonly Version[]
}

/**
 * Connects as a station. OCPP 2.1 Part 4 §3.1.1: the URL is the endpoint, a slash and the percent-encoded station id.
 * @param url the endpoint without the id, such as `wss://csms.example/ocpp`
 * @throws Fault `refused` where the server answers no (`data.status`) or speaks none of the versions, `unreachable` where it does not answer or cannot be trusted
 */
export const connectStation = async (url: string, options: StationOptions): Promise<{ link: Link; version: Version }> => {
  const { socket, link } = await connect(url, options.stationId, options.versions ?? VERSIONS, { compress: true, ...options })
  if (isVersion(socket.protocol)) return { link, version: socket.protocol }
  throw new Fault('internal', `the server chose ${socket.protocol}, which was not offered`)
}

/** Connects as an overlay node to an endpoint such as `wss://gateway.example/overlay`. Throws as `connectStation`. */
export const connectNode = async (url: string, nodeId: string, options: ConnectOptions = {}): Promise<Link> =>
  (await connect(url, nodeId, [OVERLAY_PROTOCOL], { pingMs: OVERLAY_PING_MS, channelBinding: 'required', ...options })).link

export interface ReconnectOptions {
  readonly clock: Clock
  readonly random: Random
  /** The first wait; it doubles with each failure. OCPP 2.1: RetryBackOffWaitMinimum. */
  readonly minMs?: number
  /** The doubling ends here. OCPP 2.1 counts doublings instead: RetryBackOffRepeatTimes. */
  readonly maxMs?: number
  /** Up to this much is added to every wait at random, so that a thousand stations do not return at once. OCPP 2.1: RetryBackOffRandomRange. */
  readonly randomMs?: number
  /** Takes each new link and opens it. What it rejects with counts as a failure to connect: the next wait is longer. */
  readonly onLink: (link: Link) => void | Promise<void>
  readonly onFailure?: (fault: Fault, waitMs: number) => void
  /** A link that stood has ended, and not by `stop`. */
  readonly onEnd?: () => void
}

/** Connects, and connects again whenever that fails or the link ends, until stopped (OCPP 2.1 Part 4 §5.4). `stop` closes the link with 1001. */
export const reconnecting = (connect: (signal: AbortSignal) => Promise<Link>, options: ReconnectOptions): { stop(): void } => {
  const life = new Reconnecting(connect, options)
  void life.attempt()
  return life
}

class Reconnecting {
  readonly #connect: (signal: AbortSignal) => Promise<Link>
  readonly #options: ReconnectOptions
  readonly #abort = new AbortController()
  #failures = 0
  #link: Link | undefined
  #cancel: Cancel | undefined

  constructor(connect: (signal: AbortSignal) => Promise<Link>, options: ReconnectOptions) {
    this.#connect = connect
    this.#options = options
  }

  async attempt(): Promise<void> {
    let link: Link
    try {
      link = await this.#connect(this.#abort.signal)
    } catch (thrown) {
      const wait = this.#again()
      if (wait !== undefined) this.#options.onFailure?.(asFault(thrown), wait)
      return
    }
    if (this.#abort.signal.aborted) {
      link.close(1001, 'going away')
      return
    }
    this.#link = link
    await this.#handOver(link)
  }

  async #handOver(link: Link): Promise<void> {
    const { onLink, onEnd, onFailure } = this.#options
    let taken = false
    let fault: Fault | undefined
    let waitMs: number | undefined
    const report = (): void => {
      if (fault && waitMs !== undefined) onFailure?.(fault, waitMs)
    }
    const watched = new WatchedLink(link, () => {
      waitMs = this.#again()
      if (taken && waitMs !== undefined) onEnd?.()
      report()
    })
    try {
      const taking = onLink(watched)
      if (taking) await taking
      taken = true
      this.#failures = 0
    } catch (thrown) {
      // whoever took the link closes it; the next attempt is planned when it has ended
      fault = asFault(thrown)
      report()
    }
  }

  stop(): void {
    this.#abort.abort()
    this.#cancel?.()
    this.#link?.close(1001, 'going away')
  }

  /** Plans the next attempt and answers how long it has to wait. */
  #again(): number | undefined {
    this.#link = undefined
    if (this.#abort.signal.aborted) return undefined
    const { clock, random, minMs = 1_000, maxMs = 120_000, randomMs = minMs } = this.#options
    const wait = Math.min(minMs * 2 ** this.#failures++, maxMs) + Math.floor(fraction(random) * randomMs)
    this.#cancel = clock.after(wait, () => void this.attempt())
    return wait
  }
}

/** A link that also tells somebody else when it has ended, after its owner. */
class WatchedLink extends LinkAround {
  readonly #ended: () => void

  constructor(link: Link, ended: () => void) {
    super(link)
    this.#ended = ended
  }

  override open(events: LinkEvents): void {
    super.open({
      text: (frame) => events.text(frame),
      binary: (frame) => events.binary(frame),
      closed: (code, reason) => {
        try {
          events.closed(code, reason)
        } finally {
          this.#ended()
        }
      },
    })
  }
}

/** At least 0, less than 1. */
const fraction = (random: Random): number => random.bytes(4).reduce((sum, byte) => (sum + byte) / 256, 0)

const connect = (
  url: string,
  id: string,
  protocols: readonly string[],
  options: ConnectOptions,
): Promise<{ socket: WebSocket; link: Link }> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace(/\/$/, '')}/${encodeURIComponent(id)}`, [...protocols], clientOptions(id, options))
    const abort = (): void => socket.terminate()
    const fail = (fault: Fault): void => {
      options.signal?.removeEventListener('abort', abort)
      reject(fault)
    }
    options.signal?.addEventListener('abort', abort)
    if (options.signal?.aborted === true) abort()
    socket.once('error', (error) => fail(connectFault(url, error)))
    socket.once('unexpected-response', (request: ClientRequest, response: IncomingMessage) => {
      const status = response.statusCode ?? 0
      request.destroy()
      fail(
        new Fault(BUSY.includes(status) ? 'unreachable' : 'refused', `expected a WebSocket at ${url}, got HTTP ${status}`, { url, status }),
      )
    })
    let exporter: Uint8Array | undefined
    socket.once('upgrade', (response: IncomingMessage) => {
      if (options.channelBinding === 'required') exporter = exporterOf(response.socket)
    })
    socket.once('open', () => {
      options.signal?.removeEventListener('abort', abort)
      // in the same turn, before a frame can arrive that nobody hears
      resolve({ socket, link: wsLink(socket, id, { ...options, exporter }) })
    })
  })

/** Answers that mean later and not no (RFC 9110 §15.6, RFC 6585 §4). */
const BUSY: readonly number[] = [429, 500, 502, 503, 504]

const clientOptions = (id: string, { password, tls, timeoutMs = 10_000, compress = false }: ConnectOptions): ClientOptions => ({
  ...tls,
  handshakeTimeout: timeoutMs,
  maxPayload: MAX_PAYLOAD,
  perMessageDeflate: compress && DEFLATE,
  headers:
    password === undefined
      ? {}
      : { Authorization: `Basic ${Buffer.concat([Buffer.from(`${id}:`), Buffer.from(password)]).toString('base64')}` },
})

/** ws has no code of its own for a handshake without a common subprotocol, only this sentence. */
const NO_PROTOCOL = 'Server sent no subprotocol'

const connectFault = (url: string, error: Error & { code?: string }): Fault =>
  error.message === NO_PROTOCOL
    ? new Fault('refused', `the server at ${url} speaks none of the offered subprotocols`, { url }, error)
    : new Fault('unreachable', `no connection to ${url}: ${error.message || error.code}`, { url, code: error.code }, error)
