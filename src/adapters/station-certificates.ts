// The client certificate of a simulated station on disk: `tls.pem` and `tls.key.pem` in its folder, and the key of a request that is
// not answered yet. Written for its owner only.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/ports.ts'
import type { StationCertificates } from '../roles/station/certificates.ts'
import { writeWhole } from './data-folder.ts'
import { stationRoots } from './station-roots.ts'

/** OCPP 2.1 Part 2 A00.FR.506: P-256 at least. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export interface OwnCertificates extends StationCertificates {
  /** PEM texts; undefined before the first one. */
  current(): { readonly cert: string; readonly key: string } | undefined
  /** What the back end's certificate may come from, PEM. */
  ca(): string | undefined
}

/** @param ca PEM of the authority that the station takes a certificate from; without it none is installed */
export const stationCertificates = (
  folder: string,
  about: { id: string; ca: string | undefined; clock: Pick<Clock, 'now'> },
): OwnCertificates => {
  const [cert, key, pending] = ['tls.pem', 'tls.key.pem', 'tls-asked.key.pem'].map((name) => join(folder, name)) as [string, string, string]
  const current = () =>
    existsSync(cert) && existsSync(key) ? { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') } : undefined
  return {
    ...stationRoots(folder, { ...about, own: () => current()?.cert }),
    current,
    async request() {
      await import('reflect-metadata')
      const { PemConverter, Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509')
      const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
      const csr = await Pkcs10CertificateRequestGenerator.create({ name: [{ CN: [about.id] }], keys, signingAlgorithm: ALGORITHM })
      writeWhole(pending, `${PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')}\n`, 0o600)
      return `${csr.toString('pem')}\n`
    },
    async install(chain) {
      if (!existsSync(pending) || about.ca === undefined) return false
      const leaf = leafOf(chain)
      const fits =
        leaf?.checkPrivateKey(createPrivateKey(readFileSync(pending))) &&
        leaf.verify(new X509Certificate(about.ca).publicKey) &&
        Date.parse(leaf.validTo) > about.clock.now()
      if (!fits) return false
      // the certificate first: a power cut in between leaves a pair that does not fit, and the connection says so
      writeWhole(cert, chain, 0o600)
      renameSync(pending, key)
      return true
    },
  }
}

const leafOf = (chain: string): X509Certificate | undefined => {
  try {
    return new X509Certificate(chain)
  } catch {
    // a stranger's text that is no certificate is refused like one that does not fit
    return undefined
  }
}
