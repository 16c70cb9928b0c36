// What every engine must answer about schemes without a hash of their own (EdDSA, ML-DSA). Signatures are made by node:crypto, with no
// code of ours; one expectation comes from RFC 8032, the bounds from RFC 8032 §5.1.7 and FIPS 204 §3.6.2.
import { generateKeyPairSync, sign } from 'node:crypto'
import { ed448 } from '@noble/curves/ed448.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { concat, unhex, utf8 } from '../../src/base/bytes.ts'
import { readMeterSpki } from '../../src/crypto/der.ts'
import type { Engine, PurePublicKey, SchemeName } from '../../src/crypto/engine.ts'
import { SCHEMES } from '../../src/crypto/schemes.ts'
import { flips } from './engine.ts'

const message = utf8('1234.567 kWh')

interface Pair {
  readonly key: PurePublicKey
  readonly sign: (message: Uint8Array) => Uint8Array
}

const generate = (scheme: SchemeName): Pair => {
  const { publicKey, privateKey } = generateKeyPairSync(scheme.toLowerCase() as 'ed25519')
  const key = readMeterSpki(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })))
  if (!('scheme' in key)) throw new Error('expected a key of a scheme')
  return { key, sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)) }
}

export const pureContract = (name: string, engine: Engine): void => {
  describe.each(Object.keys(SCHEMES) as SchemeName[])(`the engine ${name} with %s`, (scheme) => {
    const { key, sign } = generate(scheme)
    const signature = sign(message)

    it('verifies a signature, of an empty message and of a long one too', () => {
      for (const each of [message, new Uint8Array(), new Uint8Array(100_000).fill(7)]) {
        expect(engine.verifyPure(key, each, sign(each))).toBe(true)
        expect(engine.verifyPure(key, concat(each, Uint8Array.of(0)), sign(each))).toBe(false)
      }
    })

    it('answers false when a bit of message, signature or key is flipped', () => {
      for (const tampered of flips(message, 4)) expect(engine.verifyPure(key, tampered, signature)).toBe(false)
      for (const tampered of flips(signature, 8)) expect(engine.verifyPure(key, message, tampered)).toBe(false)
      for (const bytes of flips(key.bytes, 8)) expect(engine.verifyPure({ scheme, bytes }, message, signature)).toBe(false)
    })

    it('answers false to another key, of this scheme and of every other', () => {
      for (const other of Object.keys(SCHEMES) as SchemeName[]) {
        expect(engine.verifyPure(generate(other).key, message, signature)).toBe(false)
        if (other !== scheme) expect(engine.verifyPure({ scheme: other, bytes: key.bytes }, message, signature)).toBe(false)
      }
    })

    it('answers false to a key or signature of another length', () => {
      const lengths = (bytes: Uint8Array) => [new Uint8Array(), bytes.subarray(1), bytes.subarray(0, -1), Uint8Array.of(...bytes, 0)]
      for (const other of lengths(signature)) expect(engine.verifyPure(key, message, other)).toBe(false)
      for (const bytes of lengths(key.bytes)) expect(engine.verifyPure({ scheme, bytes }, message, signature)).toBe(false)
    })
  })

  describe(`the engine ${name}`, () => {
    it('verifies RFC 8032 §7.1 test 2', () => {
      const bytes = unhex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
      const signature = unhex(
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      )
      expect(engine.verifyPure({ scheme: 'Ed25519', bytes }, Uint8Array.of(0x72), signature)).toBe(true)
      expect(engine.verifyPure({ scheme: 'Ed25519', bytes }, Uint8Array.of(0x73), signature)).toBe(false)
    })

    // under the neutral element S·B = R holds for any message: whoever could bring such a key could sign everything
    it.each([
      ['Ed25519', ed25519],
      ['Ed448', ed448],
    ] as const)('takes no key of small order for %s', (scheme, { Point }) => {
      const { keyBytes, signatureBytes } = SCHEMES[scheme]
      const forged = new Uint8Array(signatureBytes)
      forged.set(Point.BASE.multiply(5n).toBytes())
      forged[keyBytes] = 5
      expect(engine.verifyPure({ scheme, bytes: Point.ZERO.toBytes() }, message, forged)).toBe(false)
    })

    it('takes S only below the order', () => {
      const { key, sign } = generate('Ed25519')
      const signature = sign(message)
      const number = signature.subarray(32).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) + ed25519.Point.Fn.ORDER
      const high = Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 0xffn))
      expect(engine.verifyPure(key, message, concat(signature.subarray(0, 32), high))).toBe(false)
    })
  })
}
