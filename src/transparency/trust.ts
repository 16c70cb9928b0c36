// Which key decides about a record, and how far that key is to be believed: pinned before supplied before what the record brought.
// A key found beside a record is never trusted for being there.

import { asFault, Fault } from '../base/fault.ts'
import { joined, mapped } from '../base/lists.ts'
import type { Engine, MeterKey } from '../crypto/engine.ts'
import { fingerprint } from '../crypto/key.ts'
import { type GivenKey, meterKeyFor } from '../crypto/meter-key.ts'
import { meterNamed, stemOf } from '../metering/key-file.ts'
import type { Budget } from '../metering/limits.ts'
import type { MeterRecord, RecordSignature, SignatureChoice, SignatureMethod, SignedPart } from '../metering/reading.ts'
import type { FoundKey, FoundRecord } from './found.ts'
import type { Opened } from './open.ts'
import { sameKey } from './same-key.ts'
import type { KeySignerReport, KeyTrust, SignatureState } from './verdict.ts'
import { Vouching } from './vouching.ts'

/** A record with the answer to the first question: is it signed, and by which key. */
export interface Judged extends FoundRecord {
  readonly signature: Judgement
}

export interface Judgement {
  readonly state: SignatureState
  readonly trust: KeyTrust
  /** The key that decided, or the one that would have. */
  readonly key?: MeterKey | undefined
  readonly keyFingerprint?: string | undefined
  readonly keySource?: string | undefined
  readonly keySigners?: readonly KeySignerReport[] | undefined
  /** What of the record the signature covers. */
  readonly part?: SignedPart | undefined
  /** How it was verified, or would be; absent where neither record nor key says. */
  readonly method?: SignatureMethod | undefined
  readonly code?: KeyCode | undefined
  /** In English; absent for `valid`. */
  readonly detail?: string | undefined
}

/** `key-mismatch`: good only under a key that the record brought along. `key-curve`: the key is on another curve than the record says. */
export type KeyCode = 'key-mismatch' | 'key-curve'

export class Trust {
  readonly #engine: Engine
  readonly #budget: Budget
  readonly #pinned: Keys
  readonly #given: Keys
  readonly #supplied: Keys
  readonly #vouching: Vouching

  constructor({ keys, lists }: Pick<Opened, 'keys' | 'lists'>, engine: Engine, budget: Budget) {
    this.#engine = engine
    this.#budget = budget
    this.#pinned = new Keys(keys.filter(({ trust }) => trust === 'pinned'))
    this.#vouching = new Vouching(keys, lists, { engine, budget })
    this.#given = new Keys(keys.filter(({ trust, given }) => trust === 'supplied' && given))
    this.#supplied = new Keys(keys.filter(({ trust, given }) => trust === 'supplied' && !given))
  }

  /** @throws Fault `limit-exceeded` when the time is up */
  judge(found: FoundRecord): Judged {
    // also where there is nothing to compute: with an input unread, no session is known to be whole and no key to be missing
    this.#budget.checkTime()
    const candidates = this.#candidates(found)
    const { signature } = found.record
    const [first] = candidates.deciding
    const judged = (candidate: Candidate | undefined, outcome: Outcome): Judged => this.#judged(found, candidate, outcome)
    if (signature.state !== 'ready') return judged(first, { state: signature.state, detail: signature.detail })
    if (first === undefined) return judged(first, { ...keyless(found.embedded), method: methodFor(signature) })
    const method = methodFor(signature, first.key)
    try {
      const winner = this.#find(found.record, signature, candidates.deciding)
      if (winner !== undefined) {
        const { candidate, part } = winner
        return judged(candidate, { state: 'valid', method: methodFor(signature, candidate.key), part })
      }
      const other = this.#find(found.record, signature, candidates.others)
      return judged(first, { state: 'invalid', method, ...whyInvalid(first, signature, other?.candidate) })
    } catch (thrown) {
      const fault = asFault(thrown)
      if (fault.code !== 'algorithm-unsupported') throw fault
      return judged(first, { state: 'unsupported', method, detail: fault.message })
    }
  }

  /** Keys given that speak of no meter among the judged records, and of no key that does. */
  unused(): FoundKey[] {
    return [...this.#given.unused(), ...this.#supplied.unused()].filter((key) => !this.#vouching.used.has(key))
  }

  /** Whether a pinned key spoke, for a record or for a key: the others of a trust store are nobody's concern. */
  hasUsed(key: FoundKey): boolean {
    return this.#pinned.used.has(key) || this.#vouching.used.has(key)
  }

  /** Lists of revoked certificates whose issuer had to be asked about, and those of them that the issuer had signed. */
  get lists(): Vouching['lists'] {
    return this.#vouching.lists
  }

  /** Every member, so that all have one shape: the rules are compiled once for all of them. */
  #judged({ id, report, record, embedded }: FoundRecord, candidate: Candidate | undefined, outcome: Outcome): Judged {
    const { state, method, part, code, detail } = outcome
    const { trust = 'none', key, source: keySource, signers } = candidate ?? NOBODY
    const keyFingerprint = key === undefined ? undefined : fingerprint(key, this.#engine)
    const keySigners = signers === undefined || signers.length === 0 ? undefined : signers
    return {
      id,
      report,
      record,
      embedded,
      signature: { state, trust, key, keyFingerprint, keySource, keySigners, part, method, code, detail },
    }
  }

  #candidates(found: FoundRecord): { deciding: readonly Candidate[]; others: readonly Candidate[] } {
    const { record, report } = found
    const pinned = mapped(this.#pinned.speakingOf(found), ({ key, trust, report }) =>
      candidateOf(record, key, { trust, source: report.name, signers: undefined }),
    )
    const given = mapped(this.#given.speakingOf(found), (key) => this.#vouchedFor(record, key))
    const beside = mapped(this.#supplied.speakingOf(found), (key) => this.#vouchedFor(record, key))
    const embedded: Candidate[] = []
    for (const key of found.embedded)
      if (!(key instanceof Fault)) embedded.push(candidateOf(record, key, { trust: 'embedded', source: report.name, signers: undefined }))
    const all = joined(given, beside)
    if (pinned.length > 0) return { deciding: pinned, others: joined(all, embedded) }
    const registered = all.filter(({ trust }) => trust === 'registered')
    if (registered.length > 0) {
      const supplied = all.filter(({ trust }) => trust === 'supplied')
      return { deciding: registered, others: joined(supplied, embedded) }
    }
    // who gives a key means that one, whatever lies among the inputs
    if (given.length > 0) return { deciding: given, others: joined(beside, embedded) }
    return beside.length > 0 ? { deciding: beside, others: embedded } : { deciding: embedded, others: [] }
  }

  #vouchedFor(record: MeterRecord, found: FoundKey): Candidate {
    const signers = this.#vouching.of(found.vouchers, record)
    const trust = signers.some(({ state }) => state === 'trusted') ? 'registered' : found.trust
    return candidateOf(record, found.key, { trust, source: found.report.name, signers })
  }

  #find(record: MeterRecord, signature: Ready, candidates: readonly Candidate[]): { candidate: Candidate; part: SignedPart } | undefined {
    for (const part of record.signed) {
      for (const candidate of candidates) {
        this.#budget.checkTime()
        if (this.#holds(candidate.key, signature, part.bytes)) return { candidate, part }
      }
    }
    return undefined
  }

  #holds(key: MeterKey | undefined, signature: Ready, message: Uint8Array): boolean {
    const choice = key === undefined ? undefined : choiceFor(signature, key)
    if (key === undefined || choice === undefined) return false
    const { method, raw } = choice
    if ('scheme' in key) return this.#engine.verifyPure(key, message, raw)
    return 'hash' in method && this.#engine.verifyEcdsa(key, method.hash, message, raw)
  }
}

type Ready = Extract<RecordSignature, { state: 'ready' }>

interface Candidate {
  /** Undefined where a bare key cannot be one of the kind that the record says. */
  readonly key: MeterKey | undefined
  readonly trust: KeyTrust
  readonly source: string
  readonly signers: readonly KeySignerReport[] | undefined
}

const NOBODY: Partial<Candidate> = {}

/** What of the judgement is not the key's. */
type Outcome = Pick<Judgement, 'state' | 'part' | 'method' | 'code' | 'detail'>

const candidateOf = ({ signature }: MeterRecord, given: FoundKey['key'], { trust, source, signers }: Omit<Candidate, 'key'>): Candidate => {
  // no meter signs with RSA: an authority's key that is said to be a meter's decides, and signed nothing
  if ('modulus' in given) return { key: undefined, trust, source, signers }
  if (!('bare' in given)) return { key: given, trust, source, signers }
  const choices = signature.state === 'ready' ? signature.choices : []
  const key = choices.map(({ method }) => meterKeyFor(given, method)).find((found) => found !== undefined)
  return { key, trust, source, signers }
}

/** The curve or the scheme. */
const kindOf = (of: MeterKey | SignatureMethod): string => ('scheme' in of ? of.scheme : of.curve)

const choiceFor = ({ choices }: Ready, key: MeterKey): SignatureChoice | undefined =>
  choices.find(({ method }) => kindOf(method) === kindOf(key))

/** The one that the record names, or the one that fits the key. */
const methodFor = (signature: Ready, key?: MeterKey): SignatureMethod | undefined => {
  const { choices } = signature
  const choice = choices.length === 1 ? choices[0] : key === undefined ? undefined : choiceFor(signature, key)
  return choice?.method
}

const keyless = (embedded: readonly (GivenKey | Fault)[]): Pick<Judgement, 'state' | 'detail'> => {
  const faults = embedded.filter((key) => key instanceof Fault)
  const unsupported = faults.find(({ code }) => code === 'algorithm-unsupported')
  if (unsupported !== undefined) return { state: 'unsupported', detail: `the key that came with it: ${unsupported.message}` }
  const [damaged] = faults
  // a record that brings a broken key is not one that lacks a key: somebody damaged what belongs together
  if (damaged !== undefined) return { state: 'malformed', detail: `the key that came with it: ${damaged.message}` }
  return { state: 'key-missing', detail: 'no key speaks of this meter' }
}

const whyInvalid = (first: Candidate, signature: Ready, other: Candidate | undefined): Pick<Judgement, 'code' | 'detail'> => {
  if (other !== undefined) {
    const [only, not] =
      other.trust === first.trust ? [other.source, first.source] : [`the ${other.trust} key`, `the ${first.trust} key of the meter`]
    return { code: 'key-mismatch', detail: `verifies only under ${only}, not under ${not}` }
  }
  const wanted = signature.choices.map(({ method }) => kindOf(method)).join(' or ')
  if (first.key === undefined) return { code: 'key-curve', detail: `the record says ${wanted}, the key cannot be one of that` }
  if (choiceFor(signature, first.key) === undefined) {
    return { code: 'key-curve', detail: `the record says ${wanted}, the key is on ${kindOf(first.key)}` }
  }
  return { detail: 'the signature does not match the signed bytes under this key' }
}

/** The keys of one standing, by the meter their file's name speaks of. */
class Keys {
  readonly used = new Set<FoundKey>()
  readonly #all: readonly FoundKey[]
  readonly #pinned: boolean
  readonly #named = new Map<string, FoundKey[]>()
  /** A key without a name (they are under '' above) speaks of every meter, if it is the only such key. */
  readonly #nameless: readonly FoundKey[]

  constructor(keys: readonly FoundKey[]) {
    this.#all = keys
    this.#pinned = keys[0]?.trust === 'pinned'
    for (const key of keys) {
      for (const name of namesOf(key)) {
        const others = this.#named.get(name)
        if (others !== undefined) others.push(key)
        else this.#named.set(name, [key])
      }
    }
    const nameless = this.#named.get('') ?? []
    this.#nameless = nameless.every(({ key }) => sameKey(key, nameless[0]?.key)) ? nameless : []
  }

  speakingOf({ record, report }: FoundRecord): readonly FoundKey[] {
    if (this.#all.length === 0) return []
    const { meter = '', gateway = '' } = record.source
    const [ofMeter, ofGateway] = [this.#of(meter), this.#of(gateway)]
    for (const key of ofGateway) this.used.add(key)
    // the meter's own first: else whoever has the key of one meter signs for all, by calling its own the gateway
    let speaking = ofMeter.length > 0 ? ofMeter : ofGateway
    // a key may also be named after the file of the record, which is how pairs are handed out; but who names a file like a meter of the trust
    // store does not make its key speak of another meter, which the record names under signature
    const byFile = !this.#pinned || (meter === '' && gateway === '')
    if (speaking.length === 0 && byFile) speaking = this.#of(stemOf(report.name))
    if (speaking.length === 0) speaking = this.#nameless
    for (const key of speaking) this.used.add(key)
    return speaking
  }

  unused(): FoundKey[] {
    return this.#all.filter((key) => !this.used.has(key))
  }

  #of(name: string): readonly FoundKey[] {
    return name === '' ? [] : (this.#named.get(name.toLowerCase()) ?? [])
  }
}

/** The meters that its file's name and the file itself speak of, in lower case; the empty one where neither says. */
const namesOf = ({ file, subjects }: FoundKey): ReadonlySet<string> => {
  const names = [meterNamed(file), ...subjects].map((name) => name.toLowerCase()).filter((name) => name !== '')
  return new Set(names.length === 0 ? [''] : names)
}
