// What a disk says of keys, after somebody changed it by hand: it is read as a stranger's word. What does not hold counts nothing, says why, and
// leaves what it was told again by others.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json, Store } from '../../src/base/ports.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { type KeyFact, spkiText, type Vouched, vouch } from '../../src/overlay/key-document.ts'
import { KeyLedger } from '../../src/overlay/key-ledger.ts'
import { type KeyPurpose, TrustStore } from '../../src/overlay/trust.ts'
import { engine, type JsonObject, signerOf, type VirtualClock, virtualClock } from './support.ts'

const DAY = 86_400_000
const named = (name: string) => ({ kid: thumbprint(signerOf(name).publicKey, engine), signer: signerOf(name) })
const clock = virtualClock()
const NOW = clock.now()
const REVOCATIONS = '2'

const root = (seq: number, name: string, next: string): Vouched =>
  vouch({ kind: 'root', seq, key: spkiText(signerOf(name).publicKey), next: named(next).kid, issued: NOW }, [named(name)])
const keys = (node: string, seq: number, names: readonly string[], purposes: readonly KeyPurpose[] = ['message', 'link']): KeyFact => ({
  ...{ kind: 'keys', root: 1, seq, node, role: 'local-controller' },
  keys: names.map((name) => ({ key: spkiText(signerOf(name).publicKey), purposes, from: 0, until: NOW + 400 * DAY })),
})
const revoked = (seq: number, names: readonly string[], issued = NOW): KeyFact => ({
  ...{ kind: 'revocations', root: 1, seq, issued },
  revoked: names.map((name) => ({ kid: named(name).kid, at: issued, reason: 'stolen' })),
})
const by = (fact: KeyFact, ...names: string[]): Vouched => vouch(fact, names.map(named))

const open = (store: Store, at: VirtualClock = clock) => {
  const trust = new TrustStore(engine, at)
  return { trust, ledger: new KeyLedger(root(1, 'root-1', 'root-2'), { store, clock: at, engine, trust, maxAgeMs: 30 * DAY }) }
}
const isRevoked = ({ trust }: ReturnType<typeof open>, name: string): boolean => trust.isRevoked(named(name).kid)

/** A store that was told all of it, and what there is to tell. */
const told = async (facts: readonly Vouched[]): Promise<Store> => {
  const store = memoryStore()
  await open(store).ledger.take(facts)
  return store
}
const changed = async (store: Store, key: string, change: (fact: JsonObject) => JsonObject): Promise<void> => {
  const { fact, signatures } = store.get('keys', key) as { fact: JsonObject; signatures: Json }
  await store.commit([{ collection: 'keys', key, value: { fact: change(fact), signatures } }])
}
const keyOfRow = (store: Store, prefix: string): string => store.list('keys', { prefix })[0]?.key ?? ''

describe('revocations on the disk', () => {
  const facts = [by(revoked(1, ['thief']), 'root-1'), by(keys('lc', 1, ['k1']), 'root-1')]

  it.each([
    ['emptied', (fact: JsonObject) => ({ ...fact, revoked: [] })],
    ['made younger, so that they last', (fact: JsonObject) => ({ ...fact, issued: NOW + 300 * DAY })],
    ['given another number', (fact: JsonObject) => ({ ...fact, seq: 9 })],
    ['damaged', () => ({ kind: 'revocations' })],
  ])('that were %s count nothing: nobody is obeyed until they are told again', async (_, change) => {
    const store = await told(facts)
    expect(isRevoked(open(store), 'thief')).toBe(true)
    await changed(store, REVOCATIONS, change)
    const again = open(store)
    expect(again.ledger.unbelieved.map(({ key }) => key)).toEqual([REVOCATIONS])
    expect([again.ledger.revocations, again.trust.fresh]).toEqual([undefined, false])
    await again.ledger.discard()
    expect(store.get('keys', REVOCATIONS)).toBeUndefined()
    await again.ledger.take(facts)
    expect([isRevoked(again, 'thief'), again.trust.fresh]).toEqual([true, true])
    expect(open(store).ledger.unbelieved).toEqual([])
  })

  it('by a key for key administration are believed when they are read, also after that key gave way to another', async () => {
    const office = (seq: number, ...names: string[]) => by(keys('office', seq, names, ['key-administration']), 'root-1', 'office-1')
    const store = await told([office(1, 'office-1'), by(revoked(1, ['thief']), 'office-1'), office(2, 'office-2')])
    const again = open(store)
    expect([again.ledger.unbelieved, isRevoked(again, 'thief')]).toEqual([[], true])
    // the same list by a key that never was for that, and by one that takes itself off it
    for (const [signer, names] of [
      ['k1', ['thief']],
      ['office-1', ['thief', 'office-1']],
    ] as const) {
      const forged = by(revoked(2, names), signer)
      await store.commit([{ collection: 'keys', key: REVOCATIONS, value: forged as object as Json }])
      expect(open(store).ledger.unbelieved.map(({ why }) => why)).toEqual([expect.stringContaining('root-signature')])
    }
  })

  it('are read by a clock that has lost the time, and so are new ones; a clock that has it takes none of the future', async () => {
    const store = await told(facts)
    const lost = open(store, virtualClock(0))
    expect([lost.ledger.unbelieved, isRevoked(lost, 'thief')]).toEqual([[], true])
    await lost.ledger.take([by(revoked(2, ['thief', 'k1']), 'root-1')])
    expect(isRevoked(lost, 'k1')).toBe(true)
    await expect(open(store).ledger.take([by(revoked(3, ['thief', 'k1'], NOW + DAY), 'root-1')])).rejects.toThrow('revocations-issued')
  })
})

it('revocations never have a number that none could follow, whoever says so', async () => {
  const { ledger, trust } = open(memoryStore())
  await ledger.take([by(keys('office', 1, ['office-1'], ['key-administration']), 'root-1')])
  for (const signer of ['office-1', 'root-1'])
    await expect(ledger.take([by(revoked(Number.MAX_SAFE_INTEGER, []), signer)])).rejects.toThrow('revocations-issued')
  expect(trust.fresh).toBe(false)
  await ledger.take([by(revoked(NOW, ['office-1']), 'root-1')])
  expect(trust.fresh).toBe(true)
})

describe('documents on the disk', () => {
  it('with another key, another role or another end count nothing; the others stay', async () => {
    const store = await told([by(revoked(1, []), 'root-1'), by(keys('lc', 1, ['k1']), 'root-1'), by(keys('lc2', 1, ['k2']), 'root-1')])
    const key = keyOfRow(store, '3/lc/')
    const whole = store.get('keys', key) as Json
    const listed = (name: string, until: number) => ({ key: spkiText(signerOf(name).publicKey), purposes: ['message'], from: 0, until })
    for (const change of [{ keys: [listed('thief', NOW + DAY)] }, { role: 'csms' }, { keys: [listed('k1', NOW + 9_000 * DAY)] }]) {
      await changed(store, key, (fact) => ({ ...fact, ...change }))
      const { ledger, trust } = open(store)
      expect(ledger.unbelieved.map((row) => row.key)).toEqual([key])
      expect(['thief', 'k1', 'k2'].map((name) => trust.find(named(name).kid)?.role)).toEqual([undefined, undefined, 'local-controller'])
      await store.commit([{ collection: 'keys', key, value: whole }])
    }
    expect(open(store).ledger.unbelieved).toEqual([])
  })

  it('that hang on revocations by an administrator are read in whatever order they need', async () => {
    const store = await told([
      by(keys('lc', 1, ['k1']), 'root-1'),
      by(keys('office', 1, ['office-1'], ['key-administration']), 'root-1'),
      by(revoked(1, ['k1']), 'office-1'),
      // no key before it can vouch for it: all are revoked
      by(keys('lc', 2, ['k2']), 'root-1'),
    ])
    const { ledger, trust } = open(store)
    expect([ledger.unbelieved, trust.find(named('k2').kid)?.node, isRevoked({ ledger, trust }, 'k1')]).toEqual([[], 'lc', true])
  })
})

it('a root on the disk that nobody named counts nothing, and nothing that was said under it', async () => {
  const store = await told([by(revoked(1, []), 'root-1')])
  const false2 = root(2, 'thief', 'thief-2')
  const said = vouch({ ...(keys('lc', 1, ['thief']) as KeyFact & { kind: 'keys' }), root: 2 }, [named('thief')])
  await store.commit([
    { collection: 'keys', key: '1/0000000000000002', value: false2 as object as Json },
    { collection: 'keys', key: '3/lc/0000000000000002/0000000000000001', value: said as object as Json },
  ])
  const { ledger, trust } = open(store)
  expect(ledger.unbelieved.map(({ why }) => why)).toEqual([
    expect.stringContaining('root-committed'),
    expect.stringContaining('root-current'),
  ])
  expect([ledger.root, trust.find(named('thief').kid)]).toEqual([1, undefined])
})
