// Encryption for one reader: the vector of RFC 9180 through our face, node:crypto as a second opinion, and everything that must not open.
import { createDecipheriv, createECDH, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportPkcs8Pem, generateSigner } from '../../src/adapters/node-crypto.ts'
import { openerOfPem } from '../../src/adapters/reading-keys.ts'
import { concat, hex, unbase64url, unhex, utf8, utf8Text } from '../../src/base/bytes.ts'
import { type Ciphertext, type Context, hpkeSeal, openerOf } from '../../src/crypto/hpke.ts'

/** RFC 9180 appendix A.3.1 (base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM), encryption with sequence number 0. */
const RFC = {
  info: unhex('4f6465206f6e2061204772656369616e2055726e'),
  ikmE: unhex('4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e'),
  enc: '04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4',
  pkRm: unhex(
    '04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0',
  ),
  skRm: unhex('f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2'),
  pt: unhex('4265617574792069732074727574682c20747275746820626561757479'),
  aad: unhex('436f756e742d30'),
  ct: '5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434',
} as const
const READER = { curve: 'secp256r1', point: RFC.pkRm.subarray(1) } as const
const opener = openerOf(RFC.skRm, READER)

describe('HPKE', () => {
  it('makes and opens what RFC 9180 prints', async () => {
    const sealed = await hpkeSeal(READER, RFC.pt, { info: RFC.info, aad: RFC.aad, entropy: RFC.ikmE })
    expect([hex(sealed.enc), hex(sealed.ciphertext)]).toEqual([RFC.enc, RFC.ct])
    expect(await opener.open(sealed, { info: RFC.info, aad: RFC.aad })).toEqual(RFC.pt)
  })

  it('opens what node:crypto opens, step by step after RFC 9180 §4 and §5', async () => {
    await fc.assert(
      fc.asyncProperty(bytes(0, 300), bytes(0, 60), bytes(32, 32), async (plaintext, aad, entropy) => {
        const context = { info: utf8('x'), aad }
        const sealed = await hpkeSeal(READER, plaintext, { ...context, entropy })
        expect(hex(byHand(RFC.skRm, sealed, context))).toBe(hex(plaintext))
        expect(hex(await opener.open(sealed, context))).toBe(hex(plaintext))
      }),
      { numRuns: 20 },
    )
  })

  it('opens the vectors of the overlay by hand: the place of a message is what they are bound to', () => {
    const { key, info, order, answer, attachment } = JSON.parse(readFileSync('vectors/overlay/encrypted.json', 'utf8'))
    for (const { encrypted, aad, plaintext } of [order, answer, attachment]) {
      const { enc, ciphertext } = encrypted['org.chargeproof.encrypted']
      const sealed = { enc: unbase64url(enc), ciphertext: unbase64url(ciphertext) }
      expect(utf8Text(byHand(unbase64url(key.d), sealed, { info: utf8(info), aad: utf8(aad) }))).toBe(plaintext)
      expect(() => byHand(unbase64url(key.d), sealed, { info: utf8(info), aad: utf8(`${aad} `) })).toThrow('authenticate')
    }
  })

  it('opens with the key of a file what was encrypted for it, and with no other', async () => {
    const [reader, other] = [generateSigner('secp256r1'), generateSigner('secp256r1')]
    const context = { info: utf8('i'), aad: utf8('a') }
    const sealed = await hpkeSeal(reader.publicKey, utf8('secret'), { ...context, entropy: new Uint8Array(32).fill(7) })
    expect(await openerOfPem(exportPkcs8Pem(reader)).open(sealed, context)).toEqual(utf8('secret'))
    await expect(openerOfPem(exportPkcs8Pem(other)).open(sealed, context)).rejects.toMatchObject({ code: 'decryption-failed' })
  })

  const flip = (of: Uint8Array, at: number): Uint8Array => of.map((byte, i) => (i === at ? byte ^ 1 : byte))
  it.each<[string, (sealed: Ciphertext, context: Context) => [Ciphertext, Context]]>([
    ['the first byte of the ciphertext flipped', (s, c) => [{ ...s, ciphertext: flip(s.ciphertext, 0) }, c]],
    ['a byte of the tag flipped', (s, c) => [{ ...s, ciphertext: flip(s.ciphertext, s.ciphertext.length - 1) }, c]],
    ['a byte of the encapsulated key flipped', (s, c) => [{ ...s, enc: flip(s.enc, 40) }, c]],
    ['no ciphertext at all', (s, c) => [{ ...s, ciphertext: new Uint8Array() }, c]],
    ['no encapsulated key', (s, c) => [{ ...s, enc: new Uint8Array() }, c]],
    ['another place', (s, c) => [s, { ...c, aad: flip(c.aad, 0) }]],
    ['another application', (s, c) => [s, { ...c, info: utf8('another') }]],
  ])('refuses %s', async (_name, change) => {
    const context = { info: RFC.info, aad: RFC.aad }
    const sealed = await hpkeSeal(READER, RFC.pt, { ...context, entropy: RFC.ikmE })
    await expect(opener.open(...change(sealed, context))).rejects.toMatchObject({ code: 'decryption-failed' })
  })

  it('takes no other curve, and no point off the curve', async () => {
    const context = { info: RFC.info, aad: RFC.aad, entropy: RFC.ikmE }
    const other = generateSigner('secp384r1').publicKey
    await expect(hpkeSeal(other, RFC.pt, context)).rejects.toMatchObject({ code: 'algorithm-unsupported' })
    expect(() => openerOf(RFC.skRm, other)).toThrow(expect.objectContaining({ code: 'algorithm-unsupported' }))
    await expect(hpkeSeal({ ...READER, point: flip(READER.point, 3) }, RFC.pt, context)).rejects.toMatchObject({ code: 'key-malformed' })
    expect(() => openerOfPem(exportPkcs8Pem(generateSigner('secp384r1')))).toThrow(expect.objectContaining({ code: 'key-malformed' }))
    expect(() => openerOfPem('nothing')).toThrow(expect.objectContaining({ code: 'key-malformed' }))
  })
})

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })

/** Decap, KeySchedule and Open of RFC 9180, base mode, from ECDH, HMAC and AES alone. */
const byHand = (scalar: Uint8Array, { enc, ciphertext }: Ciphertext, { info, aad }: Context): Uint8Array => {
  const kem = concat(utf8('KEM'), Uint8Array.of(0, 16))
  const suite = concat(utf8('HPKE'), Uint8Array.of(0, 16, 0, 1, 0, 1))
  const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array => new Uint8Array(createHmac('sha256', key).update(data).digest())
  const extract = (id: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array) =>
    hmac(salt.length > 0 ? salt : new Uint8Array(32), concat(utf8('HPKE-v1'), id, utf8(label), ikm))
  /** All lengths here fit one block of HKDF-Expand. */
  const expand = (id: Uint8Array, prk: Uint8Array, label: string, data: { info: Uint8Array; length: number }) =>
    hmac(prk, concat(Uint8Array.of(0, data.length), utf8('HPKE-v1'), id, utf8(label), data.info, Uint8Array.of(1))).subarray(0, data.length)
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(scalar)
  const dh = new Uint8Array(ecdh.computeSecret(enc))
  const prk = extract(kem, new Uint8Array(), 'eae_prk', dh)
  const shared = expand(kem, prk, 'shared_secret', { info: concat(enc, new Uint8Array(ecdh.getPublicKey())), length: 32 })
  const nothing = new Uint8Array()
  const context = concat(Uint8Array.of(0), extract(suite, nothing, 'psk_id_hash', nothing), extract(suite, nothing, 'info_hash', info))
  const secret = extract(suite, shared, 'secret', nothing)
  const key = expand(suite, secret, 'key', { info: context, length: 16 })
  const nonce = expand(suite, secret, 'base_nonce', { info: context, length: 12 })
  const decipher = createDecipheriv('aes-128-gcm', key, nonce).setAAD(aad)
  decipher.setAuthTag(ciphertext.subarray(-16))
  return concat(new Uint8Array(decipher.update(ciphertext.subarray(0, -16))), new Uint8Array(decipher.final()))
}
