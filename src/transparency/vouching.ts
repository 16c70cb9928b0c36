// Who vouches for a key, and whether that counts: only a signer whose own key or certificate is in the trust store, for the meter that
// it names, at the time of the measurement. A signer that brings its own key along is named and raises nothing.
import type { Engine } from '../crypto/engine.ts'
import type { Budget } from '../metering/limits.ts'
import type { MeterRecord, ReadingTime } from '../metering/reading.ts'
import type { Voucher } from '../metering/voucher.ts'
import { type Chain, Chains, type Link } from './chains.ts'
import type { FoundKey, FoundList } from './found.ts'
import { Revocations } from './revocations.ts'
import type { KeySignerReport } from './verdict.ts'

export class Vouching {
  readonly #given: { readonly keys: readonly FoundKey[]; readonly engine: Engine; readonly budget: Budget }
  #known: Chains | undefined
  readonly #revocations: Revocations
  /** Keys and certificates that somebody vouched with, on the way to the trust store. */
  readonly used = new Set<FoundKey>()

  /** @param keys those of the trust store, and those given, among which are the certificates in between */
  constructor(keys: readonly FoundKey[], lists: readonly FoundList[], { engine, budget }: { engine: Engine; budget: Budget }) {
    this.#given = { keys, engine, budget }
    this.#revocations = new Revocations(lists, engine)
  }

  /** Most questions have nobody who vouches. */
  get #chains(): Chains {
    const { keys, engine, budget } = this.#given
    this.#known ??= new Chains(keys, engine, budget)
    return this.#known
  }

  /** Which lists of revoked certificates were asked for, and which of them their issuer had signed. */
  get lists(): Pick<Revocations, 'named' | 'used'> {
    return this.#revocations
  }

  /** One report for each voucher of the key, about this record. */
  of(vouchers: readonly Voucher[], record: MeterRecord): readonly KeySignerReport[] {
    if (vouchers.length === 0) return NOBODY
    return vouchers.map((voucher) => ({ ...(voucher.issuer === '' ? {} : { issuer: voucher.issuer }), ...this.#judge(voucher, record) }))
  }

  #judge(voucher: Voucher, record: MeterRecord): Judgement {
    if (voucher.unusable !== undefined) return { state: 'unsupported', detail: voucher.unusable }
    const chains = this.#chains.of(voucher)
    if (chains === 'unknown') return { state: 'unverified', detail: 'the signer is not in the trust store' }
    if (chains === 'unsupported') return { state: 'unsupported', detail: 'a signature on the way to the trust store is not computed here' }
    if (chains === 'mismatch') return { state: 'invalid', detail: 'the signature under the key does not match' }
    for (const { signer } of chains.flat()) this.used.add(signer)
    if (!voucher.signsValues) return { state: 'wrong-use', detail: 'the key may not sign meter values' }
    const judged = chains.map((chain) => ({ ...pathOf(chain), ...this.#judgeChain(chain, record) }))
    return judged.find(({ state }) => state === 'trusted') ?? (judged[0] as Judgement)
  }

  #judgeChain(chain: Chain, record: MeterRecord): Judgement {
    const [{ voucher }] = chain as [Link]
    const bound = chain.map((link, index) => boundOf(link, chain.slice(0, index))).find((each) => each !== undefined)
    if (bound !== undefined) return bound
    if (!speaksOf(voucher, record)) return { state: 'wrong-meter', detail: `it speaks of ${namesIn(voucher)}` }
    const span = spanOf(record)
    if (span === undefined) return { state: 'expired', detail: 'the record has no time that could lie within the time of the signature' }
    const certificates = chain.flatMap(({ signer: { certificate } }) => (certificate === undefined ? [] : [certificate]))
    const late = outsideOf([voucher, ...certificates], span)
    const revoked = (): Judgement | undefined =>
      chain.map((link) => this.#revocations.of(link, span.last)).find((each) => each !== undefined)
    return late ?? revoked() ?? { state: 'trusted' }
  }
}

const NOBODY: readonly KeySignerReport[] = []

type Judgement = Omit<KeySignerReport, 'issuer'>

/** Who vouched for whom, up to the trust store; only where there is somebody in between. */
const pathOf = (chain: Chain): Pick<KeySignerReport, 'path'> =>
  chain.length === 1 ? {} : { path: chain.map(({ voucher: { issuer } }) => issuer) }

/** Why the signer may not have signed this link, RFC 5280 §6.1.4; undefined where it may, and for a key without a certificate. */
const boundOf = ({ voucher, signer: { certificate } }: Link, below: Chain): Judgement | undefined => {
  if (certificate === undefined) return undefined
  const { strange, issues, signs, pathLength = Infinity } = certificate
  if (strange.length > 0) return { state: 'unsupported', detail: `the signer's certificate is bound by ${strange[0]}` }
  if (!('certificate' in voucher.by ? issues : signs)) return { state: 'wrong-use', detail: 'the signer may not vouch for keys' }
  const between = below.filter(({ signer }) => signer.certificate?.subject !== signer.certificate?.issuer).length
  return between <= pathLength
    ? undefined
    : { state: 'wrong-use', detail: `the signer may vouch over ${pathLength} others, not ${between}` }
}

const speaksOf = ({ subjects }: Voucher, { source: { meter, gateway, chargePoint } }: MeterRecord): boolean => {
  const names = [meter, gateway, chargePoint].flatMap((name) => (name === undefined || name === '' ? [] : [name.toLowerCase()]))
  return subjects.some((subject) => names.includes(subject.toLowerCase()))
}

/** Told with each record: a certificate may hold thousands of names. */
const namesIn = ({ subjects }: Voucher): string => {
  const shown = subjects.slice(0, 3).map((name) => name.slice(0, 80))
  return `${shown.join(', ') || 'no meter'}${subjects.length > shown.length ? ' and others' : ''}`
}

interface Span {
  readonly first: number
  readonly last: number
}

/** From the earliest reading to the latest, in milliseconds since 1970; undefined where none has a time. */
const spanOf = ({ readings }: MeterRecord): Span | undefined =>
  readings.reduce<Span | undefined>((span, { time }) => {
    if (time === undefined) return span
    const [first, last] = boundsOf(time)
    return { first: Math.min(first, span?.first ?? first), last: Math.max(last, span?.last ?? last) }
  }, undefined)

/**
 * When it may have been. Where only the time of the place is signed, the offset beside it is anybody's: it must not move a measurement to where
 * a certificate was good, or was not revoked yet.
 */
const boundsOf = ({ ms, iso, unsignedOffsetMinutes }: ReadingTime): [first: number, last: number] => {
  if (unsignedOffsetMinutes === undefined && ZONE.test(iso)) return [ms, ms]
  const local = ms + MINUTE * (unsignedOffsetMinutes ?? 0)
  return [local - EASTMOST, local + WESTMOST]
}

const ZONE = /(?:Z|[+-]\d\d:\d\d)$/
const MINUTE = 60_000
/** Clocks on earth are up to 14 hours before UTC, and 12 behind it (tz database, Pacific/Kiritimati and Etc/GMT+12). */
const EASTMOST = 14 * 60 * MINUTE
const WESTMOST = 12 * 60 * MINUTE

interface Period {
  readonly notBefore?: number
  readonly notAfter?: number
}

/** Each reading must lie in every period; undefined where it does. */
const outsideOf = (periods: readonly Period[], { first, last }: Span): Judgement | undefined => {
  for (const { notBefore = -Infinity, notAfter = Infinity } of periods) {
    if (first < notBefore) return { state: 'not-yet', detail: `good from ${new Date(notBefore).toISOString()}` }
    if (last > notAfter) return { state: 'expired', detail: `good until ${new Date(notAfter).toISOString()}` }
  }
  return undefined
}
