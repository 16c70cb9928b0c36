// Who vouches for a key, and whether that counts: only a signer whose own key or certificate is in the trust store, for the meter that
// it names, at the time of the measurement. A signer that brings its own key along is named and raises nothing.
import { asFault } from '../base/fault.ts'
import type { Certificate } from '../crypto/certificate.ts'
import { derToRaw } from '../crypto/der.ts'
import type { Engine, HashName, MeterKey } from '../crypto/engine.ts'
import { readMeterKey } from '../crypto/meter-key.ts'
import type { MeterRecord } from '../metering/reading.ts'
import type { Voucher } from '../metering/voucher.ts'
import type { FoundKey } from './open.ts'
import { sameKey } from './same-key.ts'
import type { KeySignerReport } from './verdict.ts'

export class Vouching {
  readonly #engine: Engine
  readonly #signers: readonly FoundKey[]
  /** A signature is computed once, however many records its key has. */
  readonly #known = new Map<Voucher, Signer>()
  /** Keys of the trust store that somebody vouched with. */
  readonly used = new Set<FoundKey>()

  /** @param pinned the keys of the trust store */
  constructor(pinned: readonly FoundKey[], engine: Engine) {
    this.#signers = pinned
    this.#engine = engine
  }

  /** One report for each voucher of the key, about this record. */
  of(vouchers: readonly Voucher[], record: MeterRecord): KeySignerReport[] {
    return vouchers.map((voucher) => {
      const state = this.#judge(voucher, record)
      return { ...(voucher.issuer === '' ? {} : { issuer: voucher.issuer }), ...state }
    })
  }

  #judge(voucher: Voucher, record: MeterRecord): Omit<KeySignerReport, 'issuer'> {
    if (voucher.unusable !== undefined) return { state: 'unsupported', detail: voucher.unusable }
    const signer = this.#signerOf(voucher)
    if (signer === 'unknown') return { state: 'unverified', detail: 'the signer is not in the trust store' }
    if (signer === 'mismatch') return { state: 'invalid', detail: 'the signature under the key does not match' }
    this.used.add(signer)
    const { certificate } = signer
    if (!voucher.signsValues) return { state: 'wrong-use', detail: 'the key may not sign meter values' }
    if (certificate !== undefined && !mayVouch(certificate, voucher))
      return { state: 'wrong-use', detail: 'the signer may not vouch for keys' }
    if (!speaksOf(voucher, record)) return { state: 'wrong-meter', detail: `it speaks of ${voucher.subjects.join(', ') || 'no meter'}` }
    return periodOf(record, certificate === undefined ? [voucher] : [voucher, certificate])
  }

  #signerOf(voucher: Voucher): Signer {
    const known = this.#known.get(voucher)
    if (known !== undefined) return known
    const claimed = this.#signers.filter((signer) => isBy(signer, voucher))
    const found = claimed.length === 0 ? 'unknown' : (claimed.find((signer) => this.#holds(signer, voucher)) ?? 'mismatch')
    this.#known.set(voucher, found)
    return found
  }

  #holds({ key }: FoundKey, { signed, signature, hash }: Voucher): boolean {
    if ('bare' in key) return false
    if ('scheme' in key) return hash === undefined && this.#engine.verifyPure(key, signed, signature)
    try {
      return this.#engine.verifyEcdsa(key, hash ?? hashOfWidth(key), signed, derToRaw(signature, key.curve))
    } catch (thrown) {
      if (asFault(thrown).code !== 'bytes-malformed') throw thrown
      return false
    }
  }
}

/** `unknown`: not in the trust store. `mismatch`: it is, and did not sign this. */
type Signer = FoundKey | 'unknown' | 'mismatch'

/** The hash whose width is that of the curve, RFC 5656 §6.2.1. */
const hashOfWidth = ({ point }: Extract<MeterKey, { curve: unknown }>): HashName =>
  point.length <= 64 ? 'SHA-256' : point.length <= 96 ? 'SHA-384' : 'SHA-512'

const isBy = ({ key, certificate }: FoundKey, { by }: Voucher): boolean => {
  if ('certificate' in by) return certificate?.subject === by.certificate
  try {
    return by.key !== '' && sameKey(key, readMeterKey(by.key))
  } catch (thrown) {
    asFault(thrown, 'key-malformed')
    return false
  }
}

const mayVouch = (signer: Certificate, { by }: Voucher): boolean =>
  signer.strange.length === 0 && ('certificate' in by ? signer.issues : signer.signs)

const speaksOf = ({ subjects }: Voucher, { source: { meter, gateway, chargePoint } }: MeterRecord): boolean => {
  const names = [meter, gateway, chargePoint].flatMap((name) => (name === undefined || name === '' ? [] : [name.toLowerCase()]))
  return subjects.some((subject) => names.includes(subject.toLowerCase()))
}

interface Period {
  readonly notBefore?: number
  readonly notAfter?: number
}

/** Each reading must lie in every period. */
const periodOf = ({ readings }: MeterRecord, periods: readonly Period[]): Omit<KeySignerReport, 'issuer'> => {
  const times = readings.flatMap(({ time }) => (time === undefined ? [] : [time.ms]))
  if (times.length === 0) return { state: 'expired', detail: 'the record has no time that could lie within the time of the signature' }
  const [first, last] = [Math.min(...times), Math.max(...times)]
  for (const { notBefore = -Infinity, notAfter = Infinity } of periods) {
    if (first < notBefore) return { state: 'not-yet', detail: `good from ${new Date(notBefore).toISOString()}` }
    if (last > notAfter) return { state: 'expired', detail: `good until ${new Date(notAfter).toISOString()}` }
  }
  return { state: 'trusted' }
}
