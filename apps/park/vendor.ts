// Who makes the park's stations: a key for releases, and a root whose certificates stations believe under a file. In earnest all of it
// lies with the manufacturer; the park makes it, so that a roll-out can be tried with `chargeproof firmware`.
import { createHash, sign, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/adapters/clock.ts'
import { writeWhole } from '../../src/adapters/data-folder.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { type Image, writeImage } from '../../src/roles/firmware/image.ts'
import { type SignedRelease, signRelease } from '../../src/roles/firmware/release.ts'

/** As its stations say it when they boot. */
export const VENDOR = 'Chargeproof'
/** The stations at lc2, one of each version. */
export const SERIES_B = { model: 'Series B', stations: ['cs-16-b', 'cs-201-b', 'cs-21-b'] } as const
const ROOT = 'Chargeproof-firmware.pem'
const YEARS_5 = 1_825

/** Makes what the manufacturer needs, where it is not there yet: `<data>/Chargeproof/firmware.pem` and its key, and the root's key for the stations. */
export const openVendor = async (dataDir: string): Promise<void> => {
  const folder = join(dataDir, VENDOR)
  if (existsSync(join(folder, 'firmware.pem'))) return
  // a certificate is made once; no later start waits for what that takes
  const { Authority } = await import('../../src/adapters/authority.ts')
  const authority = await Authority.open(join(folder, 'root'), systemClock, `${VENDOR} firmware`)
  const { cert, key } = await authority.issue({ name: 'firmware', usage: 'client', days: YEARS_5 })
  mkdirSync(join(dataDir, 'keys'), { recursive: true })
  writeWhole(
    join(dataDir, 'keys', ROOT),
    String(new X509Certificate(authority.cert).publicKey.export({ type: 'spki', format: 'pem' })),
    0o644,
  )
  writeWhole(join(folder, 'firmware.key.pem'), key, 0o600)
  writeWhole(join(folder, 'firmware.pem'), cert, 0o644)
}

/** A release and its file, signed twice: for the back end, and for the stations (docs/protocol.md §13.1). */
export const makeRelease = (
  dataDir: string,
  { id, model, version }: Pick<Image, 'model' | 'version'> & { readonly id: string },
  program: Uint8Array,
): { readonly signed: SignedRelease; readonly file: Uint8Array } => {
  const of = (name: string): string => readFileSync(join(dataDir, VENDOR, name), 'utf8')
  const about = { vendor: VENDOR, model, version }
  const file = writeImage(about, program)
  const release = {
    ...{ id, ...about, bytes: file.length, sha256: createHash('sha256').update(file).digest('hex'), issued: Date.now() },
    signature: sign('sha256', file, of('firmware.key.pem')).toString('base64'),
    signingCertificate: of('firmware.pem'),
  }
  return { signed: signRelease(release, loadIdentity(dataDir, VENDOR, nodeEngine())), file }
}
