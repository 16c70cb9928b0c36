// What the tests of firmware share: a manufacturer with its key, and releases it has signed.
import { generateSigner, nodeEngine } from '../../../src/adapters/node-crypto.ts'
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
