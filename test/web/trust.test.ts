// What the dashboard says of trust, before anything is drawn: the worth of a message, its way, the standing of keys, what is read of policies.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SOON_MS, standings, warningsOf } from '../../apps/web/dashboard/keys.ts'
import { readLink, readMessage } from '../../apps/web/dashboard/model.ts'
import { FLAWS } from '../../apps/web/dashboard/signature-info.ts'
import { assess, hopsOf, questionKey, refusalsByQuestion } from '../../apps/web/dashboard/trust.ts'
import { readHeads, readKeys, readPolicy } from '../../apps/web/dashboard/trust-model.ts'
import type { Json } from '../../src/base/ports.ts'
import type { SignatureFlaw } from '../../src/overlay/signature.ts'

const message = (more: { [member: string]: Json }) =>
  readMessage({ from: 'cs', to: 'csms', type: 'call', id: '1', node: 'csms', path: ['cs', 'lc', 'gw'], ...more }, 0, 1)
const trace = (node: string, state = 'valid', more: object = {}) => ({ node, state, kid: 'k', countersigns: false, ...more })

describe('the worth of a message', () => {
  it.each([
    ['end-to-end', 'valid', [trace('cs')]],
    ['own', 'valid', [trace('cs', 'own')]],
    ['vouched', 'valid', [trace('lc')]],
    // a countersignature says that a node passed it on, and never that the origin said it
    ['hops', 'absent', [trace('cs', 'valid', { countersigns: true })]],
    ['hops', 'absent', []],
    ['unknown', 'unchecked', [trace('cs', 'invalid', { flaw: 'unknown-key' })]],
    ['invalid', 'invalid', [trace('cs'), trace('lc', 'invalid', { flaw: 'expired' })]],
  ])('is %s where the node says %s', (trust, signature, signatures) => {
    expect(assess(message({ signature, signatures: signatures as Json })).trust).toBe(trust)
  })

  it('is never end-to-end without a valid signature of the origin itself', () => {
    const any = fc.record({
      node: fc.constantFrom('cs', 'lc'),
      state: fc.constantFrom('valid', 'invalid', 'own', 'unjudged', 'odd'),
      countersigns: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(any), fc.constantFrom('valid', 'invalid', 'absent', 'unchecked'), (signatures, signature) => {
        const proven = signatures.some(({ node, state, countersigns }) => node === 'cs' && state === 'valid' && !countersigns)
        if (assess(message({ signature, signatures })).trust === 'end-to-end') expect(proven).toBe(true)
      }),
    )
  })

  it('is refused where the node or an answer to it says so, by rule and place; the answer itself is not', () => {
    expect(assess(message({ signature: 'valid', rule: 'r', refusedBy: 'lc' }))).toMatchObject({
      trust: 'refused',
      rule: 'r',
      refusedBy: 'lc',
    })
    const question = message({ from: 'grid', to: 'cs', signature: 'valid' })
    const answer = message({ from: 'lc', to: 'grid', type: 'error', signature: 'absent', rule: 'deny', refusedBy: 'lc' })
    const refusals = refusalsByQuestion([question, answer])
    expect(assess(question, refusals.get(questionKey(question)))).toMatchObject({ trust: 'refused', rule: 'deny', refusedBy: 'lc' })
    expect(assess(answer, refusals.get(questionKey(answer)))).toMatchObject({ trust: 'hops', rule: '' })
    const other = message({ from: 'csms', to: 'cs', signature: 'valid' })
    expect(refusals.get(questionKey(other))).toBeUndefined()
  })

  it('knows every flaw that a node may name', () => {
    // a flaw that only one of the two lists has is a type error
    const shown = (flaw: SignatureFlaw): (typeof FLAWS)[number] => flaw
    const told = (flaw: (typeof FLAWS)[number]): SignatureFlaw => flaw
    expect(FLAWS.map(told).map(shown)).toEqual(FLAWS)
  })
})

describe('the way of a message', () => {
  const link = (node: string, peer: string, more: object) => readLink({ node, peer, up: true, ...more }) ?? []
  it('names each hop with what is known of its connection, and who countersigned', () => {
    const links = [
      link('lc', 'cs', { kind: 'station' }),
      link('lc', 'gw', { kind: 'uplink', proven: true }),
      link('gw', 'lc', { kind: 'overlay', proven: false }),
    ].flat()
    const hops = hopsOf(message({ signatures: [trace('gw', 'valid', { countersigns: true })] }), links)
    expect(hops).toEqual([
      { from: 'cs', to: 'lc', link: 'station', countersigned: false },
      { from: 'lc', to: 'gw', link: 'unproven', countersigned: false },
      { from: 'gw', to: 'csms', link: 'unknown', countersigned: true },
    ])
    expect(hopsOf(message({ path: ['csms'], from: 'csms', to: 'cs' }), links).map(({ to }) => to)).toEqual(['cs'])
  })
})

describe('keys', () => {
  const NOW = 1_800_000_000_000
  const iso = (ms: number): string => new Date(NOW + ms).toISOString()
  const keys = (...list: object[]) =>
    readKeys({ root: null, revocations: null, keys: list.map((each, i) => ({ node: 'n', kid: `k${i}`, source: 'file', ...each })) as Json })

  it('that want attention come first, those with a successor do not want it', () => {
    const { keys: list } = keys(
      { state: 'valid', node: 'a' },
      { state: 'valid', node: 'b', until: iso(SOON_MS - 1) },
      { state: 'valid', node: 'c', until: iso(SOON_MS) },
      { state: 'revoked', node: 'd' },
      { state: 'revoked', node: 'a' },
      { state: 'nobody knows', node: 'e' },
    )
    expect(standings(list, NOW).map(({ node, standing, succeeded }) => `${node} ${standing}${succeeded ? ' +' : ''}`)).toEqual([
      'd revoked',
      'e expired',
      'b soon',
      'a valid',
      'c valid',
      'a revoked +',
    ])
  })

  it('are as old as their beginning or, where they have none, as their file', () => {
    const [made, listed, neither] = keys({ from: iso(-5), listed: iso(-9) }, { listed: iso(-7) }, {}).keys
    expect([made, listed, neither].map((each) => each?.since)).toEqual([NOW - 5, NOW - 7, 0])
  })

  it('warn of nodes without one, of an end without a successor, of new ones, and of news that are old or missing', () => {
    const kinds = (it: ReturnType<typeof readKeys>) => warningsOf(it, NOW).map(({ kind, nodes }) => [kind, ...nodes].join(' '))
    expect(kinds(keys({ state: 'valid' }))).toEqual([])
    expect(kinds(keys({ state: 'valid', until: iso(1) }, { state: 'expired', node: 'x' }))).toEqual(['few x', 'soon n'])
    expect(kinds(keys({ state: 'valid', until: iso(1) }, { state: 'valid' }))).toEqual([])
    const fresh = { state: 'valid', source: 'document', from: iso(-1) }
    expect(kinds(keys(fresh))).toEqual(['new n'])
    expect(kinds(keys({ ...fresh, from: iso(-4 * 86_400_000) }))).toEqual([])
    expect(kinds(keys({ ...fresh, state: 'revoked' }, { state: 'valid' }))).toEqual([])
    const root = { kid: 'r', number: 1, next: 'r2', issued: iso(0) }
    const news = (fresh: boolean) => ({ root: 1, number: 1, issued: iso(-5), fresh, freshUntil: iso(5) })
    expect(kinds(readKeys({ root, revocations: null, keys: [] }))).toEqual(['no-news'])
    expect(kinds(readKeys({ root, revocations: news(false), keys: [] }))).toEqual(['stale'])
    expect(kinds(readKeys({ root, revocations: news(true), keys: [] }))).toEqual([])
  })
})

describe('reading', () => {
  it('a policy gives its rules with their hits, and decisions of no rule behind them; of heads the newest of each journal', () => {
    const document = {
      rules: [{ id: 'a', role: 'grid', actions: ['*'] }, 7],
      signatures: [{ id: 'two', actions: ['Reset'], signed: { of: 2, by: ['x', 'y', 'z'] } }],
    }
    const policy = readPolicy({
      id: 'p',
      version: 3,
      policy: document,
      hits: { a: 4, 'deny-by-default': 2 },
      refusals: [{ at: 1 }, { at: 2 }],
    })
    expect(policy.rules.map(({ id, who, hits }) => [id, who, hits])).toEqual([
      ['two', '2 / x, y, z', 0],
      ['a', 'grid', 4],
      ['deny-by-default', '', 2],
    ])
    expect([policy.refusals.map(({ at }) => at), policy.rehearsal, policy.since]).toEqual([[2, 1], undefined, 0])
    const head = (node: string, seq: number) => ({ head: { node, seq, hash: 'h', at: 1 }, heldBy: 'me' })
    expect(readHeads([head('b', 1), head('b', 3), head('b', 2), head('me', 9), null]).map(({ node, seq }) => `${node} ${seq}`)).toEqual([
      'me 9',
      'b 3',
    ])
  })

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const read of [readPolicy, readKeys, readHeads]) read(value as Json)
        assess(message({ signatures: value as Json }))
      }),
    )
  })
})
