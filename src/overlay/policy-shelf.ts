// How the policy in force lies on the disk, and how it is read back at the start: as a stranger's, because a disk can be changed by hand. Which
// document it must be says the journal, of which the neighbours hold heads; what becomes of a node without one is in policy-holder.ts.
import { hex, utf8 } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import { asFault } from '../base/fault.ts'
import type { Change, Json, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { Journal, JournalRow } from './journal.ts'
import { judgePolicy, type PolicyDocument, type PolicyWorld, type SignedPolicy } from './policy-document.ts'
import type { TrustedKey } from './trust.ts'

/** A policy that was accepted here. */
export interface Kept {
  readonly policy: PolicyDocument
  /** The administrator who signed it, and the key. */
  readonly signer: string
  readonly kid: string
  /** In force since, milliseconds since 1970. */
  readonly since: number
  readonly said: Said
}

/** `lost`: there was one, and what lies on the disk is not it. */
export type Found =
  | { readonly state: 'none' }
  | { readonly state: 'kept'; readonly kept: Kept }
  | { readonly state: 'lost'; readonly why: string; readonly said: Said }

/** `data` of the journal's entry about the policy in force. */
export interface Said {
  readonly version: number
  /** SHA-256 of the document in its RFC 8785 form, hex; empty where nobody could tell any more which one it was. */
  readonly sha256: string
  /** The highest version that was in force by another key: what is left of the number once this key is revoked. */
  readonly floor: number
  /** Name of the key that signed it. */
  readonly kid?: string
}

/** Of a policy that no entry in the store tells of. */
const NOTHING: Said = { version: 0, sha256: '', floor: 0 }

const COLLECTION = 'policy'
const KEY = 'in-force'

export const keeping = (signed: SignedPolicy, { since, said: { floor } }: Pick<Kept, 'since' | 'said'>): Change => ({
  collection: COLLECTION,
  key: KEY,
  value: { ...(signed as object), since, floor } as Json,
})

export const sayingOf = (policy: PolicyDocument, by: Required<Pick<Said, 'floor' | 'kid'>>, engine: Engine): Said => ({
  version: policy.version,
  sha256: hashOf(policy as object as Json, engine),
  ...by,
})

export type ShelfWorld = Omit<PolicyWorld, 'version' | 'counts'> & { readonly store: Store; readonly journal: Pick<Journal, 'newestOf'> }

/** Judges what lies on the disk by the function that judges what comes. */
export const readShelf = ({ store, journal, ...world }: ShelfWorld): Found => {
  const { trust, engine } = world
  const row = store.get(COLLECTION, KEY)
  const entry = journal.newestOf((each) => saidIn(each) !== undefined)
  const said = entry && saidIn(entry)
  if (row === undefined && !said) return { state: 'none' }
  const lost = (why: string): Found => ({ state: 'lost', why, said: said ?? NOTHING })
  if (row === undefined) return lost('it is gone from the disk')
  const isSaid = said !== undefined && said.sha256 !== '' && said.sha256 === hashOf(membersOf(row).policy, engine)
  if (said && said.sha256 !== '' && !isSaid) return lost(`it is not version ${said.version}, which the journal says was in force last`)
  // what the journal says was judged when it came; without that word a key must have been good when it signed
  const counts = (key: TrustedKey, iat: number): boolean => isSaid || ['valid', 'replaced'].includes(trust.stateOf(key, iat * 1000))
  const judged = judgePolicy(row, { ...world, version: 0, counts })
  if (judged.state === 'refused') return lost(`${judged.flaw}: ${judged.reason}`)
  const { policy } = judged.signed
  if (policy.rehearsal) return lost('it was signed to be tried, and not to be in force')
  const { since, floor } = membersOf(row)
  const { signer, kid } = judged
  return {
    state: 'kept',
    kept: { policy, signer, kid, since: countOf(since), said: isSaid ? said : sayingOf(policy, { floor: countOf(floor), kid }, engine) },
  }
}

const saidIn = ({ kind, rule, data }: JournalRow): Said | undefined => {
  if (kind !== 'policy' && rule !== POLICY_ON_DISK) return undefined
  const { version, sha256, floor, kid } = membersOf(data)
  if (typeof sha256 !== 'string') return undefined
  return { version: countOf(version), sha256, floor: countOf(floor), ...(typeof kid === 'string' && { kid }) }
}

/** The rule by which nothing is obeyed while the policy is lost. */
export const POLICY_ON_DISK = 'policy-on-disk'

/** Nothing, where it has no canonical form: then it is no document that anybody signed. */
const hashOf = (policy: Json | undefined, engine: Engine): string => {
  try {
    return hex(engine.digest('SHA-256', utf8(canonicalJson(policy ?? null))))
  } catch (error) {
    if (asFault(error).code === 'internal') throw error
    return ''
  }
}

const membersOf = (value: Json | undefined): { readonly [name: string]: Json | undefined } =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as { readonly [name: string]: Json }) : {}
const countOf = (value: Json | undefined): number => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0)
