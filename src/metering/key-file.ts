// Files that hold public keys and nothing else: PEM, or a SubjectPublicKeyInfo as hex, base32, base64 or DER.
// Whether the key is good is asked of crypto/key.ts; here only what the file is, and which meter its name speaks of.
import type { Content } from './content.ts'

export interface KeyFile {
  readonly format: 'pem' | 'hex' | 'base32' | 'base64' | 'der'
  /** Each key as it stands in the file. Never empty. */
  readonly keys: readonly (string | Uint8Array)[]
}

/** Longer texts are no keys. The longest key in the field, ML-DSA-87 in hex, has 5,230 characters. */
const MAX_LENGTH = 65_536

/** Undefined for what does not look like a key file. */
export const keyFileOf = ({ bytes, text }: Content): KeyFile | undefined => {
  if (bytes.length > MAX_LENGTH) return undefined
  if (text === undefined) return bytes[0] === 0x30 ? { format: 'der', keys: [bytes] } : undefined
  if (/^-----BEGIN [A-Z0-9 ]+-----/m.test(text)) return { format: 'pem', keys: pemBlocks(text) }
  const bare = text.replace(/^\s*#.*$/gm, '').replace(/\s/g, '')
  const format = SHAPES.find(({ shape }) => shape.test(bare))?.format
  return format === undefined ? undefined : { format, keys: [bare] }
}

/**
 * The meter that a key file speaks of: its name up to the first dot, without the words "public key". Empty when that leaves nothing,
 * as in `publicKey.pem`.
 */
export const meterNamed = (path: string): string =>
  stemOf(path)
    .replace(/public[-_ ]?key/i, '')
    .replace(/^[-_ ]+|[-_ ]+$/g, '')
    .replace(/^(?:pub)?key$/i, '')

/** A path's last part up to its first dot. */
export const stemOf = (path: string): string => (path.split(/[/\\]/).at(-1) ?? '').split('.')[0] ?? ''

// DER begins with a SEQUENCE, 30h: an M in base64, a G in base32; hex is taken at any beginning, raw keys come that way
const SHAPES = [
  { format: 'hex', shape: /^(?:[0-9a-fA-F]{2}){32,}$/ },
  { format: 'base32', shape: /^G[A-Z2-7]{60,}=*$/ },
  { format: 'base64', shape: /^M[A-Za-z0-9+/]{50,}=*$/ },
] as const

/** One text per PEM block; what no block could be cut from stays whole, to be refused as it is. */
const pemBlocks = (text: string): string[] => {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)
  const rest = text
    .replace(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g, '')
    .replace(/^\s*#.*$/gm, '')
    .trim()
  return blocks === null || rest !== '' ? [text] : blocks
}
