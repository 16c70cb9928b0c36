// The keys that a node reads with, on disk: made at the first start, one file each, readable by their owner only. They never sign, and the
// keys that sign never decrypt (keys.ts). A further file beside the first is a rotation: the node reads with all of them.
import { createPrivateKey } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unbase64url } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import type { EcPublicKey, Engine, PublicKey } from '../crypto/engine.ts'
import { type Opener, openerOf } from '../crypto/hpke.ts'
import { thumbprint, toPem } from '../crypto/key.ts'
import { Secrecy } from '../overlay/secrecy.ts'
import { openDataFolder, writeWhole } from './data-folder.ts'
import { loadSigner } from './keys.ts'
import { exportPkcs8Pem, generateNodeSigner, nodeRandom } from './node-crypto.ts'
import type { Foundation } from './world.ts'

const FILE = /^encryption(-[\w-]{1,32})?\.key\.pem$/

/** Makes a further key that a node reads with: it reads with it from its next start on, and others write to it when a document names it. */
export const addReadingKey = (dataDir: string, node: string, engine: Engine): { kid: string; publicKey: PublicKey } => {
  const signer = generateNodeSigner('p-256')
  const kid = thumbprint(signer.publicKey, engine)
  openDataFolder(join(dataDir, node))
  writeWhole(join(dataDir, node, `encryption-${kid.slice(0, 8)}.key.pem`), exportPkcs8Pem(signer), 0o600)
  return { kid, publicKey: signer.publicKey }
}

/** The public half of the key that a node reads with since its first start; undefined where it has none. */
export const firstReadingKey = (dataDir: string, node: string): PublicKey | undefined =>
  existsSync(join(dataDir, node, 'encryption.key.pem')) ? loadSigner(dataDir, node, 'encryption').publicKey : undefined

/** What the node keeps secret; undefined where its file has no such section. */
export const secrecyOf = ({
  config,
  world,
  engine,
  trust,
}: Pick<Foundation, 'config' | 'world' | 'engine' | 'trust'>): Secrecy | undefined => {
  const { encryption, node } = config
  return encryption && new Secrecy(encryption, { trust, engine, random: nodeRandom, openers: loadReadingKeys(world.dataDir, node, engine) })
}

/** Every key that the node reads with, by name; the public half of the first is published as `<data>/keys/<node>.encryption.pem`. */
export const loadReadingKeys = (dataDir: string, node: string, engine: Engine): ReadonlyMap<string, Opener> => {
  const { publicKey } = loadSigner(dataDir, node, 'encryption')
  mkdirSync(join(dataDir, 'keys'), { recursive: true })
  writeWhole(join(dataDir, 'keys', `${node}.encryption.pem`), toPem(publicKey), 0o644)
  const folder = join(dataDir, node)
  const openers = readdirSync(folder)
    .filter((file) => FILE.test(file))
    .map((file) => openerOfPem(readFileSync(join(folder, file), 'utf8'), join(folder, file)))
  return new Map(openers.map((opener) => [thumbprint(opener.publicKey, engine), opener]))
}

/** The reader's half of a key on P-256 in PKCS#8 PEM. Throws Fault `key-malformed`. */
export const openerOfPem = (pem: string, path = 'PEM'): Opener => {
  const { crv, x, y, d } = jwkOf(pem, path)
  if (crv !== 'P-256' || !x || !y || !d) throw new Fault('key-malformed', `the key file ${path} holds no private key on P-256`, { path })
  const publicKey: EcPublicKey = { curve: 'secp256r1', point: new Uint8Array([...unbase64url(x), ...unbase64url(y)]) }
  return openerOf(unbase64url(d), publicKey)
}

const jwkOf = (pem: string, path: string) => {
  try {
    return createPrivateKey(pem).export({ format: 'jwk' })
  } catch {
    // the cause is dropped on purpose: nothing of a private key may reach a log
    throw new Fault('key-malformed', `the key file ${path} cannot be used`, { path })
  }
}
