// The golden vectors of keys that somebody vouches for: signed key files and certificates, trusted and not. The records are the same
// everywhere; only who vouches, for what and until when is different.
import { hex, unhex, utf8 } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import type { Json } from '../../src/base/ports.ts'
import { rawToDer } from '../../src/crypto/der.ts'
import type { HashName, Signer } from '../../src/crypto/engine.ts'
import type { VectorCase } from './case.ts'
import { type CertificateParts, certificateOf } from './certificates.ts'
import { beginRecord, endRecord, METER, ocmfText, pemOf, SIGNER } from './maker.ts'
import { vectorSigner } from './signer.ts'

export const keyCases = (): VectorCase[] => [...documents(), ...certificates()]

const AUTHORITY = vectorSigner('secp384r1', 'authority')
export const CA = vectorSigner('secp256r1', 'certificate authority')
export const OTHER = vectorSigner('secp256r1', 'another meter')
export const records = (signer: Signer = SIGNER): string =>
  [ocmfText(beginRecord(), { signer }), ocmfText(endRecord(), { signer })].join('\n')

type Members = Readonly<Record<string, Json>>

const context = (name: string): string => `https://open.charging.cloud/contexts/${name}+json`
const pointOf = ({ publicKey }: Signer): string => `04${hex(publicKey.point)}`

/** A key document with one signature, which may say anything. The hash is the one that is as wide as the curve of the signer. */
export const keyDocument = (over: Members = {}, entry: Members = {}, signer: Signer = AUTHORITY, hash: HashName = 'SHA-384'): string => {
  const unsigned: Members = {
    '@context': context('signature'),
    timestamp: '2025-06-01T00:00:00Z',
    issuer: 'Vector Key Authority',
    notBefore: '2025-01-01T00:00:00Z',
    notAfter: '2030-01-01T00:00:00Z',
    algorithm: 'secp384r1',
    publicKey: pointOf(signer),
    operations: { signMeterValues: true },
    ...entry,
  }
  const document: Members = {
    '@context': context('publicKey'),
    subject: { meterId: METER },
    algorithm: 'secp256r1',
    value: pointOf(SIGNER),
    ...over,
  }
  const signed = utf8(canonicalJson({ ...document, signatures: [unsigned] }))
  return JSON.stringify({ ...document, signatures: [{ ...unsigned, signature: hex(rawToDer(signer.sign(hash, signed))) }] }, null, 2)
}

const documents = (): VectorCase[] => {
  const trust = { 'key-authority.pem': pemOf(AUTHORITY) }
  const made = (name: string, document: string, over: Partial<VectorCase> = {}): VectorCase => ({
    name: `document-${name}`,
    question: { 'records.ocmf': records(), 'meter.json': document },
    trust,
    ...over,
  })
  const good = keyDocument()
  const list = (...each: readonly string[]): string => JSON.stringify({ publicKeys: each.map((text) => JSON.parse(text) as Json) })
  const foreign = keyDocument({ subject: { meterId: 'CPM-0002' }, value: pointOf(OTHER) })
  return [
    made('registered', good),
    made('signer-unverified', good, { trust: {} }),
    made('signer-unknown', good, { trust: { 'key-authority.pem': pemOf(CA) } }),
    made('without-signatures', JSON.stringify({ ...(JSON.parse(good) as Members), signatures: [] })),
    made('expired', keyDocument({}, { notAfter: '2026-02-28T00:00:00Z' })),
    made('not-yet', keyDocument({}, { notBefore: '2026-03-01T07:00:01Z' })),
    made('wrong-use', keyDocument({}, { operations: { signMeterValues: false } })),
    made('wrong-meter', keyDocument({ subject: { meterId: 'CPM-0002' } }), {
      question: { 'records.ocmf': records(), [`${METER}.json`]: keyDocument({ subject: { meterId: 'CPM-0002' } }) },
    }),
    made('tampered-time', good.replace('2030-01-01', '2040-01-01')),
    made('tampered-key', good.replace(pointOf(SIGNER), pointOf(OTHER)), {
      question: { 'records.ocmf': records(OTHER), 'meter.json': good.replace(pointOf(SIGNER), pointOf(OTHER)) },
    }),
    made('curve-unlike-the-key', keyDocument({ algorithm: 'secp256k1' })),
    made('curve-unknown', keyDocument({ algorithm: 'curve25519' })),
    made('list', list(foreign, good)),
    made('list-of-others', list(foreign)),
    made('against-a-pinned-key', good, { trust: { ...trust, [`${METER}.pem`]: pemOf(OTHER) } }),
    made('of-two-keys-decides', good, {
      question: { 'records.ocmf': records(OTHER), 'meter.json': good, [`${METER}.pem`]: pemOf(OTHER) },
    }),
  ]
}

export const DIGITAL_SIGNATURE = 0x80
const KEY_AGREEMENT = 0x08

const certificates = (): VectorCase[] => {
  const root = (over: Partial<CertificateParts> = {}): Uint8Array =>
    certificateOf({ subject: 'Vector Root', issuer: 'Vector Root', holder: CA, signer: CA, authority: true, ...over })
  const leaf = (over: Partial<CertificateParts> = {}): Uint8Array =>
    certificateOf({ subject: METER, issuer: 'Vector Root', holder: SIGNER, signer: CA, usage: DIGITAL_SIGNATURE, ...over })
  const made = (name: string, certificate: Uint8Array, trusted: Uint8Array | null = root()): VectorCase => ({
    name: `certificate-${name}`,
    question: { 'records.ocmf': records(), 'meter.cer': certificate },
    trust: trusted === null ? {} : { 'root.cer': trusted },
  })
  const another = hex(utf8('CPM-0002'))
  const renamed = unhex(hex(leaf({ subject: 'CPM-0002' })).replace(another, hex(utf8(METER))))
  return [
    made('registered', leaf()),
    made('signer-unverified', leaf(), null),
    { ...made('signer-unverified-itself', certificateOf({ subject: METER, issuer: METER, holder: SIGNER, signer: SIGNER })), trust: {} },
    {
      ...made('signer-in-the-question', leaf()),
      question: { 'records.ocmf': records(), 'meter.cer': leaf(), 'root.cer': root() },
      trust: {},
    },
    made('signed-by-another', leaf({ signer: OTHER })),
    made('expired', leaf({ notAfter: '260228000000Z' })),
    made('not-yet', leaf({ notBefore: '260302000000Z' })),
    made('issuer-expired', leaf(), root({ notAfter: '260228000000Z' })),
    made('wrong-use', leaf({ usage: KEY_AGREEMENT })),
    made('issuer-no-authority', leaf(), root({ authority: false })),
    made('critical-unknown', leaf({ strange: true })),
    { ...made('wrong-meter', leaf()), question: { 'records.ocmf': records(), [`${METER}.cer`]: leaf({ subject: 'CPM-0002' }) } },
    made('tampered-meter', renamed),
    { ...made('pinned', leaf()), question: { 'records.ocmf': records() }, trust: { 'meter.cer': leaf() } },
  ]
}
