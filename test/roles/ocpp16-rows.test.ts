// What stands in for signatures at a station of OCPP 1.6: the rows of docs/protocol.md §4.5.1 that need more than one node. What its connection
// carries is looked at in test/overlay/ocpp16-hop.test.ts, challenges in challenge.test.ts.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import { CALL, type Envelope, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { spkiText, vouch } from '../../src/overlay/key-document.ts'
import { KeyLedger } from '../../src/overlay/key-ledger.ts'
import { KEY_NEWS } from '../../src/roles/key-news.ts'
import { openGuard } from '../../src/roles/station/parts.ts'
import { stationGuard } from '../../src/roles/station-guard.ts'
import {
  engine,
  type JsonObject,
  keysOf,
  makeGuard,
  memoryLinks,
  settle,
  signerOf,
  stationOn,
  tapEnvelopes,
  virtualClock,
} from '../overlay/support.ts'
import { decisions, makeNetwork, type SignedPark, signedPark } from './park.ts'

const VERSION = 'ocpp1.6'
const altered = (envelope: Envelope): Envelope =>
  envelope.message.type === RESULT ? { ...envelope, message: { ...envelope.message, payload: payloadOf({ status: 'Forged' }) } } : envelope

describe('judging answers', () => {
  /** What the station gets for what it says, and what its controller writes down. */
  const asked = async (lc: SignedPark['lc'] = {}, alter = altered) => {
    const park = await signedPark({ version: VERSION, lc })
    tapEnvelopes(park.wires.lc.high, alter)
    const answer = await park.cs.ask({ hello: 1 })
    return { answer, rules: decisions(park.lc.journal).map(({ rule }) => rule) }
  }
  const countersign = [{ actions: ['*'], direction: ['up' as const] }]

  it('the last node judges what was signed: an altered answer never reaches the station', async () => {
    const { answer, rules } = await asked({ countersign })
    expect([answer.type === RESULT, rules]).toEqual([false, ['signature-intact']])
    expect((await asked({ countersign }, (envelope) => envelope)).answer.type).toBe(RESULT)
  })

  it('and where it does not countersign, nobody does', async () => {
    expect((await asked()).answer).toMatchObject({ type: RESULT, payload: { value: { status: 'Forged' } } })
  })
})

it('counts: what a controller throws away of such a station, nobody notices', async () => {
  const park = await signedPark({ version: VERSION })
  const seen: JsonObject[] = []
  tapEnvelopes(park.wires.lc.low, (envelope) => {
    if (envelope.message.type !== CALL || envelope.path[0] !== 'cs') return envelope
    seen.push({ ...envelope.header })
    return undefined
  })
  void park.cs.ask({ lost: 1 })
  await park.clock.advance(10_000)
  // no signature, so no count in one
  expect(seen).toEqual([{ ocpp: VERSION }])
  expect(decisions(park.csms.journal)).toEqual([])
})

it.each<[Version, boolean]>([
  [VERSION, false],
  ['ocpp2.0.1', true],
])('news of keys: whether a station of %s is told, key or no key: %s', async (version, isTold) => {
  const clock = virtualClock()
  const keys = keysOf({ lc: 'local-controller', cs: 'station' })
  const by = [{ kid: keys.identity('root').kid, signer: signerOf('root') }]
  const issued = clock.now()
  const root = vouch({ kind: 'root', seq: 1, key: spkiText(signerOf('root').publicKey), next: 'x', issued }, by)
  const ledger = new KeyLedger(root, { store: memoryStore(), clock, engine, trust: keys.trust, maxAgeMs: 1e9 })
  const lc = makeNetwork(clock, { id: 'lc' }, { keys, ledger })
  const [near, far] = memoryLinks()
  const station = stationOn(clock, near, { version })
  await lc.stationConnected(far, { stationId: 'cs', version })
  await lc.keys?.publish([vouch({ kind: 'revocations', root: 1, seq: 1, issued, revoked: [] }, by)])
  await settle()
  const told = station.calls.some(({ payload }) => (payload.value as JsonObject).messageId === KEY_NEWS)
  expect([told, lc.overlay.routes.direct('cs')?.protocol]).toEqual([isTold, version])
})

it('policies, keys and the time: such a station decides nothing by them, whatever it was given', () => {
  const { trust, identity } = keysOf({ csms: 'csms', cs: 'station' })
  const { guard } = makeGuard(virtualClock(), 'cs', { trust, identity: identity('cs') })
  const station = { id: 'cs', backend: 'csms' }
  expect(stationGuard(guard, { ...station, version: VERSION })).toBe(openGuard)
  expect(stationGuard(guard, { ...station, version: 'ocpp2.1' })).not.toBe(openGuard)
})
