// What sealed data of SAFE XML says about itself (`encodedData`; the transport format of the SAFE sealing, docs/formats/safe-xml.md): the
// procedure, its version and algorithms, and how much is sealed. Opens nothing.
import { unbase32, unbase64, unhex } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { readOid, take, whole } from '../../crypto/der.ts'

/** The fault of a value whose data is sealed; it names what is sealed, as far as the data tells. */
export const sealedFault = (text: string): Fault => {
  const seal = sealOf(text.replace(/\s+/g, ''))
  const what =
    seal === undefined
      ? 'in a way that is not known'
      : `by procedure ${seal.procedure}, version ${seal.version}, with ${seal.algorithms.join(' and ') || 'no algorithm named'}: ${seal.bytes} bytes`
  return new Fault('algorithm-unsupported', `its data is sealed ${what}; seals are not opened here, ask for signedData`)
}

interface Seal {
  /** Object identifiers. */
  readonly procedure: string
  readonly algorithms: readonly string[]
  readonly version: number
  /** Of the sealed data itself. */
  readonly bytes: number
}

const SEQUENCE = 0x30
const OID = 0x06
const INTEGER = 0x02
const OCTET_STRING = 0x04
const LAYER = 0xa0
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
    while ((rest[0] ?? 0) >= LAYER) {
      const [layer, behind] = take(rest[0] ?? 0, rest, FAIL)
      algorithms.push(...oidsIn(layer, MAX_ELEMENTS))
      rest = behind
    }
    return { procedure: readOid(procedure), algorithms, version: version[0] ?? 0, bytes: whole(OCTET_STRING, rest, FAIL).length }
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
    else if ((tag & 0x20) !== 0 && content.length > 0) waiting.push(content)
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
