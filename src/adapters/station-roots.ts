// The root certificates that a simulated station trusts, on disk: the one it was delivered with, and `roots.json` in its folder with those
// that its back end installed. What a certificate may do on a connection is TLS's matter.
import { createHash, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/ports.ts'
import { take, whole } from '../crypto/der.ts'
import type { CertificateHash, InstalledRoot, RootUse, StationCertificates } from '../roles/station/certificates.ts'
import { writeWhole } from './data-folder.ts'

/** Certificates that fit: a back end cannot fill the disk. */
const ROOM = 20

interface Kept {
  readonly use: RootUse
  readonly pem: string
}

export interface StationRoots extends Pick<StationCertificates, 'installRoot' | 'installedRoots' | 'remove'> {
  /** Everything that a back end's certificate may come from, PEM; undefined where that is any authority that the machine knows. */
  ca(): string | undefined
}

/** @param about `ca` is the root that the station was delivered with; `own` its own certificate, PEM */
export const stationRoots = (
  folder: string,
  about: { ca: string | undefined; own: () => string | undefined; clock: Pick<Clock, 'now'> },
): StationRoots => {
  const file = join(folder, 'roots.json')
  const kept = (): readonly Kept[] => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept[]) : [])
  const keep = (roots: readonly Kept[]): void => writeWhole(file, JSON.stringify(roots), 0o600)
  const delivered = (): readonly Kept[] => (about.ca === undefined ? [] : [{ use: 'CSMSRootCertificate', pem: about.ca }])
  return {
    ca() {
      const added = kept().filter(({ use }) => use === 'CSMSRootCertificate')
      return about.ca === undefined ? undefined : [about.ca, ...added.map(({ pem }) => pem)].join('\n')
    },
    installRoot(use, pem) {
      const root = certificateOf(pem)
      if (!root || !isRoot(root) || Date.parse(root.validTo) <= about.clock.now()) return 'Rejected'
      const others = kept().filter((each) => each.use !== use || certificateOf(each.pem)?.fingerprint256 !== root.fingerprint256)
      if (others.length >= ROOM) return 'Failed'
      keep([...others, { use, pem: root.toString() }])
      return 'Accepted'
    },
    installedRoots: () => [...delivered(), ...kept()].flatMap(installedOf),
    remove(hash) {
      const own = about.own()
      const isMeant = (pem: string): boolean => isSame(pem, hash)
      if (delivered().some(({ pem }) => isMeant(pem)) || (own !== undefined && isMeant(own))) return 'Failed'
      const others = kept().filter(({ pem }) => !isMeant(pem))
      if (others.length === kept().length) return 'NotFound'
      keep(others)
      return 'Accepted'
    },
  }
}

const certificateOf = (pem: string): X509Certificate | undefined => {
  try {
    return new X509Certificate(pem)
  } catch {
    // a stranger's text that is no certificate is refused like one that does not count
    return undefined
  }
}

/** RFC 5280 §3.2: an authority that signed its own certificate. */
const isRoot = (certificate: X509Certificate): boolean =>
  certificate.ca && certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)

const installedOf = ({ use, pem }: Kept): InstalledRoot[] => {
  const certificate = certificateOf(pem)
  const hash = certificate && hashOf(certificate, 'SHA256')
  return hash ? [{ use, hash }] : []
}

/** Hexadecimal is compared without regard to case or leading zeros: stations and back ends print both ways. */
const isSame = (pem: string, wanted: CertificateHash): boolean => {
  const certificate = certificateOf(pem)
  if (!certificate) return false
  const { issuerNameHash, serialNumber } = namesOf(certificate, wanted.hashAlgorithm)
  if (plain(serialNumber) !== plain(wanted.serialNumber) || issuerNameHash !== wanted.issuerNameHash.toLowerCase()) return false
  // of one that somebody else issued the issuer's key is not at hand; number and name of the issuer name it alone
  return !isRoot(certificate) || hashOf(certificate, wanted.hashAlgorithm).issuerKeyHash === wanted.issuerKeyHash.toLowerCase()
}

const plain = (serial: string): string => serial.toLowerCase().replace(/^0+(?=.)/, '')

const [SEQUENCE, BIT_STRING, INTEGER, VERSION] = [0x30, 0x03, 0x02, 0xa0]
const FAIL = 'key-malformed'

/** Of a root: the issuer's key is its own. OCPP 2.0.1 Part 2, CertificateHashDataType; the key's bits without tag and length (RFC 6960 §4.1.1). */
const hashOf = (certificate: X509Certificate, hashAlgorithm: CertificateHash['hashAlgorithm']): CertificateHash => {
  const spki = certificate.publicKey.export({ format: 'der', type: 'spki' })
  const [, bits] = take(SEQUENCE, whole(SEQUENCE, spki, FAIL), FAIL)
  return {
    hashAlgorithm,
    ...namesOf(certificate, hashAlgorithm),
    // the first byte says how many bits of the last one do not count
    issuerKeyHash: digest(hashAlgorithm, whole(BIT_STRING, bits, FAIL).subarray(1)),
  }
}

/** The issuer's name as it stands in the certificate, DER. */
const namesOf = (certificate: X509Certificate, algorithm: CertificateHash['hashAlgorithm']) => {
  const [body] = take(SEQUENCE, whole(SEQUENCE, certificate.raw, FAIL), FAIL)
  const numbered = body[0] === VERSION ? take(VERSION, body, FAIL)[1] : body
  const [, behindAlgorithm] = take(SEQUENCE, take(INTEGER, numbered, FAIL)[1], FAIL)
  const [, behindIssuer] = take(SEQUENCE, behindAlgorithm, FAIL)
  const issuer = behindAlgorithm.subarray(0, behindAlgorithm.length - behindIssuer.length)
  return { issuerNameHash: digest(algorithm, issuer), serialNumber: certificate.serialNumber.toLowerCase() }
}

const digest = (algorithm: CertificateHash['hashAlgorithm'], bytes: Uint8Array): string =>
  createHash(algorithm.toLowerCase()).update(bytes).digest('hex')
