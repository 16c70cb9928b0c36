// A clock that goes on by frames and not by the machine, and chance from a seed: the same frames meet the same node at the same times, so that
// what was found once is found again. Nothing here is for keys.
import { hex } from '../../src/base/bytes.ts'
import type { Cancel, Clock, Random } from '../../src/base/ports.ts'
import { chance } from '../chance.ts'

const BEGIN = Date.parse('2026-01-01T00:00:00Z')

/** Goes on by a millisecond with each `tick`. */
export class FrameClock implements Clock {
  #now = BEGIN
  readonly #due = new Map<number, Set<() => void>>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): Cancel {
    // what is due now is due with the next frame
    const at = this.#now + Math.max(1, Math.ceil(ms))
    const due = this.#due.get(at) ?? new Set()
    // each its own, or the same function twice would be one
    const each = (): void => run()
    this.#due.set(at, due.add(each))
    return () => {
      due.delete(each)
      if (due.size === 0 && this.#due.get(at) === due) this.#due.delete(at)
    }
  }

  tick(): void {
    this.#now++
    const due = this.#due.get(this.#now)
    this.#due.delete(this.#now)
    for (const run of due ?? []) run()
  }
}

export const seededRandom = (seed: number): Random => {
  const { between } = chance(seed)
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => between(0, 255))
  const uuid = (): string => {
    const octets = bytes(16)
    // RFC 9562 §5.4
    octets.set([((octets[6] as number) & 0x0f) | 0x40], 6)
    octets.set([((octets[8] as number) & 0x3f) | 0x80], 8)
    return hex(octets).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }
  return { bytes, uuid }
}
