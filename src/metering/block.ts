// Signed blocks of fixed width, as meters write them: numbers and identifiers at fixed places. One table describes a block; from it come
// the values and the evidence alike. Knows no format.
import { hex } from '../base/bytes.ts'
import type { SignedField } from './reading.ts'

export interface BlockField {
  readonly at: number
  readonly length: number
  /** `unsigned` and `signed`: little endian, two's complement. `text`: ASCII up to the first zero byte. */
  readonly form: 'hex' | 'text' | 'unsigned' | 'signed'
  /** In English, in the terms of the format. */
  readonly meaning: string
}

/** Every field of a table, with its place, for the evidence. */
export const blockFields = (bytes: Uint8Array, table: Readonly<Record<string, BlockField>>): SignedField[] =>
  Object.entries(table).map(([name, field]) => ({
    name,
    value: shown(bytes, field),
    meaning: field.meaning,
    at: field.at,
    length: field.length,
  }))

/** Little endian; any width. */
export const blockNumber = (bytes: Uint8Array, { at, length, form }: BlockField): bigint => {
  const magnitude = bytes.subarray(at, at + length).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return form === 'signed' ? BigInt.asIntN(8 * length, magnitude) : magnitude
}

export const blockHex = (bytes: Uint8Array, { at, length }: BlockField): string => hex(bytes.subarray(at, at + length))

/**
 * Printable ASCII up to the first zero byte, and nothing but zero bytes behind it. Undefined for anything else: text that a screen would
 * not show, or show differently, is no text.
 */
export const blockText = (bytes: Uint8Array, { at, length }: BlockField): string | undefined => {
  const field = bytes.subarray(at, at + length)
  const zero = field.indexOf(0)
  const text = zero < 0 ? field : field.subarray(0, zero)
  const clean = text.every((byte) => byte >= 0x20 && byte < 0x7f) && field.subarray(text.length).every((byte) => byte === 0)
  return clean ? String.fromCharCode(...text) : undefined
}

/** Six bytes as `A-B:C.D.E*F` in decimal. */
export const blockObis = (bytes: Uint8Array, { at }: BlockField): string => {
  const [a, b, c, d, e, f] = bytes.subarray(at, at + 6)
  return `${a}-${b}:${c}.${d}.${e}*${f}`
}

const shown = (bytes: Uint8Array, field: BlockField): string => {
  if (field.form === 'hex') return blockHex(bytes, field)
  if (field.form === 'text') return blockText(bytes, field) ?? blockHex(bytes, field)
  return String(blockNumber(bytes, field))
}
