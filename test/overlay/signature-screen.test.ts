// What is asked of a policy about messages on their way: nothing where it demands nothing, and everything where it does.
import { expect, it } from 'vitest'
import { asFault } from '../../src/base/fault.ts'
import { type Policy, PolicyBook } from '../../src/overlay/policy.ts'
import { SignatureScreen } from '../../src/overlay/signature-screen.ts'
import { callOf, keysOf, makeGuard, virtualClock } from './support.ts'

const ruleOf = (policy: Policy): unknown => {
  const clock = virtualClock()
  const { guard, journal } = makeGuard(clock, 'lc', { trust: keysOf({}).trust })
  const at = { self: 'lc', isMeant: () => false }
  const screen = new SignatureScreen({ clock, ...at, journal, guard, arbiter: new PolicyBook(policy), failed: () => undefined })
  try {
    screen.pass(callOf({ from: 'cs', to: 'csms' }, { action: 'MeterValues' }), { direction: 'up', uplink: false, station: true })
    return undefined
  } catch (error) {
    return asFault(error).data.rule
  }
}

const METER = { id: 'meters-sign', actions: ['MeterValues'], signed: { all: ['station'] }, at: 'hop' } as const

it('a policy without demands lets everything pass unweighed', () => {
  expect(new PolicyBook({ rules: [] }).isSilent).toBe(true)
  expect(ruleOf({ rules: [] })).toBeUndefined()
})

it('one rule, or a word on what is unsigned, makes it speak', () => {
  for (const [policy, rule] of [
    [{ rules: [], signatures: [METER] }, 'meters-sign'],
    [{ rules: [], unsigned: 'reject' }, 'unsigned'],
    // of another kind of message than the one that comes: weighed, and accepted
    [{ rules: [], signatures: [{ ...METER, kind: 'result' }] }, undefined],
  ] as const satisfies readonly (readonly [Policy, string | undefined])[]) {
    expect(new PolicyBook(policy).isSilent).toBe(false)
    expect(ruleOf(policy)).toBe(rule)
  }
})
