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
    ['base64 of hex with blanks', base64(utf8(KEY.replace(/(.{4})/g, '$1 ')))],
    ['base64 of hex with colons', base64(utf8(KEY.match(/../g)?.join(':') ?? ''))],
    ['base64 of base64', base64(utf8(bytes))],
    ['the OCA form with what a label has between its digits', `oca:base16:asn1:0x${KEY.match(/.{1,8}/g)?.join('/. ')}`],
    ['the OCA form with 0x before each byte', base64(utf8(`oca:base16:asn1:${KEY.replace(/../g, '0x$&, ')}`))],
    ['the OCA form in the other alphabet', `oca:base64:asn1:${bytes.replaceAll('+', '-').replaceAll('/', '_')}`],
    ['what stations of KEBA send', base64(utf8(`{"UK":"${KEY.toUpperCase()}"}`))],
    ['what meters of Isabellenhütte answer', `{ "SA": "ECDSA-secp256r1-SHA256",\n "PK": "${KEY}" }`],
  ])('reads %s', (_, text) => {
    expect(publicKeyOf(text)).toBe(KEY)
  })

  it.each(['no key!', `{"UK":"${KEY}","PK":"${KEY}"}`, `{"UK":"${KEY}","UK":"${KEY}"}`, `{"UK":"${KEY}","x":1}`, `{"x":{"UK":"${KEY}"}}`])(
    'leaves what it does not know, and what holds two keys: %s',
    (text) => {
      expect(publicKeyOf(text)).toBe(text)
    },
  )
})
