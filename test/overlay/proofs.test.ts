// What was verified once is not verified again, and what was not verified is not taken for it.
import { describe, expect, it } from 'vitest'
import { payloadOf } from '../../src/ocpp/frame.ts'
import { callOf, engine, keysOf, makeGuard, virtualClock } from './support.ts'

const setUp = () => {
  const clock = virtualClock()
  const keys = keysOf({ csms: 'csms', cs: 'station' })
  const counted = { verifications: 0 }
  const counting: typeof engine = {
    ...engine,
    verifyEcdsa: (...all) => {
      counted.verifications++
      return engine.verifyEcdsa(...all)
    },
  }
  const { guard } = makeGuard(clock, 'lc', { trust: keys.trust, engine: counting })
  const csms = makeGuard(clock, 'csms', { trust: keys.trust, identity: keys.identity('csms') }).guard
  const order = csms.sealCall(callOf({ from: 'csms', to: 'cs' }, { action: 'Reset' }))
  return { keys, counted, guard, order }
}

describe('a signature', () => {
  it('is verified once for all that a node asks of one message', async () => {
    const { counted, guard, order } = setUp()
    expect(guard.inspect(order, { id: 'gw' }, false)).toBe('valid')
    expect(guard.judge(order)).toMatchObject([{ state: 'valid' }])
    await guard.admit(order, 'lc')
    expect(counted.verifications).toBe(1)
  })

  it('is verified anew beside another message, though the object is the same', () => {
    const { counted, guard, order } = setUp()
    guard.judge(order)
    const forged = { ...order, message: { ...order.message, payload: payloadOf({ type: 'Immediate' }) } as typeof order.message }
    expect(guard.judge(forged)).toMatchObject([{ state: 'invalid', flaw: 'broken' }])
    expect(counted.verifications).toBe(2)
    // and one that was found broken is not remembered as good
    expect(guard.judge(forged)).toMatchObject([{ state: 'invalid', flaw: 'broken' }])
  })

  it('that held counts no more when its key was revoked', () => {
    const { keys, guard, order } = setUp()
    const [first] = guard.judge(order)
    expect(first?.state).toBe('valid')
    keys.trust.revoke(new Set([keys.identity('csms').kid]))
    expect(guard.judge(order)).toMatchObject([{ state: 'invalid', flaw: 'key-revoked' }])
  })

  it('of a key that nobody knows is not verified at all', () => {
    const { counted, order } = setUp()
    const stranger = makeGuard(virtualClock(), 'gw', { trust: keysOf({}).trust, engine: { ...engine, verifyEcdsa: () => expect.fail() } })
    expect(stranger.guard.inspect(order, { id: 'lc' }, false)).toBe('unchecked')
    expect(counted.verifications).toBe(0)
  })
})
