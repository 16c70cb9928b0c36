// vectors/overlay/files.json, by programs that share no code with what made it: node:crypto and jose.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { flattenedVerify, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'

const read = (name: string) => JSON.parse(readFileSync(`vectors/overlay/${name}.json`, 'utf8'))
const { content, manifest, refusedLists, names } = read('files')
const bytes = Uint8Array.from({ length: content.size }, (_, i) => i % 251)
const sha256 = (of: Uint8Array | string): Buffer => createHash('sha256').update(of).digest()

describe('files.json', () => {
  it('has the list, the id and the hashes that SHA-256 gives', () => {
    const chunks = [0, 1, 2].map((i) => sha256(bytes.subarray(i * 1_024, (i + 1) * 1_024)))
    expect(content.list).toEqual({
      size: 2_500,
      chunkSize: 1_024,
      sha256: sha256(bytes).toString('hex'),
      chunks: Buffer.concat(chunks).toString('base64url'),
    })
    const sorted = Object.fromEntries(Object.entries(content.list).sort(([a], [b]) => (a < b ? -1 : 1)))
    expect(content.canonicalList).toBe(JSON.stringify(sorted))
    expect(content.id).toBe(sha256(content.canonicalList).toString('hex'))
  })

  it('has a manifest that jose verifies with the key it names, and one good judgement', async () => {
    const [signature] = manifest.signed.signatures
    const { kid, typ } = JSON.parse(Buffer.from(signature.protected, 'base64url').toString())
    const { d: _, ...jwk } = read('keys').keys.find((key: { kid: string }) => key.kid === kid).jwk
    const [, payload] = manifest.signingInput.split('.')
    await flattenedVerify({ ...signature, payload }, await importJWK(jwk, 'ES256'))
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual(manifest.signed.manifest)
    expect(typ).toBe('org.chargeproof.manifest')
    expect(manifest.judgements.filter((row: object) => 'publisher' in row)).toHaveLength(1)
    expect(new Set(manifest.judgements.map((row: { flaw?: string }) => row.flaw)).size).toBeGreaterThan(6)
  })

  it('refuses what it says is refused', () => {
    expect(refusedLists.every(({ fault }: { fault: object }) => fault !== undefined)).toBe(true)
    expect(names.filter(({ flaw }: { flaw: string | null }) => flaw === null)).toHaveLength(3)
  })
})
