// What makes a voice count for a rule: its own role, roles that the policy gives to nodes and keys, and what only a signature can do.
import { expect, it } from 'vitest'
import type { Json } from '../../src/base/ports.ts'
import type { Condition } from '../../src/overlay/condition.ts'
import { type Facts, type Policy, PolicyBook, type Voice } from '../../src/overlay/policy.ts'
import type { Bearing } from '../../src/overlay/signature-policy.ts'

const ORDER: Bearing = {
  ...{ kind: 'call', action: 'Reset', version: 'ocpp2.1', payload: { type: 'OnIdle' }, origin: 'csms', destination: 'cs' },
  ...{ direction: 'down', here: 'lc', ends: true },
}
const decided = (policy: Policy, voices: readonly Voice[], order: Partial<Bearing> = {}, facts: Facts = {}) => {
  const decision = new PolicyBook(policy, facts).admit({ ...ORDER, ...order }, voices)
  return decision.accepted ? `+${decision.rule.id}` : `-${decision.rule}`
}
const rules = [{ id: 'helps', role: 'helper', actions: ['Reset'] }]
const signed: Voice = { node: 'n', role: 'csms', kid: 'k' }
const linked: Voice = { node: 'n', role: 'uplink:n' }

it.each<[string, Policy['roles'], Voice, string]>([
  ['nobody', {}, signed, '-deny-by-default'],
  ['its node', { helper: { nodes: ['n'] } }, signed, '+helps'],
  ['another node', { helper: { nodes: ['m'], keys: ['j'] } }, signed, '-deny-by-default'],
  ['its key', { helper: { keys: ['k'] } }, signed, '+helps'],
  // the name of a link is what this node calls it, and nobody's key
  ['the node that a link is called after', { helper: { nodes: ['n'] } }, linked, '-deny-by-default'],
])('a role that the policy gives to %s', (_whom, roles, voice, expected) => {
  expect(decided({ rules, roles: roles ?? {} }, [voice])).toBe(expected)
})

it('the role of a link fills no name that must sign', () => {
  const anyway = [{ id: 'link', role: 'uplink:n', actions: ['Reset'] }]
  const signatures = [{ id: 'demand', actions: ['Reset'], signed: { any: ['uplink:n', 'node:n'] } }]
  expect(decided({ rules: anyway }, [linked])).toBe('+link')
  expect(decided({ rules: anyway, signatures }, [linked])).toBe('-demand')
  expect(decided({ rules: anyway, signatures }, [linked, signed])).toBe('+link')
})

it('what is encrypted meets no rule that has to look into it, and every one that has not', () => {
  const payload: Json = { 'org.chargeproof.encrypted': { suite: 'HPKE-0', kid: 'k', enc: '', ciphertext: '' } }
  const looks = [{ id: 'looks', role: 'csms', actions: ['Reset'], where: [{ pointer: '/type', equals: 'OnIdle', optional: true }] }]
  expect(decided({ rules: looks }, [signed])).toBe('+looks')
  expect(decided({ rules: looks }, [signed], { payload })).toBe('-looks')
  const { where } = looks[0] as { where: readonly Condition[] }
  const demands = [{ id: 'demands', actions: ['Reset'], where, signed: { any: ['csms'] } }]
  expect(decided({ rules: [], signatures: demands }, [signed], { payload })).toBe('-demands')
  expect(decided({ rules: [{ id: 'blind', role: 'csms', actions: ['Reset'] }] }, [signed], { payload })).toBe('+blind')
})

const lookup = (name: 'own-token' | 'own-session' | 'appends', pointer: string): Policy => ({
  rules: [{ id: 'own', role: 'csms', actions: ['Reset'], where: [{ pointer, lookup: name }] }],
  tokens: { n: ['DE-EMP-*'], m: ['*'] },
})

it('what is added to a variable begins with what is there; where nobody knows what is, nothing may be added', () => {
  const sets = (value: Json, now: string | undefined, facts: Facts = { variable: () => now }) =>
    decided(lookup('appends', '/data/*'), [signed], { payload: { data: [value] } }, facts)
  for (const member of ['attributeValue', 'value']) {
    expect(sets({ [member]: 'a,b' }, 'a')).toBe('+own')
    expect(sets({ [member]: 'a' }, 'a')).toBe('+own')
    for (const other of ['b', 'b,a', '', 'A,b']) expect(sets({ [member]: other }, 'a')).toBe('-own')
    expect(sets({ [member]: 'a' }, undefined)).toBe('-own')
    expect(sets({ [member]: 'a' }, 'a', {})).toBe('-own')
  }
  expect(sets({ other: 'a,b' }, 'a')).toBe('-own')
  expect(sets('a,b', 'a')).toBe('-own')
})

it('a session is its own who began it, at that station, and nobody knows of one that is over', () => {
  const facts: Facts = { sessionToken: (station, id) => (station === 'cs' ? { '7': 'DE-EMP-1', '8': 'FR-X-1' }[id] : undefined) }
  const stops = (id: Json, voice: Voice = signed, order: Partial<Bearing> = {}, known = facts) =>
    decided(lookup('own-session', '/id'), [voice], { payload: { id }, ...order }, known)
  expect([stops('7'), stops(7)]).toEqual(['+own', '+own'])
  expect([stops('8'), stops('9'), stops('7', { ...signed, node: 'other' }), stops('7', signed, { destination: 'cs-2' })]).toEqual(
    Array(4).fill('-own'),
  )
  expect(stops('8', { ...signed, node: 'm' })).toBe('+own')
  expect(stops('7', signed, {}, {})).toBe('-own')
})

it('a token is its own whose pattern it fits, and text', () => {
  const starts = (token: Json, node = 'n') => decided(lookup('own-token', '/token'), [{ ...signed, node }], { payload: { token } })
  expect([starts('DE-EMP-9'), starts('FR-EMP-9'), starts(7), starts('DE-EMP-9', '__proto__')]).toEqual(['+own', '-own', '-own', '-own'])
})
