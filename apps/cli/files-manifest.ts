// Manifests of plain files: what a publisher signs of one (`chargeproof files sign`), and whether a file is what a publisher signed. A
// manifest names the content, which names every chunk (docs/protocol.md §12.1, §12.2); it is kept beside its file, under a name of its own.
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { systemClock } from '../../src/adapters/clock.ts'
import { describeFile } from '../../src/adapters/file-contents.ts'
import { importSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { pem } from '../../src/adapters/world.ts'
import { parseJsonStrict } from '../../src/base/canonical-json.ts'
import { asFault, Fault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import { readPublicKey, thumbprint } from '../../src/crypto/key.ts'
import { contentId } from '../../src/overlay/files/content.ts'
import { judgeManifest, type Manifest, manifestMisfit, type SignedManifest, signManifest } from '../../src/overlay/files/manifest.ts'
import { TrustStore } from '../../src/overlay/trust.ts'

export interface SignOptions {
  readonly key: string
  readonly kind: string
  readonly name: string
  readonly release: string
  readonly days: number
}

const DAY_MS = 86_400_000
const engine = nodeEngine()

/** Where a file's manifest lies beside it. */
export const manifestName = (name: string): string => `${name}.manifest.json`

/** Throws Fault `input-missing`, `payload-invalid`, `key-malformed`. */
export const signedManifest = async (path: string, { key, kind, name, release: version, days }: SignOptions): Promise<SignedManifest> => {
  const now = systemClock.now()
  const manifest: Manifest = { kind, name, version, ...(await contentOf(path)), from: now, until: now + days * DAY_MS }
  const misfit = manifestMisfit(manifest as object as Json)
  if (misfit !== undefined) throw new Fault('payload-invalid', misfit)
  const signer = importSigner(pem(key))
  return signManifest(manifest, { kid: thumbprint(signer.publicKey, engine), signer }, now)
}

/** What a manifest says of a file, once it is known to be true. Throws Fault `refused` where the publisher did not sign it, or signed another file. */
export const checkedManifest = async (manifestPath: string, path: string, publisherPem: string): Promise<Manifest> => {
  const trust = new TrustStore(engine)
  trust.add({ node: 'publisher', role: 'publisher', publicKey: readPublicKey(pem(publisherPem)), purposes: ['publisher'] })
  const judged = judgeManifest(readManifest(manifestPath), { trust, engine, now: systemClock.now() })
  if (judged.state === 'refused') throw new Fault('refused', `the manifest does not count (${judged.flaw}): ${judged.reason}`)
  return fitting(judged.signed.manifest, path)
}

/** The manifest in a file, where it is of that other file; who signed it is not asked. Throws Fault `refused`, `payload-invalid`, `input-missing`. */
export const manifestFor = async (manifestPath: string, path: string): Promise<Manifest> => {
  const { manifest = null } = readManifest(manifestPath) as { readonly manifest?: Json }
  const misfit = manifestMisfit(manifest)
  if (misfit !== undefined) throw new Fault('payload-invalid', `${manifestPath} is no manifest: ${misfit}`)
  return fitting(manifest as object as Manifest, path)
}

const fitting = async (manifest: Manifest, path: string): Promise<Manifest> => {
  const { content } = await contentOf(path)
  if (content !== manifest.content) throw new Fault('refused', `${path} is not the file that the manifest of ${manifest.name} is about`)
  return manifest
}

const contentOf = async (path: string): Promise<Pick<Manifest, 'content' | 'size' | 'sha256'>> => {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new Fault('input-missing', `${path} cannot be read (${cause.code})`, {}, cause)
  })
  try {
    const content = await describeFile(file, engine)
    return { content: contentId(content, engine), size: content.size, sha256: content.sha256 }
  } finally {
    await file.close()
  }
}

const readManifest = (path: string): Json => {
  try {
    return parseJsonStrict(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new Fault('payload-invalid', `${path} holds no manifest: ${asFault(cause).message}`, {}, cause)
  }
}
