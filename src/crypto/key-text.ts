// Public keys of meters as text: the forms in which stations, makers' files and people hand them over, and the bytes behind them. Whether
// the bytes are a key is not asked here. Keys of nodes come in fewer forms: key.ts.
import { unbase32, unbase64, unhex } from '../base/bytes.ts'
import { unescapeHtml, unescapeJson, unescapeUrl } from '../base/escapes.ts'
import { Fault } from '../base/fault.ts'
import { uncommented } from '../base/texts.ts'

/**
 * PEM, hex (also with `0x` in front, or colons or dashes between the bytes), base32, base64 of either alphabet, tried in that order;
 * `oca:<base16|base64>:<asn1|raw>:<key>` (OCA application note on signed meter values); a JSON object with the key as one of its members;
 * and base64 of such a text. Blanks, quotes, lines that begin with `#`, what openssl writes before a PEM block, and escapes for JSON, HTML
 * or a URL do not count: no key has such characters.
 * @throws Fault `key-malformed`
 */
export const keyBytes = (text: string): Uint8Array => {
  try {
    return outer(text)
  } catch (cause) {
    throw new Fault('key-malformed', 'expected a public key as PEM, hex, base32 or base64', {}, cause)
  }
}

const outer = (text: string): Uint8Array => {
  const bytes = plain(text)
  const inner = isText(bytes) ? String.fromCharCode(...bytes) : ''
  return INNER.test(inner) ? plain(inner) : bytes
}

/** A text in base64 that is itself a key; the bytes of a DER key never look like one. */
const INNER = /^\s*(?:oca:|\{|-----BEGIN|M[\w+/=\s-]{60,}$|(?:0x)?(?:[0-9a-f]{2}[\s:-]*){32,}$)/i
const LONGEST_INNER = 4096

const isText = (bytes: Uint8Array): boolean =>
  bytes.length <= LONGEST_INNER && bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d)

const plain = (text: string): Uint8Array => {
  const spoken = uncommented(unescaped(text))
  const bare = ((PEM.exec(spoken) ?? CERTIFICATE.exec(spoken))?.[1] ?? spoken).replace(/[\s"']/g, '')
  const [, base, tagged] = TAGGED.exec(bare) ?? []
  // as it is printed on the meter: what is no digit is to be ignored (OCA application note §3.2.2)
  if (tagged !== undefined) return base === '16' ? unhex(tagged.replace(/0x|[^0-9a-f]/gi, '')) : eitherBase64(tagged)
  const word = memberKey(bare) ?? bare
  if (HEX.test(word)) return unhex(word.replace(/^0x/i, '').replace(/[:-]/g, ''))
  return BASE32.test(word) ? unbase32(word.toUpperCase()) : eitherBase64(word)
}

const eitherBase64 = (text: string): Uint8Array => unbase64(text.replaceAll('-', '+').replaceAll('_', '/'))

/**
 * The key in an object of JSON, whose quotes do not count: KEBA's stations send {"UK": …}, meters of Isabellenhütte answer {"SA": …, "PK": …}.
 * Undefined for any other object, and for one with two keys.
 */
export const memberKey = (bare: string): string | undefined => {
  if (!/^\{.*\}$/.test(bare)) return undefined
  const [key = '', other] = bare
    .slice(1, -1)
    .split(',')
    .filter((member) => !member.startsWith('SA:'))
  return other === undefined && /^[UP]K:/.test(key) ? key.slice(3) : undefined
}

const unescaped = (text: string): string => {
  const read = text.includes('&') ? unescapeHtml(text) : text
  const said = read.includes('\\') ? unescapeJson(read) : read
  return said.includes('%') ? unescapeUrl(said) : said
}

const PEM = /^[^-]*-----BEGIN\s*(?:EC\s*)?PUBLIC\s*KEY-----([^-]*)-----END\s*(?:EC\s*)?PUBLIC\s*KEY-----[^-]*$/
/** What stands where a key is wanted may be one; whether it counts is not said here. */
const CERTIFICATE = /^\s*-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----\s*$/
const TAGGED = /^oca:base(16|64):[^:]*:(.+)$/i
const HEX = /^(?:0x)?(?:[0-9a-f]*|(?:(?:[0-9a-f]{2})+[:-])+[0-9a-f]{2,})$/i
/** In one case: base64 of a key has letters of both. */
const BASE32 = /^(?:[A-Z2-7]*|[a-z2-7]{40,})=*$/
