// Random bytes that are the same in every run: a test that fails once fails again. Not for anything that must be secret.
import type { Random } from '../../src/base/ports.ts'

/** xorshift32 (Marsaglia 2003), seeded; two seeds give two streams. */
export const fixedRandom = (seed = 1): Random => {
  // zero is the one state that xorshift never leaves
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  const byte = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0
    return state & 0xff
  }
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, byte)
  return { bytes, uuid: () => uuidOf(bytes(16)) }
}

/** RFC 9562 §5.4: version 4 in octet 6, variant 10 in octet 8. */
const uuidOf = (octets: Uint8Array): string => {
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80
  const text = Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`
}
