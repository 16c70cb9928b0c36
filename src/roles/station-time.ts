// A station of OCPP 2.x needs no message of ours to know the time: the answers to BootNotification and Heartbeat hold it, and are signed.
// What an answer proves is its signature's to say (station-guard.ts); here it becomes an offset (docs/protocol.md §4.13).
import { asFault, type Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { type Call, type Envelope, type Message, RESULT } from '../ocpp/frame.ts'
import type { AnswerEnvelope } from '../overlay/gatekeeper.ts'
import type { Guard } from '../overlay/guard.ts'
import type { Journal } from '../overlay/journal.ts'
import type { SteeredClock } from '../overlay/steered-clock.ts'
import type { TrustStore } from '../overlay/trust.ts'
import { fixOf, takeFix } from './time-keeper.ts'

export interface StationTimeParts {
  readonly self: string
  readonly clock: SteeredClock
  /** Whose answers count. */
  readonly from: readonly string[]
  readonly guard: Pick<Guard, 'judge' | 'clockStepped'>
  readonly trust: TrustStore
  readonly journal: Pick<Journal, 'write'>
  readonly failed: (fault: Fault) => void
}

const TELLING: readonly string[] = ['BootNotification', 'Heartbeat']
/** A back end may write whole seconds, and says nothing of its own clock. */
const CURRENT_TIME_BOUND_MS = 1_000
/** Questions whose answers may still come. */
const OUTSTANDING = 16

export class StationTime {
  readonly #parts: StationTimeParts
  readonly #sent = new Map<string, number>()

  constructor(parts: StationTimeParts) {
    this.#parts = parts
  }

  /** A CALL of the station's leaves: its id was never used before, so an old answer is no answer to it. */
  asked({ action, id }: Call): void {
    if (!TELLING.includes(action)) return
    this.#sent.set(id, this.#parts.clock.ticks())
    const [oldest] = this.#sent.size > OUTSTANDING ? this.#sent.keys() : []
    if (oldest !== undefined) this.#sent.delete(oldest)
  }

  /** Its answer came, and was not refused. Where a source signed it, the clock is set by it, as it can be read; never throws. */
  answered(answer: AnswerEnvelope, message: Message = answer.message): void {
    const sent = this.#sent.get(message.id)
    this.#sent.delete(message.id)
    if (sent === undefined || message.type !== RESULT) return
    const time = currentTime(message.payload.value)
    const by = time === undefined ? undefined : this.#sourceOf(answer, time)
    if (time === undefined || by === undefined) return
    const { clock, guard, failed } = this.#parts
    try {
      const fix = fixOf(clock, { time, bound: CURRENT_TIME_BOUND_MS, sent })
      takeFix(fix, { ...this.#parts, by, stepped: () => guard.clockStepped() }).catch((error) => failed(asFault(error)))
    } catch (error) {
      failed(asFault(error))
    }
  }

  /** Who of the sources signed it, with a key that was good at the time that it tells: the own clock may not know. */
  #sourceOf(answer: Envelope | AnswerEnvelope, time: number): string | undefined {
    const { guard, trust, from } = this.#parts
    const own = guard.judge(answer, false).flatMap((judgement) => {
      if (judgement.countersigns) return []
      // one of OCPP's own kind is bound to no question, and an old answer tells an old time
      if (judgement.state === 'valid') return judgement.claims.req === undefined ? [] : [judgement.key.kid]
      return ['key-expired', 'key-not-yet-valid'].includes(judgement.flaw) ? [judgement.kid] : []
    })
    const keys = own.flatMap((kid) => trust.look(kid) ?? [])
    return keys.find((key) => from.includes(key.node) && trust.stateOf(key, time) === 'valid')?.node
  }
}

const currentTime = (payload: Json): number | undefined => {
  const { currentTime: text } = payload as { readonly currentTime?: unknown }
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}
