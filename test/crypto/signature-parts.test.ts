import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hex, unhex, utf8 } from '../../src/base/bytes.ts'
import { readSignature } from '../../src/crypto/signature-parts.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const message = utf8('{"FV":"1.0"}')
const der = sign('sha256', message, privateKey)

describe('a signature on display', () => {
  it('is the same two numbers from DER and from raw bytes', () => {
    const parts = readSignature(der, 'secp256r1')
    const raw = unhex(`${parts?.r}${parts?.s}`)
    expect(raw).toHaveLength(64)
    expect(readSignature(raw, 'secp256r1')).toEqual(parts)
    expect(hex(parts?.der ?? new Uint8Array())).toBe(hex(der))
  })

  it('is nothing where the bytes are neither', () => {
    expect(readSignature(unhex(`${hex(der)}00`), 'secp256r1')).toBeUndefined()
    expect(readSignature(new Uint8Array(), 'secp256r1')).toBeUndefined()
  })
})
