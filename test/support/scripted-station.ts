// A station that keeps what it has to say until somebody answers, over as many connections as that takes, as OCPP asks of
// stations (1.6 §4.1 retries, 2.x E13): the same message with the same id again.
import type { Json } from '../../src/base/ports.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { type Frame, OcppPeer } from './ocpp-peer.ts'

type JsonObject = { readonly [key: string]: Json }

export class ScriptedStation {
  readonly id: string
  readonly #url: string
  readonly #version: Version
  /** Messages that were answered with a result, in order: action and id. */
  readonly answered: string[] = []
  #peer: OcppPeer | undefined
  #count = 0
  #gaveUp = false

  constructor(endpoint: string, id: string, version: Version) {
    this.id = id
    this.#url = `${endpoint}/${id}`
    this.#version = version
  }

  /** Says it until a result comes; an error is told again like silence, until the deadline. */
  async say(action: string, payload: JsonObject, ms = 20_000): Promise<JsonObject> {
    const id = `${this.id}-${++this.#count}`
    for (const deadline = Date.now() + ms; !this.#gaveUp && Date.now() < deadline; ) {
      const answer = await this.#once(action, payload, id)
      if (answer?.[0] === 3) {
        this.answered.push(`${action} ${id}`)
        return answer[2] as JsonObject
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`${this.id}: nobody answered ${action} within ${ms} ms`)
  }

  /** Asks once; the whole answer, or undefined where the connection broke. */
  async ask(action: string, payload: JsonObject): Promise<Frame | undefined> {
    return this.#once(action, payload, `${this.id}-${++this.#count}`)
  }

  /** Ends what is being said. */
  giveUp(): void {
    this.#gaveUp = true
  }

  async close(): Promise<void> {
    await this.#peer?.close()
  }

  async #once(action: string, payload: JsonObject, id: string): Promise<Frame | undefined> {
    try {
      if (this.#peer === undefined || this.#peer.socket.readyState !== this.#peer.socket.OPEN)
        this.#peer = await OcppPeer.connect(this.#url, this.#version)
      // answers to an earlier attempt do not count
      this.#peer.heard.length = 0
      return await this.#peer.call(action, payload, id)
    } catch (error) {
      if (error instanceof Error) return undefined
      throw error
    }
  }
}

/** One session of a 2.x station: `events` of them, `wh` energy each; every event is answered before the next is told. */
export const chargeOn2x = async (station: ScriptedStation, transactionId: string, events: number, wh = 100): Promise<void> => {
  for (let seqNo = 0; seqNo <= events; seqNo++) {
    const eventType = seqNo === 0 ? 'Started' : seqNo === events ? 'Ended' : 'Updated'
    await station.say('TransactionEvent', event2x(transactionId, { seqNo, eventType, wh: 1_000 + seqNo * wh }))
  }
}

export const event2x = (transactionId: string, at: { seqNo: number; eventType: string; wh: number }): JsonObject => {
  const timestamp = new Date(Date.UTC(2026, 10, 3) + at.seqNo * 1_000).toISOString()
  return {
    eventType: at.eventType,
    seqNo: at.seqNo,
    timestamp,
    triggerReason: at.seqNo === 0 ? 'Authorized' : 'MeterValuePeriodic',
    transactionInfo: { transactionId },
    evse: { id: 1, connectorId: 1 },
    ...(at.seqNo === 0 && { idToken: { idToken: 'DEADBEEF', type: 'ISO14443' } }),
    meterValue: [
      { timestamp, sampledValue: [{ value: at.wh, measurand: 'Energy.Active.Import.Register', unitOfMeasure: { unit: 'Wh' } }] },
    ],
  }
}

/** One session of a 1.6 station; resolves with the transaction id that it was given. */
export const chargeOn16 = async (station: ScriptedStation, values: number, wh = 100): Promise<number> => {
  const at = (n: number): string => new Date(Date.UTC(2026, 10, 3) + n * 1_000).toISOString()
  const start = { connectorId: 1, idTag: 'DEADBEEF', meterStart: 1_000, timestamp: at(0) }
  const transactionId = (await station.say('StartTransaction', start)).transactionId as number
  for (let n = 1; n <= values; n++) {
    const sampledValue = [{ value: String(1_000 + n * wh), measurand: 'Energy.Active.Import.Register', unit: 'Wh' }]
    await station.say('MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: at(n), sampledValue }] })
  }
  await station.say('StopTransaction', { transactionId, idTag: 'DEADBEEF', meterStop: 1_000 + values * wh, timestamp: at(values) })
  return transactionId
}
