// Public keys as OCPP and OCPI carry them, in one of many texts, turned into the one that key files and records use. Whether it is a key
// is not asked here.
import { hex } from '../base/bytes.ts'
import { asFault } from '../base/fault.ts'
import { keyBytes } from '../crypto/key-text.ts'

/** The hex form of a public key, whatever form of `keyBytes` it comes in. A text that is none of these is given back as it is. */
export const publicKeyOf = (text: string): string => {
  try {
    return hex(keyBytes(text))
  } catch (thrown) {
    if (asFault(thrown).code !== 'key-malformed') throw thrown
    return text
  }
}
