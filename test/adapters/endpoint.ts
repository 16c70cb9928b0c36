// A server with both endpoints on a free port of 127.0.0.1, and what it was told, for the tests of this folder.
import { createServer, request } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { attachEndpoints, type EndpointHandlers, type EndpointOptions, serverLimits } from '../../src/adapters/ws-server.ts'
import type { Link } from '../../src/base/ports.ts'

type Refused = Parameters<NonNullable<EndpointHandlers['refused']>>[0]

export interface Endpoint {
  readonly port: number
  /** Links handed over, in order. */
  readonly links: Link[]
  readonly refused: Refused[]
  close(): Promise<void>
}

export interface Setup {
  readonly handlers?: EndpointHandlers
  readonly options?: EndpointOptions
  readonly tls?: ServerOptions
  readonly handshakeMs?: number
}

/** Admits everyone, unless the handlers say otherwise. */
export const listen = async ({ handlers = {}, options = {}, tls, handshakeMs = 10_000 }: Setup = {}): Promise<Endpoint> => {
  const limits = serverLimits(handshakeMs)
  const server = tls === undefined ? createServer(limits) : createSecureServer({ ...limits, ...tls })
  const links: Link[] = []
  const refused: Refused[] = []
  const endpoints = attachEndpoints(
    server,
    {
      admitStation: () => ({ ok: true }),
      stationConnected: (link) => void links.push(link),
      admitNode: () => ({ ok: true }),
      nodeConnected: (link) => void links.push(link),
      refused: (info) => void refused.push(info),
      ...handlers,
    },
    options,
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const end = async (): Promise<void> => {
    await endpoints.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  let closed: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    links,
    refused,
    close: () => {
      closed ??= end()
      return closed
    },
  }
}

/** For one test: it ends with it. */
export const serve = async (setup: Setup = {}): Promise<Endpoint> => {
  const endpoint = await listen(setup)
  onTestFinished(() => endpoint.close())
  return endpoint
}

export const basic = (credentials: string | Buffer): { Authorization: string } => ({
  Authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
})
export const offer = (protocols: string): { 'Sec-WebSocket-Protocol': string } => ({ 'Sec-WebSocket-Protocol': protocols })
export const V21 = offer('ocpp2.1')

/** What became of a bare WebSocket client's attempt: the HTTP status, or the protocol agreed on and how it was closed. */
export interface Outcome {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly protocol?: string
  /** 0 while it stays open for a turn. */
  readonly code?: number
}

/** Upgrades by hand, because ws's own client refuses some answers that are to be looked at here. */
export const rawUpgrade = (port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Outcome> => {
  return new Promise((resolve, reject) => {
    const ask = request({
      host: '127.0.0.1',
      port,
      path,
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    })
    ask.on('error', reject)
    ask.on('response', (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
    })
    ask.on('upgrade', (response, socket, head) => {
      const done = (frame: Buffer): void => {
        socket.destroy()
        // RFC 6455 §5.2: an unmasked close frame begins 88, its length and the code
        const code = frame[0] === 0x88 ? { code: frame.readUInt16BE(2) } : {}
        resolve({ status: 101, headers: response.headers, protocol: response.headers['sec-websocket-protocol'] ?? '', ...code })
      }
      if (head.length > 0) return done(head)
      socket.once('data', done)
      setTimeout(() => done(Buffer.alloc(0)), 50)
    })
    ask.end()
  })
}

/** A plain ws client that is open. */
export const openSocket = async (port: number, path: string, protocol = 'ocpp2.1'): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol, { perMessageDeflate: true })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return socket
}

export interface Heard {
  readonly frames: (string | Uint8Array)[]
  /** Code and reason, once it has ended. */
  readonly closed: Promise<[number, string]>
  /** Resolves when so many frames have come. */
  count(frames: number): Promise<void>
}

/** Opens a link and notes what arrives. */
export const hear = (link: Link): Heard => {
  const frames: (string | Uint8Array)[] = []
  const waiting = new Set<() => void>()
  const note = (frame: string | Uint8Array): void => {
    frames.push(frame)
    for (const look of waiting) look()
  }
  const closed = new Promise<[number, string]>((resolve) => {
    link.open({ text: note, binary: note, closed: (code, reason) => resolve([code, reason]) })
  })
  return {
    frames,
    closed,
    count: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (frames.length >= wanted) resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}

/** Resolves once `condition` holds; the test's own time limit is the only other end. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}
