// Status notifications: says each connector's state when the back end does not know it yet, and not twice.
// OCPP 2.0.1 G01, B04; OCPP 1.6 §4.9.
import { asFault } from '../../base/fault.ts'
import type { Clock } from '../../base/ports.ts'
import type { Evse } from './evse.ts'
import type { Log } from './parts.ts'
import type { Uplink } from './uplink.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface StatusesParts {
  readonly uplink: Uplink
  readonly vocabulary: Vocabulary
  readonly clock: Clock
  readonly evses: readonly Evse[]
  readonly log: Log
}

export class Statuses {
  readonly #parts: StatusesParts
  /** What the back end was told last. */
  readonly #said = new Map<number, string>()

  constructor(parts: StatusesParts) {
    this.#parts = parts
  }

  /** The back end knows nothing any more. */
  forget(): void {
    this.#said.clear()
  }

  reportAll(): void {
    const { vocabulary, evses } = this.#parts
    if (vocabulary.reportsStation) this.#say(0, evses.some(({ operative }) => operative) ? 'Available' : 'Unavailable')
    for (const evse of evses) this.report(evse)
  }

  report(evse: Evse): void {
    this.#say(evse.id, this.#parts.vocabulary.statusWord(evse.status, evse.plugged))
  }

  /** Says it again, though it is known. */
  repeat(evse: Evse): void {
    this.#said.delete(evse.id)
    this.report(evse)
  }

  #say(id: number, word: string): void {
    const { uplink, vocabulary, clock, log } = this.#parts
    if (!uplink.ready || this.#said.get(id) === word) return
    this.#said.set(id, word)
    uplink.request(vocabulary.status(id, word, clock.now())).catch((thrown) => {
      if (this.#said.get(id) === word) this.#said.delete(id)
      log('warn', 'a status was not taken', { evse: id, code: asFault(thrown).code })
    })
  }
}
