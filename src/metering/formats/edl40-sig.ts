// `<signedMeterValue>`, one or several: the block that an EDL40 or EMOC meter signed, ready made, with its signature and key beside it.
// Also written in a text inside SAFE XML. docs/formats/edl40-sig.md.
import { unbase64, unhex } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { Format, ReadRecord } from '../format.ts'
import { elementsNamed, readXml, rootNameOf, straysIn, textIn, type XmlElement } from '../xml.ts'
import { BLOCK_BYTES, recordOfBlock } from './edl/block.ts'
import { logbookProblem, readEdlSignature } from './edl/signature.ts'

export const edl40Sig: Format = {
  name: 'edl40-sig',
  recognise: ({ text }) => ROOTS.has(rootNameOf(text) ?? ''),
  *read({ text = '' }) {
    const root = readXml(text)
    const values = elementsNamed(root, 'signedMeterValue')
    if (values.length === 0) throw new Fault('record-malformed', 'there is no signedMeterValue in it')
    for (const value of values) yield readOne(value)
    yield* straysIn(root, 'signedMeterValue')
  },
}

const ROOTS: ReadonlySet<string> = new Set(['signedMeterValue', 'signedMeterValues'])

/** In capitals, without marks in between. */
const METHODS: Readonly<Record<string, string>> = {
  ECDSA192SHA256: 'secp192r1',
  ECDSAP192SHA256: 'secp192r1',
  ECDSASECP192R1SHA256: 'secp192r1',
  ECDSA256SHA256: 'secp256r1',
  ECDSAP256SHA256: 'secp256r1',
  ECDSASECP256R1SHA256: 'secp256r1',
}

const readOne = (value: XmlElement): ReadRecord => {
  try {
    const encoding = textIn(value, 'encodingMethod')
    if (encoding !== undefined && !/^EDL/i.test(encoding))
      throw new Fault('record-malformed', `expected the encoding EDL, got ${encoding.slice(0, 20)}`)
    const block = bytesIn(value, 'encodedMeterValue')
    if (block.length !== BLOCK_BYTES) throw new Fault('record-malformed', `expected a block of ${BLOCK_BYTES} bytes, got ${block.length}`)
    return recordOf(value, block)
  } catch (thrown) {
    return asFault(thrown)
  }
}

const recordOf = (value: XmlElement, block: Uint8Array): ReadRecord => {
  const bytes = textIn(value, 'meterValueSignature') === undefined ? new Uint8Array() : bytesIn(value, 'meterValueSignature')
  const { signature, curve, logbook } = readEdlSignature(bytes)
  const method = textIn(value, 'signatureMethod') ?? ''
  const named = METHODS[method.toUpperCase().replace(/[^A-Z0-9]/g, '')]
  const wrong = named !== undefined && curve !== undefined && named !== curve
  return recordOfBlock(block, {
    format: 'edl40-sig',
    emoc: curve === 'secp256r1',
    signature,
    keys: textIn(value, 'publicKey') === undefined ? [] : [bytesIn(value, 'publicKey')],
    problems: [
      ...(wrong ? [`the signature is not as long as one of ${method.slice(0, 20)}`] : []),
      ...logbookProblem(logbook, block.subarray(39, 41)),
    ],
    remarks: method === '' || named !== undefined ? [] : [`the method ${method.slice(0, 40)} is not known, and decides nothing`],
  })
}

/** Hex where it looks so, else base64: what the element says of its encoding decides nothing. */
const bytesIn = (value: XmlElement, name: string): Uint8Array => {
  const text = (textIn(value, name) ?? '').replace(/\s+/g, '')
  try {
    return /^[0-9a-f]+$/i.test(text) ? unhex(text) : unbase64(text)
  } catch (cause) {
    throw new Fault('record-malformed', `${name} cannot be decoded: ${asFault(cause).message}`, {}, cause)
  }
}
