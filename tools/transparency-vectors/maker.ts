// Makes OCMF documents and SAFE XML as a well-behaved station would, and lets a vector or a test say what is to be different.
import { base64, hex, unhex, utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import { rawToDer, writeSpki } from '../../src/crypto/der.ts'
import type { HashName, MeterKey, Signer } from '../../src/crypto/engine.ts'
import { toPem } from '../../src/crypto/key.ts'
import { vectorSigner } from './signer.ts'

export type Fields = Readonly<Record<string, Json | undefined>>

export const METER = 'CPM-0001'
export const SIGNER = vectorSigner('secp256r1')

/** A reading; a value of `#12.500` is written as the number 12.500, with all its decimals. */
export const reading = (over: Fields = {}): Fields => ({
  TM: '2026-03-01T08:00:00,000+0100 S',
  TX: 'B',
  RV: '#10.000',
  RI: '1-0:1.8.0',
  RU: 'kWh',
  RT: 'AC',
  EF: '',
  ST: 'G',
  ...over,
})

export const END: Fields = { TM: '2026-03-01T09:00:00,000+0100 S', TX: 'E', RV: '#20.500' }

export const payload = (over: Fields = {}): Fields => ({
  FV: '1.4',
  GI: 'Vector Gateway',
  GS: 'CPG-0001',
  GV: '1.0.0',
  PG: 'T1',
  MV: 'Chargeproof',
  MM: 'Vector Meter',
  MS: METER,
  MF: '2.5',
  IS: true,
  IL: 'TRUSTED',
  IF: ['RFID_PLAIN', 'OCPP_AUTH_TLS'],
  IT: 'ISO14443',
  ID: 'DEADBEEF',
  CT: 'EVSEID',
  CI: 'DE*CPV*E0001',
  RD: [present(reading()), present(reading(END))],
  ...over,
})

/** One begin in a record of its own, and one end. */
export const beginRecord = (over: Fields = {}, values: Fields = {}): Fields => payload({ RD: [present(reading(values))], ...over })
export const endRecord = (over: Fields = {}, values: Fields = {}): Fields =>
  payload({ PG: 'T2', RD: [present(reading({ ...END, ...values }))], ...over })

export interface SignOptions {
  readonly signer?: Signer
  readonly algorithm?: string
  readonly hash?: HashName
  /** Members of the signature section besides SA and SD; undefined takes one away. */
  readonly section?: Fields
  /** Changes the payload's text before it is signed. */
  readonly write?: (text: string) => string
}

export const ocmfText = (fields: Fields, options: SignOptions = {}): string => {
  const { signer = SIGNER, algorithm = 'ECDSA-secp256r1-SHA256', hash = 'SHA-256', section = {}, write = (text) => text } = options
  const text = write(payloadText(fields))
  const SD = hex(rawToDer(signer.sign(hash, utf8(text)))).toUpperCase()
  return `OCMF|${text}|${JSON.stringify({ SA: algorithm, SD, ...section })}`
}

/** `#12.500` becomes a number; members that are undefined vanish. */
const payloadText = (fields: Fields): string => JSON.stringify(fields).replace(/"#(-?[0-9.eE+-]+)"/g, '$1')

export const present = (fields: Fields): Json => JSON.parse(JSON.stringify(fields)) as Json

/** Of any signer. */
type Keyed = { readonly publicKey: MeterKey }

export const pemOf = (signer: Keyed): string => toPem(signer.publicKey)
export const hexKeyOf = (signer: Keyed): string => hex(writeSpki(signer.publicKey))

/** A session as PTB's document has it. */
export const ptbDocument = (begin: string, end: string): string =>
  JSON.stringify({
    format: 'ptb',
    publicKey: base64(unhex(hexKeyOf(SIGNER))),
    chargeboxIdentifier: 'CP-1',
    address: { street: 'Street 1', city: 'Town', postalCode: '12345' },
    ocmfBegin: begin,
    ocmfEnd: end,
  })

export interface SafeValue {
  readonly data: string
  /** The attribute of signedData; OCMF where it is not given. */
  readonly format?: string
  readonly encoding?: 'plain' | 'base64'
  readonly key?: string
  readonly transactionId?: string
}

export const safeXml = (values: readonly SafeValue[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<values>\n${values.map(safeValue).join('')}</values>\n`

const safeValue = ({ data, format = 'OCMF', encoding = 'plain', key, transactionId = '1' }: SafeValue): string => {
  const text = encoding === 'plain' ? data.replace(/&/g, '&amp;').replace(/</g, '&lt;') : base64(utf8(data))
  const keyElement = key === undefined ? '' : `    <publicKey encoding="plain">${key}</publicKey>\n`
  return `  <value transactionId="${transactionId}">\n    <signedData format="${format}" encoding="${encoding}">${text}</signedData>\n${keyElement}  </value>\n`
}
