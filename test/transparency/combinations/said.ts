// What a record of any format says under its meter's signature, and who may have signed it. Nothing here knows how it is written: that is
// for makers/, one for each kind of meter.
import type { CurveName, Signer } from '../../../src/crypto/engine.ts'
import { vectorSigner } from '../../../tools/transparency-vectors/signer.ts'

/** Meters of one family sign the same bytes; `edl` ones are told in four formats, `emoc` ones in two. */
export type Family = 'ocmf' | 'alfen' | 'edl' | 'emoc' | 'isa' | 'bsm' | 'chargepoint' | 'pcdf'

/** `m0` to `m2` are meters; `forger` is nobody's. */
export const METERS = ['m0', 'm1', 'm2'] as const
export type Meter = (typeof METERS)[number]
export type Holder = Meter | 'forger'

export interface Said {
  readonly family: Family
  readonly meter: Meter
  /** Of all sessions in the world; a record names it where its format has names for sessions. */
  readonly session: number
  readonly kind: 'begin' | 'between' | 'end' | 'whole'
  /** The meter's own count. */
  readonly number: number
  readonly time: number
  /** The register, in multiples of 100. */
  readonly wh: number
  readonly user: string
  readonly log: number
  readonly healthy: boolean
  /** What its session began with, which some formats repeat in each record. */
  readonly from: { readonly time: number; readonly wh: number }
}

/** A record on its way: what it says, whose signature over what is on it, and whose key lies with it. */
export interface Signed {
  /** Before anybody changed anything. */
  readonly honest: Said
  readonly said: Said
  readonly signs: Said
  readonly signer: Holder
  readonly embedded: Holder | undefined
  /** Whose key stands beside it where that is another than the one in it. */
  readonly beside?: Holder
}

/** One record as a file or a place would hold it. */
export interface Written {
  /** What it can be put together with. */
  readonly form: 'ocmf' | 'alfen' | 'pcdf' | 'edl40' | 'isa' | 'values' | 'processes' | 'json' | 'pair'
  readonly content: string | Uint8Array
  /** Of a pair: the other file. */
  readonly signature?: Uint8Array
  /** Whether the key, where there is one, is in it. */
  readonly holdsKey: boolean
  /** Whether an offset from UTC is beside a time that is signed without one. */
  readonly offset?: boolean
  /** Its place in the session by the words around it. */
  readonly label?: Said['kind']
}

export interface Maker {
  readonly curve: CurveName
  /** As the verifier tells it. */
  idOf(meter: Meter): string
  /** As a file with its key is called; its id where this is absent. */
  keyNameOf?(meter: Meter): string
  /** How many records a session of this length has. */
  lengthOf(length: number): number
  readonly writers: readonly ((signed: Signed) => Written)[]
}

const signers = new Map<string, Signer>()

/** A signer that remembers: most worlds ask for the same signatures. */
export const signerOf = (holder: Holder | 'authority' | 'stranger', curve: CurveName): Signer => {
  const name = `${holder} ${curve}`
  const known = signers.get(name)
  if (known !== undefined) return known
  const signer = vectorSigner(curve, holder)
  const made = new Map<string, Uint8Array>()
  const remembering: Signer = {
    ...signer,
    sign: (hash, message) => {
      const text = LATIN.decode(message)
      const signature = made.get(text) ?? signer.sign(hash, message)
      made.set(text, signature)
      return signature.slice()
    },
  }
  signers.set(name, remembering)
  return remembering
}

const LATIN = new TextDecoder('latin1')

export const digitOf = (meter: Meter): string => meter.slice(1)
