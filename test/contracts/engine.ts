// What every engine must answer, whatever computes it. Signatures are made by node:crypto; expectations come from FIPS 186-5 and RFC 6979.
import { describe, expect, it } from 'vitest'
import { generateSigner } from '../../src/adapters/node-crypto.ts'
import { hex, unhex, utf8 } from '../../src/base/bytes.ts'
import { CURVES } from '../../src/crypto/curves.ts'
import type { CurveName, EcPublicKey, Engine, HashName, RawSignature } from '../../src/crypto/engine.ts'

const curves = Object.keys(CURVES) as CurveName[]
const hashes = ['SHA-256', 'SHA-384', 'SHA-512'] as const satisfies readonly HashName[]
const message = utf8('1234.567 kWh')

export const engineContract = (name: string, engine: Engine): void => {
  describe(`the engine ${name}`, () => {
    it.each(DIGESTS)('digests with $hash (FIPS 180-4)', ({ hash, digest }) => {
      expect(hex(engine.digest(hash, utf8('abc')))).toBe(digest)
      expect(hex(engine.digest(hash, utf8('abd')))).not.toBe(digest)
    })

    it.each(PUBLISHED)('verifies RFC 6979 $section with $hash', ({ curve, hash, x, y, r, s }) => {
      const key = { curve, point: unhex(x + y) }
      expect(engine.verifyEcdsa(key, hash, utf8('sample'), unhex(r + s))).toBe(true)
      expect(engine.verifyEcdsa(key, hash, utf8('Sample'), unhex(r + s))).toBe(false)
    })

    describe.each(curves)('on %s', (curve) => {
      const signer = generateSigner(curve)
      const { publicKey: key } = signer
      const signed = (hash: HashName = 'SHA-256') => signer.sign(hash, message)

      it.each(hashes)('verifies a signature over %s, and not with another hash', (hash) => {
        const signature = signed(hash)
        for (const other of hashes) expect(engine.verifyEcdsa(key, other, message, signature)).toBe(other === hash)
      })

      it('answers false when a bit of message, signature or key is flipped', () => {
        const signature = signed()
        for (const tampered of flips(message, 5)) expect(engine.verifyEcdsa(key, 'SHA-256', tampered, signature)).toBe(false)
        for (const tampered of flips(signature, 8)) expect(engine.verifyEcdsa(key, 'SHA-256', message, tampered)).toBe(false)
        for (const point of flips(key.point, 8)) expect(engine.verifyEcdsa({ curve, point }, 'SHA-256', message, signature)).toBe(false)
      })

      it('answers false to another key, on this curve and on every other', () => {
        const signature = signed()
        for (const other of curves) {
          expect(engine.verifyEcdsa(generateSigner(other).publicKey, 'SHA-256', message, signature)).toBe(false)
          if (other !== curve) expect(engine.verifyEcdsa({ curve: other, point: key.point }, 'SHA-256', message, signature)).toBe(false)
        }
      })

      it('takes a high s and a low s alike', () => {
        const { r, s, n } = numbers(curve, signed())
        expect(engine.verifyEcdsa(key, 'SHA-256', message, raw(curve, r, s))).toBe(true)
        expect(engine.verifyEcdsa(key, 'SHA-256', message, raw(curve, r, n - s))).toBe(true)
      })

      it('answers false when r or s is zero, the order or more', () => {
        const { r, s, n } = numbers(curve, signed())
        const widest = 256n ** BigInt(CURVES[curve].orderBytes) - 1n
        for (const wrong of [0n, n, widest]) {
          expect(engine.verifyEcdsa(key, 'SHA-256', message, raw(curve, wrong, s))).toBe(false)
          expect(engine.verifyEcdsa(key, 'SHA-256', message, raw(curve, r, wrong))).toBe(false)
        }
        // the same number modulo the order, where the width has room for it (P-521, secp224k1)
        if (r + n <= widest) expect(engine.verifyEcdsa(key, 'SHA-256', message, raw(curve, r + n, s))).toBe(false)
        if (s + n <= widest) expect(engine.verifyEcdsa(key, 'SHA-256', message, raw(curve, r, s + n))).toBe(false)
      })

      it('answers false to a point that is not one, or is written with a coordinate past the prime', () => {
        const width = CURVES[curve].coordinateBytes
        const x = toBigInt(key.point.subarray(0, width))
        const y = toBigInt(key.point.subarray(width))
        const { p } = CURVES[curve]
        const wrong = [
          [0n, 0n],
          [x, 0n],
          [x, (y + 1n) % p],
          [p, y],
          [x + p, y],
          [x, y + p],
        ] as const
        for (const [wrongX, wrongY] of wrong) {
          if (wrongX >= 256n ** BigInt(width) || wrongY >= 256n ** BigInt(width)) continue
          const point = unhex(digits(wrongX, width) + digits(wrongY, width))
          expect(engine.verifyEcdsa({ curve, point }, 'SHA-256', message, signed())).toBe(false)
        }
        // the other point with this x is on the curve, and is another key
        const negated: EcPublicKey = { curve, point: unhex(digits(x, width) + digits(p - y, width)) }
        expect(engine.verifyEcdsa(negated, 'SHA-256', message, signed())).toBe(false)
      })

      it('answers false to a key or signature of another length', () => {
        const signature = signed()
        const lengths = (bytes: Uint8Array) => [
          new Uint8Array(),
          bytes.subarray(1),
          bytes.subarray(0, -1),
          Uint8Array.of(0, ...bytes),
          Uint8Array.of(...bytes, 0),
        ]
        for (const other of lengths(signature)) expect(engine.verifyEcdsa(key, 'SHA-256', message, other)).toBe(false)
        for (const point of lengths(key.point)) expect(engine.verifyEcdsa({ curve, point }, 'SHA-256', message, signature)).toBe(false)
      })

      it('takes an empty message and one of a megabyte', () => {
        for (const each of [new Uint8Array(), new Uint8Array(1_000_000).fill(7)]) {
          const signature = signer.sign('SHA-512', each)
          expect(engine.verifyEcdsa(key, 'SHA-512', each, signature)).toBe(true)
          expect(engine.verifyEcdsa(key, 'SHA-512', Uint8Array.of(...each.subarray(0, 3), 1), signature)).toBe(false)
        }
      })
    })
  })
}

/** Copies with one bit flipped each, `count` of them spread over the bytes. */
export const flips = (bytes: Uint8Array, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => {
    const copy = Uint8Array.from(bytes)
    const at = Math.floor((i * bytes.length) / count)
    copy[at] = (copy[at] ?? 0) ^ (1 << (i % 8))
    return copy
  })

const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes)}`)
const digits = (value: bigint, width: number): string => value.toString(16).padStart(2 * width, '0')

const numbers = (curve: CurveName, signature: RawSignature): { r: bigint; s: bigint; n: bigint } => {
  const { orderBytes, n } = CURVES[curve]
  return { r: toBigInt(signature.subarray(0, orderBytes)), s: toBigInt(signature.subarray(orderBytes)), n }
}

const raw = (curve: CurveName, r: bigint, s: bigint): RawSignature =>
  unhex(digits(r, CURVES[curve].orderBytes) + digits(s, CURVES[curve].orderBytes))

const DIGESTS = [
  { hash: 'SHA-256', digest: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
  {
    hash: 'SHA-384',
    digest: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  },
  {
    hash: 'SHA-512',
    digest:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  },
] as const

/** RFC 6979 appendix A.2, message "sample". P-192 has the digest cut to the order's length. */
const PUBLISHED = [
  {
    section: 'A.2.3',
    curve: 'secp192r1',
    hash: 'SHA-256',
    x: 'AC2C77F529F91689FEA0EA5EFEC7F210D8EEA0B9E047ED56',
    y: '3BC723E57670BD4887EBC732C523063D0A7C957BC97C1C43',
    r: '4B0B8CE98A92866A2820E20AA6B75B56382E0F9BFD5ECB55',
    s: 'CCDB006926EA9565CBADC840829D8C384E06DE1F1E381B85',
  },
  {
    section: 'A.2.5',
    curve: 'secp256r1',
    hash: 'SHA-256',
    x: '60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6',
    y: '7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299',
    r: 'EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716',
    s: 'F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8',
  },
  {
    section: 'A.2.5',
    curve: 'secp256r1',
    hash: 'SHA-512',
    x: '60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6',
    y: '7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299',
    r: '8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00',
    s: '2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE',
  },
  {
    section: 'A.2.7',
    curve: 'secp521r1',
    hash: 'SHA-512',
    x: '01894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD371123D46E45DB6B5D5370A7F20FB633155D38FFA16D2BD761DCAC474B9A2F5023A4',
    y: '00493101C962CD4D2FDDF782285E64584139C2F91B47F87FF82354D6630F746A28A0DB25741B5B34A828008B22ACC23F924FAAFBD4D33F81EA66956DFEAA2BFDFCF5',
    r: '00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA',
    s: '00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A',
  },
] as const
