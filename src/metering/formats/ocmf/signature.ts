// The signature section of an OCMF document: which algorithm, and the raw numbers. Verifies nothing.
import { unbase64, unhex } from '../../../base/bytes.ts'
import { asFault, Fault } from '../../../base/fault.ts'
import { derToRaw } from '../../../crypto/der.ts'
import type { CurveName, HashName, SchemeName } from '../../../crypto/engine.ts'
import { SCHEMES } from '../../../crypto/schemes.ts'
import type { JsonNode } from '../../json-text.ts'
import type { RecordSignature, SignatureMethod } from '../../reading.ts'

/** Reads the members SA, SE, SM and SD (OCMF 1.4 §4.3, tables 21 to 23). */
export const readOcmfSignature = (section: (JsonNode & { type: 'object' }) | Fault | undefined): RecordSignature => {
  if (section === undefined) return { state: 'absent', detail: 'the document ends after its payload' }
  if (section instanceof Fault) return { state: 'malformed', detail: section.message }
  const member = (name: string): string | undefined => textOf(section.members.get(name))
  const data = member('SD')
  if (data === undefined) return { state: 'malformed', detail: 'SD is not a text' }
  if (data === '') return { state: 'absent', detail: 'there is no SD' }
  // one that is there and cannot be read is not one that was left out: the default is for the latter
  const odd = ['SA', 'SE', 'SM'].find((name) => member(name) === undefined)
  if (odd !== undefined) return { state: 'malformed', detail: `${odd} is not a text` }
  const said = member('SA') || DEFAULT_ALGORITHM
  const known = ALGORITHMS.get(said.toLowerCase())
  if (known === undefined)
    return { state: 'unsupported', algorithm: said, detail: `the algorithm ${said.slice(0, 40)} cannot be computed here` }
  const { spelling: algorithm, method } = known
  const wanted = 'curve' in method ? DER : RAW
  // DER is the default of the specification, which knows ECDSA alone; of a scheme there is one form
  const form = member('SM') || wanted
  if (form.toLowerCase() !== wanted) return { state: 'unsupported', algorithm, detail: `expected SM ${wanted}, got ${form.slice(0, 40)}` }
  try {
    const encoded = decode(data, (member('SE') || 'hex').toLowerCase())
    return { state: 'ready', algorithm, choices: [{ method, raw: rawOf(encoded, method) }], encoded }
  } catch (thrown) {
    return { state: 'malformed', algorithm, detail: `SD: ${asFault(thrown).message}` }
  }
}

const rawOf = (encoded: Uint8Array, method: SignatureMethod): Uint8Array => {
  if ('curve' in method) return derToRaw(encoded, method.curve)
  const { signatureBytes } = SCHEMES[method.scheme]
  if (encoded.length !== signatureBytes)
    throw new Fault('bytes-malformed', `expected ${signatureBytes} bytes for ${method.scheme}, got ${encoded.length}`)
  return encoded
}

const DEFAULT_ALGORITHM = 'ECDSA-secp256r1-SHA256'
const DER = 'application/x-der'
const RAW = 'application/octet-stream'

// OCMF 1.4 table 22, and three with longer hashes that are in the field; brainpool is spelled with and without the P
const ROWS: readonly (readonly [spelling: string, curve: CurveName, hash: HashName])[] = [
  ['ECDSA-secp192k1-SHA256', 'secp192k1', 'SHA-256'],
  ['ECDSA-secp256k1-SHA256', 'secp256k1', 'SHA-256'],
  ['ECDSA-secp192r1-SHA256', 'secp192r1', 'SHA-256'],
  ['ECDSA-secp256r1-SHA256', 'secp256r1', 'SHA-256'],
  ['ECDSA-brainpool256r1-SHA256', 'brainpoolP256r1', 'SHA-256'],
  ['ECDSA-brainpoolP256r1-SHA256', 'brainpoolP256r1', 'SHA-256'],
  ['ECDSA-secp384r1-SHA256', 'secp384r1', 'SHA-256'],
  ['ECDSA-brainpool384r1-SHA256', 'brainpoolP384r1', 'SHA-256'],
  ['ECDSA-brainpoolP384r1-SHA256', 'brainpoolP384r1', 'SHA-256'],
  ['ECDSA-secp384r1-SHA384', 'secp384r1', 'SHA-384'],
  ['ECDSA-brainpool384r1-SHA384', 'brainpoolP384r1', 'SHA-384'],
  ['ECDSA-brainpoolP384r1-SHA384', 'brainpoolP384r1', 'SHA-384'],
  ['ECDSA-secp521r1-SHA512', 'secp521r1', 'SHA-512'],
]

// not in OCMF 1.4: identifiers that are in the field for schemes without a hash of their own
const PURE: readonly (readonly [spelling: string, scheme: SchemeName])[] = [
  ['EdDSA-Ed25519', 'Ed25519'],
  ['EdDSA-Ed448', 'Ed448'],
  ['ML-DSA-44', 'ML-DSA-44'],
  ['ML-DSA-65', 'ML-DSA-65'],
  ['ML-DSA-87', 'ML-DSA-87'],
]

interface Algorithm {
  readonly spelling: string
  readonly method: SignatureMethod
}

/** Without regard to case, as it is nobody's to sign: told is the spelling here, so that one algorithm has one name. */
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  ...ROWS.map(([spelling, curve, hash]) => [spelling.toLowerCase(), { spelling, method: { curve, hash } }] as const),
  ...PURE.map(([spelling, scheme]) => [spelling.toLowerCase(), { spelling, method: { scheme } }] as const),
])

const DECODERS = { hex: unhex, base64: unbase64 } as const

const decode = (data: string, encoding: string): Uint8Array => {
  if (encoding !== 'hex' && encoding !== 'base64')
    throw new Fault('bytes-malformed', `expected SE hex or base64, got ${encoding.slice(0, 20)}`)
  return DECODERS[encoding](data)
}

/** '' for a member that is not there; undefined for one that is no text. */
const textOf = (node: JsonNode | undefined): string | undefined =>
  node === undefined ? '' : node.type === 'string' ? node.text.trim() : undefined
