// Throw-away certificate authorities for tests: P-256 keys, made afresh in every run.
import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

cryptoProvider.set(globalThis.crypto)

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const DAY = 86_400_000

/** PEM texts. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  readonly cert: string
  server(commonName: string): Promise<Identity>
  /** @param days until it expires; negative for one that has expired already */
  client(commonName: string, options?: { days?: number; dns?: string }): Promise<Identity>
}

export const makeAuthority = async (name: string): Promise<Authority> => {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const root = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    ...validFor(10),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  const issue = issuer(root, keys.privateKey)
  return {
    cert: root.toString('pem'),
    server: (commonName) => issue(commonName, { usage: SERVER_AUTH, days: 1, names: [{ type: 'ip', value: '127.0.0.1' }] }),
    client: (commonName, { days = 1, dns } = {}) =>
      issue(commonName, { usage: CLIENT_AUTH, days, names: dns === undefined ? [] : [{ type: 'dns', value: dns }] }),
  }
}

interface LeafOptions {
  readonly usage: string
  readonly days: number
  readonly names: { type: 'ip' | 'dns'; value: string }[]
}

const issuer =
  (root: X509Certificate, signingKey: webcrypto.CryptoKey) =>
  async (commonName: string, { usage, days, names }: LeafOptions): Promise<Identity> => {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
    const leaf = await X509CertificateGenerator.create({
      subject: `CN=${commonName}`,
      issuer: root.subject,
      ...validFor(days),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [new ExtendedKeyUsageExtension([usage]), ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : [])],
    })
    const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
    return { cert: leaf.toString('pem'), key }
  }

const validFor = (days: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(Date.now() - 3 * DAY),
  notAfter: new Date(Date.now() + days * DAY),
})
