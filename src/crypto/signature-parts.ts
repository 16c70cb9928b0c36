// The two numbers of an ECDSA signature, out of the bytes as a record carries them and into the form that openssl reads.
// For display only: whether an encoding is acceptable is decided by the format, not here.
import { hex } from '../base/bytes.ts'
import { CURVES } from './curves.ts'
import { derToRaw, rawToDer } from './der.ts'
import type { CurveName } from './engine.ts'

export interface SignatureParts {
  /** Hex at the full width of the curve's order. */
  readonly r: string
  readonly s: string
  readonly der: Uint8Array<ArrayBuffer>
}

/** Bytes of twice the order's width are r and s side by side, anything else must be a DER sequence of two numbers; undefined where neither. */
export const readSignature = (bytes: Uint8Array, curve: CurveName): SignatureParts | undefined => {
  const width = CURVES[curve].orderBytes
  try {
    const raw = bytes.length === 2 * width ? bytes : derToRaw(bytes, curve)
    return { r: hex(raw.subarray(0, width)), s: hex(raw.subarray(width)), der: rawToDer(raw) }
  } catch {
    return undefined
  }
}
