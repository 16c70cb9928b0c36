// The many texts that one public key comes as.
import { describe, expect, it } from 'vitest'
import { base64, utf8 } from '../../src/base/bytes.ts'
import { publicKeyOf } from '../../src/metering/key-text.ts'

const KEY = '3059301306072a8648ce3d020106082a8648ce3d030107034200'.padEnd(182, '4')

describe('publicKeyOf', () => {
  const bytes = base64(Uint8Array.from(KEY.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))
  it.each([
    ['hex', KEY],
    ['upper case hex', KEY.toUpperCase()],
    ['base64 of DER', bytes],
    ['PEM', `-----BEGIN PUBLIC KEY-----\n${bytes.slice(0, 64)}\n${bytes.slice(64)}\n-----END PUBLIC KEY-----\n`],
    ['the OCA form', `oca:base16:asn1:${KEY}`],
    ['base64 of the OCA form', base64(utf8(`oca:base16:asn1:${KEY}`))],
    ['the OCA form in base64', base64(utf8(`oca:base64:asn1:${bytes}`))],
    ['base64 of hex', base64(utf8(KEY))],
  ])('reads %s', (_, text) => {
    expect(publicKeyOf(text)).toBe(KEY)
  })

  it('leaves what it does not know', () => {
    expect(publicKeyOf('no key!')).toBe('no key!')
  })
})
