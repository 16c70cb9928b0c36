// The commands with which anyone repeats the check of one record, with openssl and a POSIX shell and nothing of ours. The signed bytes
// come from the record; how they were found in it is told by `explain`, and not proven by openssl.
import { base64, unhex } from '../base/bytes.ts'
import { CURVES } from '../crypto/curves.ts'
import { readMeterSpki } from '../crypto/der.ts'
import type { HashName, MeterKey, SchemeName } from '../crypto/engine.ts'
import { readSignature } from '../crypto/signature-parts.ts'
import type { RecordReport } from './verdict.ts'

/** The script, or why there is none: a key of OPENSSL_SENTENCES (sentences.ts). */
export type OpensslAnswer =
  | { readonly commands: string; readonly needs: OpensslNeeds }
  | { readonly impossible: 'no-evidence' | 'key-missing' | 'absent' | 'malformed' | 'unsupported' | 'key-curve' }

export interface OpensslNeeds {
  /** The first release that can do it. */
  readonly version: '1.1.1' | '3.0' | '3.5'
  /** As openssl calls it: some distributions leave rare curves out. */
  readonly algorithm: string
}

/**
 * Writes three files named after the record's id and checks them; the last line says `Verified OK` (ECDSA) or `Signature Verified
 * Successfully` (EdDSA, ML-DSA), and ends with another exit code than 0 where the signature does not hold.
 * Where a record names a curve and its key is on another one, openssl would check what the record does not say: then there is no script.
 */
export const opensslCommands = ({ id, signature, evidence }: RecordReport): OpensslAnswer => {
  if (evidence === undefined) return { impossible: 'no-evidence' }
  if (signature.state === 'absent' || signature.state === 'malformed' || signature.state === 'unsupported')
    return { impossible: signature.state }
  if (evidence.publicKey === '') return { impossible: 'key-missing' }
  const key = readMeterSpki(unhex(evidence.publicKey))
  const check = checkOf(id, key, { signature, encoded: unhex(evidence.signature) })
  if ('impossible' in check) return check
  const files = [file(id, 'signed', unhex(evidence.signedBytes)), file(id, 'key', unhex(evidence.publicKey))]
  return { commands: [...files, file(id, 'signature', check.bytes), ...check.lines].join('\n'), needs: check.needs }
}

interface Check {
  /** The signature as openssl reads it. */
  readonly bytes: Uint8Array
  readonly lines: readonly string[]
  readonly needs: OpensslNeeds
}

const checkOf = (
  id: string,
  key: MeterKey,
  { signature, encoded }: { signature: RecordReport['signature']; encoded: Uint8Array },
): Check | { impossible: 'malformed' | 'key-curve' } => {
  if ('scheme' in key) return signature.curve === undefined ? schemeCheck(id, key.scheme, encoded) : { impossible: 'key-curve' }
  if (signature.curve !== key.curve || signature.hash === undefined) return { impossible: 'key-curve' }
  const parts = readSignature(encoded, key.curve)
  if (parts === undefined) return { impossible: 'malformed' }
  const digest = DIGESTS[signature.hash]
  return {
    bytes: parts.der,
    lines: [
      `openssl dgst -${digest} ${id}.signed`,
      show(id),
      // openssl takes the leftmost bits of the digest by itself where the order is shorter (FIPS 186-5 §6.4.2)
      `openssl dgst -${digest} -verify ${id}.key -keyform DER -signature ${id}.signature ${id}.signed`,
    ],
    needs: { version: '1.1.1', algorithm: CURVES[key.curve].openssl },
  }
}

const schemeCheck = (id: string, scheme: SchemeName, encoded: Uint8Array): Check => ({
  bytes: encoded,
  lines: [show(id), `openssl pkeyutl -verify -pubin -keyform DER -inkey ${id}.key -rawin -in ${id}.signed -sigfile ${id}.signature`],
  needs: { version: VERSIONS[scheme], algorithm: scheme },
})

const show = (id: string): string => `openssl pkey -pubin -inform DER -in ${id}.key -noout -text`

const file = (id: string, what: string, bytes: Uint8Array): string => `printf %s '${base64(bytes)}' | openssl base64 -d -A > ${id}.${what}`

const DIGESTS = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' } as const satisfies Record<HashName, string>

// `pkeyutl -rawin` is of 3.0 (CHANGES of OpenSSL 3.0), ML-DSA of 3.5
const VERSIONS = { Ed25519: '3.0', Ed448: '3.0', 'ML-DSA-44': '3.5', 'ML-DSA-65': '3.5', 'ML-DSA-87': '3.5' } as const satisfies Record<
  SchemeName,
  OpensslNeeds['version']
>
