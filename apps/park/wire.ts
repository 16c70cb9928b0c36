// A piece of network between two nodes that can be cut, and that can lie: a WebSocket relay, as every box between a
// station and its back end is one. It holds no key of anybody.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

export interface WireFrame {
  readonly direction: 'up' | 'down'
  readonly text: string
}

export class Wire {
  /** Changes text frames on their way; undefined passes them as they are, as binary ones pass in any case. */
  alter: ((frame: WireFrame) => string) | undefined
  readonly #target: string
  readonly #server: Server
  readonly #sockets = new Set<WebSocket>()
  #isCut = false

  private constructor(target: string, server: Server) {
    this.#target = target
    this.#server = server
  }

  /** @param target WebSocket URL of the far end without a path, such as `ws://127.0.0.1:8082` */
  static async open(target: string): Promise<Wire> {
    const server = createServer()
    const wire = new Wire(target, server)
    const relay = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false })
    server.on('upgrade', (request, socket, head) => {
      if (wire.#isCut) return socket.destroy()
      relay.handleUpgrade(request, socket, head, (near) => wire.#join(near, request.url ?? '/'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return wire
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get isCut(): boolean {
    return this.#isCut
  }

  /** As if the cable were pulled: what is open breaks, and nothing new gets through. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.terminate()
  }

  restore(): void {
    this.#isCut = false
  }

  close(): Promise<void> {
    this.cut()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #join(near: WebSocket, path: string): void {
    const far = new WebSocket(this.#target + path, near.protocol ? [near.protocol] : [])
    const early: (string | Buffer)[] = []
    this.#sockets.add(near).add(far)
    near.on('message', (data: Buffer, isBinary) => {
      const frame = isBinary ? data : this.#altered('up', data.toString())
      if (far.readyState === WebSocket.OPEN) far.send(frame)
      else early.push(frame)
    })
    far.on('open', () => {
      for (const frame of early) far.send(frame)
    })
    far.on('message', (data: Buffer, isBinary) => near.send(isBinary ? data : this.#altered('down', data.toString())))
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => other.terminate())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.terminate()
      })
    }
  }

  #altered(direction: WireFrame['direction'], text: string): string {
    return this.alter ? this.alter({ direction, text }) : text
  }
}
