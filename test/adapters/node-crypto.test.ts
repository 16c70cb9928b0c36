import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { exportPkcs8Pem, generatePureSigner, generateSigner, importSigner, nodeEngine, nodeRandom } from '../../src/adapters/node-crypto.ts'
import { hex, utf8 } from '../../src/base/bytes.ts'
import { CURVES } from '../../src/crypto/curves.ts'
import type { CurveName } from '../../src/crypto/engine.ts'
import { engineContract } from '../contracts/engine.ts'
import { pureContract } from '../contracts/engine-pure.ts'
import { rsaContract } from '../contracts/engine-rsa.ts'

engineContract('node:crypto', nodeEngine())
// one key at most is remembered, so that every other question drops it
pureContract('node:crypto', nodeEngine())
rsaContract('node:crypto', nodeEngine())
engineContract('node:crypto with a cache of one key', nodeEngine(1))

describe('the key cache', () => {
  it('does not answer for a key whose bytes were changed in place', () => {
    const engine = nodeEngine()
    const signer = generateSigner('secp256r1')
    const other = generateSigner('secp256r1').publicKey.point
    const message = utf8('m')
    const signature = signer.sign('SHA-256', message)
    const key = { curve: 'secp256r1', point: Uint8Array.from(signer.publicKey.point) } as const
    expect(engine.verifyEcdsa(key, 'SHA-256', message, signature)).toBe(true)
    key.point.set(other)
    expect(engine.verifyEcdsa(key, 'SHA-256', message, signature)).toBe(false)
    key.point.set(signer.publicKey.point)
    expect(engine.verifyEcdsa(key, 'SHA-256', message, signature)).toBe(true)
  })

  it('takes a key that is a window on larger memory', () => {
    const signer = generateSigner('secp256r1')
    const memory = new Uint8Array(200).fill(9)
    memory.set(signer.publicKey.point, 17)
    const key = { curve: 'secp256r1', point: memory.subarray(17, 81) } as const
    const signature = signer.sign('SHA-256', memory)
    expect(nodeEngine().verifyEcdsa(key, 'SHA-256', memory, signature)).toBe(true)
    expect(nodeEngine().verifyEcdsa({ ...key, point: memory.subarray(18, 82) }, 'SHA-256', memory, signature)).toBe(false)
  })
})

describe('signers', () => {
  it.each(Object.keys(CURVES) as CurveName[])('survive export and import on %s', (curve) => {
    const signer = generateSigner(curve)
    const again = importSigner(exportPkcs8Pem(signer))
    if (!('sign' in again)) throw new Error('a key of a curve came back as another')
    expect(again.publicKey).toEqual(signer.publicKey)
    expect(exportPkcs8Pem(again)).toBe(exportPkcs8Pem(signer))
    const signature = again.sign('SHA-256', utf8('m'))
    expect(signature).toHaveLength(2 * CURVES[curve].orderBytes)
    expect(nodeEngine().verifyEcdsa(signer.publicKey, 'SHA-256', utf8('m'), signature)).toBe(true)
    expect(nodeEngine().verifyEcdsa(generateSigner(curve).publicKey, 'SHA-256', utf8('m'), signature)).toBe(false)
  })

  it('refuse what is no private key, without repeating it', () => {
    const pem = exportPkcs8Pem(generateSigner('secp256r1'))
    for (const wrong of ['', 'nonsense', pem.replace('M', '!'), pem.slice(0, 80)]) {
      const refusal = expect.objectContaining({ code: 'key-malformed', message: 'expected a private key as PKCS#8 PEM', data: {} })
      expect(() => importSigner(wrong)).toThrow(refusal)
    }
  })

  it('survive export and import of Ed25519', () => {
    const signer = generatePureSigner()
    const again = importSigner(exportPkcs8Pem(signer))
    if (!('signPure' in again)) throw new Error('a key of Ed25519 came back as another')
    expect(again.publicKey).toEqual(signer.publicKey)
    expect(nodeEngine().verifyPure(signer.publicKey, utf8('m'), again.signPure(utf8('m')))).toBe(true)
    expect(nodeEngine().verifyPure(signer.publicKey, utf8('n'), again.signPure(utf8('m')))).toBe(false)
  })

  it('refuse keys of another kind or curve', () => {
    const x25519 = generateKeyPairSync('x25519').privateKey
    const p224 = generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).privateKey
    for (const wrong of [x25519, p224]) {
      const pem = wrong.export({ type: 'pkcs8', format: 'pem' }).toString()
      expect(() => importSigner(pem)).toThrow(expect.objectContaining({ code: 'algorithm-unsupported' }))
    }
  })

  it('do not export for a signer made elsewhere', () => {
    const signer = generateSigner('secp256r1')
    expect(() => exportPkcs8Pem({ ...signer })).toThrow(expect.objectContaining({ code: 'internal' }))
  })
})

describe('randomness', () => {
  it('gives as many bytes as asked, different ones each time', () => {
    expect(nodeRandom.bytes(0)).toHaveLength(0)
    expect(nodeRandom.bytes(32)).toHaveLength(32)
    expect(hex(nodeRandom.bytes(32))).not.toBe(hex(nodeRandom.bytes(32)))
  })

  it('gives UUIDs of version 4', () => {
    expect(nodeRandom.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(nodeRandom.uuid()).not.toBe(nodeRandom.uuid())
  })
})
