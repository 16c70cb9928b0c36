// Public keys as OCPP and OCPI carry them, in one of many texts, turned into the one that key files and records use. Whether it is a key
// is not asked here.

import { hex } from '../base/bytes.ts'
import { asFault, Fault } from '../base/fault.ts'
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

/**
 * Each once. A session is of one meter, which had one key or another in its time; and each of its records is tried with all of them.
 * @throws Fault `limit-exceeded`
 */
export const fewKeys = (keys: Iterable<string>): string[] => {
  const all = [...new Set(keys)]
  if (all.length > MAX_KEYS) throw new Fault('limit-exceeded', `more than ${MAX_KEYS} keys for one session`)
  return all
}

const MAX_KEYS = 64
