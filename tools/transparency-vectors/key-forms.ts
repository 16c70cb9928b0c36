// The golden vectors of the forms in which one key is handed over: the records and the key are the same everywhere.
import { base32, base64, base64url, concat, hex, utf8 } from '../../src/base/bytes.ts'
import { writeSpki } from '../../src/crypto/der.ts'
import type { VectorCase } from './case.ts'
import { records } from './keys.ts'
import { pemOf, SIGNER } from './maker.ts'

export const keyFormCases = (): VectorCase[] => [
  ...Object.entries(forms()).map(([name, key]) => ({
    name: `form-${name}`,
    question: { 'records.ocmf': records(), 'publicKey.txt': key },
  })),
  {
    name: 'form-json-of-a-station-tampered',
    question: { 'records.ocmf': records().replace('20.500', '21.500'), 'publicKey.txt': stationKey() },
  },
]

const { point } = SIGNER.publicKey
const [X, Y] = [point.subarray(0, 32), point.subarray(32)]
const SPKI = writeSpki(SIGNER.publicKey)
const JWK = { kty: 'EC', crv: 'P-256', x: base64url(X), y: base64url(Y) }

/** As some stations send it, in base64. */
const stationKey = (): string => base64(utf8(JSON.stringify({ UK: hex(SPKI).toUpperCase() })))

const inGroups = (digits: number, between: string): string =>
  hex(SPKI)
    .match(new RegExp(`.{1,${digits}}`, 'g'))
    ?.join(between) ?? ''

const forms = (): Readonly<Record<string, string | Uint8Array>> => ({
  'hex-with-colons': hex(SPKI).match(/../g)?.join(':') ?? '',
  'hex-with-dashes': hex(SPKI).toUpperCase().match(/../g)?.join('-') ?? '',
  'hex-with-0x': `0x${hex(SPKI)}`,
  'hex-in-quotes': `"${hex(SPKI)}"\n`,
  'hex-in-base64': base64(utf8(hex(SPKI))),
  base64url: base64url(SPKI),
  'base64-escaped-for-html': base64(SPKI).replace(/[+/=]/g, (sign) => `&#x${sign.charCodeAt(0).toString(16)};`),
  'base64-escaped-for-a-url': encodeURIComponent(base64(SPKI)),
  'base32-in-small-letters': base32(SPKI).toLowerCase(),
  'pem-escaped-for-json': pemOf(SIGNER).replaceAll('\n', '\\n').replaceAll('/', '\\/'),
  'pem-of-an-ec-key': pemOf(SIGNER).replaceAll('PUBLIC', 'EC PUBLIC'),
  'pem-after-attributes': `Bag Attributes: <No Attributes>\n${pemOf(SIGNER)}`,
  oca: `oca:base16:asn1:${hex(SPKI)}`,
  'oca-in-base64': base64(utf8(`oca:base64:asn1:${base64(SPKI)}`)),
  'oca-as-printed-in-lines': `oca:base16:asn1:${inGroups(16, '\r\n')}`,
  'oca-as-printed-in-base64': base64(utf8(`oca:base16:asn1:0x${inGroups(8, ' / ')}`)),
  'hex-in-groups-in-base64': base64(utf8(inGroups(4, ' '))),
  'base64-in-base64': base64(utf8(base64(SPKI))),
  'json-of-a-station': stationKey(),
  'json-of-a-meter': JSON.stringify({ SA: 'ECDSA-secp256r1-SHA256', PK: hex(SPKI) }),
  'json-of-two-keys-unproven': JSON.stringify({ UK: hex(SPKI), PK: hex(SPKI) }),
  'point-in-base64': base64(point),
  'point-with-04-in-base64': base64(concat(Uint8Array.of(4), point)),
  'point-compressed-in-base64': base64(concat(Uint8Array.of(2 + ((Y.at(-1) ?? 0) & 1)), X)),
  'point-as-bytes': point,
  jwk: JSON.stringify({ kid: 'meter', use: 'sig', ...JWK }),
  'jwk-of-another-curve-unproven': JSON.stringify({ ...JWK, crv: 'P-999' }),
  'jwk-set': JSON.stringify({ keys: [JWK] }),
  'numbers-of-the-curve-unproven': numbersOfTheCurve(),
})

/** The algorithm's parameter is the beginning of a SEQUENCE where a curve's name should be. */
const numbersOfTheCurve = (): Uint8Array => {
  const algorithm = [0x30, 0x0e, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x30, 0x03, 0x02, 0x01, 0x01]
  const key = concat(Uint8Array.of(0x03, 0x42, 0x00, 0x04), point)
  return concat(Uint8Array.of(0x30, algorithm.length + key.length), Uint8Array.from(algorithm), key)
}
