// Whose keys count here, and for which role. A key is only ever taken from this store; one that comes with a message is
// never looked at.
import type { EcPublicKey, Engine } from '../crypto/engine.ts'
import { thumbprint } from '../crypto/key.ts'
import { type RsaPublicKey, rsaThumbprint } from '../crypto/rsa.ts'
import { Homes } from './homes.ts'

export interface TrustedKey {
  readonly node: string
  readonly role: string
  readonly kid: string
  readonly publicKey: EcPublicKey
}

/** A key that speaks RSA: good for signed actions of OCPP alone (signed-action.ts), and nobody is expected to sign for having one. */
export interface TrustedRsaKey {
  readonly node: string
  readonly role: string
  readonly kid: string
  readonly rsaKey: RsaPublicKey
}

export class TrustStore {
  /** Which nodes may have which stations. */
  readonly homes = new Homes()
  readonly #rsa = new Map<string, TrustedRsaKey>()
  readonly #keys = new Map<string, TrustedKey>()
  /** The role of each node that has a key. */
  readonly #nodes = new Map<string, string>()
  readonly #watchers = new Set<(key: TrustedKey) => void>()
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Adds a key; the kid is its RFC 7638 thumbprint. */
  add(entry: { node: string; role: string; publicKey: EcPublicKey }): TrustedKey {
    const key = { ...entry, kid: thumbprint(entry.publicKey, this.#engine) }
    this.#keys.set(key.kid, key)
    this.#nodes.set(key.node, key.role)
    for (const watcher of this.#watchers) watcher(key)
    return key
  }

  addRsa(entry: { node: string; role: string; rsaKey: RsaPublicKey }): TrustedRsaKey {
    const key = { ...entry, kid: rsaThumbprint(entry.rsaKey, this.#engine) }
    this.#rsa.set(key.kid, key)
    return key
  }

  findRsa(kid: string): TrustedRsaKey | undefined {
    return this.#rsa.get(kid)
  }

  /** Tells of every key that is added from now on. */
  watch(watcher: (key: TrustedKey) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  find(kid: string): TrustedKey | undefined {
    return this.#keys.get(kid)
  }

  /** Whether a key of that node is known: then it is expected to sign. */
  knows(node: string): boolean {
    return this.#nodes.has(node)
  }

  /** The role that the key of a node speaks in. */
  roleOf(node: string): string | undefined {
    return this.#nodes.get(node)
  }

  /** Whether a node of that role has a key here. */
  hasRole(role: string): boolean {
    return [...this.#nodes.values()].includes(role)
  }

  all(): TrustedKey[] {
    return [...this.#keys.values()]
  }
}
