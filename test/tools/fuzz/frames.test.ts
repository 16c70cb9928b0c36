import { describe, expect, it } from 'vitest'
import { readEnvelope, readFrame } from '../../../src/ocpp/frame.ts'
import { chance } from '../../../tools/chance.ts'
import { type FrameKind, frameMaker } from '../../../tools/fuzz/frames.ts'

const maker = (seed: number): ReturnType<typeof frameMaker> => frameMaker(chance(seed), { sender: 'a', receiver: 'b', beside: 'c' })

describe('the maker of frames for the fuzz', () => {
  it('makes the same frames from the same seed, and others from another', () => {
    const frames = (seed: number): string[] => {
      const made = maker(seed)
      return Array.from({ length: 200 }, () => made.text('overlay'))
    }
    expect(frames(1)).toEqual(frames(1))
    expect(frames(1)).not.toEqual(frames(2))
  })

  it.each<[FrameKind, (text: string) => unknown]>([
    ['plain', readFrame],
    ['overlay', readEnvelope],
  ])('makes %s frames of which a part can be read, and a part cannot for each reason', (kind, read) => {
    const made = maker(3)
    const outcomes = new Map<string, number>()
    for (let n = 0; n < 3_000; n++) {
      let outcome = 'read'
      try {
        read(made.text(kind))
      } catch (error) {
        outcome = (error as { code: string }).code
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect([...outcomes.keys()].sort()).toEqual(['frame-malformed', 'limit-exceeded', 'read'])
    expect(outcomes.get('read')).toBeGreaterThan(300)
  })
})
