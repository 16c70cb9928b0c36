// A WebSocket as a Link: frames in order, a bounded buffer before the owner opens it, keepalive, and one `closed` at the end.
// It knows nothing of OCPP: what a frame means is the owner's matter.
import type { RawData, WebSocket } from 'ws'
import { Fault } from '../base/fault.ts'
import type { Cancel, Clock, Link, LinkEvents } from '../base/ports.ts'
import { systemClock } from './clock.ts'
import { type Beating, type Heartbeat, heartbeatOf } from './heartbeat.ts'
import { Inbox, type Inlet } from './inbox.ts'
import { bytesPassed } from './young-heap.ts'

export interface WsLinkOptions {
  readonly clock?: Clock
  /** A ping goes out this often, in milliseconds; two such intervals without a sign of life end the link. */
  readonly pingMs?: number
  /** How long the other side may take to answer a close, in milliseconds. */
  readonly closeMs?: number
  /** Of the TLS session that the link is to be bound to. */
  readonly exporter?: Uint8Array | undefined
  /** Told last of all that the link has ended. */
  readonly ended?: (link: Link) => void
}

/** Between nodes: who carries others' messages is missed within ten seconds (docs/protocol.md §3.1). */
export const OVERLAY_PING_MS = 3_000

/** A larger message ends the connection with 1009, and more before `open` with 1008; the frame layer answers its own, smaller limits. */
export const MAX_PAYLOAD = 4 * 1024 * 1024

/**
 * permessage-deflate (RFC 7692, OCPP 2.1 Part 4 §3.4) that forgets its window after each message: with context takeover, or for small
 * messages, each connection would keep some 240 KiB. Messages below ws's threshold of 1024 bytes go uncompressed.
 */
export const DEFLATE = { serverNoContextTakeover: true, clientNoContextTakeover: true } as const

/**
 * @param socket open, and nobody else's from here on
 * @param name of the peer; the link's id is this and a number
 */
export const wsLink = (socket: WebSocket, name: string, options: WsLinkOptions = {}): Link =>
  new WsLink(socket, `${name}#${++links}`, options)

let links = 0

type Frame = string | Uint8Array
type Ending = Readonly<{ code: number; reason: string }>

/** A socket and whose it is. */
interface Owned extends WebSocket {
  [OWNER]?: WsLink
}
const OWNER = Symbol('link')
const linkOf = (socket: Owned): WsLink => socket[OWNER] as WsLink

/** Of an idle link a node may have ten thousand, so it holds nothing that it may never need, and no function of its own. */
class WsLink implements Link, Beating, Inlet<Frame> {
  readonly id: string
  readonly exporter: Uint8Array | undefined
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #heart: Heartbeat
  readonly #closeMs: number
  readonly #inbox = new Inbox<Frame>(this)
  readonly #told: ((link: Link) => void) | undefined
  #events: LinkEvents | undefined
  /** What came before the link was opened. */
  #early: Frame[] | undefined
  #earlyBytes = 0
  /** Why it ends, where this side knows better than the socket's own close event. */
  #cause: Ending | undefined
  #ended: Ending | undefined
  #opened = false
  #closing = false
  #silentIntervals = 0
  /** Runs while the other side is to agree to the end. */
  #closer: Cancel | undefined
  /** Probes that wait for a sign of life. */
  #probes: Set<(alive: boolean) => void> | undefined

  constructor(socket: Owned, id: string, { clock = systemClock, pingMs = 30_000, closeMs = 2_000, exporter, ended }: WsLinkOptions) {
    this.id = id
    this.exporter = exporter
    this.#socket = socket
    this.#clock = clock
    this.#closeMs = closeMs
    this.#told = ended
    socket[OWNER] = this
    socket.on('message', WsLink.#onMessage).on('pong', WsLink.#onSign).on('ping', WsLink.#onSign)
    socket.on('error', WsLink.#onError).on('close', WsLink.#onClose)
    this.#heart = heartbeatOf(clock, pingMs)
    this.#heart.add(this)
  }

  // the same functions for all sockets, called with the socket as `this`

  static readonly #onMessage = function (this: Owned, data: RawData, isBinary: boolean): void {
    linkOf(this).#received(data, isBinary)
  }

  static readonly #onSign = function (this: Owned): void {
    linkOf(this).#heard()
  }

  /** Always followed by 'close', of which the owner is told. */
  static readonly #onError = function (this: Owned, error: Error): void {
    linkOf(this).#end(endingOf(error))
  }

  static readonly #onClose = function (this: Owned, code: number, reason: Buffer): void {
    linkOf(this).#finished({ code, reason: reason.toString() })
  }

  get waiting(): number {
    return this.#socket.bufferedAmount
  }

  open(events: LinkEvents): void {
    if (this.#opened) throw new Fault('internal', `link ${this.id} was opened before`)
    this.#opened = true
    // not inside this call: the owner may not have finished noting the link down
    queueMicrotask(() => this.#deliverEarly(events))
  }

  send(frame: string | Uint8Array): void {
    // where the socket is no longer open ws drops the frame, and `closed` says so
    if (this.#closing) return
    if (typeof frame !== 'string') bytesPassed(frame.length)
    this.#socket.send(frame)
  }

  alive(ms: number): Promise<boolean> {
    if (this.#closing) return Promise.resolve(false)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const cancel = this.#clock.after(ms, () => resolve(false))
    this.#probes ??= new Set()
    this.#probes.add(resolve)
    this.#socket.ping()
    return promise.finally(() => {
      cancel()
      this.#probes?.delete(resolve)
    })
  }

  close(code: number, reason: string): void {
    if (this.#closing) return
    this.#end({ code, reason })
    this.#early = undefined
    this.#inbox.clear()
    this.#socket.close(UNSENDABLE.includes(code) ? GOING_AWAY : code, cutReason(reason))
  }

  /** For the inbox. */
  deliver(frame: Frame): void {
    if (this.#events === undefined) this.#keepEarly(frame)
    else if (typeof frame === 'string') this.#events.text(frame)
    else this.#events.binary(frame)
  }

  /** For the inbox. */
  pause(): void {
    this.#socket.pause()
  }

  /** For the inbox. */
  resume(): void {
    this.#socket.resume()
  }

  /** From here on no frame is delivered or sent, and the other side has `closeMs` to agree. */
  #end(cause: Ending): void {
    this.#cause ??= cause
    this.#closing = true
    this.#heart.remove(this)
    this.#closer?.()
    this.#closer = this.#clock.after(this.#closeMs, () => this.#socket.terminate())
  }

  #received(data: RawData, isBinary: boolean): void {
    if (this.#closing) return
    this.#heard()
    const frame = frameOf(data, isBinary)
    if (isBinary) bytesPassed(frame.length)
    this.#inbox.take(frame)
  }

  #heard(): void {
    this.#silentIntervals = 0
    if (this.#probes !== undefined) for (const answer of this.#probes) answer(true)
  }

  #keepEarly(frame: Frame): void {
    this.#early ??= []
    this.#early.push(frame)
    this.#earlyBytes += frame.length
    if (this.#earlyBytes > MAX_PAYLOAD) this.close(1008, 'too much was sent before the link was opened')
  }

  #deliverEarly(events: LinkEvents): void {
    this.#events = events
    // an owner that closes the link halfway empties the rest
    for (let frame = this.#early?.shift(); frame !== undefined; frame = this.#early?.shift()) {
      if (typeof frame === 'string') events.text(frame)
      else events.binary(frame)
    }
    this.#early = undefined
    if (this.#ended !== undefined) events.closed(this.#ended.code, this.#ended.reason)
  }

  /** Silence counts, not the single pong: a station that sends all the time is alive however late its pong comes. */
  beat(wasLate: boolean): void {
    // a process that was held up itself has not read yet what the other side said meanwhile
    if (!wasLate && ++this.#silentIntervals >= 2) {
      this.#cause = { code: 1006, reason: 'no sign of life for two ping intervals' }
      this.#socket.terminate()
      return
    }
    this.#socket.ping()
    this.#heart.add(this)
  }

  #finished(found: Ending): void {
    const ending = this.#cause ?? found
    this.#heart.remove(this)
    this.#closer?.()
    this.#inbox.finish()
    this.#closing = true
    this.#ended = ending
    if (this.#probes !== undefined) for (const answer of this.#probes) answer(false)
    this.#events?.closed(ending.code, ending.reason)
    this.#told?.(this)
  }
}

/** ws hands over one Buffer per message; a plain view of it keeps Buffer's differing `slice` and `toString` away from the owner. */
const frameOf = (data: RawData, isBinary: boolean): Frame => {
  const buffer = data as Buffer
  return isBinary ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : buffer.toString('utf8')
}

/** Codes that describe and are never sent (RFC 6455 §7.4.1); an owner that passes on how another link ended may hold one. */
const UNSENDABLE: readonly number[] = [1004, 1005, 1006, 1015]
const GOING_AWAY = 1001

/** RFC 6455 §5.5: a control frame carries 125 bytes, two of which are the code. A character is never cut in half. */
const cutReason = (reason: string): string => {
  const bytes = Buffer.from(reason)
  if (bytes.length <= 123) return reason
  let end = 123
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

/** The close code that ws sent for an error of the peer's (RFC 6455 §7.4.1); its own close event says only 1006. */
const CLOSE_CODES: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
}

const endingOf = (error: Error & { code?: string }): Ending => {
  const code = error.code ?? ''
  return { code: CLOSE_CODES[code] ?? (code.startsWith('WS_ERR_') ? 1002 : 1006), reason: error.message }
}
