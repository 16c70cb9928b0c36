// Which uplink is taken: priority, weight, the same one for an origin, and when one that was lost is trusted again.
import { describe, expect, it } from 'vitest'
import { type UplinkPreference, Uplinks } from '../../src/overlay/uplinks.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { fakePeer, virtualClock } from './support.ts'

const ORIGINS = Array.from({ length: 2_000 }, (_, n) => `cs-${n}`)

const setUp = (preferences: Readonly<Record<string, UplinkPreference>>, seed = 1) => {
  const clock = virtualClock()
  const uplinks = new Uplinks({ clock, random: fixedRandom(seed), preferences })
  const peers = [fakePeer('a'), fakePeer('b')] as const
  for (const peer of 'c' in preferences ? [...peers, fakePeer('c')] : peers) uplinks.add(peer)
  const chosen = (): (string | undefined)[] => ORIGINS.map((origin) => uplinks.choose(origin)?.id)
  const share = (id: string): number => chosen().filter((one) => one === id).length / ORIGINS.length
  return { clock, uplinks, peers, chosen, share }
}

describe('uplinks', () => {
  it('the lowest priority that is up carries everything', () => {
    const { uplinks, peers, share } = setUp({ a: { priority: 10 }, b: { priority: 20, weight: 1000 } })
    expect(share('a')).toBe(1)
    uplinks.remove(peers[0])
    expect(share('b')).toBe(1)
    uplinks.remove(peers[1])
    expect(uplinks.choose('cs')).toBeUndefined()
  })

  it('inside one priority weights are shares, and an origin keeps its way', () => {
    const { chosen, share } = setUp({ a: { weight: 3 }, b: { weight: 1 } })
    expect(share('a')).toBeGreaterThan(0.7)
    expect(share('a')).toBeLessThan(0.8)
    expect(chosen()).toEqual(chosen())
  })

  it('two nodes with the same file spread differently', () => {
    const [one, other] = [1, 2].map((seed) => setUp({ a: {}, b: {} }, seed).chosen())
    expect(one).not.toEqual(other)
  })

  it('one that is lost moves its own origins only, and gets them back when it has been stable', async () => {
    const { clock, uplinks, peers, chosen } = setUp({ a: { stableMs: 5_000 }, b: {}, c: {} })
    const before = chosen()
    uplinks.remove(peers[0])
    for (const [n, id] of chosen().entries()) expect(before[n] === 'a' ? id !== 'a' : id === before[n]).toBe(true)
    uplinks.add(peers[0])
    await clock.advance(4_999)
    expect(chosen()).not.toContain('a')
    await clock.advance(1)
    expect(chosen()).toEqual(before)
  })

  it('one that keeps breaking is not trusted in between; alone it is taken at once', async () => {
    const { clock, uplinks, peers, share } = setUp({ a: { priority: 0 }, b: { priority: 1 } })
    for (let i = 0; i < 5; i++) {
      uplinks.remove(peers[0])
      uplinks.add(peers[0])
      await clock.advance(9_000)
      expect(share('a')).toBe(0)
    }
    uplinks.remove(peers[1])
    expect(share('a')).toBe(1)
  })

  it('one that answers and leads nowhere is left for a while; where all do, the preferred one is as good as any', async () => {
    const { clock, uplinks, peers, share } = setUp({ a: { priority: 0 }, b: { priority: 1 } })
    uplinks.doubt(peers[0])
    expect(share('b')).toBe(1)
    uplinks.doubt(peers[1])
    expect(share('a')).toBe(1)
    await clock.advance(10_000)
    expect(share('a')).toBe(1)
  })

  it('never leads back to where the message came from', () => {
    const { uplinks, peers } = setUp({ a: {}, b: {} })
    expect(uplinks.choose('cs', peers[0])).toBe(peers[1])
    uplinks.remove(peers[1])
    expect(uplinks.choose('cs', peers[0])).toBeUndefined()
  })
})
