// Keys on disk: a node makes its own at its first start and keeps it; the public half goes where the others look for it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Cancel, Clock } from '../base/ports.ts'
import type { Engine, Signer } from '../crypto/engine.ts'
import { readPublicKey, thumbprint, toPem } from '../crypto/key.ts'
import type { Identity } from '../overlay/signature.ts'
import type { TrustStore } from '../overlay/trust.ts'
import type { TrustEntry } from './config.ts'
import { exportPkcs8Pem, generateSigner, importSigner } from './node-crypto.ts'

/** Loads the private key in `<data>/<node>/<name>.key.pem` or makes it (P-256, readable by its owner only). */
export const loadSigner = (dataDir: string, node: string, name: string): Signer => {
  const folder = join(dataDir, node)
  const path = join(folder, `${name}.key.pem`)
  if (existsSync(path)) return importSigner(readFileSync(path, 'utf8'))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const signer = generateSigner('secp256r1')
  writeFileSync(path, exportPkcs8Pem(signer), { mode: 0o600, flag: 'wx' })
  return signer
}

/** The node's signing identity; its public key is published as `<data>/keys/<node>.pem`. */
export const loadIdentity = (dataDir: string, node: string, engine: Engine): Identity => {
  const signer = loadSigner(dataDir, node, 'node')
  mkdirSync(join(dataDir, 'keys'), { recursive: true })
  writeFileSync(join(dataDir, 'keys', `${node}.pem`), toPem(signer.publicKey))
  return { node, kid: thumbprint(signer.publicKey, engine), signer }
}

/**
 * Fills a trust store from key files below the data directory. A file that is not there yet (its node never started) is
 * looked for again every two seconds until all are found.
 */
export const loadTrust = (entries: readonly TrustEntry[], store: TrustStore, world: { dataDir: string; clock: Clock }): Cancel => {
  let missing = entries.filter((entry) => !addKey(entry, store, world.dataDir))
  if (missing.length === 0) return () => undefined
  const look = (): void => {
    missing = missing.filter((entry) => !addKey(entry, store, world.dataDir))
    if (missing.length > 0) cancel = world.clock.after(2_000, look)
  }
  let cancel = world.clock.after(2_000, look)
  return () => cancel()
}

const addKey = ({ node, role, key }: TrustEntry, store: TrustStore, dataDir: string): boolean => {
  const root = resolve(dataDir)
  const path = resolve(root, key)
  if (!path.startsWith(root + sep)) throw new Fault('config-invalid', `the key file of ${node} lies outside the data directory`)
  if (!existsSync(path)) return false
  store.add({ node, role, publicKey: readPublicKey(readFileSync(path, 'utf8')) })
  return true
}
