// Freshness where the clock cannot be trusted: an order counts once it is signed with the judge's own number, once, for its signer, and by
// nothing that somebody on the way can make up.
import { describe, expect, it } from 'vitest'
import { asFault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Store } from '../../src/base/ports.ts'
import { type Envelope, payloadOf } from '../../src/ocpp/frame.ts'
import { askChallenged, type Challenge, Challenges } from '../../src/overlay/challenge.ts'
import { ClockQuality } from '../../src/overlay/clock-quality.ts'
import { errorAnswer } from '../../src/overlay/error-answer.ts'
import type { TrustStore } from '../../src/overlay/trust.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { callOf, keysOf, makeGuard, virtualClock } from './support.ts'

const DAY = 86_400_000
const keys = keysOf({ grid: 'grid-operator', csms: 'csms', cs: 'station' })

const setUp = ({ wrong = 0, store = memoryStore(), trust = keys.trust }: { wrong?: number; store?: Store; trust?: TrustStore } = {}) => {
  const right = virtualClock()
  const clock = virtualClock(wrong)
  const random = fixedRandom(7)
  const judge = makeGuard(clock, 'cs', { trust, store, random })
  const grid = makeGuard(right, 'grid', { trust: keys.trust, identity: keys.identity('grid') }).guard
  const csms = makeGuard(right, 'csms', { trust: keys.trust, identity: keys.identity('csms') }).guard
  let ids = 0
  const bare = (limit = 5_000, from = 'grid') =>
    callOf({ from, to: 'cs' }, { id: `m${++ids}`, action: 'SetLimit', payload: payloadOf({ limit }) })
  const attempt = (order: Envelope) =>
    judge.guard.admit(order, 'cs').then(
      (rule) => ({ obeyed: rule, challenge: undefined }),
      (error) => ({
        obeyed: undefined,
        rule: String(asFault(error).data.rule),
        challenge: asFault(error).data.challenge as string | undefined,
      }),
    )
  const seqOf = (order: Envelope): number =>
    JSON.parse(Buffer.from(order.header.signatures?.[0]?.protected ?? '', 'base64url').toString()).seq
  const again = (order: Envelope, nonce: string): Challenge => ({ nonce, seq: seqOf(order) })
  return { right, clock, judge, grid, csms, bare, attempt, again, store }
}

describe('a node that woke up in 1970', () => {
  it('obeys what is signed with its challenge, once', async () => {
    const { grid, bare, attempt, again, judge } = setUp()
    const first = grid.sealCall(bare())
    const { challenge = '', rule } = (await attempt(first)) as { challenge?: string; rule?: string }
    expect([rule, challenge.length]).toEqual(['clock-untrusted', 43])
    const second = grid.sealCall(bare(), { challenge: again(first, challenge) })
    expect((await attempt(second)).obeyed).toBe('grid-limit')
    // the number is used up, and so is the order's own
    expect(await attempt(second)).toMatchObject({ rule: 'clock-untrusted' })
    const third = await attempt(second)
    expect(await attempt(grid.sealCall(bare(), { challenge: again(first, String(third.challenge)) }))).toMatchObject({
      rule: 'signature-replayed',
    })
    expect(judge.journal.read(0, 99).filter(({ kind }) => kind === 'order-accepted')).toHaveLength(1)
  })

  it('and cannot tell how old its revocations are obeys nobody, signed or challenged', async () => {
    // with a root there is news of revocations, and only a clock can tell when it was
    const trust = keysOf({ grid: 'grid-operator' }).trust
    trust.freshUntil = Date.UTC(2035, 0, 1)
    const { grid, bare, attempt } = setUp({ trust })
    expect(await attempt(grid.sealCall(bare()))).toMatchObject({ rule: 'keys-fresh', challenge: undefined })
  })

  it('is noticed by the newest word on revocations, too', async () => {
    const { trust } = keysOf({ grid: 'grid-operator' })
    const { grid, bare, attempt, right } = setUp({ trust, wrong: virtualClock().now() })
    trust.freshUntil = right.now() + 30 * DAY
    trust.issuedAt = right.now() + 30_000
    expect(await attempt(grid.sealCall(bare()))).toMatchObject({ obeyed: 'grid-limit' })
    trust.issuedAt = right.now() + 30_001
    expect(await attempt(grid.sealCall(bare()))).toMatchObject({ rule: 'keys-fresh' })
  })

  it('challenges nobody whose order would not count anyway', async () => {
    const { grid, bare, attempt } = setUp()
    expect(await attempt(bare())).toMatchObject({ rule: 'deny-by-default', challenge: undefined })
    expect(await attempt(grid.sealCall(bare(), { identity: keys.identity('grid', 'stranger') }))).toMatchObject({ challenge: undefined })
    expect(await attempt(grid.sealCall(bare(1)))).toMatchObject({ rule: 'grid-limit', challenge: undefined })
  })

  it('takes a challenge from nobody but whom it was given to, and not after its time, nor over a restart', async () => {
    const { grid, csms, bare, attempt, again, clock, store } = setUp()
    const first = grid.sealCall(bare())
    const challengeOf = async (order: Envelope) => String((await attempt(order)).challenge)
    const other = csms.sealCall(bare(5_000, 'csms'))
    const nonce = await challengeOf(first)
    expect(await attempt(csms.sealCall(bare(5_000, 'csms'), { challenge: again(other, nonce) }))).toMatchObject({ rule: 'clock-untrusted' })
    await clock.advance(30_001)
    expect(await attempt(grid.sealCall(bare(), { challenge: again(first, nonce) }))).toMatchObject({ rule: 'clock-untrusted' })
    const later = await challengeOf(first)
    const restarted = setUp({ store })
    expect(await restarted.attempt(grid.sealCall(bare(), { challenge: again(first, later) }))).toMatchObject({ rule: 'clock-untrusted' })
  })

  it('and whose clock comes right leaves what was signed before to itself, and judges by time again', async () => {
    const { grid, bare, attempt, clock, right } = setUp()
    const old = grid.sealCall(bare())
    expect(await attempt(old)).toMatchObject({ rule: 'clock-untrusted' })
    await right.advance(2_000)
    await clock.advance(right.now() - clock.now())
    expect(await attempt(old)).toMatchObject({ rule: 'signature-expired' })
    expect(await attempt(grid.sealCall(bare()))).toMatchObject({ obeyed: 'grid-limit' })
  })
})

describe('a node whose clock was set back', () => {
  it('notices by its own journal, and by its own head that a neighbour shows', async () => {
    const store = memoryStore()
    const before = setUp({ wrong: virtualClock().now(), store })
    expect((await before.attempt(before.grid.sealCall(before.bare()))).obeyed).toBe('grid-limit')
    const back = setUp({ wrong: virtualClock().now() - DAY, store })
    expect(await back.attempt(back.grid.sealCall(back.bare()))).toMatchObject({ rule: 'clock-untrusted' })
    const told = setUp({ wrong: virtualClock().now() })
    told.judge.guard.notBefore(virtualClock().now() + DAY)
    expect(await told.attempt(told.grid.sealCall(told.bare()))).toMatchObject({ rule: 'clock-untrusted' })
    const quality = new ClockQuality(virtualClock(), 0)
    expect(quality.isTrusted).toBe(true)
    quality.seen(virtualClock().now() + 30_001)
    expect(quality.isTrusted).toBe(false)
  })
})

describe('the orderer', () => {
  const refusal = (order: Envelope, challenge: unknown): Envelope =>
    errorAnswer(order, Object.assign(asFault(new Error('x')), { data: { rule: 'clock-untrusted', challenge } }), 'cs')

  it('signs again with the challenge and the number of the first time', async () => {
    const { grid, bare, attempt } = setUp()
    const asked: Envelope[] = []
    const first = grid.sealCall(bare())
    const ask = async (order: Envelope): Promise<Envelope> => {
      asked.push(order)
      const { challenge, obeyed } = await attempt(order)
      return obeyed
        ? { ...order, message: { type: 3, id: order.message.id, payload: payloadOf({ status: 'Accepted' }) } }
        : refusal(order, challenge)
    }
    const { answer } = await askChallenged(first, ask, (challenge) => grid.sealCall(bare(), { challenge }))
    expect([asked.length, answer.message.type]).toEqual([2, 3])
  })

  it('gives nothing away to one who makes up a challenge: the second counts only where the first did not', async () => {
    const { grid, bare, right } = setUp()
    const judge = makeGuard(right, 'cs', { trust: keys.trust })
    const first = grid.sealCall(bare())
    await judge.guard.admit(first, 'cs')
    const { question } = await askChallenged(
      first,
      async (order) => refusal(order, 'A'.repeat(43)),
      (challenge) => grid.sealCall(bare(), { challenge }),
    )
    expect(question).not.toBe(first)
    await expect(judge.guard.admit(question, 'cs')).rejects.toMatchObject({ data: { rule: 'signature-replayed' } })
    for (const rubbish of [undefined, 1, '', 'x', 'A'.repeat(44)]) {
      const asked = await askChallenged(
        first,
        async (order) => refusal(order, rubbish),
        () => expect.unreachable(),
      )
      expect(asked.question).toBe(first)
    }
  })
})

it('challenges that nobody uses give way to newer ones', () => {
  const challenges = new Challenges(virtualClock(), fixedRandom(1))
  const [first, ...others] = Array.from({ length: 33 }, () => challenges.give('grid'))
  expect([challenges.redeem('grid', first), challenges.redeem('grid', others[0]), challenges.redeem('grid', others[0])]).toEqual([
    false,
    true,
    false,
  ])
})

it('who asks for many challenges pushes out his own, and nobody else’s', () => {
  const challenges = new Challenges(virtualClock(), fixedRandom(2))
  const grids = challenges.give('grid')
  const many = Array.from({ length: 1_500 }, () => challenges.give('thief'))
  expect(challenges.redeem('grid', grids)).toBe(true)
  expect(many.filter((nonce) => challenges.redeem('thief', nonce))).toEqual(many.slice(-32))
  const all = Array.from({ length: 1_001 }, (_, i) => [`n${i}`, challenges.give(`n${i}`)] as const)
  expect(all.filter(([node, nonce]) => challenges.redeem(node, nonce))).toEqual(all.slice(1))
})
