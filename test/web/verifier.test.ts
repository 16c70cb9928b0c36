import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { added, recordAddress, recordName } from '../../apps/web/verifier/inputs.ts'
import { opensslCommands } from '../../apps/web/verifier/openssl.ts'
import { readSignature } from '../../apps/web/verifier/signature.ts'
import { hex, unhex, utf8 } from '../../src/base/bytes.ts'

describe('the inputs of a question', () => {
  const input = (name: string, text: string) => ({ name, bytes: utf8(text) })

  it('are the same file once, and another file of the same name under a name of its own', () => {
    const one = added([], [input('a.key', 'x')])
    expect(added(one, [input('a.key', 'x')])).toEqual(one)
    const three = added(added(one, [input('a.key', 'y')]), [input('a.key', 'z'), input('b', 'x')])
    expect(three.map((each) => each.name)).toEqual(['a.key', '2/a.key', '3/a.key', 'b'])
    expect(added(three, [input('a.key', 'y')])).toHaveLength(4)
  })

  it('may be a record of this server, and no other address', () => {
    expect(recordAddress('#record=%2Fapi%2Fv1%2Ftransactions%2Ftx-1%2Frecord')).toBe('/api/v1/transactions/tx-1/record')
    expect(recordAddress('#record=/api/v1/transactions/tx%252F1/record')).toBe('/api/v1/transactions/tx%2F1/record')
    for (const other of [
      'https://evil.example/',
      '//evil.example/record',
      '/api/v1/nodes',
      '/api/v1/transactions/../record',
      '/api/v1/transactions/a/b/record',
      '/api/v1/transactions/a/record?x',
    ])
      expect(recordAddress(`#record=${encodeURIComponent(other)}`)).toBeUndefined()
    expect(recordAddress('')).toBeUndefined()
    expect(recordName('/api/v1/transactions/tx%2F1/record')).toBe('tx_1.record')
  })
})

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const message = utf8('{"FV":"1.0"}')
const der = sign('sha256', message, privateKey)
const raw = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
const evidence = (signature: Uint8Array) => ({
  signedBytes: hex(message),
  hash: createHash('sha256').update(message).digest('hex'),
  publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('hex'),
  signature: hex(signature),
  fields: [],
})
const report = { state: 'valid', curve: 'secp256r1', hash: 'SHA-256' } as const

describe('a signature on display', () => {
  it('is the same two numbers from DER and from raw bytes', () => {
    expect(readSignature(raw, 'secp256r1')).toMatchObject({ r: hex(raw.subarray(0, 32)), s: hex(raw.subarray(32)) })
    const parts = readSignature(der, 'secp256r1')
    expect(hex(parts?.der ?? new Uint8Array())).toBe(hex(der))
  })

  it('is nothing where the bytes are neither', () => {
    expect(readSignature(unhex(`${hex(der)}00`), 'secp256r1')).toBeUndefined()
    expect(readSignature(new Uint8Array(), 'secp256r1')).toBeUndefined()
  })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0 && spawnSync('sh', ['-c', 'true']).status === 0

describe('the commands for openssl', () => {
  it('are not offered where there is nothing to check', () => {
    expect(opensslCommands({ state: 'absent' }, evidence(der))).toBeUndefined()
    expect(opensslCommands(report, { ...evidence(der), publicKey: '' })).toBeUndefined()
    expect(opensslCommands(report, evidence(new Uint8Array()))).toBeUndefined()
  })

  it.skipIf(!hasOpenssl)('verify what is genuine, raw or DER, and refuse what is altered', () => {
    const run = (signature: Uint8Array, signedBytes = hex(message)): string => {
      const folder = mkdtempSync(join(tmpdir(), 'openssl-'))
      try {
        return execFileSync('sh', ['-c', `(${opensslCommands(report, { ...evidence(signature), signedBytes })}) 2>&1 || true`], {
          cwd: folder,
          encoding: 'utf8',
        })
      } finally {
        rmSync(folder, { recursive: true })
      }
    }
    expect(run(der)).toContain('Verified OK')
    expect(run(raw)).toContain('Verified OK')
    expect(run(der)).toContain(evidence(der).hash)
    expect(run(der, hex(utf8('{"FV":"1.1"}')))).toContain('Verification failure')
  })
})
