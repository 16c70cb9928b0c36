// Who may ask for what: the cells of a role matrix, and the rule that each refusal names.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/base/ports.ts'
import { type Order, RoleBook, type RolePolicy, type Rule } from '../../src/overlay/roles.ts'

const POLICY: RolePolicy = {
  rules: [
    { id: 'csms', role: 'csms', actions: ['*'] },
    {
      id: 'grid-limit',
      role: 'grid',
      actions: ['Limit'],
      where: [
        { pointer: '/list/*/watts', min: 4200, max: 22_000 },
        { pointer: '/kind', in: ['tx', 7, true], optional: true },
      ],
    },
    { id: 'grid-clear', role: 'grid', actions: ['Clear'] },
    { id: 'all', role: 'anyone', actions: ['Hello'] },
  ],
}
const limit = (...watts: Json[]): Json => ({ list: watts.map((w) => ({ watts: w })) })
/** One signer with all the roles. */
const decide = (policy: RolePolicy, { roles, ...order }: Omit<Order, 'signers'> & { roles: readonly string[] }) =>
  new RoleBook(policy).decide({ ...order, signers: roles.length > 0 ? [{ node: 'n', kid: 'k', roles }] : [] })
const ruleOf = (roles: string[], action: string, payload: Json = {}) => {
  const decision = decide(POLICY, { action, payload, roles })
  return decision.accepted ? `+${decision.rule.id}` : `-${decision.rule}`
}

describe('the policy', () => {
  it.each<[string, string[], string, Json]>([
    ['+csms', ['csms'], 'Reset', {}],
    ['+csms', ['grid', 'csms'], 'Limit', limit(0)],
    ['+grid-limit', ['grid'], 'Limit', limit(4200)],
    ['+grid-limit', ['grid'], 'Limit', limit(4200, 22_000)],
    ['-grid-limit', ['grid'], 'Limit', limit(4199)],
    ['-grid-limit', ['grid'], 'Limit', limit(5000, 0)],
    ['-grid-limit', ['grid'], 'Limit', limit(22_001)],
    ['-grid-limit', ['grid'], 'Limit', limit('5000')],
    ['-grid-limit', ['grid'], 'Limit', limit(null)],
    ['-grid-limit', ['grid'], 'Limit', limit()],
    ['-grid-limit', ['grid'], 'Limit', {}],
    ['+grid-limit', ['grid'], 'Limit', { ...(limit(5000) as object), kind: 'tx' }],
    ['+grid-limit', ['grid'], 'Limit', { ...(limit(5000) as object), kind: 7 }],
    ['-grid-limit', ['grid'], 'Limit', { ...(limit(5000) as object), kind: 'max' }],
    ['-grid-limit', ['grid'], 'Limit', { ...(limit(5000) as object), kind: { toString: 'tx' } }],
    ['+grid-clear', ['grid'], 'Clear', {}],
    ['-deny-by-default', ['grid'], 'Reset', {}],
    ['-deny-by-default', [], 'Limit', limit(5000)],
    ['-deny-by-default', ['anyone'], 'Limit', limit(5000)],
    ['-deny-by-default', ['*', '__proto__'], 'Limit', limit(5000)],
    ['+all', [], 'Hello', {}],
    ['-deny-by-default', ['stranger'], 'hello', {}],
  ])('%s for %j asking %s %j', (expected, roles, action, payload) => {
    expect(ruleOf(roles, action, payload)).toBe(expected)
  })

  it('says why in words', () => {
    const reason = (roles: string[], action: string, payload: Json) => {
      const decision = decide(POLICY, { action, payload, roles })
      return decision.accepted ? '' : decision.reason
    }
    expect(reason(['grid'], 'Limit', limit(0))).toBe('/list/*/watts is 0, at least 4200 is allowed')
    expect(reason(['grid'], 'Limit', limit(99_999))).toBe('/list/*/watts is 99999, at most 22000 is allowed')
    expect(reason(['grid'], 'Limit', {})).toBe('/list/*/watts is missing')
    expect(reason([], 'Limit', {})).toBe('Limit without a signature is not accepted here')
    expect(reason(['a', 'b'], 'Limit', {})).toBe('the role a, b may not ask for Limit')
  })

  it('asks of each signer what is its own, and only of those whose role the rule names', () => {
    const owns = (node: string) => ({ 'own-session': () => (node === 'owner' ? undefined : 'not its own') })
    const rules = [{ id: 'own-stop', role: 'emp', actions: ['Stop'], where: [{ pointer: '/id', lookup: 'own-session' as const }] }]
    const book = new RoleBook({ rules }, (asker) => owns(asker.node))
    const stops = (...signers: [string, string][]) =>
      book.decide({ action: 'Stop', payload: { id: 1 }, signers: signers.map(([node, role]) => ({ node, kid: node, roles: [role] })) })
        .accepted
    expect(stops(['owner', 'emp'])).toBe(true)
    expect(stops(['thief', 'emp'], ['owner', 'emp'])).toBe(true)
    expect(stops(['thief', 'emp'])).toBe(false)
    expect(stops(['thief', 'emp'], ['owner', 'meter'])).toBe(false)
    expect(stops(['owner', 'meter'], ['thief', 'emp'])).toBe(false)
  })

  it('knows of a version what the message says, and nothing of one that says none', () => {
    const book = new RoleBook({ rules: [{ id: 'old', role: 'csms', actions: ['*'], versions: ['ocpp1.6'] }] })
    const of = (version: Order['version']) =>
      book.decide({ action: 'Reset', payload: {}, version, signers: [{ node: 'n', kid: 'k', roles: ['csms'] }] }).accepted
    expect([of('ocpp1.6'), of('ocpp2.1'), of(undefined)]).toEqual([true, false, false])
  })

  it('without rules accepts nothing', () => {
    expect(decide({ rules: [] }, { action: 'Hello', payload: {}, roles: ['csms'] }).accepted).toBe(false)
  })

  it('accepts no less with one valid signature more, and no more with one less', () => {
    const roles = fc.subarray(['csms', 'grid', 'emp', 'driver'])
    const rule: fc.Arbitrary<Rule> = fc.record({
      id: fc.string(),
      role: fc.constantFrom('csms', 'grid', 'emp', 'driver', 'anyone'),
      actions: fc.subarray(['*', 'Limit', 'Reset'], { minLength: 1 }),
      where: fc.subarray([
        { pointer: '/watts', min: 4200 },
        { pointer: '/kind', in: ['tx'] },
      ]),
    })
    fc.assert(
      fc.property(
        fc.array(rule),
        roles,
        roles,
        fc.constantFrom('Limit', 'Reset'),
        fc.integer({ max: 9000, min: 0 }),
        (rules, some, more, action, watts) => {
          const ask = (by: string[]) => decide({ rules }, { action, payload: { watts, kind: 'tx' }, roles: by }).accepted
          if (ask(some)) expect(ask([...some, ...more])).toBe(true)
          if (!ask([...some, ...more])) expect(ask(some)).toBe(false)
        },
      ),
    )
  })
})
