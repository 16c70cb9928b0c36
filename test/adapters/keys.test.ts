import { createHash, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Authority } from '../../src/adapters/authority.ts'
import { keyOperations } from '../../src/adapters/key-operations.ts'
import { loadIdentity, loadSigner, loadTrust } from '../../src/adapters/keys.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import type { Fault } from '../../src/base/fault.ts'
import { readPublicKey } from '../../src/crypto/key.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { virtualClock } from '../support/virtual-clock.ts'

const engine = nodeEngine()
const entry = { node: 'late', role: 'csms', key: 'keys/late.pem', stations: ['cs-*'] }
let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'chargeproof-keys-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

it('a key is made once, kept for its owner only, and its public half published', () => {
  const made = loadIdentity(dataDir, 'node-a', engine)
  expect(loadIdentity(dataDir, 'node-a', engine).kid).toBe(made.kid)
  expect(loadIdentity(dataDir, 'node-b', engine).kid).not.toBe(made.kid)
  expect(statSync(join(dataDir, 'node-a', 'node.key.pem')).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(dataDir, 'keys')).sort()).toEqual(['node-a.pem', 'node-b.pem'])
})

it('a key of a file is as old as its file, which a start does not write again unless it is another', () => {
  const clock = virtualClock(Date.parse('2026-03-02T00:00:00Z'))
  const trust = new TrustStore(engine, clock)
  const old = loadIdentity(dataDir, 'late', engine)
  const path = join(dataDir, entry.key)
  const written = new Date('2026-03-01T00:00:00Z')
  utimesSync(path, written, written)
  loadIdentity(dataDir, 'late', engine)
  loadTrust([entry], trust, { dataDir, clock, failed: () => undefined })
  const { keys } = keyOperations({ trust, clock, network: { keys: undefined } })
  expect(keys().keys).toMatchObject([{ kid: old.kid, listed: '2026-03-01T00:00:00.000Z', ageSeconds: 86_400 }])
  expect(keys().keys[0]).not.toHaveProperty('from')
  writeFileSync(path, 'another')
  loadIdentity(dataDir, 'late', engine)
  expect(readPublicKey(readFileSync(path, 'utf8'))).toEqual(old.signer.publicKey)
})

it('a damaged key is named and never replaced', () => {
  mkdirSync(join(dataDir, 'node-a'))
  const path = join(dataDir, 'node-a', 'node.key.pem')
  writeFileSync(path, 'half')
  expect(() => loadSigner(dataDir, 'node-a', 'node')).toThrow(`the key file ${path} cannot be used`)
  expect(readFileSync(path, 'utf8')).toBe('half')
})

it('a key that comes later is found; one that comes damaged is told and waited for', async () => {
  const clock = virtualClock()
  const trust = new TrustStore(engine)
  const failures: Fault[] = []
  const stop = loadTrust([entry], trust, { dataDir, clock, failed: (fault) => failures.push(fault) })
  await clock.advance(2_000)
  expect([trust.knows('late'), failures]).toEqual([false, []])
  // whose stations are whose is known before the key is
  expect(['late', 'other'].map((node) => trust.homes.allows(node, 'cs-1'))).toEqual([true, false])

  mkdirSync(join(dataDir, 'keys'))
  writeFileSync(join(dataDir, entry.key), 'half')
  await clock.advance(2_000)
  expect(trust.knows('late')).toBe(false)
  expect(failures.map(({ code }) => code)).toEqual(['key-malformed'])

  loadIdentity(dataDir, 'late', engine)
  await clock.advance(2_000)
  expect(trust.knows('late')).toBe(true)
  stop()
  expect(clock.pending).toBe(0)
})

it('a damaged key at the start, and one outside the data folder, stop the node', () => {
  const world = { dataDir, clock: virtualClock(), failed: () => undefined }
  mkdirSync(join(dataDir, 'keys'))
  writeFileSync(join(dataDir, entry.key), 'half')
  expect(() => loadTrust([entry], new TrustStore(engine), world)).toThrow('late.pem cannot be used')
  expect(() => loadTrust([{ ...entry, key: '../late.pem' }], new TrustStore(engine), world)).toThrow('lies outside the data directory')
  expect(existsSync(join(dataDir, '..', 'late.pem'))).toBe(false)
})

it('one key for two nodes stops the node: it would be two pairs of eyes that are one', () => {
  const made = loadIdentity(dataDir, 'node-a', engine)
  const trust = new TrustStore(engine)
  const twice = [
    { node: 'node-a', role: 'csms', key: 'keys/node-a.pem' },
    { node: 'node-b', role: 'vendor', key: 'keys/node-a.pem' },
  ]
  expect(() => loadTrust(twice, trust, { dataDir, clock: virtualClock(), failed: () => undefined })).toThrow(
    'node-a and node-b are listed with one key',
  )
  expect(trust.look(made.kid)).toMatchObject({ node: 'node-a', role: 'csms' })
  expect(trust.knows('node-b')).toBe(false)
})

it('a certificate names its key, by its own hash too', async () => {
  const { cert } = await (await Authority.open(join(dataDir, 'ca'), virtualClock())).issue({ name: 'theirs', usage: 'client', days: 1 })
  mkdirSync(join(dataDir, 'keys'))
  writeFileSync(join(dataDir, 'keys/late.pem'), cert)
  const trust = new TrustStore(engine)
  loadTrust([entry], trust, { dataDir, clock: virtualClock(), failed: () => undefined })()
  const { raw, publicKey } = new X509Certificate(cert)
  const kid = trust.kidOfCertificate(createHash('sha256').update(raw).digest('base64url'))
  const spki = String(publicKey.export({ type: 'spki', format: 'pem' }))
  expect(trust.of('late')).toMatchObject([{ kid, publicKey: readPublicKey(spki) }])
})
