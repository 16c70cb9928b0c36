// Public keys as OCPP and OCPI carry them, in one of many texts, turned into the one that key files and records use. Whether it is a key
// is not asked here.
import { hex, unbase64, utf8Text } from '../base/bytes.ts'
import { asFault } from '../base/fault.ts'

/**
 * The hex form of a public key: hex, base64 of DER, base64 of hex, PEM, or `oca:<base16|base64>:<asn1|raw>:<key>` (OCA application note on
 * signed meter values), itself in base64 or not. A text that is none of these is given back as it is.
 */
export const publicKeyOf = (text: string): string => {
  const bare = text.replace(/-----[^-]*-----/g, '').replace(/\s/g, '')
  const tagged = /^oca:(base16|base64):[^:]*:(.+)$/i.exec(bare)
  if (tagged !== null)
    return (tagged[1] as string).toLowerCase() === 'base16' ? (tagged[2] as string).toLowerCase() : hexOf(tagged[2] as string, text)
  if (isHex(bare)) return bare.toLowerCase()
  const inner = decoded(() => utf8Text(unbase64(bare)))
  // only a text that is itself a key ends this; the bytes of a DER key never look like one
  if (inner !== undefined && (inner.startsWith('oca:') || isHex(inner))) return publicKeyOf(inner)
  return hexOf(bare, text)
}

const isHex = (text: string): boolean => text.length >= 32 && text.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(text)

const hexOf = (base64: string, otherwise: string): string => {
  const bytes = decoded(() => unbase64(base64))
  return bytes === undefined ? otherwise : hex(bytes)
}

/** Undefined where the text is not in that encoding: then it is in another one. */
const decoded = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch (thrown) {
    if (asFault(thrown).code !== 'bytes-malformed') throw thrown
    return undefined
  }
}
