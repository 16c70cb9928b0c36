// Which facts about keys are believed. The usual course is in vectors/overlay/key-facts.json; here is what an attacker, a restart and
// any order of arrival make of it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import { asFault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json, Row } from '../../src/base/ports.ts'
import { signDetached } from '../../src/crypto/jws.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { type KeyFact, readVouched, spkiText, type Vouched, vouch } from '../../src/overlay/key-document.ts'
import { KeyLedger } from '../../src/overlay/key-ledger.ts'
import { judgePolicy, signPolicy } from '../../src/overlay/policy-document.ts'
import { type KeyPurpose, TrustStore } from '../../src/overlay/trust.ts'
import { hellos, missing } from '../../src/roles/key-news.ts'
import { engine, signerOf, virtualClock } from './support.ts'

const DAY = 86_400_000
const named = (name: string) => ({ kid: thumbprint(signerOf(name).publicKey, engine), signer: signerOf(name) })
const setUp = (store = memoryStore(), clock = virtualClock()) => {
  const root = (seq: number, name: string, next: string) =>
    vouch({ kind: 'root', seq, key: spkiText(signerOf(name).publicKey), next: named(next).kid, issued: clock.now() }, [named(name)])
  const trust = new TrustStore(engine, clock)
  const ledger = new KeyLedger(root(1, 'root-1', 'root-2'), { store, clock, engine, trust, maxAgeMs: 30 * DAY })
  const keys = (seq: number, names: readonly string[], about: { root?: number; node?: string } = {}): KeyFact => ({
    kind: 'keys',
    root: 1,
    seq,
    node: 'lc',
    role: 'local-controller',
    keys: names.map((name) => ({
      key: spkiText(signerOf(name).publicKey),
      purposes: ['message', 'link'],
      from: 0,
      until: clock.now() + 400 * DAY,
    })),
    ...about,
  })
  const revoked = (seq: number, names: readonly string[], about: { root?: number; issued?: number } = {}): KeyFact => ({
    kind: 'revocations',
    root: 1,
    seq,
    issued: clock.now(),
    revoked: names.map((name) => ({ kid: named(name).kid, at: clock.now(), reason: '' })),
    ...about,
  })
  const take = (fact: KeyFact | Vouched, ...by: string[]): Promise<unknown> =>
    ledger.take(['fact' in fact ? fact : vouch(fact, by.map(named))]).then(
      (fresh) => fresh.length,
      (error) => asFault(error).data.rule ?? asFault(error).code,
    )
  const counting = (): string[] => ['k1', 'k2', 'k3'].filter((name) => trust.find(named(name).kid))
  return { clock, store, trust, ledger, root, keys, revoked, take, counting }
}

describe('a document', () => {
  it('with a new key needs root and an earlier key; where all of those are revoked, the root is enough', async () => {
    const { take, keys, revoked, counting } = setUp()
    expect(await take(keys(1, ['k1']), 'root-1')).toBe(1)
    expect(await take(keys(2, ['k1', 'k2']), 'root-1')).toBe('key-continuity')
    expect(await take(keys(2, ['k1', 'k2']), 'root-1', 'k2')).toBe('key-continuity')
    expect(await take(keys(2, ['k1', 'k2']), 'k1')).toBe('root-signature')
    expect(await take(keys(2, ['k1', 'k2']), 'root-1', 'k1')).toBe(1)
    expect(await take(revoked(1, ['k1', 'k2']), 'root-1')).toBe(1)
    expect(await take(keys(3, ['k3']), 'root-1')).toBe(1)
    expect(counting()).toEqual(['k3'])
  })

  it('cannot take another node’s key, nor the root’s, nor go back', async () => {
    const { take, keys } = setUp()
    await take(keys(2, ['k1']), 'root-1')
    expect(await take(keys(1, ['k1'], { node: 'thief' }), 'root-1')).toBe('key-owner')
    expect(await take(keys(1, ['root-1'], { node: 'thief' }), 'root-1')).toBe('key-owner')
    expect(await take(keys(2, ['k2']), 'root-1', 'k1')).toBe(0)
    expect(await take(keys(1, ['k2']), 'root-1', 'k1')).toBe(0)
  })

  it('continues from the key of a file', async () => {
    const { take, keys, trust, counting } = setUp()
    trust.add({ node: 'lc', role: 'local-controller', publicKey: signerOf('k1').publicKey })
    expect(await take(keys(1, ['k2']), 'root-1')).toBe('key-continuity')
    expect(await take(keys(1, ['k2']), 'root-1', 'k1')).toBe(1)
    expect(counting()).toEqual(['k2'])
  })
})

describe('under a root with a second key', () => {
  const PURPOSES = ['message', 'link'] as const
  const setUpTwo = (store = memoryStore()) => {
    const clock = virtualClock()
    const make = (seq: number, name: string, next: string, second?: string) => {
      const more = second === undefined ? {} : { second: spkiText(signerOf(second).publicKey) }
      const fact = {
        kind: 'root',
        seq,
        key: spkiText(signerOf(name).publicKey),
        next: named(next).kid,
        ...more,
        issued: clock.now(),
      } as const
      return vouch(fact, [named(name)])
    }
    const trust = new TrustStore(engine, clock)
    const ledger = new KeyLedger(make(1, 'root-1', 'root-2', 'second'), { store, clock, engine, trust, maxAgeMs: 30 * DAY })
    const keys = (
      seq: number,
      names: readonly string[],
      more: { node?: string; role?: string; purposes?: readonly KeyPurpose[]; root?: number } = {},
    ): KeyFact => {
      const { purposes = PURPOSES, ...about } = more
      const listed = names.map((name) => ({ key: spkiText(signerOf(name).publicKey), purposes, from: 0, until: clock.now() + 400 * DAY }))
      return { kind: 'keys', root: 1, seq, node: 'lc', role: 'local-controller', keys: listed, ...about }
    }
    const take = (fact: KeyFact | Vouched, ...by: string[]): Promise<unknown> =>
      ledger.take(['fact' in fact ? fact : vouch(fact, by.map(named))]).then(
        (fresh) => fresh.length,
        (error) => asFault(error).data.rule ?? asFault(error).code,
      )
    return { make, trust, ledger, keys, take, store, clock }
  }
  const begun = async () => {
    const parts = setUpTwo()
    expect(await parts.take(parts.keys(1, ['k1']), 'root-1', 'second')).toBe(1)
    return parts
  }

  it('a thief of the root makes no node, and no administrator of one that there is, even with a key of that node', async () => {
    const { take, keys, trust } = await begun()
    expect(await take(keys(1, ['k2'], { node: 'mole' }), 'root-1')).toBe('key-second')
    expect(await take(keys(1, ['k2'], { node: 'mole' }), 'root-1', 'root-1', 'k2')).toBe('key-second')
    expect(await take(keys(1, ['k2'], { node: 'mole' }), 'second')).toBe('root-signature')
    expect(await take(keys(2, ['k1'], { role: 'policy-admin' }), 'root-1', 'k1')).toBe('key-second')
    for (const purpose of ['policy', 'key-administration', 'publisher'] as const)
      expect(await take(keys(2, ['k1', 'k2'], { purposes: [...PURPOSES, purpose] }), 'root-1', 'k1')).toBe('key-second')
    expect(trust.knows('mole')).toBe(false)
    expect(trust.roleOf('lc')).toBe('local-controller')
    expect(await take(keys(2, ['k1'], { role: 'policy-admin' }), 'root-1', 'k1', 'second')).toBe(1)
  })

  it('nor names new keys of a node all of whose keys it revoked', async () => {
    const { take, keys, clock } = await begun()
    const revoked = [{ kid: named('k1').kid, at: clock.now(), reason: '' }]
    expect(await take({ kind: 'revocations', root: 1, seq: 1, issued: clock.now(), revoked }, 'root-1')).toBe(1)
    expect(await take(keys(2, ['k2']), 'root-1')).toBe('key-second')
    expect(await take(keys(2, ['k2']), 'root-1', 'second')).toBe(1)
  })

  it('a node rotates as ever, by its own word', async () => {
    const { take, keys, trust } = await begun()
    expect(await take(keys(2, ['k1', 'k2']), 'root-1')).toBe('key-continuity')
    expect(await take(keys(2, ['k1', 'k2']), 'root-1', 'k1')).toBe(1)
    expect(await take(keys(3, ['k2']), 'root-1')).toBe(1)
    expect(trust.find(named('k1').kid)).toBeUndefined()
  })

  it('the next root says whether it has one, and what is new under it is held to that', async () => {
    const { take, keys, make } = await begun()
    // what the old root did not say, a thief cannot say of it: the second key is under its signature
    expect(await take(make(2, 'root-2', 'root-3', 'k3'))).toBe(1)
    expect(await take(keys(2, ['k1'], { root: 2 }), 'root-2', 'second')).toBe('key-second')
    expect(await take(keys(2, ['k1'], { root: 2 }), 'root-2', 'k3')).toBe(1)
  })

  it('and what a node kept is read back by the same rule', async () => {
    const { store, take, keys } = await begun()
    await take(keys(1, ['k2'], { node: 'gw', role: 'gateway' }), 'root-1', 'second')
    const [row] = store.list('keys', { prefix: '3/gw/' }) as [Row]
    const { fact, signatures } = row.value as { fact: Json; signatures: readonly Json[] }
    await store.commit([{ collection: 'keys', key: row.key, value: { fact, signatures: signatures.slice(0, 1) } }])
    const again = setUpTwo(store)
    expect(again.ledger.unbelieved).toMatchObject([{ why: expect.stringContaining('key-second') }])
    expect([again.trust.knows('gw'), again.trust.knows('lc')]).toEqual([false, true])
  })
})

describe('revocations', () => {
  it('are for good, not of the future, and known for a month', async () => {
    const { take, revoked, clock, trust } = setUp()
    expect(trust.fresh).toBe(false)
    expect(await take(revoked(1, ['k1']), 'root-1')).toBe(1)
    expect(await take(revoked(2, []), 'root-1')).toBe('revocations-kept')
    expect(await take(revoked(2, ['k1'], { issued: clock.now() + 31_000 }), 'root-1')).toBe('revocations-issued')
    await clock.advance(30 * DAY - 1)
    expect(trust.fresh).toBe(true)
    await clock.advance(1)
    expect(trust.fresh).toBe(false)
    expect(await take(revoked(2, ['k1']), 'root-1')).toBe(1)
    expect(trust.fresh).toBe(true)
  })
})

describe('a key for key administration', () => {
  const office = (setup: ReturnType<typeof setUp>, seq: number, names: readonly (readonly [string, string])[]): KeyFact => ({
    ...(setup.keys(seq, ['k3'], { node: 'office' }) as KeyFact & { kind: 'keys' }),
    role: 'office',
    keys: names.map(([name, purpose]) => ({
      key: spkiText(signerOf(name).publicKey),
      purposes: [purpose as 'message'],
      from: 0,
      until: setup.clock.now() + 400 * DAY,
    })),
  })

  it('revokes in the place of the root, and does nothing else; no other key does', async () => {
    const setup = setUp()
    const { take, revoked, keys, counting } = setup
    await take(keys(1, ['k1']), 'root-1')
    await take(
      office(setup, 1, [
        ['k2', 'key-administration'],
        ['k3', 'message'],
      ]),
      'root-1',
    )
    for (const by of ['k1', 'k3', 'stranger']) expect(await take(revoked(1, ['k1']), by)).toBe('root-signature')
    expect(await take(keys(2, ['k1']), 'k2')).toBe('root-signature')
    expect(await take(revoked(1, ['k1']), 'k2')).toBe(1)
    expect(await take(revoked(2, []), 'k2')).toBe('revocations-kept')
    expect(counting()).not.toContain('k1')
  })

  it('counts by the word of the root alone, and not for its own end, nor after it', async () => {
    const setup = setUp()
    const { take, revoked, trust } = setup
    trust.add({ node: 'office', role: 'office', publicKey: signerOf('k2').publicKey, purposes: ['key-administration'] })
    expect(await take(revoked(1, ['k1']), 'k2')).toBe('root-signature')
    await take(office(setup, 1, [['k2', 'key-administration']]), 'root-1')
    expect(await take(revoked(2, ['k2']), 'k2')).toBe('root-signature')
    expect(await take(revoked(3, ['k1', 'k2']), 'root-1')).toBe(1)
    expect(await take(revoked(4, ['k2', 'k1']), 'k2')).toBe('root-signature')
  })

  it('speaks under the root that there is, so that it cannot stand before what a later one says', async () => {
    const setup = setUp()
    const { take, revoked, root } = setup
    await take(office(setup, 1, [['k2', 'key-administration']]), 'root-1')
    expect(await take(revoked(1, ['k1'], { root: 2 }), 'k2')).toBe('root-current')
    expect(await take(root(2, 'root-2', 'root-3'))).toBe(1)
    expect(await take(revoked(1, ['k1'], { root: 1 }), 'k2')).toBe(0)
    expect(await take(revoked(0, [], { root: 2 }), 'root-2')).toBe(1)
  })

  it('in a thief’s hands can neither outrun the root nor leave it no room', async () => {
    const setup = setUp()
    const { take, revoked, trust, clock } = setup
    const now = clock.now()
    await take(office(setup, 1, [['k2', 'key-administration']]), 'root-1')
    const junk = (count: number) => Array.from({ length: count }, (_, i) => ({ kid: `junk-${i}`, at: now, reason: '' }))
    const list = (seq: number, issued: number, count: number, more: readonly string[] = []) => {
      const { revoked: others, ...fact } = revoked(seq, more, { issued }) as KeyFact & { kind: 'revocations' }
      return { ...fact, revoked: [...junk(count), ...others] }
    }
    expect(await take(list(1, now, 901), 'k2')).toBe('revocations-room')
    // as far ahead as clocks may differ, with as many names as it may
    expect(await take(list(now + 30_000, now + 30_000, 900), 'k2')).toBe(1)
    expect(await take(list(now + 30_001, now + 30_000, 900), 'k2')).toBe('revocations-issued')
    expect(await take(list(now, now, 900, ['k2']), 'root-1')).toBe(0)
    expect(await take(list(now + 60_001, now, 900, ['k2']), 'root-1')).toBe('revocations-issued')
    expect(await take(list(now + 60_000, now, 900, ['k2']), 'root-1')).toBe(1)
    expect(trust.isRevoked(named('k2').kid)).toBe(true)
    await clock.advance(30_000)
    expect(await take(list(now + 60_001, now + 60_001, 900, ['k2']), 'k2')).toBe('root-signature')
  })

  it('that gave way to another is believed of what it said before, where an operator put that beside the node, and not by hearsay', async () => {
    const setup = setUp()
    const { ledger, revoked, clock, take } = setup
    const before = office(setup, 1, [['k2', 'key-administration']]) as KeyFact & { kind: 'keys' }
    const ended = { ...before, keys: before.keys.map((key) => ({ ...key, until: clock.now() + DAY })) }
    const said = vouch(revoked(1, ['k1']), [named('k2')])
    await clock.advance(2 * DAY)
    await take(ended, 'root-1')
    expect(await take(said)).toBe('root-signature')
    await expect(ledger.take([vouch(revoked(1, ['k1']), [named('k2')])], 'file')).rejects.toThrow('root-signature')
    expect(await ledger.take([said], 'file')).toHaveLength(1)
  })

  it('is believed as soon as its own document comes, and after a restart', async () => {
    const setup = setUp()
    const { ledger, revoked, trust, store, clock } = setup
    const facts = [vouch(revoked(1, ['k1']), [named('k2')]), vouch(office(setup, 1, [['k2', 'key-administration']]), [named('root-1')])]
    expect(await ledger.take(facts)).toHaveLength(2)
    expect(trust.isRevoked(named('k1').kid)).toBe(true)
    expect(setUp(store, clock).trust.isRevoked(named('k1').kid)).toBe(true)
    const other = setUp()
    await expect(other.ledger.take([vouch(revoked(1, ['k1']), [named('k3')]), facts[1] as Vouched])).rejects.toThrow('root-signature')
    expect(other.trust.isRevoked(named('k1').kid)).toBe(false)
  })
})

describe('a root', () => {
  it('gives way to the one it named, and to no other; what the old one says then is nothing', async () => {
    const { take, root, keys, revoked, ledger, counting } = setUp()
    await take(keys(1, ['k1']), 'root-1')
    expect(await take(root(2, 'root-x', 'root-y'))).toBe('root-committed')
    expect(await take(root(3, 'root-2', 'root-3'))).toBe('root-chain')
    // who has seen it and not its key names another successor in it
    const seen = root(2, 'root-2', 'root-3')
    const thief = thumbprint(signerOf('thief').publicKey, engine)
    const bent = { ...seen.fact, next: thief } as KeyFact
    for (const by of [[], ['thief'], ['root-1'], ['root-1', 'thief']]) expect(await take(bent, ...by)).toBe('root-signature')
    expect(await take({ ...seen, fact: bent } as Vouched)).toBe('root-signature')
    const named = ledger.nextRoot.next
    expect(await take(root(2, 'root-2', 'root-3'))).toBe(1)
    expect([ledger.rootKid, ledger.nextRoot.next === named]).toEqual([named, false])
    expect(await take(revoked(9, ['k1']), 'root-1')).toBe(0)
    expect(await take(revoked(9, ['k1'], { root: 2 }), 'root-1')).toBe('root-signature')
    expect(await take(revoked(1, [], { root: 3 }), 'root-2')).toBe('root-current')
    expect(counting()).toEqual(['k1'])
    // its first word on a node stands alone
    expect(await take(keys(1, ['k2'], { root: 2 }), 'root-2')).toBe(1)
    expect(counting()).toEqual(['k2'])
    expect(ledger.root).toBe(2)
  })
})

it('what a stolen root vouched for ends an hour after the next one was heard of, unless that says it again; restarts make it no longer', async () => {
  const HOUR = 3_600_000
  const { take, root, keys, trust, store, clock } = setUp()
  const counts = ({ trust: of }: { trust: TrustStore }) => ['k1', 'k2'].filter((name) => of.find(named(name).kid))
  await take(keys(1, ['k1']), 'root-1')
  await take(keys(1, ['k2'], { node: 'of-the-thief' }), 'root-1')
  await take(root(2, 'root-2', 'root-3'))
  await clock.advance(HOUR - 1)
  expect(counts({ trust })).toEqual(['k1', 'k2'])
  await take(keys(2, ['k1'], { root: 2 }), 'root-2')
  expect(counts(setUp(store, clock))).toEqual(['k1', 'k2'])
  await clock.advance(1)
  expect([counts({ trust }), counts(setUp(store, clock))]).toEqual([['k1'], ['k1']])
  expect(await take(keys(2, ['k2'], { node: 'of-the-thief' }), 'root-1')).toBe(0)
})

describe('after a restart', () => {
  it('everything is as it was, what an earlier root said too', async () => {
    const { take, root, keys, revoked, ledger, store, clock } = setUp()
    await take(keys(1, ['k1']), 'root-1')
    await take(keys(2, ['k1', 'k2']), 'root-1', 'k1')
    await take(revoked(1, ['k1']), 'root-1')
    await take(root(2, 'root-2', 'root-3'))
    const again = setUp(store, clock)
    expect(again.ledger.all().map(({ fact }) => fact)).toEqual(ledger.all().map(({ fact }) => fact))
    expect(again.counting()).toEqual(['k2'])
    expect(await again.take(revoked(1, []), 'root-1')).toBe(0)
  })
})

describe('two that compare what they have', () => {
  it('believe the same afterwards, whatever each had heard before', async () => {
    const { root, keys, revoked } = setUp()
    const story = [
      vouch(revoked(1, []), [named('root-1')]),
      vouch(keys(1, ['k1']), [named('root-1')]),
      vouch(keys(2, ['k1', 'k2']), [named('root-1'), named('k1')]),
      vouch(revoked(2, ['k1']), [named('root-1')]),
      root(2, 'root-2', 'root-3'),
      vouch(revoked(1, ['k1'], { root: 2 }), [named('root-2')]),
      vouch(keys(3, ['k2', 'k3'], { root: 2 }), [named('root-2')]),
    ]
    const upTo = async (count: number): Promise<KeyLedger> => {
      const { ledger } = setUp()
      await ledger.take(story.slice(0, count))
      return ledger
    }
    // a new root says all that counts anew in the same breath: until then nothing of the old one is told on
    const length = fc.constantFrom(0, 1, 2, 3, 4, story.length)
    await fc.assert(
      fc.asyncProperty(length, length, async (one, other) => {
        const [a, b] = [await upTo(one), await upTo(other)]
        for (const [from, to] of [
          [a, b],
          [b, a],
        ] as const) {
          const { have } = hellos(to)[0] as { readonly have: Json }
          await to.take(missing(from, have))
        }
        const ahead = await upTo(Math.max(one, other))
        for (const each of [a, b])
          expect([each.root, each.revocations, each.documents()]).toEqual([ahead.root, ahead.revocations, ahead.documents()])
      }),
      { numRuns: 30 },
    )
  })
})

it('under the next root what the last one vouched for says who speaks for a while, and nothing that lasts', async () => {
  const { take, keys, root, trust, clock } = setUp()
  const PURPOSES = ['message', 'link', 'policy', 'key-administration', 'publisher'] as const
  const listed = (seq: number, under: number): KeyFact => {
    const { keys: bare, ...fact } = keys(seq, ['k1'], { root: under }) as KeyFact & { kind: 'keys' }
    return { ...fact, role: 'policy-admin', keys: bare.map((key) => ({ ...key, purposes: PURPOSES })) }
  }
  const found = () => PURPOSES.filter((purpose) => trust.find(named('k1').kid, purpose))
  const policy = { id: 'p', version: 1, nodes: ['*'], rules: [] }
  const signed = signPolicy(policy, { node: 'lc', ...named('k1') }, clock.now() / 1000) as object as Json
  const judged = () => judgePolicy(signed, { trust, engine, self: 'lc', version: 0, check: () => undefined }).state
  await take(listed(1, 1), 'root-1')
  expect([found(), judged()]).toEqual([PURPOSES, 'good'])
  await take(root(2, 'root-2', 'root-3'))
  expect([found(), judged()]).toEqual([['message', 'link'], 'refused'])
  await take(listed(1, 2), 'root-2')
  expect([found(), judged()]).toEqual([PURPOSES, 'good'])
})

it('a signature of the root on a fact of one kind is none on another, nor one without a kind', async () => {
  const { take, keys, revoked } = setUp()
  const { kid, signer } = named('root-1')
  const words = (fact: KeyFact) => utf8(canonicalJson({ ...fact } as object as Json))
  for (const fact of [keys(1, ['k1']), revoked(1, ['k1'])])
    for (const typ of [
      undefined,
      'org.chargeproof.root',
      'org.chargeproof.policy',
      `org.chargeproof.${fact.kind === 'keys' ? 'revocations' : 'keys'}`,
    ])
      expect(await take({ fact, signatures: [signDetached({ kid, ...(typ && { typ }) }, words(fact), signer)] })).toBe('root-signature')
})

it('reads what it writes, and nothing that is no fact about keys', () => {
  const { keys } = setUp()
  const written = JSON.parse(JSON.stringify(vouch(keys(1, ['k1']), [named('root-1')]))) as Json
  expect(readVouched(written)).toEqual(written)
  const { fact, signatures } = written as never as { fact: { keys: object[] }; signatures: object[] }
  expect(readVouched({ fact: { ...fact, keys: [{ ...fact.keys[0], purposes: ['encryption'] }] }, signatures } as Json).fact.kind).toBe(
    'keys',
  )
  for (const wrong of [
    null,
    {},
    { fact: {}, signatures: [] },
    { ...(written as object), signatures: 'x' },
    { fact: { kind: 'constructor' }, signatures: [] },
    { fact: { ...fact, keys: [{ ...fact.keys[0], purposes: ['encryption', 'message'] }] }, signatures },
    { fact: { ...fact, keys: [{ ...fact.keys[0], purposes: ['everything'] }] }, signatures },
    { fact: { ...fact, keys: [] }, signatures },
    { fact: { ...fact, role: 'uplink:csms' }, signatures },
  ])
    expect(() => readVouched(wrong as Json)).toThrow(expect.objectContaining({ code: 'frame-malformed' }))
})
