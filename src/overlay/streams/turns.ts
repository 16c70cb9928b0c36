// Whose frame goes next on one link: class 0 strictly first, the other classes by turns with a deficit (deficit round robin, Shreedhar and
// Varghese 1995), and within a class the streams by turns.
import { LONGEST_FRAME } from './frame.ts'
import { STREAM_CLASSES } from './stream.ts'

/** Something that has frames to send, one after the other. */
export interface Source {
  /** Index in STREAM_CLASSES. */
  readonly rank: number
  /** Bytes of its next frame; 0 where none may go. */
  readonly ready: number
  /** Only where `ready` is not 0. */
  take(): Uint8Array
}

/** What a class may send at its turn: the longest frame, so that every turn moves one. */
const QUANTUM = LONGEST_FRAME
const FAIR = STREAM_CLASSES.length - 1

export class Turns {
  /** By class: who may have something, in their order. */
  readonly #waiting = STREAM_CLASSES.map(() => new Set<Source>())
  readonly #deficits = STREAM_CLASSES.map(() => 0)
  #turn = 1

  /** Says that a source may have something to send. */
  add(source: Source): void {
    this.#waiting[source.rank]?.add(source)
  }

  remove(source: Source): void {
    this.#waiting[source.rank]?.delete(source)
  }

  /** The next frame, unless it does not fit. */
  next(fits: (bytes: number) => boolean): Uint8Array | undefined {
    const source = this.#head(0) ?? this.#fair()
    if (!source || !fits(source.ready)) return undefined
    const waiting = this.#waiting[source.rank] as Set<Source>
    waiting.delete(source)
    const frame = source.take()
    if (source.ready > 0) waiting.add(source)
    this.#deficits[source.rank] = (this.#deficits[source.rank] as number) - frame.length
    return frame
  }

  #fair(): Source | undefined {
    for (let looked = 0; looked <= FAIR; looked++) {
      const source = this.#head(this.#turn)
      if (source && source.ready <= (this.#deficits[this.#turn] as number)) return source
      if (!source) this.#deficits[this.#turn] = 0
      this.#turn = (this.#turn % FAIR) + 1
      if (this.#head(this.#turn)) this.#deficits[this.#turn] = (this.#deficits[this.#turn] as number) + QUANTUM
    }
    return undefined
  }

  /** The first of a class that has a frame; those that have none are taken off. */
  #head(rank: number): Source | undefined {
    const waiting = this.#waiting[rank] as Set<Source>
    for (const source of waiting) {
      if (source.ready > 0) return source
      waiting.delete(source)
    }
    return undefined
  }
}
