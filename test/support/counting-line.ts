// A TCP line that counts what passes each way: what a link costs, headers and all.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class CountingLine {
  /** Bytes that came from where the line leads, and that went there. */
  down = 0
  up = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  /** @param target port on 127.0.0.1 */
  static async open(target: number): Promise<CountingLine> {
    const server = createServer({ noDelay: true })
    const line = new CountingLine(server)
    server.on('connection', (near) => {
      const far = connect({ port: target, host: '127.0.0.1', noDelay: true })
      for (const [from, onto] of [
        [near, far],
        [far, near],
      ] as const) {
        line.#sockets.add(from)
        from.on('data', (bytes) => {
          if (from === near) line.up += bytes.length
          else line.down += bytes.length
        })
        from.pipe(onto)
        from.on('error', () => onto.destroy()).on('close', () => line.#sockets.delete(from))
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return line
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}
