// OCMF records of a made-up meter, signed here, for measuring the verifier.
import { createPublicKey } from 'node:crypto'
import { generateSigner } from '../src/adapters/node-crypto.ts'
import { hex, utf8 } from '../src/base/bytes.ts'
import { rawToDer, writeSpki } from '../src/crypto/der.ts'
import type { CurveName } from '../src/crypto/engine.ts'

export interface Signed {
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly message: Uint8Array
  readonly raw: Uint8Array
}

export interface MadeRecord extends Signed {
  readonly text: string
}

/** One session of one meter: a begin, an end, and whatever stands between; a single record holds both. */
export const session = (records: number): MadeRecord[] => {
  const signer = generateSigner('secp256r1')
  return Array.from({ length: records }, (_, i) => {
    const readings = records === 1 ? [reading(0, 'B'), reading(1, 'E')] : [reading(i, i === 0 ? 'B' : i === records - 1 ? 'E' : 'C')]
    const payload = payloadText(i + 1, readings)
    const message = utf8(payload)
    const raw = signer.sign('SHA-256', message)
    const SD = hex(rawToDer(raw))
    return {
      text: `OCMF|${payload}|${JSON.stringify({ SA: 'ECDSA-secp256r1-SHA256', SD })}`,
      spki: writeSpki(signer.publicKey),
      message,
      raw,
    }
  })
}

/** The file that a driver gets: every record with the key beside it. */
export const safeXml = (records: readonly MadeRecord[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<values>\n${records.map(valueElement).join('')}</values>\n`

/** What node:crypto verifies with, imported once. */
export const importedKey = ({ spki }: Signed) =>
  ({ key: createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }), dsaEncoding: 'ieee-p1363' }) as const

/** A signature over 600 bytes, which is what a record or an order has. */
export const signedMessage = (curve: CurveName): { readonly signer: ReturnType<typeof generateSigner> } & Signed => {
  const signer = generateSigner(curve)
  const message = new Uint8Array(600).fill(7)
  return { signer, message, raw: signer.sign('SHA-256', message), spki: writeSpki(signer.publicKey) }
}

const valueElement = ({ text, spki }: MadeRecord): string =>
  `  <value transactionId="1"><signedData format="OCMF" encoding="plain">${text.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</signedData>` +
  `<publicKey encoding="plain">${hex(spki)}</publicKey></value>\n`

/** Every minute one, 12.5 Wh more each; numbers keep their decimals. */
const reading = (minute: number, kind: 'B' | 'C' | 'E'): string => {
  const time = new Date(Date.UTC(2026, 2, 1, 8, minute)).toISOString().replace(/\.000Z$/, ',000+0000 S')
  return `{"TM":"${time}","TX":"${kind}","RV":${(10 + minute * 0.0125).toFixed(4)},"RI":"1-0:1.8.0","RU":"kWh","RT":"AC","EF":"","ST":"G"}`
}

const payloadText = (page: number, readings: readonly string[]): string =>
  `{"FV":"1.4","GI":"Bench Gateway","GS":"CPG-0001","GV":"1.0.0","PG":"T${page}","MV":"Chargeproof","MM":"Bench Meter","MS":"CPM-0001",` +
  `"MF":"2.5","IS":true,"IL":"TRUSTED","IF":["RFID_PLAIN","OCPP_AUTH_TLS"],"IT":"ISO14443","ID":"DEADBEEF","CT":"EVSEID","CI":"DE*CPV*E0001",` +
  `"RD":[${readings.join(',')}]}`
