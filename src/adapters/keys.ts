// Keys on disk: a node makes its own at its first start and keeps it; the public half goes where the others look for it.
import { createHash, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { parseJsonStrict } from '../base/canonical-json.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock } from '../base/ports.ts'
import type { Engine, NodeSigner, PublicKey, Signer } from '../crypto/engine.ts'
import { isJwsKey } from '../crypto/jws.ts'
import { readPublicKey, thumbprint, toPem } from '../crypto/key.ts'
import { readVouched, spkiText, type Vouched } from '../overlay/key-document.ts'
import type { Identity } from '../overlay/signature.ts'
import type { TrustStore } from '../overlay/trust.ts'
import type { TrustEntry } from './config.ts'
import { openDataFolder, writeWhole } from './data-folder.ts'
import { exportPkcs8Pem, generateNodeSigner, importSigner, isRsaPem, type KeyKind, readRsaPublicKey } from './node-crypto.ts'

/** Loads the private key in `<data>/<node>/<name>.key.pem`, of a curve or of Ed25519, or makes it, readable by its owner only. */
export const loadSigner = (dataDir: string, node: string, name: string, kind: KeyKind = 'p-256'): NodeSigner => {
  const folder = join(dataDir, node)
  const path = join(folder, `${name}.key.pem`)
  if (existsSync(path)) return ofFile(path, () => importSigner(readFileSync(path, 'utf8')))
  openDataFolder(folder)
  const signer = generateNodeSigner(kind)
  writeWhole(path, exportPkcs8Pem(signer), 0o600)
  return signer
}

/** The same for a meter, whose key is of a curve. */
export const loadMeterSigner = (dataDir: string, node: string, name: string): Signer => {
  const signer = loadSigner(dataDir, node, name)
  if ('sign' in signer) return signer
  throw new Fault('key-malformed', `the key file ${name}.key.pem of ${node} is of Ed25519, a meter's is of a curve`)
}

/** What is read of a key file; what is wrong with it is told with its name. */
const ofFile = <T>(path: string, read: () => T): T => {
  try {
    return read()
  } catch (cause) {
    throw new Fault('key-malformed', `the key file ${path} cannot be used: ${asFault(cause).message}`, { path }, cause)
  }
}

/** A key that nodes sign with. */
const nodeKey = (text: string): PublicKey => {
  const key = readPublicKey(text)
  if (isJwsKey(key)) return key
  throw new Fault('algorithm-unsupported', 'nodes sign with P-256, P-384, P-521 or Ed25519, and this key is of another kind')
}

/** The node's signing identity; its public key is published as `<data>/keys/<node>.pem`. */
export const loadIdentity = (dataDir: string, node: string, engine: Engine, kind?: KeyKind): Identity => {
  const signer = loadSigner(dataDir, node, 'node', kind)
  mkdirSync(join(dataDir, 'keys'), { recursive: true })
  const [path, pem] = [join(dataDir, 'keys', `${node}.pem`), toPem(signer.publicKey)]
  // written anew it would look new (`listedAt`)
  if (!existsSync(path) || readFileSync(path, 'utf8') !== pem) writeWhole(path, pem, 0o644)
  return { node, kid: thumbprint(signer.publicKey, engine), signer }
}

/** The facts about keys in a file below the data directory, the root first: what `chargeproof keys export` writes. */
export const loadFacts = (dataDir: string, file: string): Vouched[] => {
  const path = below(dataDir, file, 'the root')
  if (!existsSync(path)) throw new Fault('config-invalid', `there is no ${path}: bring the operator's root there`, { path })
  return ofFile(path, () => readFacts(readFileSync(path, 'utf8')))
}

/** Throws Fault `json-malformed` and `frame-malformed`. */
export const readFacts = (text: string): Vouched[] => {
  const facts = parseJsonStrict(text)
  if (!Array.isArray(facts) || facts.length === 0) throw new Fault('frame-malformed', 'expected a list of facts about keys')
  return facts.map(readVouched)
}

/**
 * Fills a trust store from key files below the data directory. A file that is not there yet (its node never started) is
 * looked for again every two seconds until all are found. Throws Fault `config-invalid` and `key-malformed` for what is wrong at
 * the start; a key that comes later and is wrong is told to `failed`, and looked for again.
 */
export const loadTrust = (
  entries: readonly TrustEntry[],
  store: TrustStore,
  world: { dataDir: string; clock: Clock; failed: (fault: Fault) => void },
): Cancel => {
  // who may have which station counts before their keys are there
  for (const entry of entries) store.homes.add(entry)
  let missing = entries.filter((entry) => !addKey(entry, store, world.dataDir))
  if (missing.length === 0) return () => undefined
  const isMissing = (entry: TrustEntry): boolean => {
    try {
      return !addKey(entry, store, world.dataDir)
    } catch (error) {
      world.failed(asFault(error))
      return true
    }
  }
  const look = (): void => {
    missing = missing.filter(isMissing)
    if (missing.length > 0) cancel = world.clock.after(2_000, look)
  }
  let cancel = world.clock.after(2_000, look)
  return () => cancel()
}

const addKey = ({ node, role, key, use }: TrustEntry, store: TrustStore, dataDir: string): boolean => {
  const path = below(dataDir, key, `the key file of ${node}`)
  if (!existsSync(path)) return false
  const { pem, certificate } = ofFile(path, () => keyText(readFileSync(path, 'utf8')))
  const named = { node, role, ...(certificate !== undefined && { certificate }) }
  if (isRsaPem(pem)) store.addRsa({ ...named, rsaKey: ofFile(path, () => readRsaPublicKey(pem)) })
  else {
    const publicKey = ofFile(path, () => nodeKey(pem))
    const owner = store
      .all()
      .find((each) => each.source === 'file' && each.node !== node && spkiText(each.publicKey) === spkiText(publicKey))
    // one key is one pair of eyes, and the last that is read would take it from the other
    if (owner)
      throw new Fault('config-invalid', `${owner.node} and ${node} are listed with one key: nobody could tell them apart`, { path })
    store.add({ ...named, publicKey, listedAt: Math.round(statSync(path).mtimeMs), ...(use && { purposes: [use] }) })
  }
  return true
}

/** The public key of a file, which may be a certificate: then it names the key, and nothing else of it is looked at. */
const keyText = (text: string): { pem: string; certificate?: string } => {
  if (!text.includes('-----BEGIN CERTIFICATE-----')) return { pem: text }
  const { raw, publicKey } = new X509Certificate(text)
  return {
    pem: String(publicKey.export({ type: 'spki', format: 'pem' })),
    certificate: createHash('sha256').update(raw).digest('base64url'),
  }
}

/** A public key of a file in the data directory. Throws Fault `key-malformed`, `config-invalid`. */
export const loadPublicKey = (dataDir: string, file: string): PublicKey => {
  const path = below(dataDir, file, 'the key file')
  return ofFile(path, () => nodeKey(readFileSync(path, 'utf8')))
}

const below = (dataDir: string, file: string, what: string): string => {
  const root = resolve(dataDir)
  const path = resolve(root, file)
  if (!path.startsWith(root + sep)) throw new Fault('config-invalid', `${what} lies outside the data directory`)
  return path
}
