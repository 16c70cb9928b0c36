// The transparency record of a transaction: SAFE XML with the signed records byte for byte, for `verify` and for the driver's
// own choice of verifier. Nothing in it is computed from the values; facts of the format: S.A.F.E. transparency software, `values` XML.
import { hex, utf8 } from '../base/bytes.ts'
import type { SignedRecord } from './behaviours/signed-values.ts'
import type { TransactionDetail } from './csms-views.ts'
import { fingerprint } from './fingerprint.ts'

export interface TransparencyRecord {
  readonly name: string
  readonly contentType: 'application/xml'
  readonly body: string
}

/** Undefined where the station sent no signed record: then there is nothing to prove. */
export const transparencyRecord = (transaction: Pick<TransactionDetail, 'id' | 'signedRecords'>): TransparencyRecord | undefined => {
  const { id, signedRecords } = transaction
  if (signedRecords.length === 0) return undefined
  const number = transactionNumber(id)
  const key = onlyKey(signedRecords)
  const values = signedRecords.map((record) => valueElement(record, number, record.publicKey ?? key))
  return {
    name: `${id.replace(/[^\w.@-]/g, '_')}.xml`,
    contentType: 'application/xml',
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<values>\n${values.join('')}</values>\n`,
  }
}

const valueElement = (record: SignedRecord, number: string, publicKey: string | undefined): string => {
  const { data, encoding } = isXmlText(record.data) ? record : { data: hex(utf8(record.data)), encoding: 'hex' }
  const context = record.context === undefined ? '' : ` context="${escaped(record.context)}"`
  const key =
    publicKey === undefined
      ? ''
      : `    <publicKey encoding="${/^[0-9a-f]+$/i.test(publicKey) ? 'hex' : 'base64'}">${escaped(publicKey)}</publicKey>\n`
  return `  <value transactionId="${number}"${context}>
    <signedData format="${escaped(record.format)}" encoding="${encoding}">${escaped(data)}</signedData>
${key}  </value>
`
}

/** SAFE reads transactionId as a whole number and groups by it; a 2.x id is text, so a number is made of it that is the same every time. */
const transactionNumber = (id: string): string => (/^[0-9]{1,18}$/.test(id) ? id : String(Number.parseInt(fingerprint(id).slice(-8), 16)))

/** Stations may send their key once per transaction (OCPP 2.x PublicKeyWithSignedMeterValue); it holds for all records if there is but one. */
const onlyKey = (records: readonly SignedRecord[]): string | undefined => {
  const keys = new Set(records.map(({ publicKey }) => publicKey).filter((key) => key !== undefined))
  return keys.size === 1 ? [...keys][0] : undefined
}

/** XML 1.0 §2.2: characters that no escape can bring into a document. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const isXmlText = (text: string): boolean => text.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' }
/** XML 1.0 §2.11: a bare carriage return would be read as a line feed. */
const escaped = (text: string): string => text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] as string)
