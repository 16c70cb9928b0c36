// S8: what somebody recorded is never obeyed a second time: at once, later, after a restart, with an old copy of the store, at a twin of the
// station, with the clock set back. Every attempt is in the journal.
import { describe, expect, it } from 'vitest'
import { asFault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Store } from '../../src/base/ports.ts'
import { type Envelope, payloadOf } from '../../src/ocpp/frame.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { callOf, keysOf, makeGuard, virtualClock } from './support.ts'

const HOUR = 3_600_000
const keys = keysOf({ grid: 'grid-operator', csms: 'csms', cs: 'station', twin: 'station' })

const copyOf = async (store: Store): Promise<Store> => {
  const copy = memoryStore()
  for (const collection of ['replay', 'journal'])
    await copy.commit(store.list(collection).map(({ key, value }) => ({ collection, key, value })))
  return copy
}

/** A day: an order each quarter of an hour, all obeyed. A copy of the store is made at noon. */
const day = async () => {
  const clock = virtualClock()
  const store = memoryStore()
  const orderers = [
    makeGuard(clock, 'grid', { trust: keys.trust, identity: keys.identity('grid') }),
    makeGuard(clock, 'csms', { trust: keys.trust, identity: keys.identity('csms') }),
  ]
  const judge = makeGuard(clock, 'cs', { trust: keys.trust, store })
  const twin = makeGuard(clock, 'twin', { trust: keys.trust })
  const recorded: Envelope[] = []
  let noon = memoryStore()
  for (let i = 0; i < 96; i++) {
    const [from, { guard }] = i % 2 === 0 ? (['grid', orderers[0] ?? judge] as const) : (['csms', orderers[1] ?? judge] as const)
    const order = guard.sealCall(callOf({ from, to: 'cs' }, { id: `m${i}`, action: 'SetLimit', payload: payloadOf({ limit: 5_000 + i }) }))
    await judge.guard.admit(order, 'cs')
    recorded.push(order)
    if (i === 48) noon = await copyOf(store)
    await clock.advance(HOUR / 4)
  }
  return { clock, store, noon, recorded, judge, twin }
}

/** How many are obeyed, and how many refusals are written down. */
const replayed = async ({ guard, journal }: ReturnType<typeof makeGuard>, recorded: readonly Envelope[]) => {
  const before = journal.newest().seq
  let obeyed = 0
  for (const order of recorded)
    await guard.admit(order, 'x').then(
      () => obeyed++,
      () => undefined,
    )
  const refused = journal.read(before, 10_000).filter(({ kind }) => kind === 'order-refused').length
  return { obeyed, refused }
}

const NONE = { obeyed: 0, refused: 96 }

describe('a day that was recorded', () => {
  const restarted = (now: number, store: Store, node = 'cs') => makeGuard(virtualClock(now), node, { trust: keys.trust, store })

  it('is refused in whole, whenever, wherever and however often it is played again', async () => {
    const { clock, store, noon, recorded, judge, twin } = await day()
    const now = clock.now()
    expect(await replayed(judge, recorded)).toEqual(NONE)
    await clock.advance(HOUR)
    expect(await replayed(judge, recorded)).toEqual(NONE)
    expect(await replayed(restarted(now, store), recorded)).toEqual(NONE)
    // a twin that was there all day and saw none of it
    const rerouted = recorded.map((order) => ({ ...order, destination: ['twin'] }))
    expect(await replayed(twin, rerouted)).toEqual(NONE)
    // the clock set back by a day, in the process and before its start, with the store as it is
    for (const back of [HOUR, 12 * HOUR, 24 * HOUR]) expect(await replayed(restarted(now - back, store), recorded)).toEqual(NONE)
    // an old copy of the store, and a store that is gone: what was signed before the start is left to the process that was there
    expect(await replayed(restarted(now, noon), recorded)).toEqual(NONE)
    expect(await replayed(restarted(now, memoryStore()), recorded)).toEqual(NONE)
  })

  it('within its minute and with an old copy of the store, too', async () => {
    const clock = virtualClock()
    const { guard: grid } = makeGuard(clock, 'grid', { trust: keys.trust, identity: keys.identity('grid') })
    const order = grid.sealCall(callOf({ from: 'grid', to: 'cs' }, { action: 'SetLimit', payload: payloadOf({ limit: 5_000 }) }))
    await makeGuard(clock, 'cs', { trust: keys.trust }).guard.admit(order, 'cs')
    await clock.advance(2_000)
    expect(await replayed(restarted(clock.now(), memoryStore()), [order])).toEqual({ obeyed: 0, refused: 1 })
  })

  it('with the clock and the store set back, once a neighbour has shown the node its own head', async () => {
    const { clock, noon, recorded } = await day()
    const back = restarted(clock.now() - 11 * HOUR, noon)
    back.guard.notBefore(clock.now())
    expect(await replayed(back, recorded)).toEqual(NONE)
  })
})

describe('a clock that is far off', () => {
  it.each([
    ['1970', 0],
    ['ten years ahead', Date.UTC(2035, 0, 1)],
  ])('%s: nothing is obeyed, the windows stay, and with the right time orders count again', async (_, wrong) => {
    const right = virtualClock()
    const store = memoryStore()
    const { guard: grid } = makeGuard(right, 'grid', { trust: keys.trust, identity: keys.identity('grid') })
    const order = (id: string) =>
      grid.sealCall(callOf({ from: 'grid', to: 'cs' }, { id, action: 'SetLimit', payload: payloadOf({ limit: 5_000 }) }))
    const first = order('1')
    await makeGuard(right, 'cs', { trust: keys.trust, store }).guard.admit(first, 'cs')
    const off = makeGuard(virtualClock(wrong), 'cs', { trust: keys.trust, store })
    expect(await replayed(off, [first, order('2')])).toEqual({ obeyed: 0, refused: 2 })
    const again = makeGuard(right, 'cs', { trust: keys.trust, store, random: fixedRandom(1) })
    expect(await replayed(again, [first])).toEqual({ obeyed: 0, refused: 1 })
    // an own entry from the future is no proof of the past: the node asks, and obeys what answers it
    const third = order('3')
    const sent = await again.guard.admit(third, 'cs').then(
      () => third,
      (error) => grid.sealCall(third, { challenge: { nonce: String(asFault(error).data.challenge), seq: seqOf(third) } }),
    )
    if (sent !== third)
      expect(await again.guard.admit({ ...sent, header: { signatures: sent.header.signatures?.slice(1) ?? [] } }, 'cs')).toBe('grid-limit')
    expect(sent === third).toBe(wrong === 0)
  })
})

const seqOf = (order: Envelope): number =>
  JSON.parse(Buffer.from(order.header.signatures?.[0]?.protected ?? '', 'base64url').toString()).seq
