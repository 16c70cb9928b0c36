// Files that hold public keys and nothing else: PEM, a SubjectPublicKeyInfo as hex, base32, base64 or DER, certificates and the lists of
// revoked ones, and JSON with signatures. Whether the key is good is asked of crypto/key.ts; here only what the file is, and which meter
// its name speaks of.
import { unbase64 } from '../base/bytes.ts'
import { asFault, Fault } from '../base/fault.ts'
import { stripped, uncommented } from '../base/texts.ts'
import { looksLikeCertificate } from '../crypto/certificate.ts'
import { memberKey } from '../crypto/key-text.ts'
import { readMeterKey } from '../crypto/meter-key.ts'
import { looksLikeRevocationList, type RevocationList, readRevocationList } from '../crypto/revocation-list.ts'
import type { Content } from './content.ts'
import { keyDocument } from './key-document.ts'
import { certificateVoucher, type FileKey } from './voucher.ts'

export interface KeyFile {
  readonly format: 'pem' | 'hex' | 'base32' | 'base64' | 'oca' | 'der' | 'raw' | 'x509' | 'crl' | 'json'
  /** Each key as it stands in the file, each list of revoked certificates, or why it cannot be had. Never empty. */
  readonly keys: readonly (FileKey | RevocationList | Fault)[]
}

/** Longer texts are no keys. The longest key in the field, ML-DSA-87 in hex, has 5,230 characters. */
const MAX_LENGTH = 65_536
/** Of a list of revoked certificates, which may be some 100,000. */
const MAX_LIST = 4_194_304

/** Undefined for what does not look like a key file. */
export const keyFileOf = ({ bytes, text }: Content): KeyFile | undefined => {
  const documents = text === undefined ? undefined : keyDocument(text)
  if (documents !== undefined && documents.length > 0) return { format: 'json', keys: documents }
  const list = bytes.length > MAX_LIST ? undefined : listIn({ bytes, text })
  if (list !== undefined) return { format: 'crl', keys: [read(() => readRevocationList(list()))] }
  if (bytes.length > MAX_LENGTH) return undefined
  if (looksLikeCertificate(bytes)) return { format: 'x509', keys: [certified(() => bytes)] }
  if (text === undefined) return bytes[0] === 0x30 ? { format: 'der', keys: [plain(bytes)] } : undefined
  if (/^-----BEGIN [A-Z0-9 ]+-----/m.test(text)) return pemFile(pemBlocks(text))
  const bare = uncommented(text).replace(/[\s"]/g, '')
  const format = SHAPES.find(({ shape }) => shape.test(memberKey(bare) ?? bare))?.format
  return format === undefined ? undefined : { format, keys: [plain(bare)] }
}

/** The same of a file that is said to be a key, by its name or by who gives it: it may be one that looks like nothing, such as a bare point. */
export const namedKeyFileOf = (content: Content): KeyFile | undefined => {
  const { bytes, text } = content
  const found = keyFileOf(content)
  if (found !== undefined || bytes.length === 0 || bytes.length > MAX_LENGTH) return found
  const key = plain(text ?? bytes)
  return read(() => readMeterKey(key.key)) instanceof Fault ? undefined : { format: 'raw', keys: [key] }
}

/** Whether a file's name says that it is a key. */
export const isNamedKey = (path: string): boolean => /public[-_ ]?key/i.test(path.slice(nameAt(path)))

const plain = <T extends string | Uint8Array>(key: T): FileKey & { readonly key: T } => ({ key, subjects: [], vouchers: [] })

const certified = (der: () => Uint8Array): FileKey | Fault =>
  read(() => {
    const { certificate, voucher } = certificateVoucher(der())
    return { key: certificate.key, subjects: voucher.subjects, vouchers: [voucher], certificate }
  })

const read = <T>(reading: () => T): T | Fault => {
  try {
    return reading()
  } catch (thrown) {
    return asFault(thrown, 'key-malformed')
  }
}

const CERTIFICATE = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----$/
/** RFC 7468 §6. */
const LIST = /^\s*-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]*)-----END X509 CRL-----\s*$/

/** The one list that the file is, in DER; undefined for any other file. */
const listIn = ({ bytes, text }: Content): (() => Uint8Array) | undefined => {
  const inner = text === undefined ? undefined : LIST.exec(text)?.[1]
  if (inner !== undefined) return () => unbase64(inner.replace(/\s/g, ''))
  return looksLikeRevocationList(bytes) ? () => bytes : undefined
}

const pemFile = (blocks: readonly string[]): KeyFile => ({
  format: blocks.every((block) => CERTIFICATE.test(block)) ? 'x509' : 'pem',
  keys: blocks.map((block) => {
    const inner = CERTIFICATE.exec(block)?.[1]
    return inner === undefined ? plain(block) : certified(() => unbase64(inner.replace(/\s/g, '')))
  }),
})

/**
 * The meter that a key file speaks of: its name up to the first dot, without the words "public key". Empty when that leaves nothing,
 * as in `publicKey.pem`, and for a name that a container made up.
 */
export const meterNamed = (path: string): string =>
  stripped(stemOf(path).replace(/public[-_ ]?key/i, ''), '-_ ').replace(/^(?:pub)?key$|^(?:code|attachment)?\[[0-9]+\]$|^content$/i, '')

/** A path's last part up to its first dot. */
export const stemOf = (path: string): string => {
  const start = nameAt(path)
  const dot = path.indexOf('.', start)
  return path.slice(start, dot < 0 ? undefined : dot)
}

/** Where the last part of a path begins. */
const nameAt = (path: string): number => Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1

// DER begins with a SEQUENCE, 30h: an M in base64, a G in base32; an uncompressed point with 04: a B; hex is taken at any beginning
const SHAPES = [
  { format: 'hex', shape: /^(?:0x)?(?:[0-9a-f]{2}:?){31,}[0-9a-f]{2}$/i },
  { format: 'base32', shape: /^G[A-Z2-7]{60,}=*$/ },
  { format: 'base64', shape: /^(?:M|B[A-P])[A-Za-z0-9+/_-]{50,}=*$/ },
  // also with whatever is printed between its digits; and {"UK":… in base64
  { format: 'oca', shape: /^(?:oca:|b2NhOm|eyJVSyI6)[!-~]{50,}$/ },
] as const

/** One text per PEM block; what no block could be cut from stays whole, to be refused as it is. */
const pemBlocks = (text: string): string[] => {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)
  const rest = uncommented(text.replace(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g, '')).trim()
  return blocks === null || rest !== '' ? [text] : blocks
}
