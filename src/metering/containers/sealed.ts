// Sealed data of SAFE XML (`encodedData`; the transport format of the SAFE sealing, docs/formats/safe-xml.md): a record that is opened by the
// public key beside it, and so can be read; and what other seals say about themselves. Proves nothing.
import { unbase32, unbase64, unhex } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { readOid, take, whole } from '../../crypto/der.ts'
import type { RsaPublicKey } from '../../crypto/engine.ts'
import { revealed } from '../../crypto/integrity-padding.ts'
import { keyBytes } from '../../crypto/key-text.ts'
import { readRsaSpki } from '../../crypto/rsa.ts'
import type { MeterRecord } from '../reading.ts'

/**
 * The record in a seal.
 * @param key the text beside it; undefined where there is none
 * @param each called before each step that costs time
 * @throws Fault `algorithm-unsupported` for seals that are not opened here, naming what is sealed as far as the data tells; `key-malformed`;
 * `record-malformed` for a seal that does not open
 */
export const openSealed = (text: string, key: string | undefined, each: () => void): Uint8Array => {
  const seal = sealOf(text.replace(/\s+/g, ''))
  const rsa = seal === undefined || key === undefined ? undefined : rsaIn(key)
  if (seal === undefined || rsa === undefined || !isOpened(seal)) throw sealedFault(seal)
  return revealed(seal.sealed, rsa, each)
}

/** The record as one whose signature cannot be judged: it has none but the seal. */
export const asSealed = (record: MeterRecord): MeterRecord => ({
  ...record,
  signature: {
    state: 'unsupported',
    algorithm: 'RSA-IIP',
    detail: 'it was sealed, not signed: the seal opens under the key beside it, which proves less than a signature',
  },
})

const rsaIn = (key: string): RsaPublicKey | undefined => {
  try {
    return readRsaSpki(keyBytes(key))
  } catch (thrown) {
    if (asFault(thrown).code !== 'key-malformed') throw thrown
    return undefined
  }
}

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
/** "None", in the numbers of the author of the procedure. */
const NO_COMPRESSION = '1.3.6.1.4.1.21876.1.1.1.1.0'
const LARGEST = 65_536

/** Version 1 with RSA; other seals ask for what nobody has who only verifies. */
const isOpened = ({ version, algorithms, sealed }: Seal): boolean =>
  version === 1 && algorithms.includes(RSA_ENCRYPTION) && algorithms.includes(NO_COMPRESSION) && sealed.length <= LARGEST

const sealedFault = (seal: Seal | undefined): Fault => {
  const what =
    seal === undefined
      ? 'in a way that is not known'
      : `by procedure ${seal.procedure}, version ${seal.version}, with ${seal.algorithms.join(' and ') || 'no algorithm named'}: ${seal.sealed.length} bytes`
  return new Fault('algorithm-unsupported', `its data is sealed ${what}; such a seal is not opened here, ask for signedData`)
}

interface Seal {
  /** Object identifiers. */
  readonly procedure: string
  readonly algorithms: readonly string[]
  readonly version: number
  readonly sealed: Uint8Array
}

const SEQUENCE = 0x30
const OID = 0x06
const INTEGER = 0x02
const OCTET_STRING = 0x04
/** Of elements that hold others, whatever their class: the description has them context-specific, programs write application. */
const CONSTRUCTED = 0x20
/** Elements looked at: a seal has some twenty. */
const MAX_ELEMENTS = 64
const FAIL = 'bytes-malformed'

/** SEQUENCE { procedure, version, [0] encryption, [1] key agreement, [2] authentication, sealed data }; undefined for anything else. */
const sealOf = (text: string): Seal | undefined => {
  try {
    const [procedure, afterProcedure] = take(OID, whole(SEQUENCE, bytesOf(text), FAIL), FAIL)
    const [version, afterVersion] = take(INTEGER, afterProcedure, FAIL)
    let rest = afterVersion
    const algorithms: string[] = []
    while (((rest[0] ?? 0) & CONSTRUCTED) !== 0) {
      const [layer, behind] = take(rest[0] ?? 0, rest, FAIL)
      algorithms.push(...oidsIn(layer, MAX_ELEMENTS))
      rest = behind
    }
    return { procedure: readOid(procedure), algorithms, version: version[0] ?? 0, sealed: whole(OCTET_STRING, rest, FAIL) }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return undefined
  }
}

/** Depth first. */
const oidsIn = (bytes: Uint8Array, limit: number): string[] => {
  const oids: string[] = []
  const waiting = [bytes]
  for (let rest = waiting.pop(), count = 0; rest !== undefined && count < limit; count++) {
    const tag = rest[0] ?? 0
    const [content, behind] = take(tag, rest, FAIL)
    if (behind.length > 0) waiting.push(behind)
    if (tag === OID) oids.push(readOid(content))
    else if ((tag & CONSTRUCTED) !== 0 && content.length > 0) waiting.push(content)
    rest = waiting.pop()
  }
  return oids
}

/** Hex, base32 or base64, whatever it says it is. @throws Fault `bytes-malformed` */
const bytesOf = (text: string): Uint8Array => {
  for (const decode of [unhex, unbase32]) {
    try {
      return decode(text)
    } catch (thrown) {
      if (asFault(thrown).code !== FAIL) throw thrown
    }
  }
  return unbase64(text)
}
