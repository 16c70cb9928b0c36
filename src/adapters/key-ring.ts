// A node's own private keys: the one it was born with, and those that came with rotations. It signs with the newest that counts,
// which the key documents say; so a rotation needs no restart (docs/keys.md).
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import type { Engine, NodeSigner } from '../crypto/engine.ts'
import { thumbprint } from '../crypto/key.ts'
import type { Identity } from '../overlay/signature.ts'
import type { TrustedKey, TrustStore } from '../overlay/trust.ts'
import { openDataFolder, writeWhole } from './data-folder.ts'
import { exportPkcs8Pem, generateNodeSigner, importSigner, type KeyKind } from './node-crypto.ts'

/** Files of private keys besides `node.key.pem`: the first characters of the key's name. */
const FILE = /^node-[\w-]{8}\.key\.pem$/

/** Makes a further key of a node, readable by its owner only. It is used when a key document names it. */
export const addKey = (dataDir: string, node: string, engine: Engine, kind: KeyKind = 'p-256'): { kid: string; signer: NodeSigner } => {
  const folder = join(dataDir, node)
  openDataFolder(folder)
  const signer = generateNodeSigner(kind)
  const kid = thumbprint(signer.publicKey, engine)
  writeWhole(join(folder, `node-${kid.slice(0, 8)}.key.pem`), exportPkcs8Pem(signer), 0o600)
  return { kid, signer }
}

/** Every private key in a node's folder that can be read, by name. Throws Fault `config-invalid` where there is no folder. */
export const ownKeys = (dataDir: string, node: string, engine: Engine): ReadonlyMap<string, NodeSigner> => {
  const folder = join(dataDir, node)
  if (!existsSync(folder)) throw new Fault('config-invalid', `there is no ${folder}; "chargeproof keys new ${node}" makes a first key`)
  const keys = new Map<string, NodeSigner>()
  for (const file of readdirSync(folder)) {
    if (file !== 'node.key.pem' && !FILE.test(file)) continue
    try {
      const signer = importSigner(readFileSync(join(folder, file), 'utf8'))
      keys.set(thumbprint(signer.publicKey, engine), signer)
    } catch (error) {
      // one that is half written will be whole the next time; the first key was read at the start
      if (asFault(error).code === 'internal') throw error
    }
  }
  return keys
}

/** The identity that follows the key documents: its `kid` and `signer` are those of the newest own key that counts now. */
export const liveIdentity = (born: Identity, trust: TrustStore, read: () => ReadonlyMap<string, NodeSigner>): Identity => {
  let keys: ReadonlyMap<string, NodeSigner> = new Map([[born.kid, born.signer]])
  const signerOf = (kid: string): NodeSigner | undefined => {
    if (!keys.has(kid)) keys = new Map([...keys, ...read()])
    return keys.get(kid)
  }
  const chosen = (): Identity => {
    const listed = trust.of(born.node)
    if (listed.length < 2) return born
    const counting = listed.filter((key) => trust.find(key.kid) && trust.isInForce(key)).sort(byNewest)
    for (const { kid } of counting) {
      const signer = signerOf(kid)
      if (signer) return { node: born.node, kid, signer }
    }
    return born
  }
  let held: Identity | undefined
  // whoever asks for the name and then for the key in one breath gets those of one key
  const current = (): Identity => {
    if (held) return held
    held = chosen()
    queueMicrotask(() => {
      held = undefined
    })
    return held
  }
  return {
    node: born.node,
    get kid() {
      return current().kid
    },
    get signer() {
      return current().signer
    },
  }
}

const byNewest = (one: TrustedKey, other: TrustedKey): number => (other.from ?? 0) - (one.from ?? 0)
