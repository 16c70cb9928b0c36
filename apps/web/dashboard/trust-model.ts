// What the API tells of policies, keys and heads of journals, read with the care of model.ts.
import type { Json } from '../../../src/base/ports.ts'
import { membersOf, numberOf, oneOf, type Reader, readList, textOf, textsOf, timeOf } from './model.ts'

export interface Decision {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly action: string
  readonly origin: string
  readonly destination: string
  readonly decision: string
  readonly rule: string
  readonly reason: string
  /** Of a difference: what was decided in truth. */
  readonly inForce: string
}

export interface RuleInfo {
  readonly id: string
  /** Who may ask for something, or who must sign it. */
  readonly kind: 'allows' | 'demands'
  /** The role that may, or those who must, as the document says it. */
  readonly who: string
  readonly actions: readonly string[]
  readonly hits: number
}

export interface Rejected {
  readonly at: number
  readonly flaw: string
  readonly reason: string
}

export interface PolicyScores {
  readonly id: string
  readonly version: number
  readonly signer: string
  readonly rules: readonly RuleInfo[]
  /** Newest first. */
  readonly refusals: readonly Decision[]
}

export interface PolicyInfo extends PolicyScores {
  readonly since: number
  /** Why the policy that was in force could not be read back; empty where it was. */
  readonly lost: string
  /** Newest first. */
  readonly rejected: readonly Rejected[]
  readonly rehearsal:
    | (PolicyScores & { readonly seen: number; readonly different: number; readonly differences: readonly Decision[] })
    | undefined
}

export const KEY_STATES = ['valid', 'not-yet-valid', 'expired', 'revoked', 'replaced'] as const

export interface KeyInfo {
  readonly node: string
  readonly role: string
  readonly kid: string
  readonly purposes: readonly string[]
  readonly state: (typeof KEY_STATES)[number]
  readonly source: 'file' | 'document'
  /** Milliseconds since 1970, 0 where there is none. */
  readonly from: number
  readonly until: number
  /** Its beginning or, of a key of a file that has none, when that was written; 0 where nobody knows. */
  readonly since: number
  readonly reason: string
}

export interface KeysInfo {
  readonly root: { readonly kid: string; readonly number: number; readonly next: string; readonly issued: number } | undefined
  readonly revocations: { readonly issued: number; readonly fresh: boolean; readonly freshUntil: number } | undefined
  readonly keys: readonly KeyInfo[]
}

export interface HeadInfo {
  readonly node: string
  readonly seq: number
  readonly hash: string
  readonly at: number
  readonly heldBy: string
}

const readDecision: Reader<Decision> = (json) => {
  const it = membersOf(json)
  const { decision } = membersOf(it.inForce)
  const what = { action: textOf(it.action), origin: textOf(it.origin), destination: textOf(it.destination) }
  const how = { decision: textOf(it.decision), rule: textOf(it.rule), reason: textOf(it.reason), inForce: textOf(decision) }
  return { at: timeOf(it.at), ...what, ...how }
}

const readRejected: Reader<Rejected> = (json) => {
  const { at, flaw, reason } = membersOf(json)
  return { at: timeOf(at), flaw: textOf(flaw), reason: textOf(reason) }
}

/** Who must sign, as a policy document says it (docs/policies.md): `{all}`, `{any}`, or `{of, by}`. */
const demandOf = (json: Json | undefined): string => {
  const { all, any, of, by } = membersOf(json)
  if (of !== undefined) return `${textOf(of)} / ${textsOf(by).join(', ')}`
  return all !== undefined ? textsOf(all).join(' + ') : textsOf(any).join(' | ')
}

/** The rules of a document in their order, and behind them the decisions that no rule of it made. */
const rulesOf = (document: Json | undefined, hits: Json | undefined): RuleInfo[] => {
  const { rules, signatures } = membersOf(document)
  const scores = membersOf(hits)
  const reader =
    (kind: RuleInfo['kind'], who: (it: ReturnType<typeof membersOf>) => string): Reader<RuleInfo> =>
    (json) => {
      const it = membersOf(json)
      const id = textOf(it.id)
      return id === '' ? undefined : { id, kind, who: who(it), actions: textsOf(it.actions), hits: numberOf(scores[id]) }
    }
  const named = [
    ...readList(
      signatures,
      reader('demands', ({ signed }) => demandOf(signed)),
    ),
    ...readList(
      rules,
      reader('allows', ({ role }) => textOf(role)),
    ),
  ]
  const others = Object.keys(scores).filter((id) => !named.some((rule) => rule.id === id))
  return [...named, ...others.map((id): RuleInfo => ({ id, kind: 'allows', who: '', actions: [], hits: numberOf(scores[id]) }))]
}

const scoresOf = (it: ReturnType<typeof membersOf>): PolicyScores => ({
  ...{ id: textOf(it.id), version: numberOf(it.version), signer: textOf(it.signer), rules: rulesOf(it.policy, it.hits) },
  refusals: readList(it.refusals, readDecision).reverse(),
})

export const readPolicy = (json: Json): PolicyInfo => {
  const it = membersOf(json)
  const tried = it.rehearsal === undefined ? undefined : membersOf(it.rehearsal)
  return {
    ...scoresOf(it),
    since: timeOf(it.since),
    lost: textOf(it.lost),
    rejected: readList(it.rejected, readRejected).reverse(),
    rehearsal: tried && {
      ...scoresOf(tried),
      ...{ seen: numberOf(tried.seen), different: numberOf(tried.different) },
      differences: readList(tried.differences, readDecision).reverse(),
    },
  }
}

const readKey: Reader<KeyInfo> = (json) => {
  const it = membersOf(json)
  if (textOf(it.kid) === '') return undefined
  return {
    ...{ node: textOf(it.node), role: textOf(it.role), kid: textOf(it.kid), reason: textOf(it.reason) },
    ...{ purposes: textsOf(it.purposes), from: timeOf(it.from), until: timeOf(it.until) },
    since: timeOf(it.from) || timeOf(it.listed),
    // a state that this page does not know must not look good
    state: oneOf(KEY_STATES, it.state, 'expired'),
    source: oneOf(['file', 'document'], it.source, 'file'),
  }
}

export const readKeys = (json: Json): KeysInfo => {
  const it = membersOf(json)
  const root = membersOf(it.root)
  const news = membersOf(it.revocations)
  return {
    root:
      textOf(root.kid) === ''
        ? undefined
        : { kid: textOf(root.kid), number: numberOf(root.number), next: textOf(root.next), issued: timeOf(root.issued) },
    revocations:
      timeOf(news.issued) === 0
        ? undefined
        : { issued: timeOf(news.issued), fresh: news.fresh === true, freshUntil: timeOf(news.freshUntil) },
    keys: readList(it.keys, readKey),
  }
}

/** The newest head of each journal. */
export const readHeads = (json: Json): HeadInfo[] => {
  const all = readList(json, (each): HeadInfo | undefined => {
    const { head, heldBy } = membersOf(each)
    const { node, seq, hash, at } = membersOf(head)
    if (textOf(node) === '') return undefined
    return { node: textOf(node), seq: numberOf(seq), hash: textOf(hash), at: timeOf(at), heldBy: textOf(heldBy) }
  })
  const newest = new Map<string, HeadInfo>()
  for (const each of all) if (each.seq >= (newest.get(each.node)?.seq ?? 0)) newest.set(each.node, each)
  return [...newest.values()].sort((a, b) => Number(b.node === b.heldBy) - Number(a.node === a.heldBy) || (a.node < b.node ? -1 : 1))
}
