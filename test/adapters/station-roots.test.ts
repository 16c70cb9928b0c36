// The roots that a simulated station trusts: what is one, how OCPP names it, and what cannot be deleted.
import 'reflect-metadata'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { X509Certificate } from '@peculiar/x509'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stationRoots } from '../../src/adapters/station-roots.ts'
import type { CertificateHash } from '../../src/roles/station/certificates.ts'
import { type Authority, makeAuthority } from './certificates.ts'

let delivered: Authority
let other: Authority
let own = ''
const folders: string[] = []

beforeAll(async () => {
  delivered = await makeAuthority('Delivered')
  other = await makeAuthority('Other')
  own = (await delivered.client('cs')).cert
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const open = (now = Date.now(), folder = mkdtempSync(join(tmpdir(), 'chargeproof-roots-'))) => {
  folders.push(folder)
  return { folder, roots: stationRoots(folder, { ca: delivered.cert, own: () => own, clock: { now: () => now } }) }
}

/** By another reader of certificates. */
const named = (pem: string, hashAlgorithm: CertificateHash['hashAlgorithm'] = 'SHA256'): CertificateHash => {
  const certificate = new X509Certificate(pem)
  const digest = (bytes: ArrayBuffer) => createHash(hashAlgorithm.toLowerCase()).update(new Uint8Array(bytes)).digest('hex')
  // of a P-256 key the last 65 bytes are the bits
  const key = certificate.publicKey.rawData.slice(-65)
  return {
    hashAlgorithm,
    issuerNameHash: digest(certificate.issuerName.toArrayBuffer()),
    issuerKeyHash: digest(key),
    serialNumber: certificate.serialNumber,
  }
}

it('installs a root once, keeps it over a restart, and trusts it beside the one it was delivered with', () => {
  const { folder, roots } = open()
  expect(roots.installRoot('CSMSRootCertificate', other.cert)).toBe('Accepted')
  expect(roots.installRoot('CSMSRootCertificate', other.cert)).toBe('Accepted')
  expect(roots.installRoot('V2GRootCertificate', other.cert)).toBe('Accepted')
  const again = open(Date.now(), folder).roots
  expect(again.installedRoots().map(({ use }) => use)).toEqual(['CSMSRootCertificate', 'CSMSRootCertificate', 'V2GRootCertificate'])
  expect(again.ca()).toContain(delivered.cert.trim().split('\n')[1])
  expect(again.ca()?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
  expect(again.installedRoots().map(({ hash }) => ({ ...hash, serialNumber: BigInt(`0x${hash.serialNumber}`) }))).toEqual(
    [delivered, other, other].map(({ cert }) => ({ ...named(cert), serialNumber: BigInt(`0x${named(cert).serialNumber}`) })),
  )
})

it('refuses what is no root in force, and more than there is room for', async () => {
  const { roots } = open()
  for (const text of ['', 'no certificate', own, delivered.cert.replace('A', 'B')])
    expect(roots.installRoot('CSMSRootCertificate', text)).toBe('Rejected')
  expect(open(Date.now() + 40 * 86_400_000).roots.installRoot('CSMSRootCertificate', other.cert)).toBe('Rejected')
  for (let i = 0; i < 20; i++) expect(roots.installRoot('MORootCertificate', (await makeAuthority(`R${i}`)).cert)).toBe('Accepted')
  expect(roots.installRoot('MORootCertificate', other.cert)).toBe('Failed')
})

it('deletes the one that is named, by any algorithm and spelling; never its own, nor the one it was delivered with', () => {
  const { roots } = open()
  roots.installRoot('CSMSRootCertificate', other.cert)
  const hash = named(other.cert, 'SHA384')
  expect(roots.remove({ ...hash, issuerKeyHash: named(delivered.cert, 'SHA384').issuerKeyHash })).toBe('NotFound')
  expect(roots.remove({ ...hash, serialNumber: `${hash.serialNumber}0` })).toBe('NotFound')
  expect(roots.remove({ ...hash, serialNumber: `00${hash.serialNumber.toUpperCase()}` })).toBe('Accepted')
  expect(roots.remove(hash)).toBe('NotFound')
  expect(roots.remove(named(delivered.cert))).toBe('Failed')
  expect(roots.remove({ ...named(own), issuerKeyHash: named(delivered.cert).issuerKeyHash })).toBe('Failed')
  expect(roots.ca()).toBe(delivered.cert)
})
