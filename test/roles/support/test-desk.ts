// A back end's desk with everything around it in memory, and short ways to talk to it.
import { memoryStore } from '../../../src/base/memory-store.ts'
import type { Json, Store } from '../../../src/base/ports.ts'
import type { DeskEvent, Incoming, JsonObject, Settings } from '../../../src/roles/behaviours/behaviour.ts'
import { CsmsDesk } from '../../../src/roles/csms-desk.ts'
import { fixedRandom } from '../../support/fixed-random.ts'
import { type VirtualClock, virtualClock } from '../../support/virtual-clock.ts'
import { T0 } from './station-messages.ts'

export const SETTINGS: Settings = {
  heartbeatSeconds: 300,
  tokens: {
    DEADBEEF: 'Accepted',
    BLOCKED01: 'Blocked',
    OLD: { status: 'Accepted', expires: '2026-01-01T00:00:00Z' },
    FLEET1: { status: 'Accepted', group: 'FLEET' },
    POOR: 'NoCredit',
  },
}

export interface TestDesk {
  readonly desk: CsmsDesk
  readonly store: Store
  readonly clock: VirtualClock
  readonly events: DeskEvent[]
  /** Sends one message; a message id of its own each time, if none is given. */
  say(action: string, payload: JsonObject, more?: Partial<Incoming>): Promise<JsonObject>
}

let ids = 0

export const testDesk = (version: Incoming['version'], options: { store?: Store; settings?: Settings; seed?: number } = {}): TestDesk => {
  const { store = memoryStore(), settings = SETTINGS, seed = 1 } = options
  const clock = virtualClock(T0)
  const desk = new CsmsDesk({ store, clock, random: fixedRandom(seed), settings })
  const events: DeskEvent[] = []
  desk.onEvent((event) => events.push(event))
  const say = async (action: string, payload: JsonObject, more: Partial<Incoming> = {}): Promise<JsonObject> =>
    (await desk.handle({
      station: 'CS1',
      version,
      id: `m${++ids}`,
      action,
      payload,
      at: clock.now(),
      path: ['CS1'],
      signed: false,
      ...more,
    })) as JsonObject
  return { desk, store, clock, events, say }
}

export const securityKinds = (events: readonly DeskEvent[]): Json[] =>
  events.filter(({ type }) => type === 'security').map(({ data }) => (data as JsonObject).kind ?? null)
