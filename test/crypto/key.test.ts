import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, it } from 'vitest'
import { exportPkcs8Pem, generateSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { base32, base64, hex, utf8 } from '../../src/base/bytes.ts'
import { CURVES } from '../../src/crypto/curves.ts'
import { writeSpki } from '../../src/crypto/der.ts'
import type { CurveName, EcPublicKey } from '../../src/crypto/engine.ts'
import { fingerprint, readPublicKey, thumbprint, toPem } from '../../src/crypto/key.ts'
import { portableEngine } from '../../src/crypto/portable.ts'

const curves = Object.keys(CURVES) as CurveName[]
const engine = nodeEngine()
const malformed = expect.objectContaining({ name: 'Fault', code: 'key-malformed' })
const theirs = (key: EcPublicKey) => createPublicKey({ key: Buffer.from(writeSpki(key)), format: 'der', type: 'spki' })

describe.each(curves)('a key on %s', (curve) => {
  const key = generateSigner(curve).publicKey
  const der = writeSpki(key)
  const wrapped = (text: string) => text.replace(/.{40}/g, '$&\r\n')

  it.each([
    ['DER', der],
    ['hex', hex(der)],
    ['hex in upper case', hex(der).toUpperCase()],
    ['hex in lines', `${wrapped(hex(der))}\n`],
    ['hex as bytes', utf8(hex(der))],
    ['base64', base64(der)],
    ['base64 without padding', base64(der).replace(/=+$/, '')],
    ['base64 in lines', wrapped(base64(der))],
    ['base32', base32(der)],
    ['base32 without padding', base32(der).replace(/=+$/, '')],
    ['PEM', toPem(key)],
    ['PEM as bytes', utf8(toPem(key))],
    ['PEM with line ends of Windows and a byte order mark', `\ufeff${toPem(key).replaceAll('\n', '\r\n')}`],
    ['PEM with comments', `# meter 0901454D48\n${toPem(key)}# -----END PUBLIC KEY-----\n`],
    ['PEM with an indented comment within', toPem(key).replace('-----\n', '-----\n  # a remark: AAAA\n')],
  ])('is read from %s', (_, input) => expect(readPublicKey(input)).toEqual(key))

  it('is written as the PEM that OpenSSL writes', () => expect(toPem(key)).toBe(theirs(key).export({ format: 'pem', type: 'spki' })))

  it('has a fingerprint that a person can compute too', () => {
    expect(fingerprint(key, engine)).toBe(createHash('sha256').update(der).digest('hex'))
    expect(fingerprint(key, portableEngine())).toBe(fingerprint(key, engine))
    expect(fingerprint(generateSigner(curve).publicKey, engine)).not.toBe(fingerprint(key, engine))
  })

  it('has a thumbprint of 43 characters, its own', () => {
    expect(thumbprint(key, engine)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(thumbprint(key, portableEngine())).toBe(thumbprint(key, engine))
    expect(thumbprint(generateSigner(curve).publicKey, engine)).not.toBe(thumbprint(key, engine))
  })

  it('has the thumbprint of RFC 7638 where it has a JWK form, otherwise that of its SubjectPublicKeyInfo', async () => {
    const expected =
      CURVES[curve].jwk === undefined
        ? createHash('sha256').update(der).digest('base64url')
        : await calculateJwkThumbprint(theirs(key).export({ format: 'jwk' }))
    expect(thumbprint(key, engine)).toBe(expected)
  })
})

describe('readPublicKey refuses', () => {
  const signer = generateSigner('secp256r1')
  const pem = toPem(signer.publicKey)
  const der = writeSpki(signer.publicKey)

  it.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['no bytes', new Uint8Array()],
    ['a comment alone', '# key'],
    ['two keys', pem + pem],
    ['text before the key', `key: ${pem}`],
    ['a PEM that is cut', pem.slice(0, -10)],
    ['a PEM under another name', pem.replaceAll('PUBLIC KEY', 'CERTIFICATE')],
    ['a PEM with headers', pem.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n')],
    ['base64 in the alphabet for URLs', base64(der).replaceAll('+', '-').replaceAll('/', '_').replace(/^..../, '-_-_')],
    ['an odd number of hex digits', hex(der).slice(1)],
    ['hex with a prefix', `0x${hex(der)}`],
    ['base32 in lower case', base32(der).toLowerCase()],
    ['a bare point', hex(signer.publicKey.point)],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x30)],
    ['DER with a byte after it', Uint8Array.of(...der, 0)],
  ])('%s', (_, input) => expect(() => readPublicKey(input)).toThrow(malformed))

  it('a private key, without repeating any of it', () => {
    const secret = exportPkcs8Pem(signer)
    for (const wrong of [secret, secret.replace(/-----.*-----\n/g, '')]) {
      try {
        readPublicKey(wrong)
        expect.unreachable()
      } catch (thrown) {
        expect(thrown).toEqual(malformed)
        expect(JSON.stringify([String(thrown), (thrown as { data: unknown }).data])).not.toContain(secret.slice(60, 90))
      }
    }
  })

  it('a good key of another kind, and says so', () => {
    const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'pem', type: 'spki' }).toString()
    expect(() => readPublicKey(x25519)).toThrow(expect.objectContaining({ code: 'algorithm-unsupported', data: { oid: '1.3.101.110' } }))
  })
})
