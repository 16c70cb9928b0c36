// Keys as an operator sees them over the management API: which there are, how old, in which state; and the door by which facts
// that the root vouched for come in.
import type { Clock, Json } from '../base/ports.ts'
import { readVouched } from '../overlay/key-document.ts'
import type { KeyLedger } from '../overlay/key-ledger.ts'
import type { TrustedKey, TrustStore } from '../overlay/trust.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import type { KeysView, Management } from './management.ts'

export interface KeyOperationsParts {
  readonly network: Pick<NetworkNode, 'keys'>
  readonly trust: TrustStore
  readonly ledger?: KeyLedger
  readonly clock: Pick<Clock, 'now'>
}

export const keyOperations = (parts: KeyOperationsParts): Pick<Management, 'keys' | 'keyFacts' | 'publishKeys'> => {
  const { keys: news } = parts.network
  const { ledger } = parts
  return {
    keys: () => keysView(parts),
    ...(ledger && { keyFacts: () => ledger.all() as object as Json }),
    ...(news && { publishKeys: (facts: readonly Json[]) => news.publish(facts.map(readVouched)) }),
  }
}

const keysView = ({ trust, ledger, clock }: KeyOperationsParts): KeysView => {
  const revocations = ledger?.revocations
  const reasons = new Map(revocations?.revoked.map(({ kid, reason }) => [kid, reason]))
  const viewOf = (key: TrustedKey): KeysView['keys'][number] => {
    const { node, role, kid, purposes, source, from, until, listedAt } = key
    const since = from ?? listedAt
    const reason = reasons.get(kid)
    return {
      ...{ node, role, kid, purposes: [...purposes], source, state: trust.stateOf(key) },
      ...(from !== undefined && { from: iso(from) }),
      ...(from === undefined && listedAt !== undefined && { listed: iso(listedAt) }),
      ...(since !== undefined && { ageSeconds: Math.floor((clock.now() - since) / 1000) }),
      ...(until !== undefined && { until: iso(until) }),
      ...(reason !== undefined && { reason }),
    }
  }
  return {
    root: ledger ? { kid: ledger.rootKid, number: ledger.root, ...commitment(ledger) } : null,
    revocations: revocations
      ? {
          root: revocations.root,
          number: revocations.seq,
          issued: iso(revocations.issued),
          fresh: trust.fresh,
          freshUntil: iso(trust.freshUntil),
        }
      : null,
    keys: trust
      .all()
      .map(viewOf)
      .sort((a, b) => (a.node === b.node ? 0 : a.node < b.node ? -1 : 1)),
  }
}

const commitment = ({ nextRoot: { next, issued } }: KeyLedger) => ({ next, issued: iso(issued) })

/** What is beyond a Date is its end. */
const iso = (ms: number): string => new Date(Math.min(ms, 8.64e15)).toISOString()
