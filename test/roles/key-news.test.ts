// News of keys under attack: a neighbour that floods costs a bounded number of verifications and takes nothing from what the others bring; and
// more facts than are looked at in one go are asked for until all are there.
import { expect, it } from 'vitest'
import { generateSigner } from '../../src/adapters/node-crypto.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import type { Engine } from '../../src/crypto/engine.ts'
import type { Answer } from '../../src/ocpp/connection.ts'
import { type Call, type Envelope, payloadOf, RESULT, SEND } from '../../src/ocpp/frame.ts'
import { type KeyFact, spkiText, type Vouched, vouch } from '../../src/overlay/key-document.ts'
import { KeyLedger } from '../../src/overlay/key-ledger.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { hearAtStation, KEY_NEWS, KeyNews } from '../../src/roles/key-news.ts'
import {
  engine,
  fakePeer,
  type JsonObject,
  makeNode,
  memoryLinks,
  settle,
  signerOf,
  stationOn,
  type VirtualClock,
  virtualClock,
} from '../overlay/support.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { dial, makeNetwork } from './park.ts'

const DAY = 86_400_000
const named = (name: string) => ({
  kid: new TrustStore(engine).add({ node: name, role: '', publicKey: signerOf(name).publicKey }).kid,
  signer: signerOf(name),
})
const NOW = virtualClock().now()
const ROOT = vouch({ kind: 'root', seq: 1, key: spkiText(signerOf('root').publicKey), next: 'x', issued: NOW }, [named('root')])
const revoked = (seq: number, names: readonly string[]): Vouched =>
  vouch({ kind: 'revocations', root: 1, seq, issued: NOW, revoked: names.map((name) => ({ kid: named(name).kid, at: NOW, reason: '' })) }, [
    named('root'),
  ])

const counting = () => {
  let verified = 0
  const counted: Engine = {
    ...engine,
    digest: engine.digest.bind(engine),
    verifyEcdsa: (...given) => {
      verified++
      return engine.verifyEcdsa(...given)
    },
  }
  return { counted, verified: () => verified }
}

const ledgerOf = (clock: VirtualClock, by: Engine = engine) => {
  const trust = new TrustStore(by, clock)
  return { trust, ledger: new KeyLedger(ROOT, { store: memoryStore(), clock, engine: by, trust, maxAgeMs: 30 * DAY }) }
}

const nodeWith = (clock: VirtualClock, id: string, uplinks: string[] = [], by: Engine = engine) => {
  const { trust, ledger } = ledgerOf(clock, by)
  const network = makeNetwork(clock, { id, uplinks }, { trust, ledger })
  return { network, ledger, trust }
}

/** Of ten nodes, one after the other. */
const documents = (count: number): Vouched[] =>
  Array.from({ length: count }, (_, i) => {
    const keys = [{ key: spkiText(signerOf(`k${i % 10}`).publicKey), purposes: ['message' as const], from: 0, until: NOW + DAY }]
    return vouch({ kind: 'keys', root: 1, seq: i + 1, node: `k${i % 10}`, role: 'station', keys }, [named('root')])
  })

it('a neighbour that floods is looked at within its bound, and news of another comes through at once', async () => {
  const clock = virtualClock()
  const { counted, verified } = counting()
  const hub = nodeWith(clock, 'csms', [], counted)
  const flood = nodeWith(clock, 'gateway', ['csms'])
  const honest = nodeWith(clock, 'lc', ['csms'])
  await dial(flood.network, hub.network)
  await dial(honest.network, hub.network)
  const said = (node: string): KeyFact => ({
    ...{ kind: 'keys', root: 1, seq: 1, node, role: 'csms' },
    keys: [{ key: spkiText(signerOf('thief').publicKey), purposes: ['message'], from: 0, until: NOW + DAY }],
  })
  // the dearest that a stranger can ask for: in the name of the root, and not signed by it
  const dear = (i: number) => vouch(said(`n${i}`), [{ ...named('thief'), kid: named('root').kid }]) as object as Json
  const before = verified()
  const facts = Array.from({ length: 64 }, (_, i) => dear(i))
  for (let i = 0; i < 100; i++) flood.network.overlay.tell('csms', KEY_NEWS, { facts })
  await settle()
  // 6,400 facts came
  expect(verified() - before).toBeGreaterThan(900)
  expect(verified() - before).toBeLessThanOrEqual(1_000)
  await honest.network.keys?.publish([revoked(1, ['stolen'])])
  await settle()
  expect(hub.trust.isRevoked(named('stolen').kid)).toBe(true)
  // and as time goes by
  const then = verified()
  await clock.advance(1_000)
  for (let i = 0; i < 100; i++) flood.network.overlay.tell('csms', KEY_NEWS, { facts })
  await settle()
  expect(verified() - then).toBeLessThanOrEqual(51)
  expect(hub.ledger.documents()).toEqual([])
})

it('a node that nobody knew before is written down, for people; one that rotates is not', async () => {
  const clock = virtualClock()
  const lc = nodeWith(clock, 'lc')
  const said = () => lc.network.journal.read(0, 99).filter(({ rule }) => rule === 'key-introduced')
  const document = (seq: number, names: readonly string[], by: string[]): Vouched => {
    const listed = names.map((name) => ({
      key: spkiText(signerOf(name).publicKey),
      purposes: ['message', 'link'] as const,
      from: 0,
      until: NOW + DAY,
    }))
    return vouch({ kind: 'keys', root: 1, seq, node: 'mole', role: 'policy-admin', keys: listed }, by.map(named))
  }
  await lc.network.keys?.publish([document(1, ['m1'], ['root'])])
  await settle()
  expect(said()).toMatchObject([{ kind: 'security', subject: 'lc', text: expect.stringContaining('mole as policy-admin') }])
  await lc.network.keys?.publish([document(2, ['m1', 'm2'], ['root', 'm1'])])
  await settle()
  expect(said()).toHaveLength(1)
})

it('a node whose clock is a day behind, or was set back, hears what is revoked all the same', async () => {
  const late = virtualClock(NOW + 9 * DAY)
  const [csms, lc] = [nodeWith(virtualClock(NOW + 10 * DAY), 'csms'), nodeWith(late, 'lc', ['csms'])]
  const now = (seq: number): Vouched => {
    const names = [{ kid: named('thief').kid, at: NOW, reason: '' }]
    return vouch({ kind: 'revocations', root: 1, seq, issued: NOW + 10 * DAY, revoked: names }, [named('root')])
  }
  for (const { trust } of [csms, lc])
    for (const id of ['csms', 'lc', 'thief']) trust.add({ node: id, role: id, publicKey: signerOf(id).publicKey })
  await dial(lc.network, csms.network)
  await csms.network.keys?.publish([now(1)])
  await settle()
  expect(lc.trust.isRevoked(named('thief').kid)).toBe(true)
  // how old it is nobody can tell by such a clock, so it makes nothing fresh
  expect(lc.ledger.revocations).toBeUndefined()
  expect(lc.trust.fresh).toBe(false)
  late.shift(DAY)
  await csms.network.keys?.publish([now(2)])
  await settle()
  expect(lc.ledger.revocations?.seq).toBe(2)
})

it('a neighbour that asks without end is not given everything each time', async () => {
  const clock = virtualClock()
  const { ledger, trust } = ledgerOf(clock)
  await ledger.take([revoked(1, []), ...documents(250)])
  const { node } = makeNode(clock, 'csms')
  const greedy = fakePeer('gateway', { kind: 'node' })
  node.attach(greedy, { role: 'node' })
  const news = new KeyNews({ ledger, node, trust, clock, random: fixedRandom(1), failed: () => undefined })
  const asked = { type: SEND, id: '1', action: KEY_NEWS, payload: payloadOf({ have: {} }) } as const
  // each time it asks for 251
  for (let i = 0; i < 200; i++) news.heard({ destination: ['csms'], path: ['gateway'], header: {}, message: asked })
  const facts = ({ message }: Envelope): number =>
    'payload' in message ? ((message.payload.value as { facts?: Json[] }).facts ?? []).length : 0
  expect(greedy.sent.reduce((sum, envelope) => sum + facts(envelope), 0)).toBe(25_000)
})

it('a node that is new learns of more keys than are looked at in one go', async () => {
  const clock = virtualClock()
  const old = nodeWith(clock, 'csms')
  await old.ledger.take([revoked(1, []), ...documents(1_100)])
  const late = nodeWith(clock, 'gateway', ['csms'])
  await dial(late.network, old.network)
  await settle()
  const known = () => late.ledger.documents().map(({ fact }) => [fact.node, fact.seq])
  expect(known()).not.toEqual(old.ledger.documents().map(({ fact }) => [fact.node, fact.seq]))
  await clock.advance(21_000)
  await settle()
  expect(known()).toEqual(old.ledger.documents().map(({ fact }) => [fact.node, fact.seq]))
})

it('five hundred stations of one controller refuse a key within a minute of its revocation, though one of them never answers', async () => {
  const clock = virtualClock()
  const lc = nodeWith(clock, 'lc')
  const stations = Array.from({ length: 500 }, (_, i) => ({ id: `cs-${i}`, ...ledgerOf(clock) }))
  for (const { id, ledger } of stations) {
    lc.trust.add({ node: id, role: 'station', publicKey: generateSigner('secp256r1').publicKey })
    const [near, far] = memoryLinks()
    const answer = async ({ id: of, payload }: Call): Promise<Answer> => {
      const { messageId, data } = payload.value as JsonObject
      if (messageId !== KEY_NEWS) return { type: RESULT, id: of, payload: payloadOf({ status: 'UnknownVendorId' }) }
      return { type: RESULT, id: of, payload: payloadOf({ status: 'Accepted', data: await hearAtStation(ledger, data) }) }
    }
    stationOn(clock, near, { version: 'ocpp2.1', answer: id === 'cs-0' ? () => new Promise(() => undefined) : answer })
    await lc.network.stationConnected(far, { stationId: id, version: 'ocpp2.1' })
  }
  await settle()
  await lc.network.keys?.publish([revoked(1, ['stolen'])])
  await clock.advance(60_000)
  const refusing = stations.filter(({ trust }) => trust.isRevoked(named('stolen').kid)).map(({ id }) => id)
  expect([refusing.length, refusing.includes('cs-0')]).toEqual([499, false])
})
