// The last metre between a controller's door and its stations: plain HTTP over somebody's cable, so whoever sits on it can change a file.
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export class LastMetre {
  /** Whether a byte of every file that comes down is changed. */
  alters = false
  /** How many files it changed. */
  altered = 0
  /** Bytes that came down. */
  passed = 0
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** @param target port of the door on 127.0.0.1 */
  static async open(target: number): Promise<LastMetre> {
    const server = createServer()
    const metre = new LastMetre(server)
    server.on('request', (asked, answer) => {
      const { method, url, headers } = asked
      const onward = request({ host: '127.0.0.1', port: target, method, path: url, headers, agent: false }, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers)
        let isFirst = metre.alters && method === 'GET'
        answered.on('data', (part: Buffer) => {
          if (isFirst) metre.#alter(part)
          isFirst = false
          metre.passed += part.length
          if (!answer.write(part)) answered.pause()
        })
        answer.on('drain', () => answered.resume())
        answered.on('end', () => answer.end()).on('error', () => answer.destroy())
      })
      onward.on('error', () => answer.destroy())
      answer.on('close', () => onward.destroy())
      asked.pipe(onward)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return metre
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** As if the cable were pulled and put back: what is on its way breaks off. */
  cut(): void {
    this.#server.closeAllConnections()
  }

  close(): Promise<void> {
    this.cut()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #alter(part: Buffer): void {
    this.altered += 1
    part[part.length - 1] = (part[part.length - 1] as number) ^ 1
  }
}
