// News of keys for a node whose clock was wrong when its links came up: it hears them none the less, before an order counts.
import { expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Clock } from '../../src/base/ports.ts'
import { spkiText, type Vouched, vouch } from '../../src/overlay/key-document.ts'
import { KeyLedger } from '../../src/overlay/key-ledger.ts'
import { SteeredClock } from '../../src/overlay/steered-clock.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { engine, keysOf, settle, signerOf, virtualClock } from '../overlay/support.ts'
import { dial, makeNetwork } from './park.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 5, 1)
const named = (name: string) => ({
  kid: new TrustStore(engine).add({ node: name, role: '', publicKey: signerOf(name).publicKey }).kid,
  signer: signerOf(name),
})
const ROOT = vouch({ kind: 'root', seq: 1, key: spkiText(signerOf('root').publicKey), next: 'x', issued: NOW - 9 * DAY }, [named('root')])
const revocations = (seq: number, issued: number, names: readonly string[]): Vouched =>
  vouch({ kind: 'revocations', root: 1, seq, issued, revoked: names.map((name) => ({ kid: named(name).kid, at: issued, reason: '' })) }, [
    named('root'),
  ])

/** A controller that was away for two days, and one above it whose clock is right and who knows of a theft since. */
const cameBack = async (wrongBy: number) => {
  const right = virtualClock(NOW)
  const machine = virtualClock(NOW)
  machine.shift(wrongBy)
  const clock = new SteeredClock(machine)
  const withLedger = async (time: Clock, news: readonly Vouched[]) => {
    const keys = keysOf({ csms: 'csms', lc: 'local-controller' })
    const ledger = new KeyLedger(ROOT, { store: memoryStore(), clock: time, engine, trust: keys.trust, maxAgeMs: 30 * DAY })
    await ledger.take(news)
    return { keys, ledger }
  }
  const above = await withLedger(right, [revocations(1, NOW - 2 * DAY, []), revocations(2, NOW - HOUR, ['thief'])])
  const below = await withLedger(clock, [revocations(1, NOW - 2 * DAY, [])])
  const csms = makeNetwork(right, { id: 'csms' }, { ...above, source: { bound: 100 } })
  const settings = { id: 'lc', uplinks: ['csms'], backend: 'csms' }
  const lc = makeNetwork(machine, settings, { ...below, clock, source: clock, time: { clock, from: ['csms'] } })
  await dial(lc, csms)
  await settle()
  await Promise.all([right.advance(2_000), machine.advance(2_000)])
  return { lc, clock, right, ledger: below.ledger }
}

it.each([
  ['right', 0],
  ['a day behind', -DAY],
  ['at 1970', -NOW],
  ['a day ahead', DAY],
  ['ten years ahead', 3_652 * DAY],
])('a controller whose clock is %s hears who was revoked while it was away', async (_name, wrongBy) => {
  const { lc, clock, right, ledger } = await cameBack(wrongBy)
  expect(lc.guard.quality.state).toBe('trusted')
  expect(Math.abs(clock.now() - right.now())).toBeLessThan(1_000)
  expect(JSON.stringify(ledger.all())).toContain(named('thief').kid)
})
