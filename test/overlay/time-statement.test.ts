// What one says of the time to who asked: believed of the one who was asked, for that question, by a key that was good then; nothing else.
import { expect, it } from 'vitest'
import { utf8 } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import { asFault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import { signDetached } from '../../src/crypto/jws.ts'
import { judgeTime, newNonce, stateTime } from '../../src/overlay/time-statement.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { engine, keysOf } from './support.ts'

const NOW = Date.UTC(2026, 5, 1)
const nonce = newNonce(fixedRandom(4))
const { identity } = keysOf({})
const trustOf = (about: object = {}) => {
  const trust = new TrustStore(engine, { now: () => 0 })
  for (const [node, role] of [
    ['grid', 'grid-operator'],
    ['gw', 'gateway'],
  ] as const)
    trust.add({ node, role, publicKey: identity(node).signer.publicKey, ...about })
  return trust
}
const stated = (by = identity('grid'), time = NOW) => stateTime({ nonce }, { time, bound: 5 }, by)
const believed = (answer: Json, trust = trustOf(), asked = { node: 'grid', nonce }): unknown => {
  try {
    return judgeTime(answer, asked, { trust, engine }).time
  } catch (error) {
    return asFault(error).data.rule
  }
}

it('is believed of whom was asked', () => {
  expect(believed(stated())).toBe(NOW)
})

it('is not, where another says it, of another question, or in other words', () => {
  const refused = 'time-statement'
  const { statement, signature } = stated() as { statement: { [name: string]: Json }; signature: Json }
  expect(believed(stated(identity('gw')))).toBe(refused)
  expect(believed(stated({ ...identity('gw'), node: 'grid' }))).toBe(refused)
  expect(believed(stated({ ...identity('grid', 'stranger'), node: 'grid' }))).toBe(refused)
  expect(believed(stated(), trustOf(), { node: 'grid', nonce: newNonce(fixedRandom(5)) })).toBe(refused)
  for (const change of [{ time: NOW + 1 }, { bound: 4 }, { bound: -1 }, { time: Date.UTC(2300, 0, 1) }])
    expect(believed({ statement: { ...statement, ...change }, signature })).toBe(refused)
  for (const answer of [null, {}, { statement }, { statement, signature: 'x' }]) expect(believed(answer)).toBe(refused)
})

it('is not, where the key signed these words as something else', () => {
  const { statement } = stated() as { statement: Json }
  const { kid, signer } = identity('grid')
  const as = (typ?: string): Json => ({
    statement,
    signature: { ...signDetached({ kid, ...(typ && { typ }) }, utf8(canonicalJson(statement)), signer) },
  })
  expect([as('org.chargeproof.time'), as(), as('org.chargeproof.journal-head')].map((answer) => believed(answer))).toEqual([
    NOW,
    'time-statement',
    'time-statement',
  ])
})

it('is not, where the key was not good at the time that it says, or is for something else: the own clock cannot tell', () => {
  expect(believed(stated(), trustOf({ from: NOW - 1, until: NOW + 1 }))).toBe(NOW)
  for (const about of [{ until: NOW }, { from: NOW + 30_001 }, { purposes: ['link'] }])
    expect(believed(stated(), trustOf(about))).toBe('time-statement')
  const trust = trustOf()
  trust.revoke(new Set([identity('grid').kid]))
  expect(believed(stated(), trust)).toBe('time-statement')
})
