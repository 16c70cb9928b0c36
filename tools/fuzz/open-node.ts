// A node that lets everything in: what its parts do with frames is looked at without rules in front of them.
import { systemClock } from '../../src/adapters/clock.ts'
import { nodeRandom } from '../../src/adapters/node-crypto.ts'
import type { Fault } from '../../src/base/fault.ts'
import type { Clock, Link, LinkEvents, Random } from '../../src/base/ports.ts'
import { payloadOf } from '../../src/ocpp/frame.ts'
import { OverlayNode } from '../../src/overlay/node.ts'

/** The machine's, where not given. */
interface World {
  readonly clock: Clock
  readonly random: Random
}

export const openNode = (
  flaw: (fault: Fault) => void,
  { clock, random }: World = { clock: systemClock, random: nodeRandom },
): OverlayNode =>
  new OverlayNode(
    { id: 'self', role: 'gateway' },
    {
      ...{ clock, random, flaw },
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

/** A link to nowhere, over which whoever holds it says what a neighbour would. */
export class SinkLink implements Link {
  readonly id = 'sink'
  readonly waiting = 0
  events: LinkEvents | undefined
  /** Where the other side closes it, a new one takes its place, as a peer that was thrown out would come again. */
  readonly #connect: (link: Link) => void

  constructor(connect: (link: Link) => void) {
    this.#connect = connect
    connect(this)
  }

  open(events: LinkEvents): void {
    this.events = events
  }

  send(_frame: string | Uint8Array): void {
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
