// The commands with which anyone repeats the check of one record, with openssl and a POSIX shell and nothing of ours.
import { base64, unhex } from '../../../src/base/bytes.ts'
import type { Evidence, SignatureReport } from '../../../src/transparency/index.ts'
import { readSignature } from './signature.ts'

const DIGESTS = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' } as const

/** A script that ends with `Verified OK` or `Verification failure`; undefined where key, hash or signature are not there to be checked. */
export const opensslCommands = (signature: SignatureReport, evidence: Evidence): string | undefined => {
  if (signature.curve === undefined || signature.hash === undefined || evidence.publicKey === '') return undefined
  const parts = readSignature(unhex(evidence.signature), signature.curve)
  if (parts === undefined) return undefined
  const digest = DIGESTS[signature.hash]
  const file = (bytes: Uint8Array, name: string): string => `printf %s '${base64(bytes)}' | openssl base64 -d -A > ${name}`
  return [
    file(unhex(evidence.signedBytes), 'signed.bin'),
    file(unhex(evidence.publicKey), 'key.der'),
    file(parts.der, 'signature.der'),
    `openssl dgst -${digest} signed.bin`,
    'openssl pkey -pubin -inform DER -in key.der -noout -text',
    `openssl dgst -${digest} -verify key.der -keyform DER -signature signature.der signed.bin`,
  ].join('\n')
}
