import { createPrivateKey, createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { FlattenedSign, flattenedVerify, GeneralSign, generalVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { exportPkcs8Pem, generatePureSigner, generateSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { base64url, concat, unbase64url, utf8, utf8Text } from '../../src/base/bytes.ts'
import { CURVES } from '../../src/crypto/curves.ts'
import { writeSpki } from '../../src/crypto/der.ts'
import type { CurveName, NodeSigner, PublicKey, Signer } from '../../src/crypto/engine.ts'
import {
  type DetachedSignature,
  JWS_ALGORITHMS,
  type JwsAlgorithm,
  readProtected,
  signDetached,
  verifyDetached,
} from '../../src/crypto/jws.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { portableEngine } from '../../src/crypto/portable.ts'

const engine = nodeEngine()
const algorithms = Object.keys(JWS_ALGORITHMS) as JwsAlgorithm[]
const payload = utf8('{"limit":16,"unit":"A"}')
const header = { kid: 'operator', iat: 1_760_000_000, aud: ['CS-1', 'CS-2'], note: 'Straße €' }

const publicKeyOf = (key: PublicKey) => createPublicKey({ key: Buffer.from(writeSpki(key)), format: 'der', type: 'spki' })
const privateKeyOf = (signer: NodeSigner) => createPrivateKey(exportPkcs8Pem(signer))
const fault = (code: string) => expect.objectContaining({ name: 'Fault', code })

/** A signature over any header text, the way an attacker with a key of their own would make it. */
const signText = (headerText: string | Uint8Array, signer: Signer): DetachedSignature => {
  const encoded = base64url(typeof headerText === 'string' ? utf8(headerText) : headerText)
  return { protected: encoded, signature: base64url(signer.sign('SHA-256', utf8(`${encoded}.${base64url(payload)}`))) }
}

it('verifies the example of RFC 8037 appendix A.4, whose key has the name of its appendix A.3', () => {
  const key = { scheme: 'Ed25519', bytes: unbase64url('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo') } as const
  const signature = {
    protected: 'eyJhbGciOiJFZERTQSJ9',
    signature: 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  }
  for (const each of [engine, portableEngine()]) {
    expect(verifyDetached(signature, utf8('Example of Ed25519 signing'), key, each)).toBe(true)
    expect(verifyDetached(signature, utf8('Example of Ed25519 singing'), key, each)).toBe(false)
  }
  expect(thumbprint(key, engine)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
})

it('verifies the example of RFC 7515 appendix A.3', () => {
  const x = unbase64url('f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU')
  const y = unbase64url('x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0')
  const text = utf8('{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}')
  const key = { curve: 'secp256r1', point: concat(x, y) } as const
  const signature = {
    protected: 'eyJhbGciOiJFUzI1NiJ9',
    signature: 'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
  }
  for (const each of [engine, portableEngine()]) {
    expect(verifyDetached(signature, text, key, each)).toBe(true)
    expect(verifyDetached(signature, utf8(utf8Text(text).replace('joe', 'jim')), key, each)).toBe(false)
  }
})

describe.each(algorithms)('%s', (alg) => {
  const kind = JWS_ALGORITHMS[alg]
  const signer = 'curve' in kind ? generateSigner(kind.curve) : generatePureSigner()
  const key = signer.publicKey

  it('signs so that jose verifies, attached again, flattened and general', async () => {
    const signature = signDetached(header, payload, signer)
    const flattened = await flattenedVerify({ ...signature, payload: base64url(payload) }, publicKeyOf(key))
    expect(flattened.protectedHeader).toEqual({ alg, ...header })
    expect(new Uint8Array(flattened.payload)).toEqual(payload)
    await expect(generalVerify({ signatures: [signature], payload: base64url(payload) }, publicKeyOf(key))).resolves.toBeDefined()
    await expect(flattenedVerify({ ...signature, payload: base64url(utf8('{}')) }, publicKeyOf(key))).rejects.toThrow()
  })

  it('verifies what jose signs', async () => {
    const flattened = await new FlattenedSign(payload).setProtectedHeader({ alg, kid: 'k' }).sign(privateKeyOf(signer))
    const general = await new GeneralSign(payload).addSignature(privateKeyOf(signer)).setProtectedHeader({ alg, kid: 'k' }).sign()
    for (const made of [flattened, general.signatures[0]]) {
      const signature = { protected: made?.protected ?? '', signature: made?.signature ?? '' }
      expect(readProtected(signature)).toEqual({ alg, kid: 'k' })
      expect(verifyDetached(signature, payload, key, engine)).toBe(true)
      expect(verifyDetached(signature, utf8('{}'), key, engine)).toBe(false)
    }
  })

  it('answers false when any character of header or signature, or any byte of the payload, is another', () => {
    const signature = signDetached(header, payload, signer)
    expect(verifyDetached(signature, payload, key, engine)).toBe(true)
    for (const part of ['protected', 'signature'] as const) {
      for (let at = 0; at < signature[part].length; at++) {
        for (const other of ['A', 'x', '=']) {
          const tampered = signature[part].slice(0, at) + other + signature[part].slice(at + 1)
          if (tampered !== signature[part]) expect(verifyDetached({ ...signature, [part]: tampered }, payload, key, engine)).toBe(false)
        }
        expect(verifyDetached({ ...signature, [part]: signature[part].slice(0, at) }, payload, key, engine)).toBe(false)
      }
      expect(verifyDetached({ ...signature, [part]: `${signature[part]}A` }, payload, key, engine)).toBe(false)
    }
    for (let at = 0; at < payload.length; at++) {
      const tampered = Uint8Array.from(payload)
      tampered[at] = (tampered[at] ?? 0) ^ 1
      expect(verifyDetached(signature, tampered, key, engine)).toBe(false)
    }
  })

  it('answers false to every other key, of this curve and of others', () => {
    const signature = signDetached(header, payload, signer)
    for (const curve of Object.keys(CURVES) as CurveName[]) {
      expect(verifyDetached(signature, payload, generateSigner(curve).publicKey, engine)).toBe(false)
    }
    expect(verifyDetached(signature, payload, generatePureSigner().publicKey, engine)).toBe(false)
  })

  it('reads back the header that was signed, alg first', () => {
    const signature = signDetached(header, payload, signer)
    expect(readProtected(signature)).toEqual({ alg, ...header })
    expect(utf8Text(unbase64url(signature.protected))).toBe(JSON.stringify({ alg, ...header }))
    expect(verifyDetached(signDetached({ kid: 'k', alg }, payload, signer), payload, key, engine)).toBe(true)
  })
})

describe('signDetached refuses', () => {
  const signer = generateSigner('secp256r1')

  it('an alg that is not the one of the key', () => {
    for (const alg of ['ES384', 'none', 'HS256', 256, null])
      expect(() => signDetached({ alg }, payload, signer)).toThrow(fault('algorithm-unsupported'))
  })

  it.each(['secp192r1', 'secp256k1', 'brainpoolP256r1'] as const)('a key on %s', (curve) => {
    expect(() => signDetached({}, payload, generateSigner(curve))).toThrow(fault('algorithm-unsupported'))
  })

  it('what readProtected would refuse: crit, or too long a header', () => {
    expect(() => signDetached({ crit: ['exp'], exp: 1 }, payload, signer)).toThrow(fault('algorithm-unsupported'))
    expect(() => signDetached({ note: 'x'.repeat(3100) }, payload, signer)).toThrow(fault('limit-exceeded'))
    expect(readProtected(signDetached({ note: 'x'.repeat(3000) }, payload, signer)).alg).toBe('ES256')
  })
})

describe('a header that is not to be believed', () => {
  const signer = generateSigner('secp256r1')

  it.each([
    ['alg none', '{"alg":"none"}', 'algorithm-unsupported'],
    ['a symmetric alg', '{"alg":"HS256"}', 'algorithm-unsupported'],
    ['alg in lower case', '{"alg":"es256"}', 'algorithm-unsupported'],
    ['an alg that every object has', '{"alg":"constructor"}', 'algorithm-unsupported'],
    ['no alg', '{}', 'algorithm-unsupported'],
    ['alg as a list', '{"alg":["ES256"]}', 'algorithm-unsupported'],
    ['crit', '{"alg":"ES256","crit":["b64"],"b64":false}', 'algorithm-unsupported'],
    ['an empty crit', '{"alg":"ES256","crit":[]}', 'algorithm-unsupported'],
    ['alg twice', '{"alg":"ES256","alg":"ES256"}', 'json-malformed'],
    ['kid twice', '{"alg":"ES256","kid":"a","kid":"b"}', 'json-malformed'],
    ['a number that loses digits', '{"alg":"ES256","seq":9007199254740993}', 'json-malformed'],
    ['a list', '[{"alg":"ES256"}]', 'json-malformed'],
    ['null', 'null', 'json-malformed'],
    ['no JSON', 'alg=ES256', 'json-malformed'],
    ['a byte order mark', '\ufeff{"alg":"ES256"}', 'json-malformed'],
    ['no text', Uint8Array.of(0x7b, 0xff, 0x7d), 'bytes-malformed'],
    ['nothing', '', 'json-malformed'],
    ['5 KiB', `{"alg":"ES256","x":"${'x'.repeat(5000)}"}`, 'limit-exceeded'],
  ])('%s, though well signed', (_, text, code) => {
    const signature = signText(text, signer)
    expect(() => readProtected(signature)).toThrow(fault(code))
    expect(verifyDetached(signature, payload, signer.publicKey, engine)).toBe(false)
  })

  it('an alg that belongs to another curve than the key, though the numbers agree', () => {
    for (const curve of ['secp384r1', 'secp256k1', 'brainpoolP256r1'] as const) {
      const other = generateSigner(curve)
      const signature = signText('{"alg":"ES256"}', other)
      expect(readProtected(signature).alg).toBe('ES256')
      expect(verifyDetached(signature, payload, other.publicKey, engine)).toBe(false)
    }
  })

  it('a good one made the same way is verified', () => {
    const signature = signText(' {"alg" : "ES256", "kid":"k"}\n', signer)
    expect(readProtected(signature)).toEqual({ alg: 'ES256', kid: 'k' })
    expect(verifyDetached(signature, payload, signer.publicKey, engine)).toBe(true)
  })

  it('padding and the other alphabet are refused', () => {
    const good = signText('{"alg":"ES256","kid":"~~~???"}', signer)
    for (const wrong of [`${good.protected}=`, ` ${good.protected}`, good.protected.replaceAll('-', '+').replaceAll('_', '/')]) {
      expect(wrong).not.toBe(good.protected)
      expect(() => readProtected({ ...good, protected: wrong })).toThrow(fault('bytes-malformed'))
    }
  })

  it('any text at all is a header or a fault, and verifies as false', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, second) => {
        expect(verifyDetached({ protected: first, signature: second }, payload, signer.publicKey, engine)).toBe(false)
        expect(verifyDetached(signText(first, signer), payload, signer.publicKey, engine)).toBe(false)
      }),
    )
  })
})
