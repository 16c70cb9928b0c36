// The first half of the fuzz: everything that reads frames, in this process, one long life each. Only Faults may be thrown, what
// can be read must read the same when written, and nothing may be kept.

import { systemClock } from '../../src/adapters/clock.ts'
import { nodeRandom } from '../../src/adapters/node-crypto.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Link, LinkEvents } from '../../src/base/ports.ts'
import { Connection } from '../../src/ocpp/connection.ts'
import { payloadOf, readEnvelope, readFrame, writeEnvelope, writeFrame } from '../../src/ocpp/frame.ts'
import { VERSIONS } from '../../src/ocpp/version.ts'
import { OverlayNode } from '../../src/overlay/node.ts'
import { NodeLink } from '../../src/overlay/node-link.ts'
import { StationLink } from '../../src/overlay/station-link.ts'
import { chance } from '../chance.ts'
import { type FrameKind, frameMaker } from './frames.ts'
import { type Memory, memoryNow } from './memory.ts'

export interface ReadersReport {
  readonly frames: number
  readonly seconds: number
  /** Frames that could be read, plain or overlay. */
  readonly readable: number
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

export const fuzzReaders = async (frames: number, seed: number): Promise<ReadersReport> => {
  const fuzz = new ReadersFuzz(seed)
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
  return { frames, seconds: (performance.now() - began) / 1_000, readable: fuzz.readable, early, late, findings: fuzz.findings }
}

class ReadersFuzz {
  readable = 0
  readonly findings: string[] = []
  readonly #chance
  readonly #maker
  readonly #node: OverlayNode
  readonly #sinks: SinkLink[]

  constructor(seed: number) {
    this.#chance = chance(seed)
    this.#maker = frameMaker(this.#chance, { sender: 'neighbour', receiver: 'self', beside: 'station-ocpp2.1' })
    this.#node = new OverlayNode(
      { id: 'self', role: 'gateway' },
      {
        ...{ clock: systemClock, random: nodeRandom, flaw: (fault) => this.#only(fault, 'the node') },
        gatekeeper: {
          inspect: () => 'absent',
          protect: () => Promise.resolve(),
          admit: () => Promise.resolve('open'),
          sealCall: (envelope) => envelope,
          passOn: (envelope) => envelope,
          sealError: (_call, error) => error,
          sealAnswer: (_call, answer) => answer,
        },
        local: { call: async () => payloadOf({}) },
      },
    )
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
    const sink = pick(this.#sinks)
    if (next() < BINARY) {
      const frame = this.#maker.binary()
      this.#guarded(() => sink.events?.binary(frame), `the binary frame ${Buffer.from(frame.subarray(0, 80)).toString('hex')}`)
      return
    }
    if (next() < OPENING) {
      this.#guarded(() => sink.events?.text(this.#maker.opening()), 'the opening of a stream')
      return
    }
    const text = this.#maker.text(sink.kind)
    this.#read(text)
    this.#guarded(() => sink.events?.text(text), text)
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

  #nodeSink(): SinkLink {
    return new SinkLink('overlay', (link) => {
      this.#node.attach(new NodeLink(link, { self: 'self', peer: 'neighbour', clock: systemClock }, this.#node), { role: 'node' })
    })
  }

  #stationSink(version: (typeof VERSIONS)[number]): SinkLink {
    const options = { station: `station-${version}`, version, backend: 'self', clock: systemClock }
    return new SinkLink('plain', (link) => this.#node.attach(new StationLink(link, options, this.#node), { role: 'station' }))
  }

  #connectionSink(version: (typeof VERSIONS)[number]): SinkLink {
    const handler = {
      call: async () => ({ type: 3 as const, id: '1', payload: payloadOf({}) }),
      closed: () => undefined,
      flaw: (fault: Fault) => this.#only(fault, 'a connection'),
    }
    return new SinkLink('plain', (link) => void new Connection(link, { version, clock: systemClock }, handler))
  }
}

/** A link into nothing. Where the other side closes it, a new one takes its place, as a peer that was thrown out would come again. */
class SinkLink implements Link {
  readonly id = 'sink'
  readonly waiting = 0
  readonly kind: FrameKind
  events: LinkEvents | undefined
  readonly #connect: (link: Link) => void

  constructor(kind: FrameKind, connect: (link: Link) => void) {
    this.kind = kind
    this.#connect = connect
    connect(this)
  }

  open(events: LinkEvents): void {
    this.events = events
  }

  send(): void {
    // what a node answers to nonsense is read by nobody
  }

  async alive(): Promise<boolean> {
    return false
  }

  close(code: number, reason: string): void {
    const { events } = this
    this.events = undefined
    if (events === undefined) return
    queueMicrotask(() => {
      events.closed(code, reason)
      if (code !== 1000) this.#connect(this)
    })
  }
}
