// What the tests of firmware share: a manufacturer with its key, and releases it has signed.
import { generateKeyPairSync, sign } from 'node:crypto'
import { exportPkcs8Pem, generateSigner, nodeEngine } from '../../../src/adapters/node-crypto.ts'
import type { NodeSigner } from '../../../src/crypto/engine.ts'
import { TrustStore } from '../../../src/overlay/trust.ts'
import { manufacturerOf, type Release, type SignedRelease, signRelease } from '../../../src/roles/firmware/release.ts'

export const engine = nodeEngine()

export const RELEASE: Release = {
  id: 'acme-ac22-2.4.0',
  vendor: 'ACME Chargers',
  model: 'AC-22',
  version: '2.4.0',
  bytes: 1000,
  sha256: 'ab'.repeat(32),
  issued: Date.UTC(2025, 0, 1),
}

/** A manufacturer, and a trust store that believes it. */
export const manufacturer = (vendor = RELEASE.vendor, purposes: readonly ('firmware' | 'message')[] = ['firmware']) => {
  const signer: NodeSigner = generateSigner('secp256r1')
  const trust = new TrustStore(engine)
  const { kid } = trust.add({ node: manufacturerOf(vendor), role: 'manufacturer', publicKey: signer.publicKey, purposes })
  const sign = (release: Release = RELEASE): SignedRelease => signRelease(release, { kid, signer })
  return { trust, engine, kid, signer, sign }
}

/** A manufacturer that issues certificates for keys that sign firmware, as stations of 2.x and the security whitepaper want them. */
export const signingOffice = async (about: { from?: number; until?: number } = {}) => {
  await import('reflect-metadata')
  const { X509CertificateGenerator } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
  const [root, leaf] = [generateSigner('secp256r1'), generateKeyPairSync('ec', { namedCurve: 'prime256v1' })]
  const pkcs8 = (pem: string) => Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  const rootKey = await crypto.subtle.importKey('pkcs8', pkcs8(exportPkcs8Pem(root)), algorithm, true, ['sign'])
  const publicKey = await crypto.subtle.importKey('spki', leaf.publicKey.export({ format: 'der', type: 'spki' }), algorithm, true, [
    'verify',
  ])
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=ACME firmware',
    issuer: 'CN=ACME',
    notBefore: new Date(about.from ?? Date.UTC(2024, 0, 1)),
    notAfter: new Date(about.until ?? Date.UTC(2035, 0, 1)),
    signingKey: rootKey,
    publicKey,
    signingAlgorithm: algorithm,
  })
  return {
    key: root.publicKey,
    certificate: certificate.toString('pem'),
    sign: (file: Uint8Array) => sign('sha256', file, { key: leaf.privateKey, dsaEncoding: 'der' }).toString('base64'),
  }
}
