// Texts that were escaped once more than they were unescaped: for HTML, for JSON or for a URL. Undone as a whole, once; what is no escape
// of the kind stays as it is. Whoever reads the text afterwards decides what it is worth.

/** Numbers, and the five names that XML has too. Other names are no escapes here. */
export const unescapeHtml = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(quot|amp|lt|gt|apos));/gi, (whole, hex, decimal, name) =>
    name === undefined
      ? character(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16), whole)
      : (NAMES[name.toLowerCase()] ?? whole),
  )

const NAMES: Readonly<Record<string, string>> = { quot: '"', amp: '&', lt: '<', gt: '>', apos: "'" }

const character = (code: number, otherwise: string): string => (code <= 0x10ffff ? String.fromCodePoint(code) : otherwise)

/** The escapes of a JSON string, RFC 8259 §7. */
export const unescapeJson = (text: string): string =>
  text.replace(/\\(?:u([0-9a-f]{4})|(["\\/bfnrt]))/gi, (whole, hex, letter) =>
    hex === undefined ? (LETTERS[letter] ?? whole) : String.fromCharCode(Number.parseInt(hex, 16)),
  )

const LETTERS: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** Percent-encoding of UTF-8, RFC 3986 §2.1; the text itself where the bytes are none. */
export const unescapeUrl = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
