// Whose keys count here, in which role, for what, and from when to when. A key is only ever taken from this store; one that
// comes with a message is never looked at. Judged at the moment of each decision; who may change the store is in key-ledger.ts.
import type { Clock } from '../base/ports.ts'
import type { Engine, PublicKey, RsaPublicKey } from '../crypto/engine.ts'
import { thumbprint } from '../crypto/key.ts'
import { rsaThumbprint } from '../crypto/rsa.ts'
import { GroupAccess } from './group-access.ts'
import { Homes } from './homes.ts'

/** What a key may be used for. */
export const PURPOSES = ['message', 'link', 'root', 'policy', 'key-administration', 'encryption', 'publisher', 'firmware'] as const
export type KeyPurpose = (typeof PURPOSES)[number]

/** `replaced`: a newer document of its node does not name it any more. */
export type KeyState = 'valid' | 'not-yet-valid' | 'expired' | 'revoked' | 'replaced'

export interface TrustedKey {
  readonly node: string
  readonly role: string
  readonly kid: string
  readonly publicKey: PublicKey
  readonly purposes: readonly KeyPurpose[]
  /** Milliseconds since 1970; without them it has no such limit. */
  readonly from?: number
  readonly until?: number
  /** Whether an operator put its file here, or a signed document named it. */
  readonly source: 'file' | 'document'
  /** When its file was written, milliseconds since 1970: all that is known of the age of a key without a beginning. Nothing rests on it. */
  readonly listedAt?: number
  /** A root before the newest vouched for it: it says who speaks for a while longer, and nothing that lasts. */
  readonly isFormer?: boolean
  /** SHA-256 of the certificate that was its file, base64url: another name of the key (RFC 7515 §4.1.8). */
  readonly certificate?: string
}

/** A key that speaks RSA: good for signed actions of OCPP alone (signed-action.ts), and nobody is expected to sign for having one. */
export interface TrustedRsaKey {
  readonly node: string
  readonly role: string
  readonly kid: string
  readonly rsaKey: RsaPublicKey
  readonly certificate?: string
}

type Entry = Pick<TrustedKey, 'node' | 'role' | 'publicKey'> & Partial<TrustedKey>

/** What every node needs its key for: to sign what it says, and to prove itself on a link. */
export const OF_A_NODE: readonly KeyPurpose[] = ['message', 'link']
/** What is done with a key for one of these stays when the key ends. */
const LASTING: readonly KeyPurpose[] = ['root', 'policy', 'key-administration', 'publisher', 'firmware']
/** Whoever has it signs policies, with a key that is for that (docs/protocol.md §4.8). */
export const POLICY_ADMIN = 'policy-admin'

/** What the newest key of a node in that role is for, unless somebody says otherwise. */
export const purposesOf = (role: string): readonly KeyPurpose[] => (role === POLICY_ADMIN ? [...OF_A_NODE, 'policy'] : OF_A_NODE)

/** Clocks of two nodes may differ by this much: a key that just came into force is used by whoever is ahead, milliseconds. */
const CLOCK_SKEW = 30_000

export class TrustStore {
  /** Which nodes may have which stations. */
  readonly homes = new Homes()
  /** Which nodes may be in which groups. */
  readonly groups = new GroupAccess()
  readonly #rsa = new Map<string, TrustedRsaKey>()
  /** By the hash of a certificate: the name of its key. */
  readonly #certificates = new Map<string, string>()
  /** Until when this store is known to miss no revocation, milliseconds since 1970. Without a root nobody says so, and it is for ever. */
  freshUntil = Number.POSITIVE_INFINITY
  /** When the newest word on revocations was issued, milliseconds since 1970: it is later than that now, whatever a clock says. */
  issuedAt = 0
  readonly #keys = new Map<string, TrustedKey>()
  /** Of each node that has a key: its role, and the names of its keys. */
  readonly #nodes = new Map<string, { role: string; readonly kids: Set<string> }>()
  /** Of each node that can be written to in secret: the names of its keys for that. They prove nothing of who speaks. */
  readonly #reading = new Map<string, Set<string>>()
  readonly #replaced = new Set<string>()
  #revoked: ReadonlySet<string> = new Set()
  readonly #watchers = new Set<(key: TrustedKey) => void>()
  readonly #engine: Engine
  readonly #clock: Pick<Clock, 'now'>

  /** @param clock without it no key that has a beginning counts */
  constructor(engine: Engine, clock: Pick<Clock, 'now'> = { now: () => 0 }) {
    this.#engine = engine
    this.#clock = clock
  }

  /** Adds a key; the kid is its RFC 7638 thumbprint. A document's word of a key stands above a file's. */
  add(entry: Entry): TrustedKey {
    const kid = thumbprint(entry.publicKey, this.#engine)
    if (entry.certificate !== undefined) this.#certificates.set(entry.certificate, kid)
    const known = this.#keys.get(kid)
    if (known?.source === 'document' && entry.source !== 'document') return known
    const key: TrustedKey = { purposes: purposesOf(entry.role), source: 'file', ...entry, kid }
    if (key.purposes.includes('encryption')) return this.#addReading(key)
    // a file that is found after a document of its node was read brings back nothing that the document left out
    const isLate = key.source === 'file' && this.of(key.node).some(({ source }) => source === 'document')
    if (isLate) this.#replaced.add(kid)
    const owner = this.#nodes.get(key.node) ?? { role: key.role, kids: new Set() }
    if (!isLate) owner.role = key.role
    owner.kids.add(kid)
    this.#nodes.set(key.node, owner)
    this.#keys.set(kid, key)
    this.#tell(key)
    return key
  }

  #addReading(key: TrustedKey): TrustedKey {
    const kids = this.#reading.get(key.node) ?? new Set()
    const isLate = key.source === 'file' && this.readingKeysOf(key.node).some(({ source }) => source === 'document')
    if (isLate) this.#replaced.add(key.kid)
    this.#reading.set(key.node, kids.add(key.kid))
    this.#keys.set(key.kid, key)
    this.#tell(key)
    return key
  }

  addRsa(entry: Omit<TrustedRsaKey, 'kid'>): TrustedRsaKey {
    const key = { ...entry, kid: rsaThumbprint(entry.rsaKey, this.#engine) }
    if (entry.certificate !== undefined) this.#certificates.set(entry.certificate, key.kid)
    this.#rsa.set(key.kid, key)
    return key
  }

  /** The name of the key whose certificate has that hash. */
  kidOfCertificate(hash: string): string | undefined {
    return this.#certificates.get(hash)
  }

  findRsa(kid: string): TrustedRsaKey | undefined {
    return this.#rsa.get(kid)
  }

  /** These keys of a node count from now on, and those it had before only if they are among them. */
  replace(node: string, entries: readonly Entry[]): void {
    const before = [...this.of(node), ...this.readingKeysOf(node)]
    const kids = new Set(entries.map((entry) => thumbprint(entry.publicKey, this.#engine)))
    for (const { kid } of before) if (!kids.has(kid)) this.#replaced.add(kid)
    for (const kid of kids) this.#replaced.delete(kid)
    for (const entry of entries) this.add({ ...entry, node, source: 'document' })
    for (const key of before) if (!kids.has(key.kid)) this.#tell(key)
  }

  /** These keys count no more, whoever names them. */
  revoke(kids: ReadonlySet<string>): void {
    const before = this.#revoked
    this.#revoked = kids
    for (const key of this.#keys.values()) if (kids.has(key.kid) && !before.has(key.kid)) this.#tell(key)
  }

  /** Tells of every key that is added, replaced or revoked from now on. */
  watch(watcher: (key: TrustedKey) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** A key that counts now, for that purpose. */
  find(kid: string, purpose: KeyPurpose = 'message'): TrustedKey | undefined {
    const key = this.#keys.get(kid)
    if (!key || this.stateOf(key) !== 'valid' || !key.purposes.includes(purpose)) return undefined
    return key.isFormer && LASTING.includes(purpose) ? undefined : key
  }

  /** A key that is known, whether or not it counts. */
  look(kid: string): TrustedKey | undefined {
    return this.#keys.get(kid)
  }

  /** @param now when that is asked; by the clock unless given, ms */
  stateOf(
    { kid, from = 0, until = Number.POSITIVE_INFINITY }: Pick<TrustedKey, 'kid' | 'from' | 'until'>,
    now = this.#clock.now(),
  ): KeyState {
    if (this.#revoked.has(kid)) return 'revoked'
    if (this.#replaced.has(kid)) return 'replaced'
    if (until <= now) return 'expired'
    return from > now + CLOCK_SKEW ? 'not-yet-valid' : 'valid'
  }

  /** Whether its time has come by this clock, which is later than others may take it for valid. */
  isInForce({ from = 0 }: Pick<TrustedKey, 'from'>): boolean {
    return from <= this.#clock.now()
  }

  isRevoked(kid: string): boolean {
    return this.#revoked.has(kid)
  }

  /** Whether what is known of revocations grows old, which only a clock can tell. */
  get ages(): boolean {
    return Number.isFinite(this.freshUntil)
  }

  /** Whether revocations are known recently enough to obey anybody. */
  get fresh(): boolean {
    return this.freshUntil > this.#clock.now()
  }

  /** Whether a key of that node is known: then it is expected to sign. That the key counts no more changes nothing about it. */
  knows(node: string): boolean {
    return this.#nodes.has(node)
  }

  /** The role that the key of a node speaks in. */
  roleOf(node: string): string | undefined {
    return this.#nodes.get(node)?.role
  }

  /** Whether a node of that role has a key here. */
  hasRole(role: string): boolean {
    return [...this.#nodes.values()].some((owner) => owner.role === role)
  }

  /** The key that what is for a node's eyes alone is encrypted with: of those that count, the newest. */
  readingKeyOf(node: string): TrustedKey | undefined {
    const counting = this.readingKeysOf(node).filter((key) => this.stateOf(key) === 'valid' && this.isInForce(key))
    return counting.sort((one, other) => (other.from ?? 0) - (one.from ?? 0))[0]
  }

  /** Every key for encryption of a node, in force or not. */
  readingKeysOf(node: string): TrustedKey[] {
    return [...(this.#reading.get(node) ?? [])].flatMap((kid) => this.#keys.get(kid) ?? [])
  }

  /** Every key of a node that it signs with, in force or not. */
  of(node: string): TrustedKey[] {
    return [...(this.#nodes.get(node)?.kids ?? [])].flatMap((kid) => this.#keys.get(kid) ?? [])
  }

  all(): TrustedKey[] {
    return [...this.#keys.values()]
  }

  #tell(key: TrustedKey): void {
    for (const watcher of this.#watchers) watcher(key)
  }
}
