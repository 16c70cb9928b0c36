// The two WebSocket endpoints of a node on an http or https server: /ocpp/<station id> and /overlay/<node id>. It checks, admits,
// negotiates and hands over a Link; what is said on it, and what a second connection of the same id means, is the caller's matter.
import type { IncomingMessage, Server } from 'node:http'
import type { Server as SecureServer, ServerOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { type WebSocket, WebSocketServer } from 'ws'
import { asFault } from '../base/fault.ts'
import type { Clock, Link } from '../base/ports.ts'
import { isVersion, VERSIONS, type Version } from '../ocpp/version.ts'
import { BARE_VERSION } from '../overlay/bare-frames.ts'
import { type Admission, AttemptBrake, type AttemptLimits, type StationUpgrade, type Upgrade } from './admission.ts'
import { type ChannelBinding, exporterOf } from './channel-binding.ts'
import { systemClock } from './clock.ts'
import { Turnstile } from './turnstile.ts'
import { upgradeOf } from './upgrade.ts'
import { answer } from './upgrade-answer.ts'
import { DEFLATE, MAX_PAYLOAD, OVERLAY_PING_MS, type WsLinkOptions, wsLink } from './ws-link.ts'
import { type EndpointKind, NETWORKING_MODE, Refusal, targetOf } from './ws-target.ts'
import { crowdWork } from './young-heap.ts'

export const OVERLAY_PROTOCOL = 'chargeproof.overlay.1'

export interface NodeUpgrade extends Upgrade {
  readonly nodeId: string
}

/** A station that was let in. */
export interface StationInfo {
  readonly stationId: string
  readonly version: Version
  readonly remoteAddress: string
  /** What it showed, whether or not this port asked for it. */
  readonly password?: Uint8Array
}

/** An endpoint exists where its admission and its receiver are both given; otherwise it answers 404. */
export interface EndpointHandlers {
  readonly admitStation?: (upgrade: StationUpgrade) => Admission | Promise<Admission>
  readonly stationConnected?: (link: Link, info: StationInfo) => void
  readonly admitNode?: (upgrade: NodeUpgrade) => Admission | Promise<Admission>
  readonly nodeConnected?: (link: Link, info: { nodeId: string; remoteAddress: string; bare?: boolean }) => void
  /** Told of each connection that stands, with what it showed; what it gives back is called when that is gone. */
  readonly admitted?: (link: Link, from: Upgrade & { readonly id: string }) => (() => void) | undefined
  /**
   * A security event. `id` is empty where none could be read, and `certificate` where one did not count; the raw text of a bad one is never passed on. `status` is the HTTP
   * status that was answered; 0 where TLS failed before, 101 or 500 where the connection was closed right after the handshake.
   */
  readonly refused?: (info: { id: string; status: number; reason: string; remoteAddress: string }) => void
}

export interface EndpointOptions extends Pick<WsLinkOptions, 'pingMs' | 'closeMs'> {
  readonly clock?: Clock
  /** OCPP versions spoken; all if not given. */
  readonly versions?: readonly Version[]
  /** Sockets open or being opened; more are answered 503. */
  readonly maxSockets?: number
  /** An admission that takes longer, in milliseconds, is answered 503. */
  readonly admissionMs?: number
  readonly attempts?: AttemptLimits
  readonly overlayPingMs?: number
  /** Whether links of nodes are bound to their TLS session; `required` if not given. */
  readonly channelBinding?: ChannelBinding
}

/**
 * Settings for http.createServer or https.createServer: headers are at most 8 KiB and complete, like the TLS handshake, within
 * `handshakeMs`. A peer that dribbles its request byte by byte is cut off then.
 */
export const serverLimits = (handshakeMs = 10_000): ServerOptions & { readonly requestTimeout: number } => ({
  maxHeaderSize: 8 * 1024,
  headersTimeout: handshakeMs,
  requestTimeout: Math.max(30_000, handshakeMs),
  handshakeTimeout: handshakeMs,
  connectionsCheckingInterval: Math.min(1_000, handshakeMs),
})

/** Serves both endpoints until closed. `close` ends their connections with 1001 and leaves the server itself to its owner. */
export const attachEndpoints = (
  server: Server | SecureServer,
  handlers: EndpointHandlers,
  options: EndpointOptions = {},
): { close(): Promise<void> } => {
  const endpoints = new Endpoints(handlers, options)
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => void endpoints.upgrade(request, socket, head)
  const tlsFailed = (error: Error, socket: TLSSocket): void => endpoints.tlsFailed(error, socket)
  server.on('upgrade', upgrade)
  server.on('tlsClientError', tlsFailed)
  return {
    async close(): Promise<void> {
      server.off('upgrade', upgrade)
      server.off('tlsClientError', tlsFailed)
      await endpoints.close()
    },
  }
}

/** Milliseconds for each upgrade: ten thousand stations have half a minute, and those that stayed most of the process. */
const UPGRADE_MS = 3

/** The part of an endpoint that differs between stations and nodes. */
interface Endpoint {
  readonly sockets: WebSocketServer
  readonly admit: ((id: string, upgrade: Upgrade) => Admission | Promise<Admission>) | undefined
  readonly connected: (link: Link, from: Arrival, protocol: string) => void
}

interface Arrival extends Upgrade {
  readonly id: string
  readonly socket: Duplex
}

class Endpoints {
  readonly #endpoints: Readonly<Record<EndpointKind, Endpoint>>
  readonly #handlers: EndpointHandlers
  readonly #options: EndpointOptions
  readonly #clock: Clock
  readonly #brake: AttemptBrake
  readonly #turnstile = new Turnstile(systemClock, UPGRADE_MS)
  /** Sockets that are no links yet. */
  readonly #opening = new Set<Duplex>()
  readonly #links = new Set<Link>()
  /** Set by close: called when the last link is gone. */
  #drained: (() => void) | undefined

  readonly #left: (this: Duplex) => void
  readonly #ended = (link: Link): void => {
    this.#links.delete(link)
    if (this.#links.size === 0) this.#drained?.()
  }

  constructor(handlers: EndpointHandlers, options: EndpointOptions) {
    const opening = this.#opening
    this.#left = function (): void {
      opening.delete(this)
    }
    this.#handlers = handlers
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#brake = new AttemptBrake(this.#clock, options.attempts)
    this.#endpoints = {
      ocpp: ocppEndpoint(handlers, options.versions ?? VERSIONS),
      overlay: overlayEndpoint(handlers),
      bare: bareEndpoint(handlers),
    }
  }

  /** Takes the upgrade in its turn: when thousands come back at once, those who stayed are served in between. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#opening.add(socket)
    // one function for all of them: a closure made here would keep the request as long as the socket
    socket.on('error', destroyed).on('close', this.#left)
    this.#turnstile.pass(() => {
      // who gave up waiting is further back in the line perhaps; a socket that is not read says so by this alone
      if (socket.readable) void this.#upgrade(request, socket, head)
      else socket.destroy()
      return !socket.destroyed
    })
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    crowdWork()
    const remoteAddress = request.socket.remoteAddress ?? ''
    try {
      if (this.#opening.size + this.#links.size > (this.#options.maxSockets ?? 20_000)) throw new Refusal(503, 'too many connections')
      const { kind, id } = targetOf(request)
      const endpoint = this.#endpoints[kind]
      const upgrade = upgradeOf(request, remoteAddress)
      await this.#admit(endpoint, id, upgrade)
      if (this.#drained !== undefined) throw new Refusal(503, 'going away', id)
      // gone while it was being decided about
      if (socket.destroyed) return
      endpoint.sockets.handleUpgrade(request, socket, head, (ws) => this.#connected(endpoint, ws, { ...upgrade, id, socket }))
    } catch (thrown) {
      const { status, message, id } = thrown instanceof Refusal ? thrown : new Refusal(503, asFault(thrown).message)
      this.#handlers.refused?.({ id, status, reason: message, remoteAddress })
      answer(socket, status)
    }
  }

  /** A certificate that does not count is news, at the rate of the brake; name and address are gone by now. Everything else is noise. */
  tlsFailed(error: Error, { authorizationError, remoteAddress = '' }: TLSSocket): void {
    const attempt = authorizationError ? this.#brake.begin('', remoteAddress) : undefined
    attempt?.(false)
    const reason = `TLS: ${authorizationError ?? error.message}`
    this.#handlers.refused?.({ id: attempt ? 'certificate' : '', status: 0, reason, remoteAddress })
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.close(1001, 'going away')
    await new Promise<void>((resolve) => {
      this.#drained = resolve
      if (this.#links.size === 0) resolve()
    })
  }

  async #admit(endpoint: Endpoint, id: string, upgrade: Upgrade): Promise<void> {
    if (endpoint.admit === undefined) throw new Refusal(404, 'no such endpoint', id)
    const attempt = this.#brake.begin(id, upgrade.remoteAddress)
    if (attempt === undefined) throw new Refusal(429, 'too many failed attempts', id)
    let outcome: boolean | undefined
    try {
      const admission = await this.#inTime(endpoint.admit(id, upgrade))
      if (admission.ok) outcome = true
      else if (GUESSES.includes(admission.status)) outcome = false
      if (!admission.ok) throw new Refusal(admission.status, admission.reason, id)
    } finally {
      attempt(outcome)
    }
  }

  #inTime(admission: Admission | Promise<Admission>): Promise<Admission> {
    const { promise, resolve } = Promise.withResolvers<Admission>()
    const cancel = this.#clock.after(this.#options.admissionMs ?? 10_000, () => {
      resolve({ ok: false, status: 503, reason: 'the admission took too long' })
    })
    return Promise.race([admission, promise]).finally(cancel)
  }

  #connected(endpoint: Endpoint, ws: WebSocket, from: Arrival): void {
    const { id, remoteAddress, socket } = from
    const { closeMs, overlayPingMs, channelBinding } = this.#options
    const isOverlay = endpoint !== this.#endpoints.ocpp
    const pingMs = (isOverlay ? overlayPingMs : undefined) ?? this.#options.pingMs ?? (isOverlay ? OVERLAY_PING_MS : undefined)
    const link = wsLink(ws, id, {
      clock: this.#clock,
      ...(isOverlay && channelBinding !== 'off' && { exporter: exporterOf(socket) }),
      ...(pingMs === undefined ? {} : { pingMs }),
      ...(closeMs === undefined ? {} : { closeMs }),
      ended: this.#ended,
    })
    this.#links.add(link)
    // from here on ws hears of its errors, and the link of its end
    this.#opening.delete(socket)
    socket.off('error', destroyed).off('close', this.#left)
    const gone = this.#handlers.admitted?.(link, from)
    if (gone) ws.once('close', gone)
    if (ws.protocol === '') {
      // OCPP 2.1 Part 4 §3.3: the handshake is finished without Sec-WebSocket-Protocol, then the connection is closed
      this.#handlers.refused?.({ id, status: 101, reason: 'no subprotocol in common', remoteAddress })
      link.close(1002, 'no subprotocol in common')
      return
    }
    try {
      endpoint.connected(link, from, ws.protocol)
    } catch (thrown) {
      this.#handlers.refused?.({ id, status: 500, reason: asFault(thrown).message, remoteAddress })
      link.close(1011, 'internal error')
    }
  }
}

function destroyed(this: Duplex): void {
  this.destroy()
}

/** Answers that tell a stranger whether a guess was right. */
const GUESSES: readonly number[] = [401, 403, 404]

const ocppEndpoint = ({ admitStation, stationConnected }: EndpointHandlers, versions: readonly Version[]): Endpoint => ({
  sockets: webSockets((name) => isVersion(name) && versions.includes(name)),
  admit: stationConnected && admitStation && ((stationId, upgrade) => admitStation({ stationId, ...upgrade })),
  connected: (link, { id: stationId, remoteAddress, password }, protocol) => {
    stationConnected?.(link, { stationId, version: protocol as Version, remoteAddress, ...(password && { password }) })
  },
})

const overlayEndpoint = ({ admitNode, nodeConnected }: EndpointHandlers): Endpoint => ({
  sockets: webSockets((name) => name === OVERLAY_PROTOCOL),
  admit: nodeConnected && admitNode && ((nodeId, upgrade) => admitNode({ nodeId, ...upgrade })),
  connected: (link, { id: nodeId, remoteAddress }) => nodeConnected?.(link, { nodeId, remoteAddress }),
})

const bareEndpoint = ({ admitNode, nodeConnected }: EndpointHandlers): Endpoint => {
  const sockets = webSockets((name) => name === BARE_VERSION)
  sockets.on('headers', (headers) => headers.push(`${NETWORKING_MODE.name}: ${NETWORKING_MODE.value}`))
  return {
    sockets,
    admit: nodeConnected && admitNode && ((nodeId, upgrade) => admitNode({ nodeId, ...upgrade })),
    connected: (link, { id: nodeId, remoteAddress }) => nodeConnected?.(link, { nodeId, remoteAddress, bare: true }),
  }
}

/** OCPP 2.1 Part 4 §3.1.2: of the protocols spoken here, the one the client prefers. */
const webSockets = (spoken: (protocol: string) => boolean): WebSocketServer =>
  new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_PAYLOAD,
    perMessageDeflate: DEFLATE,
    handleProtocols: (offered) => [...offered].find(spoken) ?? false,
  })
