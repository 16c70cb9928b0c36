import { describe, expect, it } from 'vitest'
import { base32, base64, hex, utf8 } from '../../src/base/bytes.ts'
import { writeSpki } from '../../src/crypto/der.ts'
import { toPem } from '../../src/crypto/key.ts'
import { contentOf } from '../../src/metering/content.ts'
import { keyFileOf, meterNamed, stemOf } from '../../src/metering/key-file.ts'
import { SIGNER } from '../../tools/transparency-vectors/maker.ts'

const spki = writeSpki(SIGNER.publicKey)
const pem = toPem(SIGNER.publicKey)
const KEY = { '@context': 'https://open.charging.cloud/contexts/publicKey+json' }

describe('keyFileOf', () => {
  it.each([
    ['pem', utf8(pem), 1],
    ['pem', utf8(`# the meter in the hall\n${pem}`), 1],
    ['pem', utf8(pem + pem), 2],
    ['hex', utf8(`${hex(spki).toUpperCase()}\n`), 1],
    ['hex', utf8(hex(spki).replace(/(.{4})/g, '$1 ')), 1],
    ['base64', utf8(base64(spki)), 1],
    ['base32', utf8(base32(spki)), 1],
    ['der', spki, 1],
    [
      'oca',
      utf8(
        `oca:base16:asn1:${hex(spki)
          .match(/.{1,4}/g)
          ?.join('-')}`,
      ),
      1,
    ],
    ['oca', utf8(base64(utf8(JSON.stringify({ UK: hex(spki) })))), 1],
    ['hex', utf8(JSON.stringify({ SA: 'ECDSA-secp256r1-SHA256', PK: hex(spki) })), 1],
  ] as const)('recognises %s', (format, bytes, count) => {
    const file = keyFileOf(contentOf(bytes))
    expect(file?.format).toBe(format)
    expect(file?.keys).toHaveLength(count)
  })

  it.each([
    ['publicKeys', { value: hex(spki) }],
    ['keys', { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }],
  ])('says that a list of %s goes on behind the last that is read', (name, key) => {
    const keys = (count: number) => keyFileOf(contentOf(utf8(JSON.stringify({ [name]: Array(count).fill(key) }))))?.keys ?? []
    expect(keys(1000)).toHaveLength(1000)
    expect(keys(1001).slice(1000)).toEqual([expect.objectContaining({ code: 'limit-exceeded' })])
  })

  it('keeps no long text once for each who vouches', () => {
    const vouchers = (pad: string) => {
      const [key] =
        keyFileOf(contentOf(utf8(JSON.stringify({ ...KEY, value: hex(spki), pad, signatures: Array(3).fill({ signature: 'aa' }) }))))
          ?.keys ?? []
      return key !== undefined && 'vouchers' in key
        ? key.vouchers.map(({ signed, unusable }) => [signed.length > 0, unusable !== undefined])
        : []
    }
    expect(vouchers('x')).toEqual(Array(3).fill([true, false]))
    expect(vouchers('x'.repeat(70_000))).toEqual(Array(3).fill([false, true]))
  })

  it('leaves a damaged PEM whole, so that it is refused and not halved', () => {
    expect(keyFileOf(contentOf(utf8(`${pem}-----BEGIN PUBLIC KEY-----\nMFk`)))?.keys).toHaveLength(1)
  })

  it.each(['OCMF|{}|{}', 'hello', '', 'deadbeef', '{"a":1}', JSON.stringify({ PK: hex(spki), signedMeterData: 'T0NNRg==' })])(
    'does not take %j for a key',
    (text) => {
      expect(keyFileOf(contentOf(utf8(text)))).toBeUndefined()
    },
  )
})

describe('meterNamed', () => {
  it.each([
    ['keys/1ABC.publicKey.pem', '1ABC'],
    ['1ABC-publicKey.pem', '1ABC'],
    ['OCMF-01_publicKey.txt', 'OCMF-01'],
    ['1ABC.pem', '1ABC'],
    ['C:\\keys\\1ABC.hex', '1ABC'],
    ['publicKey.pem', ''],
    ['public-key.pem', ''],
    ['a.zip/publicKey.txt', ''],
    ['key.pem', ''],
    ['-', ''],
  ])('%s speaks of %j', (path, meter) => {
    expect(meterNamed(path)).toBe(meter)
  })

  it('a stem is what stands before the first dot', () => {
    expect(stemOf('a/b/c.d.e')).toBe('c')
  })
})
