// What was found while opening: the report of each input in the making, keys, and lists of revoked certificates. Reads keys; judges none.
import { asFault, Fault } from '../base/fault.ts'
import { type CertifiedKey, looksLikeCertificate, readCertificate } from '../crypto/certificate.ts'
import { keyBytes } from '../crypto/key-text.ts'
import { type GivenKey, meterKeyFor, readMeterKey } from '../crypto/meter-key.ts'
import type { RevocationList } from '../crypto/revocation-list.ts'
import type { KeyFile } from '../metering/key-file.ts'
import type { MeterRecord } from '../metering/reading.ts'
import type { FileKey } from '../metering/voucher.ts'
import { sameKey } from './same-key.ts'
import type { InputKind, KeyTrust } from './verdict.ts'

/** An InputReport in the making. */
export interface Report {
  readonly name: string
  readonly kind: InputKind
  readonly format: string | undefined
  fault: Fault | undefined
}

export interface FoundRecord {
  readonly id: string
  readonly report: Report
  readonly record: MeterRecord
  /** The keys that came with it, good or not. */
  readonly embedded: readonly (GivenKey | Fault)[]
}

/** A key file, or one of several keys in it. */
export interface FoundKey {
  readonly report: Report
  /** The name of its file, which several keys may have. */
  readonly file: string
  readonly trust: KeyTrust & ('pinned' | 'supplied')
  /** Whether somebody gave it as a key: one that lies among the inputs came with the records, and who made those may have put it there. */
  readonly given: boolean
  readonly key: GivenKey | CertifiedKey
  readonly subjects: FileKey['subjects']
  readonly vouchers: FileKey['vouchers']
  readonly certificate: FileKey['certificate']
}

/** A list of revoked certificates. */
export interface FoundList {
  readonly report: Report
  readonly trust: FoundKey['trust']
  readonly list: RevocationList
}

/** Reads keys. The same text gives the same object, so that a key beside a hundred records is read once. */
export class KeyReader {
  readonly #known = new Map<string, GivenKey | Fault>()

  /** Of a place beside a record, or in it. */
  read(text: string | Uint8Array): GivenKey | Fault {
    const known = typeof text === 'string' ? this.#known.get(text) : undefined
    if (known !== undefined) return known
    const plain = readKey(text)
    const key = plain instanceof Fault && plain.code === 'key-malformed' ? (keyCertified(text) ?? plain) : plain
    if (typeof text === 'string') this.#known.set(text, key)
    return key
  }

  found(file: KeyFile['keys'][number]): Omit<FoundKey, 'report' | 'file' | 'trust' | 'given'> | Pick<FoundList, 'list'> | Fault {
    if (file instanceof Fault) return file
    if ('revoked' in file) return { list: file }
    const key = this.#keyIn(file)
    const { subjects, vouchers, certificate } = file
    return key instanceof Fault ? key : { key, subjects, vouchers, certificate }
  }

  /** Of the curve that the file names, where it names one. */
  #keyIn({ key: text, curve }: FileKey): FoundKey['key'] | Fault {
    if (typeof text !== 'string' && !(text instanceof Uint8Array)) return text
    const given = readKey(text)
    if (given instanceof Fault || curve === undefined) return given
    const key = meterKeyFor(given, { curve })
    return key !== undefined && 'curve' in key && key.curve === curve ? key : new Fault('key-malformed', `the key is not one of ${curve}`)
  }
}

const readKey = (text: string | Uint8Array): GivenKey | Fault => {
  try {
    return readMeterKey(text)
  } catch (thrown) {
    return asFault(thrown, 'key-malformed')
  }
}

/** Beside a record a certificate is its key, and nothing that it says counts. As a file of its own it is read with all that it says (key-file.ts). */
const keyCertified = (text: string | Uint8Array): GivenKey | Fault | undefined => {
  try {
    const der = typeof text === 'string' ? keyBytes(text) : text
    const key = looksLikeCertificate(der) ? readCertificate(der).key : undefined
    return key !== undefined && 'modulus' in key
      ? new Fault('algorithm-unsupported', 'a certificate of an RSA key, and no meter signs with one')
      : key
  } catch (thrown) {
    return asFault(thrown, 'key-malformed')
  }
}

/** The record, or what is wrong with it where it holds a key that is none of those beside it: another reader would go by the other one. */
export const withoutDoubt = (
  record: MeterRecord,
  beside: readonly (GivenKey | Fault)[],
  inside: readonly (GivenKey | Fault)[],
): MeterRecord => {
  if (beside.length === 0 || inside.length === 0) return record
  const isKey = (key: GivenKey | Fault): key is GivenKey => !(key instanceof Fault)
  const keys = beside.filter(isKey)
  const doubtful = keys.length > 0 && inside.filter(isKey).some((key) => !keys.some((other) => sameKey(key, other)))
  return doubtful ? { ...record, problems: [...record.problems, 'the key in it is not the one beside it'] } : record
}
