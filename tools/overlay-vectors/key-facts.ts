// Facts about keys, docs/protocol.md §10: what a node that begins with the first root believes of each, one after the other.

import { asFault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import { type KeyFact, spkiText, vouch } from '../../src/overlay/key-document.ts'
import { KeyLedger } from '../../src/overlay/key-ledger.ts'
import type { Identity } from '../../src/overlay/signature.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { hellos } from '../../src/roles/key-news.ts'
import { backend, engine, operator, station, stranger } from './keys.ts'

const NOW = 1_767_225_600_000
const YEAR = 31_536_000_000
const DAY = 86_400_000

/** In the vectors the operator's key is the first root, the back end's the second, and the station has a key of its own and the stranger's as its next. */
const ROOT = { kind: 'root', seq: 1, key: spkiText(operator.signer.publicKey), next: backend.kid, issued: NOW } as const
const listed = ({ signer }: Identity, from: number) => ({
  key: spkiText(signer.publicKey),
  purposes: ['message', 'link'] as const,
  from,
  until: from + YEAR,
})
const document = { kind: 'keys', root: 1, seq: 1, node: 'cs-21-a', role: 'station', keys: [listed(station, NOW)] } as const
const rotated = { ...document, seq: 2, keys: [listed(station, NOW), listed(stranger, NOW + DAY)] }
const revoked = { kind: 'revocations', root: 1, seq: 1, issued: NOW, revoked: [{ kid: station.kid, at: NOW, reason: 'stolen' }] } as const
const second = { kind: 'root', seq: 2, key: spkiText(backend.signer.publicKey), next: stranger.kid, issued: NOW } as const
const usurped = { ...second, key: spkiText(stranger.signer.publicKey), next: operator.kid }

const administration = {
  ...{ ...document, root: 2, seq: 3 },
  keys: [{ ...listed(station, NOW), purposes: ['key-administration'] as const }],
}
const byAnother = { ...revoked, root: 2, revoked: [] }

/** Its second key is the operator's. */
const third = {
  kind: 'root',
  seq: 3,
  key: spkiText(stranger.signer.publicKey),
  next: operator.kid,
  second: spkiText(operator.signer.publicKey),
  issued: NOW,
} as const
const again = { ...document, root: 3, seq: 4 } as const

const STEPS: readonly { readonly name: string; readonly fact: KeyFact; readonly by: readonly Identity[] }[] = [
  { name: 'the first document of a node, by the root', fact: document, by: [operator] },
  { name: 'the same again', fact: document, by: [operator] },
  { name: 'a new key by the root alone', fact: rotated, by: [operator] },
  { name: 'a new key by the key before alone', fact: rotated, by: [station] },
  { name: 'a new key by the root and by the key before', fact: rotated, by: [operator, station] },
  { name: 'revocations by somebody else', fact: revoked, by: [stranger] },
  { name: 'revocations by the root', fact: revoked, by: [operator] },
  { name: 'revocations that take one back', fact: { ...revoked, seq: 2, revoked: [] }, by: [operator] },
  { name: 'a root that the one before did not name', fact: usurped, by: [stranger, operator] },
  { name: 'the root that was named', fact: second, by: [backend] },
  { name: 'what the old root says afterwards', fact: { ...revoked, seq: 9 }, by: [operator] },
  { name: 'what the new root says, and it may take back', fact: { ...revoked, root: 2, revoked: [] }, by: [backend] },
  { name: 'a key for key administration', fact: administration, by: [backend] },
  { name: 'revocations by that key', fact: { ...byAnother, seq: 2 }, by: [station] },
  { name: 'by that key, with a number above the time', fact: { ...byAnother, seq: NOW + 1 }, by: [station] },
  { name: 'by the root, with a number more than a minute above the time', fact: { ...byAnother, seq: NOW + 60_001 }, by: [backend] },
  { name: 'by the root, a minute above', fact: { ...byAnother, seq: NOW + 60_000 }, by: [backend] },
  { name: 'by that key, as late as it may, which is too late', fact: { ...byAnother, seq: NOW }, by: [station] },
  { name: 'a root with a second key', fact: third, by: [stranger] },
  { name: 'what is new of a node, by that root alone', fact: again, by: [stranger] },
  { name: 'the same by the second key alone', fact: again, by: [operator] },
  { name: 'the same by both', fact: again, by: [stranger, operator] },
  { name: 'another role, by the root and a key of the node', fact: { ...again, seq: 5, role: 'policy-admin' }, by: [stranger, station] },
]

export const keyFactVectors = async () => {
  const trust = new TrustStore(engine, { now: () => NOW })
  const ledger = new KeyLedger(vouch(ROOT, [operator]), {
    engine,
    trust,
    clock: { now: () => NOW },
    store: memoryStore(),
    maxAgeMs: 30 * DAY,
  })
  const steps: Json[] = []
  for (const { name, fact, by } of STEPS) {
    const vouched = vouch(fact, by)
    const outcome = await ledger.take([vouched]).then(
      (fresh) => (fresh.length > 0 ? 'believed' : 'passed over'),
      (error) => `refused: ${asFault(error).data.rule}`,
    )
    const keys = trust.all().map((key) => ({ node: key.node, kid: key.kid, state: trust.stateOf(key) }))
    steps.push({ name, vouched: vouched as object as Json, outcome, keys })
  }
  return {
    about:
      'A node that begins with `anchor`, at that time, is given each of `steps` in turn. `keys` is its trust store afterwards. docs/protocol.md §10',
    at: NOW,
    anchor: vouch(ROOT, [operator]) as object as Json,
    steps,
    hello: hellos(ledger)[0] as Json,
  }
}
