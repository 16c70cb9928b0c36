// The first half of the fuzz: everything that reads frames, in this process, one long life each. Only Faults may be thrown, what
// can be read must read the same when written, and nothing may be kept. The same seed makes the same frames meet the same node.
import { createHash, type Hash } from 'node:crypto'
import { Fault } from '../../src/base/fault.ts'
import type { Link } from '../../src/base/ports.ts'
import { Connection } from '../../src/ocpp/connection.ts'
import { payloadOf, readEnvelope, readFrame, writeEnvelope, writeFrame } from '../../src/ocpp/frame.ts'
import { VERSIONS } from '../../src/ocpp/version.ts'
import type { OverlayNode } from '../../src/overlay/node.ts'
import { NodeLink } from '../../src/overlay/node-link.ts'
import { StationLink } from '../../src/overlay/station-link.ts'
import { chance } from '../chance.ts'
import { FrameClock, seededRandom } from './counted-world.ts'
import { type FrameKind, frameMaker } from './frames.ts'
import { type Memory, memoryNow } from './memory.ts'
import { openNode, SinkLink } from './open-node.ts'

export interface ReadersReport {
  readonly frames: number
  readonly seconds: number
  /** Frames that could be read, plain or overlay. */
  readonly readable: number
  /** SHA-256 of all that was said to the node and by it, in order. */
  readonly said: string
  /** After a tenth of the frames, and after all. */
  readonly early: Memory
  readonly late: Memory
  /** What should never happen, with the frame that made it happen; at most ten. */
  readonly findings: readonly string[]
}

/** What may be there more after all frames than after a tenth of them: caches that were not warm, fragments of the heap. No share of the frames. */
export const HEAP_GROWTH_MIB = 4
export const RSS_GROWTH_MIB = 64

/** The share of frames that are binary, and of texts that open a stream for them. */
const BINARY = 0.4
const OPENING = 0.02

/** Frames between two breaths, in which what was begun can end. */
const BATCH = 200

/** @param binary the share of frames that are binary */
export const fuzzReaders = async (frames: number, seed: number, binary = BINARY): Promise<ReadersReport> => {
  const fuzz = new ReadersFuzz(seed, binary)
  const began = performance.now()
  let early = memoryNow()
  for (let n = 0; n < frames; n++) {
    if (n % BATCH === 0) await new Promise((resolve) => setImmediate(resolve))
    if (n === Math.floor(frames / 10)) early = memoryNow()
    fuzz.next()
  }
  await new Promise((resolve) => setTimeout(resolve, 50))
  const late = memoryNow()
  fuzz.end()
  const { readable, findings, said } = fuzz
  return { frames, seconds: (performance.now() - began) / 1_000, readable, said, early, late, findings }
}

class ReadersFuzz {
  readable = 0
  readonly findings: string[] = []
  readonly #binary: number
  readonly #chance
  readonly #maker
  readonly #node: OverlayNode
  readonly #sinks: FuzzLink[]
  readonly #clock = new FrameClock()
  readonly #said = createHash('sha256')

  constructor(seed: number, binary: number) {
    this.#binary = binary
    this.#chance = chance(seed)
    this.#maker = frameMaker(this.#chance, { sender: 'neighbour', receiver: 'self', beside: 'station-ocpp2.1' })
    this.#node = openNode((fault) => this.#only(fault, 'the node'), { clock: this.#clock, random: seededRandom(seed + 1) })
    this.#node.streams.offer('fuzz', async () => ({
      run: async (stream) => {
        // what ends it is not this reader's matter
        for await (const _ of stream.received) if (this.findings.length > 10) return
      },
    }))
    this.#sinks = [this.#nodeSink(), ...VERSIONS.flatMap((version) => [this.#connectionSink(version), this.#stationSink(version)])]
  }

  next(): void {
    const { next, pick } = this.#chance
    this.#clock.tick()
    const sink = pick(this.#sinks)
    if (next() < this.#binary) {
      const frame = this.#maker.binary()
      this.#said.update(frame)
      this.#guarded(() => sink.events?.binary(frame), `the binary frame ${Buffer.from(frame.subarray(0, 80)).toString('hex')}`)
      return
    }
    const isOpening = next() < OPENING
    const text = isOpening ? this.#maker.opening() : this.#maker.text(sink.kind)
    this.#said.update(text)
    if (!isOpening) this.#read(text)
    this.#guarded(() => sink.events?.text(text), text)
  }

  get said(): string {
    return this.#said.copy().digest('hex')
  }

  end(): void {
    this.#node.streams.stop()
    for (const sink of this.#sinks) sink.close(1000, 'done')
  }

  #read(text: string): void {
    this.#guarded(() => {
      const again = writeFrame(readFrame(text))
      this.readable++
      this.#same(writeFrame(readFrame(again)), again)
    }, text)
    this.#guarded(() => {
      const again = writeEnvelope(readEnvelope(text))
      this.readable++
      this.#same(writeEnvelope(readEnvelope(again)), again)
    }, text)
  }

  /** A Fault is an answer; anything else is a hole. */
  #guarded(work: () => void, text: string): void {
    try {
      work()
    } catch (thrown) {
      this.#only(thrown, text)
    }
  }

  #only(thrown: unknown, where: string): void {
    if (thrown instanceof Fault && thrown.code !== 'internal') return
    this.#found(`${thrown instanceof Error ? thrown.stack : thrown} at ${where.slice(0, 300)}`)
  }

  #same(second: string, first: string): void {
    if (second !== first) this.#found(`written ${first.slice(0, 200)}, then ${second.slice(0, 200)}`)
  }

  #found(what: string): void {
    if (this.findings.length < 10) this.findings.push(what)
  }

  #nodeSink(): FuzzLink {
    return new FuzzLink('overlay', this.#said, (link) => {
      this.#node.attach(new NodeLink(link, { self: 'self', peer: 'neighbour', clock: this.#clock }, this.#node), { role: 'node' })
    })
  }

  #stationSink(version: (typeof VERSIONS)[number]): FuzzLink {
    const options = { station: `station-${version}`, version, backend: 'self', clock: this.#clock }
    return new FuzzLink('plain', this.#said, (link) => this.#node.attach(new StationLink(link, options, this.#node), { role: 'station' }))
  }

  #connectionSink(version: (typeof VERSIONS)[number]): FuzzLink {
    const handler = {
      call: async () => ({ type: 3 as const, id: '1', payload: payloadOf({}) }),
      closed: () => undefined,
      flaw: (fault: Fault) => this.#only(fault, 'a connection'),
    }
    return new FuzzLink('plain', this.#said, (link) => void new Connection(link, { version, clock: this.#clock }, handler))
  }
}

/** A link of the fuzz, and what kind of frames it is given. */
class FuzzLink extends SinkLink {
  readonly kind: FrameKind
  readonly #said: Hash

  constructor(kind: FrameKind, said: Hash, connect: (link: Link) => void) {
    super(connect)
    this.kind = kind
    this.#said = said
  }

  override send(frame: string | Uint8Array): void {
    // the first are sent while the link is made
    this.#said?.update(frame)
  }
}
