// Whose frame goes next: the safety class before everything, and nobody below it waits for more than the others' turns.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LONGEST_FRAME } from '../../../src/overlay/streams/frame.ts'
import { STREAM_CLASSES } from '../../../src/overlay/streams/stream.ts'
import { type Source, Turns } from '../../../src/overlay/streams/turns.ts'

/** A source that always has a frame of its size, up to `count` of them. */
const source = (rank: number, size: number, count = Number.POSITIVE_INFINITY): Source & { sent: number } => ({
  rank,
  sent: 0,
  get ready() {
    return this.sent < count ? size : 0
  },
  take() {
    this.sent++
    return new Uint8Array(size)
  },
})

const always = (): boolean => true

describe('turns on a link', () => {
  it('safety goes first, whatever waits', () => {
    const turns = new Turns()
    const others = STREAM_CLASSES.slice(1).map((_, i) => source(i + 1, LONGEST_FRAME))
    const safety = source(0, 1_000, 50)
    for (const each of [...others, safety]) turns.add(each)
    for (let i = 0; i < 50; i++) turns.next(always)
    expect(safety.sent).toBe(50)
    expect(others.map(({ sent }) => sent)).toEqual(others.map(() => 0))
  })

  it('the others get the same bytes, within two longest frames, however small theirs are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 2 }),
        fc.array(fc.integer({ min: 27, max: LONGEST_FRAME }), { minLength: 7, maxLength: 7 }),
        fc.integer({ min: 100, max: 2_000 }),
        (ranks, sizes, frames) => {
          const turns = new Turns()
          const sources = ranks.map((rank) => source(rank, sizes[rank - 1] as number))
          for (const each of sources) turns.add(each)
          for (let i = 0; i < frames; i++) turns.next(always)
          const bytes = sources.map(({ sent, rank }) => sent * (sizes[rank - 1] as number))
          expect(Math.max(...bytes) - Math.min(...bytes)).toBeLessThanOrEqual(2 * LONGEST_FRAME)
        },
      ),
    )
  })

  it('streams of one class take turns', () => {
    const turns = new Turns()
    const [one, other] = [source(5, 9_000), source(5, 9_000)]
    turns.add(one)
    turns.add(other)
    for (let i = 0; i < 11; i++) turns.next(always)
    expect([one.sent, other.sent]).toEqual([6, 5])
  })

  it('what does not fit stays first, and what has nothing is passed over', () => {
    const turns = new Turns()
    const [one, none] = [source(3, 100), source(2, 100, 0)]
    turns.add(none)
    turns.add(one)
    expect(turns.next((bytes) => bytes < 100)).toBeUndefined()
    expect(turns.next(always)?.length).toBe(100)
    turns.remove(one)
    expect(turns.next(always)).toBeUndefined()
  })
})
