// A station made of a bare WebSocket: it says exactly what a test tells it to, right or wrong, and keeps all that it hears.
import { type ClientOptions, WebSocket } from 'ws'
import type { Json } from '../../src/base/ports.ts'

export type Frame = readonly Json[]
type JsonObject = { readonly [key: string]: Json }

export class OcppPeer {
  /** Every frame heard, in order. */
  readonly heard: Frame[] = []
  /** Answers to CALLs of the other side, by action; an unknown one gets NotImplemented. */
  readonly answers = new Map<string, (payload: JsonObject) => JsonObject>()
  /** Code and reason, once the connection has ended. */
  readonly closed: Promise<readonly [number, string]>
  readonly socket: WebSocket
  /** Leaves CALLs unanswered. */
  isMute = false
  readonly #listeners = new Set<() => void>()
  #ids = 0

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.once('close', (code, reason) => resolve([code, reason.toString()])))
    socket.on('error', () => undefined)
    socket.on('message', (data) => this.#received(JSON.parse(data.toString()) as Frame))
    socket.on('close', () => this.#wake())
  }

  static async connect(url: string, protocols: string | readonly string[], options: ClientOptions = {}): Promise<OcppPeer> {
    const socket = new WebSocket(url, typeof protocols === 'string' ? [protocols] : [...protocols], options)
    const peer = new OcppPeer(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return peer
  }

  /** Sends a CALL and resolves with the whole answer, whatever it is. */
  async call(action: string, payload: Json, id = this.nextId()): Promise<Frame> {
    this.send([2, id, action, payload])
    return this.next((frame) => frame[1] === id && (frame[0] === 3 || frame[0] === 4))
  }

  /** The payload of a CALLRESULT; fails for anything else. */
  async result(action: string, payload: Json): Promise<JsonObject> {
    const answer = await this.call(action, payload)
    if (answer[0] !== 3) throw new Error(`expected a result of ${action}, got ${JSON.stringify(answer)}`)
    return answer[2] as JsonObject
  }

  send(frame: Json | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** The first frame, heard already or to come, that is the one. */
  next(isIt: (frame: Frame) => boolean, ms = 10_000): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#listeners.delete(look)
      }
      const look = (): void => {
        const found = this.heard.find(isIt)
        if (found) {
          end()
          resolve(found)
        } else if (this.socket.readyState === WebSocket.CLOSED) {
          end()
          reject(new Error('the connection ended before the frame came'))
        }
      }
      const timer = setTimeout(() => {
        end()
        reject(new Error(`no such frame within ${ms} ms; heard ${JSON.stringify(this.heard.slice(-5)).slice(0, 1_000)}`))
      }, ms)
      this.#listeners.add(look)
      look()
    })
  }

  nextId(): string {
    return `m${++this.#ids}`
  }

  close(): Promise<readonly [number, string]> {
    this.socket.close(1000)
    return this.closed
  }

  #received(frame: Frame): void {
    this.heard.push(frame)
    if (frame[0] === 2 && !this.isMute) {
      const answer = this.answers.get(String(frame[2]))
      this.send(answer ? [3, frame[1] as Json, answer(frame[3] as JsonObject)] : [4, frame[1] as Json, 'NotImplemented', '', {}])
    }
    this.#wake()
  }

  #wake(): void {
    for (const look of this.#listeners) look()
  }
}
