// The two numbers of an ECDSA signature, out of the bytes as a record carries them and into the form that openssl reads.
// For display only: whether an encoding is acceptable is decided by the verifier, not here.
import { hex } from '../../../src/base/bytes.ts'
import { CURVES } from '../../../src/crypto/curves.ts'
import { derToRaw, rawToDer } from '../../../src/crypto/der.ts'
import type { CurveName } from '../../../src/crypto/engine.ts'

export interface SignatureParts {
  /** Hex at the curve's full width. */
  readonly r: string
  readonly s: string
  readonly der: Uint8Array<ArrayBuffer>
}

/** Bytes of twice the curve's width are r and s side by side, anything else must be a DER sequence of two numbers of the curve. */
export const readSignature = (bytes: Uint8Array, curve: CurveName): SignatureParts | undefined => {
  const width = CURVES[curve].orderBytes
  try {
    const raw = bytes.length === 2 * width ? bytes : derToRaw(bytes, curve)
    return { r: hex(raw.subarray(0, width)), s: hex(raw.subarray(width)), der: rawToDer(raw) }
  } catch {
    return undefined
  }
}
