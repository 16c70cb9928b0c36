// What every engine must answer about RSA, whatever computes it. Signatures and keys are made by node:crypto.
import { constants, generateKeyPairSync, privateEncrypt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { importRsaSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { concat, unhex, utf8 } from '../../src/base/bytes.ts'
import type { Engine, HashName } from '../../src/crypto/engine.ts'

const HASHES = ['SHA-256', 'SHA-384', 'SHA-512'] as const satisfies readonly HashName[]
const message = utf8('1234.567 kWh')

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const signer = importRsaSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
const odd = importRsaSigner(
  generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
)

/** The signature whose padded block is this. */
const signatureOf = (block: Uint8Array): Uint8Array =>
  new Uint8Array(privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block))

const INFO = unhex('3031300d060960864801650304020105000420')
const digest = nodeEngine().digest('SHA-256', message)
const blockOf = (...parts: readonly Uint8Array[]): Uint8Array => {
  const info = concat(...parts)
  return concat(Uint8Array.of(0, 1), new Uint8Array(253 - info.length).fill(0xff), Uint8Array.of(0), info)
}

export const rsaContract = (name: string, engine: Engine): void => {
  describe(`the engine ${name}, of RSA`, () => {
    const { rsaKey: key } = signer

    it.each(HASHES)('verifies a signature over %s, and not with another hash', (hash) => {
      const signature = signer.sign(hash, message)
      for (const other of HASHES) expect(engine.verifyRsa(key, other, message, signature)).toBe(other === hash)
    })

    it('verifies under a small exponent and another width', () => {
      const signature = odd.sign('SHA-256', message)
      expect(engine.verifyRsa(odd.rsaKey, 'SHA-256', message, signature)).toBe(true)
      expect(engine.verifyRsa(odd.rsaKey, 'SHA-256', utf8('1234.568 kWh'), signature)).toBe(false)
      expect(engine.verifyRsa(key, 'SHA-256', message, signature)).toBe(false)
    })

    it('answers false when a bit of message, signature or key is flipped', () => {
      const signature = signer.sign('SHA-256', message)
      const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 2 : byte))
      for (const at of [0, 1, 100, 255]) {
        expect(engine.verifyRsa(key, 'SHA-256', message, flipped(signature, at))).toBe(false)
        expect(engine.verifyRsa({ ...key, modulus: flipped(key.modulus, at) }, 'SHA-256', message, signature)).toBe(false)
      }
      expect(engine.verifyRsa({ ...key, exponent: Uint8Array.of(3) }, 'SHA-256', message, signature)).toBe(false)
    })

    it('answers false to a signature of another length, of nothing, or of the modulus and more', () => {
      const signature = signer.sign('SHA-256', message)
      const wrong = [signature.subarray(1), concat(signature, Uint8Array.of(0)), concat(Uint8Array.of(0), signature), new Uint8Array()]
      for (const each of [...wrong, new Uint8Array(256), key.modulus, new Uint8Array(256).fill(255)])
        expect(engine.verifyRsa(key, 'SHA-256', message, each)).toBe(false)
    })

    it('takes the one padding there is, and nothing that looks like it', () => {
      const verifies = (block: Uint8Array): boolean => engine.verifyRsa(key, 'SHA-256', message, signatureOf(block))
      expect(verifies(blockOf(INFO, digest))).toBe(true)
      // the digest too early, with bytes behind it: what Bleichenbacher's forgery of 2006 needs
      const early = concat(Uint8Array.of(0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 0), INFO, digest)
      expect(verifies(concat(early, new Uint8Array(256 - early.length)))).toBe(false)
      // without the NULL in the algorithm; of another kind of block; with a byte in the padding
      expect(verifies(blockOf(unhex('302f300b0609608648016503040201 0420'.replace(' ', '')), digest))).toBe(false)
      expect(verifies(blockOf(INFO, digest).map((byte, i) => (i === 1 ? 2 : byte)))).toBe(false)
      expect(verifies(blockOf(INFO, digest).map((byte, i) => (i === 9 ? 0xfe : byte)))).toBe(false)
    })
  })
}
