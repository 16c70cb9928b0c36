// A manifest counts by its publisher's key alone, and for as long as it says.
import { describe, expect, it } from 'vitest'
import { generateSigner } from '../../../src/adapters/node-crypto.ts'
import type { Json } from '../../../src/base/ports.ts'
import { thumbprint } from '../../../src/crypto/key.ts'
import { judgeManifest, type Manifest, signManifest } from '../../../src/overlay/files/manifest.ts'
import { type KeyPurpose, TrustStore } from '../../../src/overlay/trust.ts'
import { engine } from './support.ts'

const hash = 'ab'.repeat(32)
const manifest: Manifest = {
  kind: 'firmware',
  name: 'ACME one',
  version: '2.4.1',
  content: hash,
  size: 5,
  sha256: hash,
  from: 1_000,
  until: 9_000,
}
const identity = () => {
  const signer = generateSigner('secp256r1')
  return { kid: thumbprint(signer.publicKey, engine), signer }
}
const publisher = identity()

const world = (purposes: readonly KeyPurpose[] = ['publisher'], now = 5_000) => {
  const trust = new TrustStore(engine, { now: () => now })
  trust.add({ node: 'acme', role: 'vendor', publicKey: publisher.signer.publicKey, purposes })
  return { trust, engine, now }
}
const signed = (by = publisher, what: object = manifest): Json => ({ ...signManifest(what as Manifest, by, 4) }) as object as Json
const flawOf = (value: Json, in_ = world()): string => {
  const judged = judgeManifest(value, in_)
  return judged.state === 'good' ? 'good' : judged.flaw
}

describe('a manifest', () => {
  it('counts, and says who published it', () => {
    expect(judgeManifest(signed(), world())).toMatchObject({ state: 'good', publisher: 'acme', signed: { manifest } })
  })

  it('counts for nothing from anybody else', () => {
    expect(flawOf({ manifest: manifest as object as Json, signatures: [] })).toBe('unsigned')
    expect(flawOf(signed(identity()))).toBe('unknown-key')
    expect(flawOf(signed(), world(['message', 'link']))).toBe('not-publisher')
    const revoked = world()
    revoked.trust.revoke(new Set([publisher.kid]))
    expect(flawOf(signed(), revoked)).toBe('unknown-key')
  })

  it.each(
    Object.entries({ kind: 'config', name: 'ACME two', version: '2.4.2', content: 'cd'.repeat(32), size: 6, from: 1_001, until: 9_001 }),
  )('is broken with another %s', (member, value) => {
    expect(flawOf({ ...(signed() as { signatures: Json }), manifest: { ...manifest, [member]: value } as object as Json })).toBe('broken')
  })

  it('counts in its time', () => {
    expect(flawOf(signed(), world(['publisher'], 999))).toBe('not-yet-valid')
    expect(flawOf(signed(), world(['publisher'], 1_000))).toBe('good')
    expect(flawOf(signed(), world(['publisher'], 9_000))).toBe('expired')
  })

  it.each<[string, object]>([
    ['a kind in capitals', { ...manifest, kind: 'Firmware' }],
    ['no name', { ...manifest, name: '' }],
    ['a content that is none', { ...manifest, content: '../x' }],
    ['half a byte', { ...manifest, size: 0.5 }],
    ['one more member', { ...manifest, url: 'http://x' }],
    ['details without end', { ...manifest, details: { x: 'x'.repeat(20_000) } }],
  ])('is malformed with %s', (_name, value) => {
    expect(flawOf(signed(publisher, value))).toBe('malformed')
  })

  it('is malformed where it is none', () => {
    for (const value of [null, [], 'x', {}, { manifest: [] }, { manifest, signatures: 'x' }] as Json[])
      expect(flawOf(value)).toBe('malformed')
  })
})

it('a publisher of an earlier root counts for nothing before the new one has said so', () => {
  const former = world()
  former.trust.replace(
    'acme',
    former.trust.of('acme').map((key) => ({ ...key, isFormer: true })),
  )
  expect(flawOf(signed(), former)).toBe('unknown-key')
  former.trust.replace(
    'acme',
    former.trust.of('acme').map((key) => ({ ...key, isFormer: false })),
  )
  expect(flawOf(signed(), former)).toBe('good')
})
