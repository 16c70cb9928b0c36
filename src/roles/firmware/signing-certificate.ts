// The certificate that comes with an update, and the signature under the file: what a station checks by itself (OCPP 2.x L01, 1.6 security
// whitepaper §5.20). It knows one key of its manufacturer; the certificate is of that key or vouched for by it.
import { unbase64 } from '../../base/bytes.ts'
import { type Certificate, readCertificate } from '../../crypto/certificate.ts'
import { derToRaw } from '../../crypto/der.ts'
import type { Engine, HashName, PublicKey } from '../../crypto/engine.ts'
import { thumbprint } from '../../crypto/key.ts'

export interface Manufacturer {
  readonly engine: Engine
  /** Undefined while it is not at hand: then nothing is signed. */
  readonly key: PublicKey | undefined
}

/** The key that a certificate lets sign firmware now, or nothing. */
export const signingKey = (pem: string, { engine, key }: Manufacturer, now: number): PublicKey | undefined => {
  const certificate = readPem(pem)
  if (!certificate?.signs || certificate.strange.length > 0) return undefined
  if (now < certificate.notBefore || now >= certificate.notAfter) return undefined
  const own = certificate.key
  // firmware is signed on a curve or by a scheme here, never by RSA
  if (key === undefined || 'modulus' in own) return undefined
  const isOwn = thumbprint(own, engine) === thumbprint(key, engine)
  return isOwn || isIssuedBy(certificate, key, engine) ? own : undefined
}

/** @param signature base64; DER where the key is on a curve */
export const isSignedBy = (file: Uint8Array, signature: string, key: PublicKey, engine: Engine): boolean => {
  try {
    return verifies({ key, hash: 'SHA-256' }, file, unbase64(signature), engine)
  } catch {
    return false // a signature that cannot be read is none
  }
}

const isIssuedBy = ({ algorithm, signed, signature }: Certificate, key: PublicKey, engine: Engine): boolean => {
  try {
    return (
      algorithm !== undefined &&
      algorithm.kind !== 'rsa' &&
      verifies({ key, hash: 'hash' in algorithm ? algorithm.hash : 'SHA-256' }, signed, signature, engine)
    )
  } catch {
    return false // as above
  }
}

const verifies = (
  { key, hash }: { key: PublicKey; hash: HashName },
  message: Uint8Array,
  signature: Uint8Array,
  engine: Engine,
): boolean =>
  'curve' in key ? engine.verifyEcdsa(key, hash, message, derToRaw(signature, key.curve)) : engine.verifyPure(key, message, signature)

/** The first certificate of a chain: the one that signs. */
const readPem = (text: string): Certificate | undefined => {
  const body = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(text)?.[1]
  try {
    return body === undefined ? undefined : readCertificate(unbase64(body.replaceAll(/\s/g, '')))
  } catch {
    return undefined // what cannot be read lets nobody sign
  }
}
