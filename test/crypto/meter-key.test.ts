// Keys of meters: of any kind, and bare ones that only the record can name.
import { describe, expect, it } from 'vitest'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { base64, concat, hex, unhex } from '../../src/base/bytes.ts'
import { writeSpki } from '../../src/crypto/der.ts'
import type { CurveName, MeterKey, SchemeName } from '../../src/crypto/engine.ts'
import { fingerprint, toPem } from '../../src/crypto/key.ts'
import { meterKeyFor, readMeterKey } from '../../src/crypto/meter-key.ts'
import { SCHEMES } from '../../src/crypto/schemes.ts'
import { vectorPureSigner, vectorSigner } from '../../tools/transparency-vectors/signer.ts'

const ec = vectorSigner('secp192r1').publicKey
const schemes = Object.keys(SCHEMES) as SchemeName[]
const bare = (bytes: Uint8Array) => ({ bare: bytes })

describe('readMeterKey', () => {
  it.each([ec, ...schemes.map((scheme) => vectorPureSigner(scheme).publicKey)] as MeterKey[])(
    'reads the SubjectPublicKeyInfo of %o',
    (key) => {
      const spki = writeSpki(key)
      for (const form of [spki, hex(spki), base64(spki), toPem(key)]) expect(readMeterKey(form)).toEqual(key)
      const engine = nodeEngine()
      expect(fingerprint(key, engine)).toBe(hex(engine.digest('SHA-256', spki)))
      expect(() => readMeterKey(concat(spki, Uint8Array.of(0)))).toThrow(expect.objectContaining({ code: 'key-malformed' }))
      const noBitString = spki.slice()
      noBitString[spki.length - ('bytes' in key ? key.bytes.length : 49) - 1] = 1
      expect(() => readMeterKey(noBitString)).toThrow(expect.objectContaining({ code: 'key-malformed' }))
    },
  )

  it('reads bare keys, also one that begins like DER', () => {
    expect(readMeterKey(hex(ec.point))).toEqual(bare(ec.point))
    expect(readMeterKey(base64(ec.point))).toEqual(bare(ec.point))
    const odd = concat(Uint8Array.of(0x30), ec.point.subarray(1))
    expect(readMeterKey(odd)).toEqual(bare(odd))
  })

  it.each(['', '00', 'zz', '04'.repeat(50)])('refuses %j', (text) => {
    expect(() => readMeterKey(text)).toThrow(expect.objectContaining({ code: 'key-malformed' }))
  })

  it('refuses a scheme with parameters or another width', () => {
    const ed = hex(writeSpki(vectorPureSigner('Ed25519').publicKey))
    expect(() => readMeterKey(ed.replace('302a300506032b6570', '302c300706032b65700500'))).toThrow(
      expect.objectContaining({ code: 'key-malformed' }),
    )
    const short = `3029300506032b6570032000${ed.slice(24, -2)}`
    expect(() => readMeterKey(short)).toThrow(expect.objectContaining({ code: 'key-malformed' }))
  })
})

describe('meterKeyFor', () => {
  const curve = (name: CurveName) => ({ curve: name })

  it('makes a bare point a key of the curve that the record names', () => {
    const compressed = concat(Uint8Array.of(2 + ((ec.point[47] ?? 0) & 1)), ec.point.subarray(0, 24))
    for (const form of [ec.point, concat(Uint8Array.of(4), ec.point), compressed]) {
      expect(meterKeyFor(bare(form), curve('secp192r1'))).toEqual(ec)
      expect(meterKeyFor(bare(form), curve('secp256r1'))).toBeUndefined()
    }
    expect(meterKeyFor(bare(ec.point), curve('secp192k1'))).toBeUndefined()
    expect(meterKeyFor(bare(unhex(`${hex(ec.point).slice(0, -1)}0`)), curve('secp192r1'))).toBeUndefined()
  })

  it('makes bare bytes a key of the scheme that the record names, by their width', () => {
    for (const scheme of schemes) {
      const { publicKey } = vectorPureSigner(scheme)
      for (const other of schemes) {
        expect(meterKeyFor(bare(publicKey.bytes), { scheme: other })).toEqual(other === scheme ? publicKey : undefined)
      }
    }
  })

  it('leaves a key that names its kind', () => {
    expect(meterKeyFor(ec, curve('secp256r1'))).toBe(ec)
  })
})
