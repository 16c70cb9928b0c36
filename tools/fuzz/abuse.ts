// Neighbours that use streams as nobody should, for as long as they like: one opens them without end, one sends without credit, one never
// reads. What is granted and kept stays within bounds that do not grow with the number of frames (docs/protocol.md §11.3).
import { systemClock } from '../../src/adapters/clock.ts'
import { nodeRandom } from '../../src/adapters/node-crypto.ts'
import type { Fault } from '../../src/base/fault.ts'
import type { Link } from '../../src/base/ports.ts'
import type { OverlayNode } from '../../src/overlay/node.ts'
import { NodeLink } from '../../src/overlay/node-link.ts'
import { readStreamFrame, writeCredit, writeData } from '../../src/overlay/streams/frame.ts'
import { STREAMS_PER_LINK } from '../../src/overlay/streams/stream-link.ts'
import { memoryNow } from './memory.ts'
import { openNode, SinkLink } from './open-node.ts'

export interface Abuse {
  readonly name: string
  readonly text: string
  readonly holds: boolean
}

/** What may be there more after all frames than after a tenth of them. */
const GROWTH_MIB = 4
/** What a stream may be sent beyond what was read of it, and what may wait of it (docs/protocol.md §11.3). */
const WINDOW = 1_048_576
const BATCH = 200
/** The longest frame costs most. */
const LONG = new Uint8Array(16_384)

export const abuseStreams = async (frames: number): Promise<readonly Abuse[]> => [
  await opensWithoutEnd(frames),
  await sendsWithoutCredit(frames),
  await neverReads(Math.ceil(frames / 10)),
]

class Bully {
  readonly node: OverlayNode
  /** Kinds of frames that the node sent, how many of each. */
  readonly heard = new Map<string, number>()
  readonly #sink: SinkLink

  constructor(faults: (fault: Fault) => void = () => undefined) {
    this.node = openNode(faults)
    this.#sink = new Listening(
      (frame) => this.#count(frame),
      (link) => this.node.attach(new NodeLink(link, { self: 'self', peer: 'bully', clock: systemClock }, this.node), { role: 'node' }),
    )
  }

  get streams(): number {
    return this.node.streams.views().reduce((sum, { streams }) => sum + streams.length, 0)
  }

  get waiting(): number {
    return Math.max(0, ...this.node.streams.views().flatMap(({ streams }) => streams.map(({ waiting }) => waiting)))
  }

  open(id: string): void {
    const payload = { id, purpose: 'abuse', class: 'files', details: {}, received: 0 }
    this.#sink.events?.text(
      JSON.stringify([2, 'self', 'bully', nodeRandom.uuid(), 'org.chargeproof.OpenStream', payload, { ocpp: 'ocpp2.1' }]),
    )
  }

  say(frame: Uint8Array): void {
    this.#sink.events?.binary(frame)
  }

  end(): void {
    this.node.streams.stop()
    this.#sink.close(1000, 'done')
  }

  #count(frame: string | Uint8Array): void {
    const kind = typeof frame === 'string' ? `text ${frame.slice(0, 2)}` : readStreamFrame(frame).type
    this.heard.set(kind, (this.heard.get(kind) ?? 0) + 1)
  }
}

class Listening extends SinkLink {
  readonly #heard: (frame: string | Uint8Array) => void

  constructor(heard: (frame: string | Uint8Array) => void, connect: (link: Link) => void) {
    super(connect)
    this.#heard = heard
  }

  override send(frame: string | Uint8Array): void {
    // the first are sent while the link is made
    this.#heard?.(frame)
  }
}

const breath = (): Promise<void> => new Promise((go) => setImmediate(go))

/** Does it so often; what the heap gained between a tenth of that and all of it. */
const growthOf = async (times: number, act: (n: number) => void): Promise<number> => {
  let early = memoryNow()
  for (let n = 0; n < times; n++) {
    if (n % BATCH === 0) await breath()
    if (n === Math.floor(times / 10)) early = memoryNow()
    act(n)
  }
  await breath()
  return memoryNow().heapMiB - early.heapMiB
}

const opensWithoutEnd = async (times: number): Promise<Abuse> => {
  const bully = new Bully()
  bully.node.streams.offer('abuse', async () => ({ run: () => new Promise(() => undefined) }))
  let most = 0
  const growth = await growthOf(times, (n) => {
    bully.open(nodeRandom.uuid())
    if (n % BATCH === 0) most = Math.max(most, bully.streams)
  })
  most = Math.max(most, bully.streams)
  const refused = bully.heard.get('text [4') ?? 0
  bully.end()
  const holds = most === STREAMS_PER_LINK && refused === times - most && growth <= GROWTH_MIB
  return { name: 'opens', text: `${times} streams asked for, ${most} open, ${refused} refused; ${growth.toFixed(1)} MiB more`, holds }
}

const sendsWithoutCredit = async (times: number): Promise<Abuse> => {
  const bully = new Bully()
  // who was reset opens another, and goes on in the one before, which stands by now: nobody reads what comes
  bully.node.streams.offer('abuse', async () => ({ run: () => new Promise(() => undefined) }))
  let [id, next, at] = ['', '', 0]
  const growth = await growthOf(times, (n) => {
    if (n % BATCH === 0) {
      ;[id, next, at] = [next, nodeRandom.uuid(), 0]
      bully.open(next)
    } else bully.say(writeData(id, at++ * LONG.length, LONG))
  })
  const resets = bully.heard.get('reset') ?? 0
  bully.end()
  const holds = resets > 0 && growth <= GROWTH_MIB
  return { name: 'no credit', text: `${times} frames, ${resets} streams reset; ${growth.toFixed(1)} MiB more`, holds }
}

const neverReads = async (times: number): Promise<Abuse> => {
  const bully = new Bully()
  let written = 0
  bully.node.streams.offer('abuse', async () => ({
    run: async (stream) => {
      for (;;) {
        await stream.write(LONG)
        written += LONG.length
      }
    },
  }))
  const id = nodeRandom.uuid()
  bully.open(id)
  await breath()
  // it says again and again that it would take everything, and takes nothing
  const growth = await growthOf(times, () => bully.say(writeCredit(id, 0, 2 ** 50)))
  const { waiting } = bully
  bully.end()
  const holds = written > 0 && written <= 2 * WINDOW && waiting <= WINDOW && growth <= GROWTH_MIB
  return {
    name: 'never reads',
    text: `${(written / 1024).toFixed(0)} KiB written to it in all, ${waiting} bytes wait; ${growth.toFixed(1)} MiB more`,
    holds,
  }
}
