// The signature of an EDL40 meter and its kin: r and s as raw numbers, by their length on P-192 or P-256 over SHA-256, and behind them
// perhaps the two bytes of the meter's logbook.
import { hex } from '../../../base/bytes.ts'
import type { RecordSignature } from '../../reading.ts'

export interface EdlSignature {
  readonly signature: RecordSignature
  /** Undefined where its length is no signature's. */
  readonly curve: 'secp192r1' | 'secp256r1' | undefined
  /** The two bytes behind it; undefined where there are none. */
  readonly logbook: Uint8Array | undefined
}

/** 48 or 64 bytes, with or without the two of the logbook. */
export const readEdlSignature = (bytes: Uint8Array): EdlSignature => {
  const such = KINDS.find(({ length }) => bytes.length === length || bytes.length === length + LOGBOOK_BYTES)
  if (such === undefined) {
    const detail = `expected 48 or 64 bytes, and 2 of the logbook, got ${bytes.length}`
    return { signature: { state: bytes.length === 0 ? 'absent' : 'malformed', detail }, curve: undefined, logbook: undefined }
  }
  const { length, curve, algorithm } = such
  const raw = bytes.slice(0, length)
  return {
    signature: { state: 'ready', algorithm, choices: [{ method: { curve, hash: 'SHA-256' }, raw }], encoded: raw },
    curve,
    logbook: bytes.length === length ? undefined : bytes.slice(length),
  }
}

/** What is wrong where the bytes behind the signature are not those in the block. */
export const logbookProblem = (behind: Uint8Array | undefined, signed: Uint8Array): string[] =>
  behind === undefined || hex(behind) === hex(signed)
    ? []
    : [`the logbook behind the signature is ${hex(behind)}, ${hex(signed)} was signed`]

const LOGBOOK_BYTES = 2
const KINDS = [
  { length: 48, curve: 'secp192r1', algorithm: 'ECDSA-secp192r1-SHA256' },
  { length: 64, curve: 'secp256r1', algorithm: 'ECDSA-secp256r1-SHA256' },
] as const
