// Bytes that were given, and their text where they are one. Which format the text has is decided elsewhere.

import { hasAt } from '../base/bytes.ts'

export interface Content {
  readonly bytes: Uint8Array
  /** Without its byte order mark; undefined when the bytes are not text. */
  readonly text: string | undefined
}

/**
 * UTF-8, UTF-16 with a byte order mark, or Latin-1 where UTF-8 is impossible: where an XML declaration says so, or where it is plainly a text
 * with a few letters beyond ASCII, as spreadsheets write them.
 */
export const contentOf = (bytes: Uint8Array): Content => ({ bytes, text: textOf(bytes) })

/** The first character of a text that is no blank; empty where there is none. Nearly always that is its first. */
export const firstOf = (text: string): string => {
  const unit = text.charCodeAt(0)
  return unit > 0x20 && unit < 0x7f ? text.charAt(0) : text.trimStart().charAt(0)
}

/** The lines of a text that are not empty, without the blanks around them. */
export const linesOf = (text = ''): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

const BOMS = [
  { label: 'utf-8', mark: [0xef, 0xbb, 0xbf] },
  { label: 'utf-16le', mark: [0xff, 0xfe] },
  { label: 'utf-16be', mark: [0xfe, 0xff] },
] as const

const LATIN = /^\s*<\?xml[^>]{0,200}encoding\s*=\s*["'](iso-8859-1|windows-1252|latin1)["']/i

const textOf = (bytes: Uint8Array): string | undefined => {
  const bom = BOMS.find(({ mark }) => hasAt(bytes, mark))
  if (bom !== undefined) return decode(bom.label, bytes.subarray(bom.mark.length))
  const text = decode('utf-8', bytes)
  if (text !== undefined) return text
  const head = String.fromCharCode(...bytes.subarray(0, 250))
  return LATIN.test(head) || isNearlyAscii(bytes) ? decode('windows-1252', bytes) : undefined
}

/** Keys in DER, archives and pictures have a control character or as many bytes above ASCII before long. */
const isNearlyAscii = (bytes: Uint8Array): boolean => {
  let beyond = 0
  for (const byte of bytes) {
    if ((byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) || byte === 0x7f) return false
    if (byte >= 0x80) beyond++
  }
  return bytes.length >= SHORTEST_LATIN && beyond * 10 < bytes.length
}

/** Bare keys are shorter, and may be any bytes. */
const SHORTEST_LATIN = 200

const DECODERS = new Map<string, InstanceType<typeof TextDecoder>>()

const decode = (label: string, bytes: Uint8Array): string | undefined => {
  const decoder = DECODERS.get(label) ?? new TextDecoder(label, { fatal: true, ignoreBOM: true })
  DECODERS.set(label, decoder)
  try {
    return decoder.decode(bytes)
  } catch {
    // not text in that encoding: the caller says so, with the name of the input
    return undefined
  }
}
