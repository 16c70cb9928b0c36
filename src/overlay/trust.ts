// Whose keys count here, and for which role. A key is only ever taken from this store; one that comes with a message is
// never looked at.
import type { EcPublicKey, Engine } from '../crypto/engine.ts'
import { thumbprint } from '../crypto/key.ts'

export interface TrustedKey {
  readonly node: string
  readonly role: string
  readonly kid: string
  readonly publicKey: EcPublicKey
}

export class TrustStore {
  readonly #keys = new Map<string, TrustedKey>()
  readonly #nodes = new Set<string>()
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Adds a key; the kid is its RFC 7638 thumbprint. */
  add(entry: { node: string; role: string; publicKey: EcPublicKey }): TrustedKey {
    const key = { ...entry, kid: thumbprint(entry.publicKey, this.#engine) }
    this.#keys.set(key.kid, key)
    this.#nodes.add(key.node)
    return key
  }

  find(kid: string): TrustedKey | undefined {
    return this.#keys.get(kid)
  }

  /** Whether a key of that node is known: then it is expected to sign. */
  knows(node: string): boolean {
    return this.#nodes.has(node)
  }

  all(): TrustedKey[] {
    return [...this.#keys.values()]
  }
}
