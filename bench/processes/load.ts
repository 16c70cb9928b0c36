// The load generator: stations in closed loop, one outstanding CALL each, MeterValues of OCPP 2.0.1 of some 400 bytes,
// perhaps signed.
import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { systemClock } from '../../src/adapters/clock.ts'
import { generateSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { thumbprint, toPem } from '../../src/crypto/key.ts'
import { CALL, type Call, payloadOf, RESULT, type Result, readFrame, writeFrame } from '../../src/ocpp/frame.ts'
import { foldedMessage, liftedMessage } from '../../src/overlay/custom-data.ts'
import { Sealer } from '../../src/overlay/sealer.ts'
import { readIssuer } from '../../src/overlay/signature.ts'
import { answerParent } from '../child.ts'
import { meterValues, meterValuesPayload } from '../traffic.ts'

export interface LoadResult {
  readonly calls: number
  readonly seconds: number
  /** Microseconds from CALL to CALLRESULT. */
  readonly p50: number
  readonly p99: number
}

type Writer = (id: string, at: string) => string
/** What a station answers when it is asked itself: a network asks those with listed keys for their word. */
type Answerer = (asked: string) => string

class Station {
  readonly #socket: WebSocket
  #id = ''
  #sent = 0
  #until = 0
  #pauseMs = 0
  #times: number[] = []
  #done: PromiseWithResolvers<void> | undefined
  readonly #write: Writer

  constructor(socket: WebSocket, write: Writer, answer: Answerer) {
    this.#socket = socket
    this.#write = write
    socket.on('message', (data) => {
      const text = String(data)
      if (text.startsWith('[2,')) socket.send(answer(text))
      else this.#answered(text)
    })
    socket.on('close', (code) => this.#done?.reject(new Error(`the connection was closed with ${code}`)))
  }

  /** Calls until the moment given (performance.now), and returns how long each call took, in milliseconds. */
  async run(until: number, pauseMs: number): Promise<readonly number[]> {
    this.#until = until
    this.#pauseMs = pauseMs
    this.#times = []
    this.#done = Promise.withResolvers()
    this.#next()
    await this.#done.promise
    return this.#times
  }

  #next(): void {
    this.#id = randomUUID()
    this.#sent = performance.now()
    this.#socket.send(this.#write(this.#id, new Date().toISOString()))
  }

  #answered(text: string): void {
    if (!text.startsWith(`[3,"${this.#id}",`)) {
      this.#done?.reject(new Error(`expected the answer to ${this.#id}, got ${text.slice(0, 200)}`))
      return
    }
    const now = performance.now()
    this.#times.push(now - this.#sent)
    if (now < this.#until && this.#pauseMs > 0) setTimeout(() => this.#next(), this.#pauseMs * (0.5 + Math.random()))
    else if (now < this.#until) this.#next()
    else this.#done?.resolve()
  }
}

const stations: Station[] = []
/** Of stations that sign what they say. */
const sealers = new Map<string, Sealer>()
const engine = nodeEngine()

/** Makes a key for each of so many stations, which sign from then on; the public halves, for the trust lists. */
const keys = ({ count, prefix }: { count: number; prefix: string }): { node: string; pem: string }[] =>
  Array.from({ length: count }, (_, i) => {
    const [node, signer] = [`${prefix}${i}`, generateSigner('secp256r1')]
    sealers.set(node, new Sealer({ engine, clock: systemClock, identity: { node, kid: thumbprint(signer.publicKey, engine), signer } }))
    return { node, pem: toPem(signer.publicKey) }
  })

/** As src/roles/station-guard.ts signs a report. */
const signing =
  (station: string, sealer: Sealer): Writer =>
  (id, at) => {
    const text = meterValuesPayload(at)
    const call: Call = { type: CALL, id, action: 'MeterValues', payload: { text, value: JSON.parse(text) } }
    const { header, message } = sealer.sealReport({ destination: ['csms'], path: [station], header: {}, message: call })
    return writeFrame(foldedMessage(message, header.signatures, 'ocpp2.0.1'))
  }

const connect = async ({ url, count, prefix }: { url: string; count: number; prefix: string }): Promise<void> => {
  for (let i = 0; i < count; i++) {
    const socket = new WebSocket(`${url}/${prefix}${i}`, ['ocpp2.0.1'], { perMessageDeflate: false })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    const station = `${prefix}${i}`
    stations.push(new Station(socket, writerOf(station), answering(station)))
  }
}

const writerOf = (station: string): Writer => {
  const sealer = sealers.get(station)
  return sealer ? signing(station, sealer) : meterValues
}

/** As src/roles/station-guard.ts answers, without doing anything. */
const answering =
  (station: string): Answerer =>
  (text) => {
    const { message: asked, signatures = [] } = liftedMessage(readFrame(text))
    const path = [signatures.map(readIssuer).find((issuer) => issuer !== undefined) ?? 'csms']
    const answer: Result = { type: RESULT, id: asked.id, payload: payloadOf({ status: 'UnknownVendorId' }) }
    const sealed = sealers
      .get(station)
      ?.sealAnswer(
        { destination: [station], path, header: { signatures }, message: asked },
        { destination: path, path: [station], header: {}, message: answer },
      )
    return writeFrame(foldedMessage(answer, sealed?.header.signatures, 'ocpp2.0.1'))
  }

/** @param pauseMs about this long between an answer and the next call */
const run = async ({ ms, pauseMs = 0 }: { ms: number; pauseMs?: number }): Promise<LoadResult> => {
  const start = performance.now()
  const times = (await Promise.all(stations.map((station) => station.run(start + ms, pauseMs)))).flat().sort((a, b) => a - b)
  const at = (share: number): number => Math.round((times[Math.floor(times.length * share)] ?? 0) * 1_000)
  return { calls: times.length, seconds: (performance.now() - start) / 1_000, p50: at(0.5), p99: at(0.99) }
}

answerParent({ keys, connect, run })
