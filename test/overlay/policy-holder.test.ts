// A node's policy: which documents it takes, that the last good one survives a restart, and what a candidate would have done.
import { describe, expect, it } from 'vitest'
import { inspectPolicy } from '../../src/adapters/config.ts'
import { policyFlaw } from '../../src/adapters/policy-file.ts'
import { utf8 } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import { signDetached } from '../../src/crypto/jws.ts'
import { Journal } from '../../src/overlay/journal.ts'
import { type PolicyDocument, type SignedPolicy, signPolicy } from '../../src/overlay/policy-document.ts'
import { PolicyHolder } from '../../src/overlay/policy-holder.ts'
import type { Bearing } from '../../src/overlay/signature-policy.ts'
import { caught, engine, keysOf, virtualClock } from './support.ts'

const ROLES = { admin: 'policy-admin', second: 'policy-admin', csms: 'csms' }
const documentOf = (version: number, more: Partial<PolicyDocument> = {}): PolicyDocument => ({
  ...{ id: 'p', version, nodes: ['lc'], rules: [{ id: `rule-${version}`, role: 'csms', actions: ['Reset'] }] },
  ...more,
})
const RESET: Bearing = {
  ...{ kind: 'call', action: 'Reset', version: 'ocpp2.1', payload: {}, origin: 'csms', destination: 'cs' },
  ...{ direction: 'down', here: 'lc', ends: true },
}

const setUp = (store = memoryStore()) => {
  const clock = virtualClock()
  const keys = keysOf(ROLES)
  // an administrator too, by the word of a document that names this key for messages alone
  const desk = { role: 'policy-admin', publicKey: keys.identity('desk').signer.publicKey, purposes: ['message', 'link'] as const }
  keys.trust.replace('desk', [{ node: 'desk', ...desk }])
  // and one with a key for policies that is no administrator
  const clerk = { role: 'csms', publicKey: keys.identity('clerk').signer.publicKey, purposes: ['policy'] as const }
  keys.trust.replace('clerk', [{ node: 'clerk', ...clerk }])
  const journal = new Journal({ node: 'lc', store, engine, clock })
  const initial = { rules: [{ id: 'file', role: 'csms', actions: ['Reset'] }] }
  const holder = new PolicyHolder({ self: 'lc', engine, trust: keys.trust, store, journal, clock, initial, check: policyFlaw })
  const sign = (document: PolicyDocument, by = 'admin', key = by): Json => json(signPolicy(document, keys.identity(by, key), 1))
  const decides = (): string => {
    const decision = holder.admit(RESET, [{ node: 'csms', role: 'csms', kid: 'k' }])
    return decision.accepted ? decision.rule.id : `-${decision.rule}`
  }
  return { clock, keys, holder, journal, store, sign, decides, version: () => holder.state().version }
}
const json = (signed: SignedPolicy): Json => JSON.parse(JSON.stringify(signed))
const changed = (value: Json, path: 'policy' | 'signatures', by: object): Json => {
  const members = value as { readonly [name: string]: Json }
  return { ...members, [path]: Array.isArray(by) ? by : { ...(members[path] as object), ...by } } as Json
}

describe('a policy that arrives', () => {
  it('counts when an administrator signed it, from the next message on', async () => {
    const { holder, sign, decides, journal } = setUp()
    expect(decides()).toBe('file')
    expect(await holder.put(sign(documentOf(1)))).toEqual({ status: 'Accepted', version: 1 })
    expect(decides()).toBe('rule-1')
    expect(await holder.put(sign(documentOf(7), 'second'))).toEqual({ status: 'Accepted', version: 7 })
    expect(decides()).toBe('rule-7')
    expect(holder.state()).toMatchObject({ id: 'p', version: 7, signer: 'second', hits: { 'rule-7': 1 } })
    expect(journal.read(0, 9).map(({ kind }) => kind)).toEqual(['policy', 'policy'])
  })

  it('by a thief with a version that none could follow gives way once the thief’s key is revoked, over restarts too', async () => {
    const { holder, sign, keys, store, decides } = setUp()
    await holder.put(sign(documentOf(3), 'second'))
    await holder.put(sign(documentOf(Number.MAX_SAFE_INTEGER, { rules: [] })))
    expect(await holder.put(sign(documentOf(4), 'second'))).toMatchObject({ flaw: 'older' })
    const kids = new Set([keys.identity('admin').kid])
    keys.trust.revoke(kids)
    expect(decides()).toBe('-deny-by-default')
    const again = setUp(store)
    again.keys.trust.revoke(kids)
    for (const each of [holder, again.holder]) {
      // what was in force by another key is not brought back by who kept it
      expect(await each.put(sign(documentOf(3), 'second'))).toMatchObject({ flaw: 'older' })
      expect(await each.put(sign(documentOf(9)))).toMatchObject({ flaw: 'unknown-key' })
      expect(await each.put(sign(documentOf(4), 'second'))).toEqual({ status: 'Accepted', version: 4 })
    }
    expect(await holder.put(sign(documentOf(4), 'second'))).toMatchObject({ flaw: 'older' })
  })

  it.each<[string, (parts: ReturnType<typeof setUp>) => Json]>([
    ['malformed', () => null],
    ['malformed', () => ({ policy: 7, signatures: [] })],
    ['malformed', ({ sign }) => changed(sign(documentOf(5)), 'policy', { version: '6' })],
    ['malformed', ({ sign }) => sign(documentOf(5, { rules: [{ id: 'a', role: 'csms', actions: ['NoSuchAction'] }] }))],
    [
      'malformed',
      ({ sign }) =>
        sign(documentOf(5, { rules: [{ id: 'a', role: 'csms', actions: ['Reset'], where: [{ pointer: '/x', min: '3 parsec' }] }] })),
    ],
    ['malformed', ({ sign }) => changed(sign(documentOf(5)), 'signatures', Array(9).fill({ protected: '', signature: '' }))],
    ['unsigned', ({ sign }) => changed(sign(documentOf(5)), 'signatures', [])],
    ['unknown-key', ({ sign }) => sign(documentOf(5), 'admin', 'stranger')],
    ['not-admin', ({ sign }) => sign(documentOf(5), 'csms')],
    ['not-admin', ({ sign }) => sign(documentOf(5), 'desk')],
    ['not-admin', ({ sign }) => sign(documentOf(5), 'clerk')],
    ['broken', ({ sign }) => changed(sign(documentOf(5)), 'policy', { version: 6 })],
    ['broken', ({ sign }) => changed(sign(documentOf(5, { rehearsal: true })), 'policy', { rehearsal: false })],
    ['broken', ({ sign }) => changed(sign(documentOf(5)), 'signatures', [{ protected: '!', signature: '' }])],
    ['other-node', ({ sign }) => sign(documentOf(5, { nodes: ['lc2'] }))],
    ['older', ({ sign }) => sign(documentOf(3))],
    ['older', ({ sign }) => sign(documentOf(2))],
  ])('%s is refused, and the old one stays in force', async (flaw, make) => {
    const parts = setUp()
    await parts.holder.put(parts.sign(documentOf(3)))
    const before = parts.store.get('policy', 'in-force')
    expect(await parts.holder.put(make(parts))).toMatchObject({ status: 'Rejected', version: 3, flaw })
    expect([parts.decides(), parts.version(), parts.store.get('policy', 'in-force')]).toEqual(['rule-3', 3, before])
    expect(parts.journal.read(1, 9)).toMatchObject([{ kind: 'policy', rule: 'policy-document', text: expect.stringContaining(flaw) }])
    expect(parts.holder.state().rejected).toMatchObject([{ flaw, at: parts.clock.now() }])
  })

  it("with a message's signature by the same key is not signed", async () => {
    const { holder, keys } = setUp()
    const { signer, kid } = keys.identity('admin')
    const policy = documentOf(1)
    const words = utf8(canonicalJson(policy as object as Json))
    const put = (header: object) =>
      holder.put({ policy, signatures: [{ ...signDetached({ kid, ...header }, words, signer) }] } as object as Json)
    for (const header of [
      { iat: 1 },
      { iat: 1, typ: 'org.chargeproof.keys' },
      { iss: 'admin', aud: 'lc', act: 'x', mt: 2, mid: '1', iat: 1 },
    ])
      expect(await put(header)).toMatchObject({ flaw: 'broken' })
    expect(await put({ typ: 'org.chargeproof.policy', iat: 1 })).toMatchObject({ status: 'Accepted' })
  })

  it('stays in force over a restart, and so does its version; nothing else of the store stands for one', async () => {
    const { clock, holder, sign, store } = setUp()
    const started = holder.state().since as number
    await clock.advance(5_000)
    await holder.put(sign(documentOf(4)))
    expect(holder.state().since).toBe(started + 5_000)
    const again = setUp(store)
    expect([again.decides(), again.version(), again.holder.state().since]).toEqual(['rule-4', 4, holder.state().since])
    expect(await again.holder.put(again.sign(documentOf(4)))).toMatchObject({ status: 'Rejected', flaw: 'older' })
    expect(await again.holder.put(again.sign(documentOf(5)))).toMatchObject({ status: 'Accepted', version: 5 })
  })

  it('does not count when it cannot be kept', async () => {
    const store = memoryStore({
      beforeCommit: () => {
        throw new Error('full')
      },
    })
    const { holder, sign, decides } = setUp(store)
    expect((await caught(holder.put(sign(documentOf(1))))).code).toBe('store-failed')
    expect(decides()).toBe('file')
  })

  it('of two at once the higher version stays, in either order', async () => {
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const { holder, sign, version } = setUp()
      await Promise.all(order.map((number) => holder.put(sign(documentOf(number)))))
      expect(version()).toBe(2)
    }
  })
})

describe('at the start, what lies on the disk', () => {
  const KEPT = 'in-force'
  type Parts = ReturnType<typeof setUp>
  const write = (store: Parts['store'], value: Json | undefined) => store.commit([{ collection: 'policy', key: KEPT, value }])
  const two = async (): Promise<Parts> => {
    const parts = setUp()
    await parts.holder.put(parts.sign(documentOf(3)))
    await parts.holder.put(parts.sign(documentOf(4)))
    return parts
  }
  const kept = ({ store }: Parts): Json => store.get('policy', KEPT) as Json

  it.each<[string, (parts: Parts) => Json | undefined, string]>([
    ['an older one that was in force once', ({ sign }) => sign(documentOf(3)), 'version 4'],
    ['a newer one that was never taken', ({ sign }) => sign(documentOf(9)), 'version 4'],
    ['one of equal version with another text', ({ sign }) => sign(documentOf(4, { rules: [] })), 'version 4'],
    ['one with a changed rule', (parts) => changed(kept(parts), 'policy', { rules: [] }), 'version 4'],
    ['nothing', () => undefined, 'gone'],
    ['the same, signed by a stranger', ({ sign }) => sign(documentOf(4), 'admin', 'stranger'), 'unknown-key'],
    ['the same, signed by no administrator', ({ sign }) => sign(documentOf(4), 'csms'), 'not-admin'],
    [
      'the same with the signature of another',
      ({ sign }) => changed(sign(documentOf(4)), 'signatures', (sign(documentOf(5)) as unknown as SignedPolicy).signatures),
      'broken',
    ],
    ['the same without a signature', (parts) => changed(kept(parts), 'signatures', []), 'unsigned'],
    ['no document', () => 7, 'version 4'],
  ])('%s allows nothing, not even what the file does, and says so; the policy delivered again heals it', async (_what, make, why) => {
    const parts = await two()
    await write(parts.store, make(parts))
    for (let start = 1; start <= 2; start++) {
      const again = setUp(parts.store)
      expect(again.decides()).toBe('-policy-on-disk')
      expect(again.holder.state()).toMatchObject({ version: 0, id: 'none', policy: { rules: [] }, lost: expect.stringContaining(why) })
      await again.clock.advance(1)
      expect(again.journal.read(0, 99).at(-1)).toMatchObject({
        kind: 'security',
        rule: 'policy-on-disk',
        text: expect.stringContaining(why),
      })
      // what is older than the one that was in force is no way back
      expect(await again.holder.put(again.sign(documentOf(3)))).toMatchObject({ flaw: 'older' })
    }
    const healed = setUp(parts.store)
    expect(await healed.holder.put(healed.sign(documentOf(4)))).toEqual({ status: 'Accepted', version: 4 })
    expect([healed.decides(), setUp(parts.store).decides()]).toEqual(['rule-4', 'rule-4'])
  })

  it('is believed though the key that signed it was replaced or revoked since, because the journal says that it was taken', async () => {
    const parts = await two()
    const again = setUp(parts.store)
    expect(again.holder.state().lost).toBeUndefined()
    const { kid } = parts.keys.identity('admin')
    const revoked = keysOf(ROLES)
    revoked.trust.revoke(new Set([kid]))
    const { store, journal, clock } = parts
    const world = { self: 'lc', engine, store, journal, clock, initial: { rules: [] }, check: policyFlaw }
    expect(new PolicyHolder({ ...world, trust: revoked.trust }).state()).toMatchObject({ version: 4 })
  })

  it('without that word counts only by a key that was good when it signed, and not if it was only to be tried', async () => {
    const old = async (value: Json): Promise<Parts> => {
      const store = memoryStore()
      await write(store, value)
      return setUp(store)
    }
    const { sign } = setUp()
    expect((await old(sign(documentOf(4)))).version()).toBe(4)
    expect((await old(changed(sign(documentOf(4)), 'policy', { version: 5 }))).decides()).toBe('-policy-on-disk')
    expect((await old(sign(documentOf(4, { rehearsal: true })))).decides()).toBe('-policy-on-disk')
    const parts = await old(sign(documentOf(4)))
    const { trust, identity } = keysOf(ROLES)
    const { store, journal, clock } = parts
    const world = { self: 'lc', engine, store, journal, clock, initial: { rules: [] }, check: policyFlaw }
    trust.revoke(new Set([identity('admin').kid]))
    expect(new PolicyHolder({ ...world, trust }).state()).toMatchObject({ version: 0, lost: expect.stringContaining('unknown-key') })
  })

  it('of a thief with a version that none could follow, lost or not, gives way once the thief’s key is revoked', async () => {
    const parts = setUp()
    await parts.holder.put(parts.sign(documentOf(3), 'second'))
    await parts.holder.put(parts.sign(documentOf(Number.MAX_SAFE_INTEGER)))
    await write(parts.store, undefined)
    const again = setUp(parts.store)
    expect(await again.holder.put(again.sign(documentOf(4), 'second'))).toMatchObject({ flaw: 'older' })
    again.keys.trust.revoke(new Set([again.keys.identity('admin').kid]))
    expect(await again.holder.put(again.sign(documentOf(3), 'second'))).toMatchObject({ flaw: 'older' })
    expect(await again.holder.put(again.sign(documentOf(4), 'second'))).toEqual({ status: 'Accepted', version: 4 })
  })

  it('counts as soon as the key that vouches for it is known', async () => {
    const parts = await two()
    const { trust } = keysOf({ csms: 'csms' })
    const { store, journal, clock, keys } = parts
    const holder = new PolicyHolder({ self: 'lc', engine, store, journal, clock, trust, initial: { rules: [] }, check: policyFlaw })
    expect(holder.state().lost).toContain('unknown-key')
    const publicKey = keys.identity('admin').signer.publicKey
    trust.replace('admin', [{ node: 'admin', role: 'policy-admin', publicKey, purposes: ['policy'] }])
    expect(holder.state()).toMatchObject({ version: 4, signer: 'admin' })
    expect(holder.state().lost).toBeUndefined()
  })

  it('is known by the journal when old entries left the store, if it is said once more before', async () => {
    const { holder, journal, store, sign } = await two()
    await holder.restate()
    await journal.seal(2)
    await write(store, sign(documentOf(3)))
    expect(setUp(store).decides()).toBe('-policy-on-disk')
  })
})

describe('a candidate', () => {
  const strict = documentOf(2, { rehearsal: true, rules: [] })

  it('decides nothing; what it would have decided is counted and listed', async () => {
    const { holder, sign, decides, version, clock } = setUp()
    expect(await holder.put(sign(strict))).toEqual({ status: 'Accepted', version: 0 })
    for (let i = 0; i < 60; i++) expect(decides()).toBe('file')
    expect(version()).toBe(0)
    const { rehearsal } = holder.state()
    expect(rehearsal).toMatchObject({ id: 'p', version: 2, signer: 'admin', seen: 60, different: 60, hits: { 'deny-by-default': 60 } })
    expect(rehearsal?.differences).toHaveLength(50)
    expect(rehearsal?.differences[0]).toMatchObject({
      ...{ at: clock.now(), action: 'Reset', origin: 'csms', destination: 'cs', decision: 'reject', rule: 'deny-by-default' },
      inForce: { decision: 'accept', rule: 'file' },
    })
    holder.endRehearsal()
    expect(holder.state().rehearsal).toBeUndefined()
  })

  it('of the operator at the node needs no signature, and ends with the next policy', async () => {
    const { holder, sign, decides } = setUp()
    holder.rehearse(documentOf(1))
    decides()
    expect(holder.state().rehearsal).toMatchObject({ seen: 1, different: 0 })
    await holder.put(sign(documentOf(1)))
    expect(holder.state().rehearsal).toBeUndefined()
  })
})

it('the shipped policy can be signed and taken', async () => {
  const { holder, sign } = setUp()
  const { value } = inspectPolicy('examples/policies/six-roles.yaml')
  expect(await holder.put(sign(value as PolicyDocument))).toEqual({ status: 'Accepted', version: 1 })
})
