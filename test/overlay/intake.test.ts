// What a neighbour says beyond its share waits, the newest of each part, and is looked at bit by bit.
import { describe, expect, it } from 'vitest'
import type { Advertisement } from '../../src/overlay/announcement.ts'
import { Intake, type Outcome } from '../../src/overlay/intake.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { fakePeer, virtualClock } from './support.ts'

const said = (part: number, seq: number, node = 'lc'): Advertisement => ({
  path: [node],
  statement: { node, role: 'x', part, seq, expires: 1 },
})

describe('the intake of statements', () => {
  /** `shares`: how many may still be taken. */
  const setUp = (shares: number) => {
    const clock = virtualClock()
    const taken: string[] = []
    const state = { shares }
    const take = ({ statement: { node, part, seq } }: Advertisement, peer: Peer, isItsTurn: boolean): Outcome => {
      if (node === 'liar') return 'refused'
      if (!isItsTurn || state.shares === 0) return 'later'
      state.shares--
      taken.push(`${peer.id}: ${part}.${seq}`)
      return 'taken'
    }
    return { clock, taken, state, intake: new Intake({ clock, take, wentOn: () => taken.push('-') }) }
  }
  const peer = fakePeer('lc')

  it('takes what the share allows, and of the rest the newest of each part, in the order in which the parts came', async () => {
    const { clock, taken, state, intake } = setUp(2)
    intake.hear([said(1, 1), said(2, 1), said(3, 1), said(4, 1)], peer)
    // 3.0 is older than what waits; 4.9 comes again and again, and costs one look
    intake.hear([...Array.from({ length: 9 }, (_, i) => said(4, 1 + i)), said(5, 1), said(3, 0), said(4, 9)], peer)
    expect([taken, intake.ignored]).toEqual([['lc: 1.1', 'lc: 2.1'], 1])
    await clock.advance(50)
    expect(taken.splice(0)).toEqual(['lc: 1.1', 'lc: 2.1', '-'])
    state.shares = 2
    await clock.advance(50)
    expect(taken.splice(0)).toEqual(['lc: 3.1', 'lc: 4.9', '-'])
    state.shares = 9
    await clock.advance(50)
    expect(taken.splice(0)).toEqual(['lc: 5.1', '-'])
    expect(clock.pending).toBe(0)
    intake.hear([said(6, 1)], peer)
    expect(taken).toEqual(['lc: 6.1'])
  })

  it('looks at eight in one go, so that others have their turn, and holds up no other neighbour', async () => {
    const { clock, taken, state, intake } = setUp(0)
    const parts = Array.from({ length: 20 }, (_, i) => said(i, 1))
    intake.hear(parts, peer)
    state.shares = 1_000
    intake.hear([said(7, 7)], fakePeer('lc2'))
    expect(taken.splice(0)).toEqual(['lc2: 7.7'])
    for (const expected of [8, 8, 4]) {
      await clock.advance(50)
      expect(taken.splice(0)).toHaveLength(expected + 1)
    }
    expect(clock.pending).toBe(0)
  })

  it('keeps a thousand of a neighbour, and counts what it does not keep or believe', async () => {
    const { clock, state, intake } = setUp(0)
    intake.hear(
      Array.from({ length: 1_200 }, (_, i) => said(1, 1, `n${i}`)),
      peer,
    )
    intake.hear([said(1, 2, 'n0'), said(1, 1, 'liar')], peer)
    expect(intake.ignored).toBe(201)
    state.shares = 2_000
    await clock.advance(60_000)
    expect([state.shares, clock.pending, intake.ignored]).toEqual([1_000, 0, 201])
  })

  it('forgets what was withdrawn, who was lost, and everything when it stops', async () => {
    const { clock, taken, state, intake } = setUp(0)
    const [other, third] = [fakePeer('lc2'), fakePeer('lc3')]
    intake.hear([said(1, 5), said(2, 7)], peer)
    intake.hear([said(1, 5)], other)
    intake.hear([said(1, 5)], third)
    intake.withdrawn({ node: 'lc', seq: 5 }, peer)
    intake.withdrawn({ node: 'lc', seq: 9 }, other)
    intake.lost(third)
    state.shares = 9
    await clock.advance(50)
    expect(taken.splice(0)).toEqual(['lc: 2.7', '-'])
    state.shares = 0
    intake.hear([said(1, 5)], peer)
    intake.stop()
    expect(clock.pending).toBe(0)
  })
})
