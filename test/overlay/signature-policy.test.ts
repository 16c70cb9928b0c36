// Who must sign what: the matrix of rule kinds and states of signatures, where messages end and on their way, and that nothing
// becomes acceptable by adding what does not count or taking away what does.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asFault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import { type Envelope, payloadOf, RESULT, SEND, type SignatureObject } from '../../src/ocpp/frame.ts'
import { type Policy, PolicyBook } from '../../src/overlay/policy.ts'
import {
  type Bearing,
  CONSEQUENCES,
  type Consequence,
  type Demand,
  SignatureBook,
  type SignatureRule,
} from '../../src/overlay/signature-policy.ts'
import { SignatureScreen } from '../../src/overlay/signature-screen.ts'
import { callOf, keysOf, makeGuard, virtualClock } from './support.ts'

const ROLES = { csms: 'csms', grid: 'grid-operator', meter: 'energy-meter', cs: 'station' }
const RULES = [{ id: 'limits', role: ['grid-operator', 'csms', 'energy-meter'], actions: ['SetLimit'] }]
const rule = (more: Partial<SignatureRule> & Pick<SignatureRule, 'signed'>): SignatureRule => ({
  id: 'demand',
  actions: ['SetLimit'],
  ...more,
})

const clock = virtualClock()
const keys = keysOf(ROLES)
const guardOf = (node: string, key = node) => makeGuard(clock, node, { trust: keys.trust, identity: keys.identity(node, key) }).guard
const [grid, csms, meter, cs] = ['grid', 'csms', 'meter', 'cs'].map((node) => guardOf(node)) as ReturnType<typeof guardOf>[] as [
  ReturnType<typeof guardOf>,
  ReturnType<typeof guardOf>,
  ReturnType<typeof guardOf>,
  ReturnType<typeof guardOf>,
]

const BARE = callOf({ from: 'grid', to: 'cs' }, { action: 'SetLimit', payload: payloadOf({ limit: 5000 }) })
const as = (envelope: Envelope, message: object): Envelope => ({
  ...envelope,
  message: { ...envelope.message, ...message } as Envelope['message'],
})
const signaturesOf = ({ header }: Envelope) => header.signatures ?? []
const signedBy = (...parts: readonly (readonly SignatureObject[])[]): Envelope => ({ ...BARE, header: { signatures: parts.flat() } })
const byGrid = () => signaturesOf(grid.sealCall(BARE))
const byCsms = () => signaturesOf(csms.sealCall(BARE))

/** The second of two signatures in each state, how many valid ones the message then has, and the guard's own rule where it ends. */
const STATES: Readonly<Record<string, { readonly make: () => Envelope; readonly valid: number; readonly guard?: string }>> = {
  none: { make: () => BARE, valid: 0 },
  valid: { make: () => signedBy(byGrid(), byCsms()), valid: 2 },
  'one of two stripped': { make: () => signedBy(byGrid()), valid: 1 },
  'wrong key': {
    make: () => signedBy(byGrid(), signaturesOf(csms.sealCall(BARE, { identity: keys.identity('csms', 'stranger') }))),
    valid: 1,
    guard: 'signature-unknown-key',
  },
  expired: {
    make: () => signedBy(byGrid(), signaturesOf(csms.sealCall(BARE, { expiresInSeconds: 0 }))),
    valid: 1,
    guard: 'signature-expired',
  },
  'other audience': {
    make: () => signedBy(byGrid(), signaturesOf(csms.sealCall(BARE, { audience: 'cs2' }))),
    valid: 1,
    guard: 'signature-wrong-audience',
  },
  'other action': {
    make: () => signedBy(byGrid(), signaturesOf(csms.sealCall(as(BARE, { action: 'Reset' })))),
    valid: 1,
    guard: 'signature-wrong-message',
  },
  'flipped byte': {
    make: () => as(signedBy(byGrid(), byCsms()), { payload: payloadOf({ limit: 5001 }) }),
    valid: 0,
    guard: 'signature-broken',
  },
}

const DEMANDS: Readonly<Record<string, { readonly signed: Demand; readonly needed: number }>> = {
  all: { signed: { all: ['grid-operator', 'csms'] }, needed: 2 },
  any: { signed: { any: ['csms', 'grid-operator'] }, needed: 1 },
  '2 of 3': { signed: { of: 2, by: ['energy-meter', 'csms', 'grid-operator'] }, needed: 2 },
  nodes: { signed: { all: ['node:grid', 'node:csms'] }, needed: 2 },
  keys: { signed: { all: [`key:${keys.identity('csms').kid}`] }, needed: 2 },
}

const verdictOf = async (work: () => unknown): Promise<string> => {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    const { code, data } = asFault(error)
    return `${code} by ${data.rule} at ${data.at}`
  }
}
const admitted = (policy: Policy, order: Envelope) =>
  verdictOf(() => makeGuard(clock, 'lc', { trust: keys.trust, policy, store: memoryStore() }).guard.admit(order, 'lc'))
const passing = (policy: Policy, envelope: Envelope, question?: Envelope, self = 'lc') => {
  const { guard, journal } = makeGuard(clock, self, { trust: keys.trust })
  const screen = new SignatureScreen({
    ...{ clock, journal, guard, failed: () => undefined, self, isMeant: (whom: string) => ['local-controller', '@tariffs'].includes(whom) },
    arbiter: new PolicyBook(policy),
  })
  const passage = { direction: 'through', uplink: false, station: false, ...(question && { question }) } as const
  return { verdict: verdictOf(() => screen.pass(envelope, passage)), journal }
}

const CELLS = Object.entries(DEMANDS).flatMap(([kind, demand]) =>
  Object.entries(STATES).flatMap(([state, about]) => CONSEQUENCES.map((otherwise) => ({ kind, state, otherwise, ...demand, ...about }))),
)
const held = (otherwise: Consequence) => (otherwise === 'drop' ? 'dropped' : 'refused')

describe('the matrix of rules and signatures', () => {
  it.each(CELLS)('$kind, $state, otherwise $otherwise: where an order ends', async ({ signed, needed, otherwise, make, valid, guard }) => {
    const verdict = await admitted({ rules: RULES, signatures: [rule({ signed, otherwise })] }, make())
    if (guard) expect(verdict).toBe(`refused by ${guard} at lc`)
    else if (valid >= needed) expect(verdict).toBe('accepted')
    // what a rule lets pass, the roles still judge: nobody signed means nobody may
    else if (otherwise === 'pass') expect(verdict).toBe(valid > 0 ? 'accepted' : 'refused by deny-by-default at lc')
    else expect(verdict).toBe(`${held(otherwise)} by demand at lc`)
  })

  it.each(CELLS)('$kind, $state, otherwise $otherwise: on its way', async ({ signed, needed, otherwise, make, valid }) => {
    const { verdict, journal } = passing({ rules: [], signatures: [rule({ signed, otherwise, at: 'hop' })] }, make())
    const suffices = valid >= needed
    expect(await verdict).toBe(suffices || otherwise === 'pass' ? 'accepted' : `${held(otherwise)} by demand at lc`)
    expect(journal.read(0, 9).map((row) => [row.kind, row.rule])).toEqual(suffices ? [] : [['policy', 'demand']])
  })

  const ANSWER: Envelope = {
    destination: ['lc'],
    path: ['cs'],
    header: {},
    message: { type: RESULT, id: '1', payload: payloadOf({ ok: 1 }) },
  }
  const question = (limit: number) => ({ ...csms.sealCall(as(BARE, { payload: payloadOf({ limit }) })), path: ['lc'] })
  const asked = question(5000)
  it.each<[string, Envelope, string]>([
    ['none', ANSWER, 'refused by demand at lc'],
    ['valid', cs.sealAnswer(asked, ANSWER), 'accepted'],
    ['swapped answer', cs.sealAnswer(question(6000), ANSWER), 'refused by demand at lc'],
    ['other audience', cs.sealAnswer({ ...asked, path: ['gateway'] }, ANSWER), 'refused by demand at lc'],
    ['wrong key', guardOf('cs', 'stranger').sealAnswer(asked, ANSWER), 'refused by demand at lc'],
    ['another role', meter.sealAnswer(asked, ANSWER), 'refused by demand at lc'],
    ['flipped byte', as(cs.sealAnswer(asked, ANSWER), { payload: payloadOf({ ok: 2 }) }), 'refused by demand at lc'],
  ])('an answer, %s', async (_state, answer, expected) => {
    const policy = { rules: [], signatures: [rule({ signed: { any: ['station'] }, kind: 'result' })] }
    expect(await passing(policy, answer, asked).verdict).toBe(expected)
  })
})

describe('where a message ends', () => {
  const demand = rule({ signed: { all: ['csms'] }, kind: 'send' })
  const news = (to: string): Envelope => {
    const { message, ...call } = callOf({ from: 'grid', to }, { action: 'SetLimit', payload: payloadOf({ limit: 5000 }) })
    return grid.sealCall({ ...call, message: { ...message, type: SEND } as Envelope['message'] })
  }
  it.each([
    ['lc', false],
    ['*', false],
    ['*all=local-controller', false],
    ['*any=local-controller', false],
    ['*all=@tariffs', false],
    ['*all=csms', true],
    ['*all=@others', true],
    ['gateway', true],
  ])('is at each node that %s means, however it is spelled', async (to, passes) => {
    const { verdict } = passing({ rules: [], signatures: [demand] }, news(to))
    expect(await verdict).toBe(passes ? 'accepted' : 'refused by demand at lc')
    const named = { rules: [], signatures: [{ ...demand, destination: ['lc'] }] }
    expect(await passing(named, news(to)).verdict).toBe(passes ? 'accepted' : 'refused by demand at lc')
  })

  it('an order to a role is held to the rules for the node that obeys it', async () => {
    const policy = { rules: RULES, signatures: [rule({ signed: { all: ['csms', 'grid-operator'] }, destination: ['lc'] })] }
    const order = (to: string) => csms.sealCall(callOf({ from: 'csms', to }, { action: 'SetLimit', payload: payloadOf({ limit: 5000 }) }))
    expect(await admitted(policy, order('lc'))).toBe('refused by demand at lc')
    expect(await admitted(policy, order('*any=local-controller'))).toBe('refused by demand at lc')
    // the controller decides for its station, and is not meant itself
    expect(await admitted(policy, order('cs'))).toBe('accepted')
  })
})

describe('a signature rule', () => {
  const bearing: Bearing = {
    ...{ kind: 'call', action: 'SetLimit', version: 'ocpp2.1', payload: { limit: 5000 }, origin: 'grid', destination: 'cs' },
    ...{ direction: 'down', here: 'lc', ends: true },
  }
  const decides = (rules: readonly SignatureRule[], message: Partial<Bearing> = {}, unsigned?: Consequence) => {
    const ruling = new SignatureBook({ signatures: rules, ...(unsigned && { unsigned }) }).weigh({ ...bearing, ...message }, () => [])
    return `${ruling.decision} ${ruling.rule ?? '-'}`
  }
  const signed = { any: ['csms'] }

  it('is meant for what it names in each respect, and for nothing else', () => {
    const cases: [Partial<SignatureRule>, Partial<Bearing>, Partial<Bearing>][] = [
      [{ actions: ['SetLimit', '@read'] }, { action: 'GetVariables' }, { action: 'SetVariables' }],
      [{ actions: ['*'] }, { action: 'org.example.New' }, { kind: 'send' }],
      [{ kind: 'send' }, { kind: 'send' }, {}],
      [{ direction: 'down' }, {}, { direction: 'up' }],
      [{ origin: ['grid'] }, {}, { origin: 'meter' }],
      [{ destination: ['cs'] }, {}, { destination: 'cs2' }],
      [{ versions: ['ocpp2.1'] }, {}, { version: 'ocpp1.6' }],
      [{ versions: ['ocpp2.1'] }, { version: undefined }, { version: 'ocpp2.0.1' }],
      [{ where: [{ pointer: '/limit', max: 6000 }] }, {}, { payload: { limit: 7000 } }],
      [{ at: 'end' }, {}, { ends: false }],
      [{ at: 'hop' }, { ends: false }, { action: 'Other' }],
      [{ at: ['gw', 'lc'] }, { ends: false }, { here: 'other' }],
    ]
    for (const [more, meant, other] of cases) {
      expect([more, decides([rule({ signed, ...more })], meant)]).toEqual([more, 'reject demand'])
      expect([more, decides([rule({ signed, ...more })], other)]).toEqual([more, 'accept -'])
    }
  })

  it('is looked at by priority, then by id, whatever the order of the list', () => {
    const rules = [
      rule({ id: 'b', signed, otherwise: 'drop' }),
      rule({ id: 'a', signed, otherwise: 'pass' }),
      rule({ id: 'z', signed, priority: 1, where: [{ pointer: '/limit', max: 4000 }] }),
    ]
    for (const list of [rules, rules.toReversed()]) {
      expect(decides(list)).toBe('pass a')
      expect(decides(list, { payload: { limit: 1 } })).toBe('reject z')
    }
  })

  it('has a default for what nobody signed', () => {
    expect(decides([])).toBe('accept -')
    for (const unsigned of CONSEQUENCES) expect(decides([], {}, unsigned)).toBe(unsigned === 'pass' ? 'accept -' : `${unsigned} unsigned`)
    const one = new SignatureBook({ unsigned: 'reject' }).weigh(bearing, () => [{ node: 'x', kid: 'k', roles: [] }])
    expect(one.decision).toBe('accept')
  })

  it('takes a signature that is on no message in particular only where it says so', () => {
    const signer = { node: 'cs', kid: '1', roles: ['station'] }
    const loose = { ...signer, loose: true }
    const decides = (name: string, by: typeof signer) =>
      new SignatureBook({ signatures: [rule({ signed: { any: [name] } })] }).weigh(bearing, () => [by]).decision
    for (const name of ['station', 'node:cs', 'key:1']) {
      expect([decides(name, signer), decides(name, loose)]).toEqual(['accept', 'reject'])
      expect([decides(`loose:${name}`, signer), decides(`loose:${name}`, loose)]).toEqual(['accept', 'accept'])
    }
    expect(decides('loose:csms', loose)).toBe('reject')
    expect(new SignatureBook({ unsigned: 'reject' }).weigh(bearing, () => [loose]).decision).toBe('reject')
  })

  it('counts no node for two names, and finds the way to fill them all', () => {
    const both = { node: 'both', kid: '1', roles: ['vendor', 'csms'] }
    const vendor = { node: 'v', kid: '2', roles: ['vendor'] }
    const book = new SignatureBook({ signatures: [rule({ signed: { all: ['vendor', 'csms'] } })] })
    const decision = (...signers: (typeof both)[]) => book.weigh(bearing, () => signers).decision
    expect(decision(both)).toBe('reject')
    expect(decision(both, both)).toBe('reject')
    for (const order of [
      [both, vendor],
      [vendor, both],
    ])
      expect(decision(...order)).toBe('accept')
  })
})

describe('acceptance', () => {
  const GOOD = [grid, csms, meter].map((guard) => signaturesOf(guard.sealCall(BARE))[0] as SignatureObject)
  const BAD = ['wrong key', 'expired', 'other audience', 'other action'].map(
    (state) => signaturesOf(STATES[state]?.make() ?? BARE)[1] as SignatureObject,
  )
  const demand: fc.Arbitrary<Demand> = fc.oneof(
    fc.record({ all: fc.subarray(['grid-operator', 'csms', 'node:meter'], { minLength: 1 }) }),
    fc.record({ any: fc.subarray(['grid-operator', 'energy-meter'], { minLength: 1 }) }),
    fc.record({ of: fc.integer({ min: 1, max: 3 }), by: fc.constant(['grid-operator', 'csms', 'energy-meter']) }),
  )

  it('never rises by an invalid signature more, nor by a valid one less', async () => {
    let accepted = 0
    const property = fc.asyncProperty(demand, fc.subarray(GOOD), fc.subarray(BAD), fc.subarray(GOOD), async (signed, some, bad, more) => {
      const policy = { rules: RULES, signatures: [rule({ signed })] }
      const decides = async (...signatures: SignatureObject[]) => (await admitted(policy, signedBy(signatures))) === 'accepted'
      const alone = await decides(...some)
      if (alone) accepted++
      if (await decides(...some, ...bad)) expect(alone).toBe(true)
      if (alone) expect(await decides(...new Set([...some, ...more]))).toBe(true)
    })
    await fc.assert(property, { numRuns: 60 })
    expect(accepted).toBeGreaterThan(5)
  })
})
