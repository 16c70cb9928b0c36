// Files, docs/protocol.md §12: a list of chunks byte by byte and its id, a signed manifest and how it is judged, questions and answers about
// files, and names that are none.
import { sha256 } from '@noble/hashes/sha2.js'
import { base64url, hex, utf8 } from '../../src/base/bytes.ts'
import { canonicalJson, parseJsonStrict } from '../../src/base/canonical-json.ts'
import type { Json } from '../../src/base/ports.ts'
import { Chunker, contentId, type Hasher, listText, readList } from '../../src/overlay/files/content.ts'
import { FILE_PROGRESS, GET_FILE, LIST_FILES, SEND_FILE } from '../../src/overlay/files/file-orders.ts'
import { judgeManifest, type Manifest, type SignedManifest, signManifest } from '../../src/overlay/files/manifest.ts'
import { fileNameFlaw } from '../../src/overlay/files/names.ts'
import { contentDetails } from '../../src/overlay/files/request.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { caught } from './caught.ts'
import { backend, engine, operator, stranger } from './keys.ts'

/** 2026-01-01T00:00:00Z, seconds. */
const NOW = 1_767_225_600
const BYTES = Uint8Array.from({ length: 2_500 }, (_, i) => i % 251)

const hasher = (): Hasher => {
  const hash = sha256.create()
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() }
}

const contentOf = (bytes: Uint8Array, chunkSize: number) => {
  const chunker = new Chunker({ engine, whole: hasher(), chunkSize })
  for (const _ of chunker.push(bytes));
  return chunker.end().content
}

const CONTENT = contentOf(BYTES, 1_024)
const ID = contentId(CONTENT, engine)
const LIST = parseJsonStrict(listText(CONTENT)) as { readonly [member: string]: Json }

const MANIFEST: Manifest = {
  ...{ kind: 'firmware', name: 'ACME one', version: '2.4.1', content: ID, size: CONTENT.size, sha256: CONTENT.sha256 },
  ...{ from: NOW * 1_000, until: (NOW + 31_536_000) * 1_000 },
}
const SIGNED = signManifest(MANIFEST, backend, NOW)
const asJson = (signed: SignedManifest): Json => JSON.parse(JSON.stringify(signed))

/** In these vectors the key of the back end is a publisher's. */
const trust = new TrustStore(engine, { now: () => NOW * 1_000 })
trust.add({ node: 'acme', role: 'vendor', publicKey: backend.signer.publicKey, purposes: ['publisher'] })
trust.add({ node: 'grid-operator', role: 'grid-operator', publicKey: operator.signer.publicKey })

const CASES: readonly { name: string; value: Json; nowMs?: number }[] = [
  { name: 'as the publisher signed it', value: asJson(SIGNED) },
  { name: 'nobody signed it', value: { manifest: MANIFEST as object as Json, signatures: [] } },
  { name: 'signed by a stranger', value: asJson(signManifest(MANIFEST, stranger, NOW)) },
  { name: 'signed by one who publishes nothing', value: asJson(signManifest(MANIFEST, operator, NOW)) },
  { name: 'another version', value: asJson({ ...SIGNED, manifest: { ...MANIFEST, version: '2.4.2' } }) },
  { name: 'another content', value: asJson({ ...SIGNED, manifest: { ...MANIFEST, content: '0'.repeat(64) } }) },
  { name: 'before its time', value: asJson(SIGNED), nowMs: MANIFEST.from - 1 },
  { name: 'after its time', value: asJson(SIGNED), nowMs: MANIFEST.until },
  { name: 'a member that there is not', value: asJson({ ...SIGNED, manifest: { ...MANIFEST, url: 'http://example.com' } as Manifest }) },
]

export const fileVectors = () => ({
  about: 'Content, manifests, and what is asked about files. The bytes are 0 to 250, again and again. docs/protocol.md §12',
  content: { size: BYTES.length, list: LIST, canonicalList: listText(CONTENT), id: ID, chunks: chunksOf() },
  sizes: [0, 1, 1_024, 1_025].map((size) => {
    const content = contentOf(BYTES.subarray(0, size), 1_024)
    return { size, list: parseJsonStrict(listText(content)), id: contentId(content, engine) }
  }),
  refusedLists: REFUSED.map(({ name, value }) => ({ name, value, fault: caught(() => readList(value)) })),
  manifest: {
    trust: trust.all().map(({ node, role, kid, purposes }) => ({ node, role, kid, purposes: [...purposes] })),
    signed: asJson(SIGNED),
    signingInput: `${SIGNED.signatures[0]?.protected}.${base64url(utf8(canonicalJson(MANIFEST as object as Json)))}`,
    judgements: CASES.map(({ name, value, nowMs = NOW * 1_000 }) => {
      const judged = judgeManifest(value, { trust, engine, now: nowMs })
      return { name, nowMs, value, ...(judged.state === 'good' ? { publisher: judged.publisher } : { flaw: judged.flaw }) }
    }),
  },
  questions: {
    open: { purpose: 'content', class: 'files', details: contentDetails({ content: ID, source: 'csms', list: true, via: [] }) },
    resumed: contentDetails({ content: ID, source: 'csms', list: false, via: ['cs-21-a'], chunks: [[1, 2]] }),
    messages: MESSAGES,
  },
  names: NAMES.map((name) => ({ name, flaw: fileNameFlaw(name) ?? null })),
})

const chunksOf = (): { length: number; sha256: string }[] =>
  [0, 1, 2].map((i) => {
    const chunk = BYTES.subarray(i * 1_024, (i + 1) * 1_024)
    return { length: chunk.length, sha256: hex(engine.digest('SHA-256', chunk)) }
  })

const FILE: Json = { name: 'firmware/cs-2.4.bin', size: CONTENT.size, modified: NOW * 1_000, origin: 'csms' }
const MESSAGES: readonly Json[] = [
  { action: GET_FILE, payload: { name: 'firmware/cs-2.4.bin' }, answer: { ...(FILE as object), content: ID, sha256: CONTENT.sha256 } },
  { action: LIST_FILES, payload: { name: 'firmware/' }, answer: { files: [FILE], more: false } },
  { action: SEND_FILE, payload: { name: 'firmware/cs-2.4.bin', content: ID, size: CONTENT.size }, answer: { status: 'Accepted' } },
  { action: FILE_PROGRESS, payload: { name: 'firmware/cs-2.4.bin', content: ID, done: 1_024, total: CONTENT.size } },
]

const REFUSED: readonly { name: string; value: Json }[] = [
  { name: 'chunks below 1,024 bytes', value: { ...LIST, chunkSize: 1_023 } },
  { name: 'chunks above 1 MiB', value: { ...LIST, chunkSize: 1_048_577 } },
  { name: 'fewer hashes than chunks', value: { ...LIST, size: 5_000 } },
  { name: 'more hashes than chunks', value: { ...LIST, size: 1_024 } },
  { name: 'more than 65,536 chunks', value: { ...LIST, chunkSize: 1_024, size: 1_024 * 65_537 } },
  { name: 'hex in capitals', value: { ...LIST, sha256: CONTENT.sha256.toUpperCase() } },
  { name: 'a member that there is not', value: { ...LIST, name: 'x' } },
]

const NAMES = [
  'a',
  'firmware/cs-2.4.1+b7.bin',
  'Größe (1).txt',
  '..',
  'a/../b',
  '/a',
  'a/',
  'a\\b',
  '.a',
  'a\u0000b',
  'con.txt',
  'a.',
  'e\u0301',
  'C:a',
  '-a',
]
