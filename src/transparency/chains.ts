// From a voucher to the trust store, link by link: who signed it, who signed the certificate of that one, and so on (RFC 5280 §6.1).
// Only signatures are computed here; what the links allow is judged in vouching.ts.
import { asFault } from '../base/fault.ts'
import type { CertifiedKey } from '../crypto/certificate.ts'
import { derToRaw } from '../crypto/der.ts'
import type { Engine } from '../crypto/engine.ts'
import { readMeterKey } from '../crypto/meter-key.ts'
import type { SignatureAlgorithm } from '../crypto/x509.ts'
import type { Budget } from '../metering/limits.ts'
import type { Voucher } from '../metering/voucher.ts'
import type { FoundKey } from './found.ts'
import { sameKey } from './same-key.ts'

/** A voucher, and the key that signed it. */
export interface Link {
  readonly voucher: Voucher
  readonly signer: FoundKey
}

/** The last signer is in the trust store, and no other. */
export type Chain = readonly Link[]

/** `unknown`: it leads to nobody in the trust store. `mismatch`: one who is named did not sign. `unsupported`: nor can that be computed. */
export type NoChain = 'unknown' | 'mismatch' | 'unsupported'

/** Certificates in one chain, the first and the last included. */
const MAX_LINKS = 8
/** Signers that are looked at for one voucher: many certificates of one name would have many chains. */
const MAX_STEPS = 64

export class Chains {
  readonly #engine: Engine
  readonly #budget: Budget
  /** The trust store first. */
  readonly #keys: readonly FoundKey[]
  /** The same, where they have a certificate, by its name. */
  readonly #named: ReadonlyMap<string, readonly FoundKey[]>
  readonly #signers = new Map<Voucher, Signers>()
  readonly #chains = new Map<Voucher, readonly Chain[] | NoChain>()

  constructor(keys: readonly FoundKey[], engine: Engine, budget: Budget) {
    this.#engine = engine
    this.#budget = budget
    this.#keys = [...keys.filter(isPinned), ...keys.filter((key) => !isPinned(key))]
    const certified = this.#keys.filter(({ certificate }) => certificate !== undefined)
    this.#named = Map.groupBy(certified, ({ certificate }) => certificate?.subject ?? '')
  }

  /** Every chain, those with fewer links to the trust store first where they share their beginning; none is empty. */
  of(voucher: Voucher): readonly Chain[] | NoChain {
    const known = this.#chains.get(voucher)
    if (known !== undefined) return known
    const search: Search = { chains: [], steps: 0, otherwise: 'unknown' }
    this.#extend([], voucher, search)
    const found = search.chains.length > 0 ? search.chains : search.otherwise
    this.#chains.set(voucher, found)
    return found
  }

  #extend(below: Chain, voucher: Voucher, search: Search): void {
    const { named, signers } = this.#signersOf(voucher)
    const unsigned = named && signers.length === 0 && search.otherwise !== 'mismatch'
    if (unsigned) search.otherwise = voucher.unusable === undefined ? 'mismatch' : 'unsupported'
    for (const signer of signers) {
      const chain = [...below, { voucher, signer }]
      if (++search.steps > MAX_STEPS) return
      if (isPinned(signer)) search.chains.push(chain)
      else if (chain.length < MAX_LINKS && below.every((link) => link.signer !== signer))
        for (const above of signer.vouchers) this.#extend(chain, above, search)
    }
  }

  #signersOf(voucher: Voucher): Signers {
    const known = this.#signers.get(voucher)
    if (known !== undefined) return known
    const named = this.#namedBy(voucher)
    const signers = named.filter(({ key }) => {
      this.#budget.checkTime()
      return signedBy(key, voucher, this.#engine)
    })
    const found = { named: named.length > 0, signers }
    this.#signers.set(voucher, found)
    return found
  }

  /** A key that stands beside its signature is looked for in the trust store alone: a certificate of a meter must not vouch for others. */
  #namedBy({ by }: Voucher): readonly FoundKey[] {
    if ('certificate' in by) return this.#named.get(by.certificate) ?? []
    try {
      const key = by.key === '' ? undefined : readMeterKey(by.key)
      return key === undefined ? [] : this.#keys.filter((each) => isPinned(each) && sameKey(each.key, key))
    } catch (thrown) {
      asFault(thrown, 'key-malformed')
      return []
    }
  }
}

interface Signers {
  /** Whether anybody is called as the voucher says. */
  readonly named: boolean
  readonly signers: readonly FoundKey[]
}

interface Search {
  readonly chains: Chain[]
  steps: number
  otherwise: NoChain
}

const isPinned = ({ trust }: FoundKey): boolean => trust === 'pinned'

/** Whether the key made the signature. */
export const signedBy = (key: FoundKey['key'], by: Pick<Voucher, 'signed' | 'signature' | 'algorithm'>, engine: Engine): boolean => {
  const { signed, signature, algorithm } = by
  if ('bare' in key) return false
  const named = algorithm ?? algorithmFor(key)
  if ('scheme' in key) return named?.kind === 'scheme' && named.scheme === key.scheme && engine.verifyPure(key, signed, signature)
  if ('modulus' in key) return named?.kind === 'rsa' && engine.verifyRsa(key, named.hash, signed, signature)
  try {
    return named?.kind === 'ecdsa' && engine.verifyEcdsa(key, named.hash, signed, derToRaw(signature, key.curve))
  } catch (thrown) {
    if (asFault(thrown).code !== 'bytes-malformed') throw thrown
    return false
  }
}

/** Where nobody names it: the scheme, or the hash whose width is that of the curve (RFC 5656 §6.2.1); of RSA none. */
const algorithmFor = (key: CertifiedKey): SignatureAlgorithm => {
  if ('scheme' in key) return { kind: 'scheme', scheme: key.scheme }
  if ('modulus' in key) return undefined
  const { length } = key.point
  return { kind: 'ecdsa', hash: length <= 64 ? 'SHA-256' : length <= 96 ? 'SHA-384' : 'SHA-512' }
}
