// A station made of a bare WebSocket that charges one car after the other and writes down what it said and what it was told.
// What was not answered is said again with the same message id, over as many connections as that takes (1.6 §4.1, 2.x E13).
import { WebSocket } from 'ws'
import type { Json } from '../../src/base/ports.ts'
import type { Version } from '../../src/ocpp/version.ts'
import type { Chance } from '../chance.ts'
import type { Said } from './history.ts'

type JsonObject = { readonly [key: string]: Json }

export interface StationParts {
  readonly id: string
  readonly version: Version
  /** The OCPP endpoint without the id. */
  readonly url: string
  readonly chance: Chance
  /** Where everything that was said is written down, in order. */
  readonly history: Said[]
  /** Told right after a frame was handed to the socket. */
  readonly sent: () => void
}

/** A real station waits longer; what counts is that it gives up before the nodes do. */
const PATIENCE_MS = 3_000
const PAUSE_MS = 40
const VALUES = { from: 2, to: 8 } as const

export class ChaosStation {
  readonly #parts: StationParts
  #socket: WebSocket | undefined
  #count = 0
  #time = 0
  #finishing = false
  #gaveUp = false

  constructor(parts: StationParts) {
    this.#parts = parts
  }

  /** Charges until told to finish; resolves when the last session has ended and everything said was answered. */
  async run(): Promise<void> {
    const boot: JsonObject =
      this.#parts.version === 'ocpp1.6'
        ? { chargePointVendor: 'Chaos', chargePointModel: 'One' }
        : { reason: 'PowerUp', chargingStation: { vendorName: 'Chaos', model: 'One' } }
    await this.#say('BootNotification', boot)
    while (!this.#finishing) await (this.#parts.version === 'ocpp1.6' ? this.#charge16() : this.#charge2x())
    this.#socket?.terminate()
  }

  finish(): void {
    this.#finishing = true
  }

  /** Ends what is being said, answered or not. */
  giveUp(): void {
    this.#finishing = true
    this.#gaveUp = true
    this.#socket?.terminate()
  }

  async #charge16(): Promise<void> {
    const { history, chance } = this.#parts
    const session = this.#now()
    const at = { station: this.#parts.id, session }
    const tell = async (event: Omit<Said, 'station' | 'session' | 'messageId' | 'attempts'>, payload: JsonObject): Promise<JsonObject> => {
      const said: Said = { ...at, ...event, messageId: this.#nextId(), attempts: [] }
      history.push(said)
      return this.#say(event.action, payload, said)
    }
    let wh = chance.between(0, 1_000_000)
    const start = { connectorId: 1, idTag: 'DEADBEEF', meterStart: wh, timestamp: session }
    const { transactionId = 0 } = await tell({ action: 'StartTransaction', kind: 'start', wh }, start)
    for (let left = chance.between(VALUES.from, VALUES.to); left > 0; left--) {
      wh += chance.between(1, 500)
      const timestamp = this.#now()
      const sampledValue = [{ value: String(wh), measurand: 'Energy.Active.Import.Register', unit: 'Wh' }]
      const values = { connectorId: 1, transactionId, meterValue: [{ timestamp, sampledValue }] }
      await tell({ action: 'MeterValues', kind: 'values', wh, reading: { at: timestamp, wh } }, values)
    }
    wh += chance.between(1, 500)
    await tell({ action: 'StopTransaction', kind: 'end', wh }, { transactionId, meterStop: wh, timestamp: this.#now() })
  }

  async #charge2x(): Promise<void> {
    const { history, chance, id: station } = this.#parts
    const session = this.#now()
    const transactionId = `${station}-${session}`.slice(0, 36)
    const last = chance.between(VALUES.from, VALUES.to)
    let wh = chance.between(0, 1_000_000)
    for (let seqNo = 0; seqNo <= last; seqNo++) {
      const timestamp = seqNo === 0 ? session : this.#now()
      const kind = seqNo === 0 ? 'start' : seqNo === last ? 'end' : 'values'
      const said: Said = {
        ...{ station, session, messageId: this.#nextId(), action: 'TransactionEvent', kind, wh, seqNo },
        ...{ reading: { at: timestamp, wh }, attempts: [] },
      }
      history.push(said)
      await this.#say(said.action, event2x({ transactionId, seqNo, timestamp, wh, kind }), said)
      wh += chance.between(1, 500)
    }
  }

  /** Says it until a result comes. */
  async #say(action: string, payload: JsonObject, said?: Said): Promise<JsonObject> {
    const frame = JSON.stringify([2, said?.messageId ?? this.#nextId(), action, payload])
    while (!this.#gaveUp) {
      const socket = await this.#connected()
      if (socket === undefined) {
        await this.#pause()
        continue
      }
      const answer = await this.#attempt(socket, frame)
      said?.attempts.push(answer === undefined ? 'unknown' : answer[0] === 3 ? 'result' : 'error')
      if (answer?.[0] === 3) {
        await this.#pause()
        return answer[2] as JsonObject
      }
      if (answer !== undefined && said !== undefined) said.error = `${answer[2]} ${answer[3]}`
      await this.#pause()
    }
    throw new Error(`${this.#parts.id}: nobody answered ${action}`)
  }

  /** The answer, or undefined where the connection broke or nothing came. */
  async #attempt(socket: WebSocket, frame: string): Promise<readonly Json[] | undefined> {
    const { promise, resolve } = Promise.withResolvers<readonly Json[] | undefined>()
    const id = (JSON.parse(frame) as Json[])[1]
    const heard = (data: unknown): void => {
      const answer = JSON.parse(String(data)) as readonly Json[]
      if (answer[1] === id && (answer[0] === 3 || answer[0] === 4)) resolve(answer)
    }
    const silence = setTimeout(() => resolve(undefined), PATIENCE_MS)
    const closed = (): void => resolve(undefined)
    socket.on('message', heard).once('close', closed)
    socket.send(frame)
    this.#parts.sent()
    const answer = await promise
    clearTimeout(silence)
    socket.off('message', heard).off('close', closed)
    return answer
  }

  async #connected(): Promise<WebSocket | undefined> {
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#socket
    const { id, url, version } = this.#parts
    const socket = new WebSocket(`${url}/${id}`, [version])
    this.#socket = socket
    socket.on('error', () => undefined)
    return new Promise((resolve) => {
      socket.once('open', () => resolve(socket))
      socket.once('close', () => resolve(undefined))
    })
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#parts.chance.between(1, 2 * PAUSE_MS)))
  }

  /** The machine's time, but never the same twice: sessions and values are known by it. */
  #now(): string {
    this.#time = Math.max(this.#time + 1, Date.now())
    return new Date(this.#time).toISOString()
  }

  #nextId(): string {
    return `${this.#parts.id}-${++this.#count}`
  }
}

const EVENT_TYPES = { start: 'Started', values: 'Updated', end: 'Ended' } as const

const event2x = (at: { transactionId: string; seqNo: number; timestamp: string; wh: number; kind: Said['kind'] }): JsonObject => ({
  eventType: EVENT_TYPES[at.kind],
  seqNo: at.seqNo,
  timestamp: at.timestamp,
  triggerReason: at.kind === 'start' ? 'Authorized' : 'MeterValuePeriodic',
  transactionInfo: { transactionId: at.transactionId },
  evse: { id: 1, connectorId: 1 },
  ...(at.kind === 'start' && { idToken: { idToken: 'DEADBEEF', type: 'ISO14443' } }),
  meterValue: [
    {
      timestamp: at.timestamp,
      sampledValue: [{ value: at.wh, measurand: 'Energy.Active.Import.Register', unitOfMeasure: { unit: 'Wh' } }],
    },
  ],
})
