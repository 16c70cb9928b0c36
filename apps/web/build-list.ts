// After a build: `files.sha256`, which names every file with its hash as sha256sum writes it, and whose own hash is the hash of the build; and
// what the service worker keeps for work without a network. Two builds of the same sources are the same bytes (test/web/build.test.ts).
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Plugin } from 'vite'

export const BUILD_LIST = 'files.sha256'
const SERVICE_WORKER = 'sw.js'

/** Not needed offline: the dashboard is nothing without its node, and a system keeps the icons of what it has installed. */
const ONLINE = [/^index\.html$/, /^assets\/(index|live|audit)-/, /^icon-.*\.png$/]
/** Read pictures, write PDF and speak a language: kept once they were used, or when the reader asks for it. */
const LATER = [/\.wasm$/, /^assets\/(reader|picture|pixels|svg|report|text)-/]

export const buildList = (): Plugin => ({
  name: 'build-list',
  apply: 'build',
  writeBundle: ({ dir = '' }) => {
    const hashes = new Map(filesIn(dir).map((name) => [name, sha256(readFileSync(join(dir, name)))]))
    hashes.delete(SERVICE_WORKER)
    const isOne = (name: string, of: readonly RegExp[]): boolean => of.some((pattern) => pattern.test(name))
    const kept = [...hashes].filter(([name]) => !isOne(name, ONLINE))
    const offline = {
      version: sha256(linesOf(kept)).slice(0, 16),
      core: Object.fromEntries(kept.filter(([name]) => !isOne(name, LATER))),
      later: Object.fromEntries(kept.filter(([name]) => isOne(name, LATER))),
    }
    const worker = readFileSync(join(dir, SERVICE_WORKER), 'utf8').replace('__OFFLINE__', () => JSON.stringify(offline))
    writeFileSync(join(dir, SERVICE_WORKER), worker)
    hashes.set(SERVICE_WORKER, sha256(worker))
    writeFileSync(join(dir, BUILD_LIST), linesOf([...hashes].sort(([a], [b]) => (a < b ? -1 : 1))))
  },
})

const linesOf = (files: readonly (readonly [string, string])[]): string => files.map(([name, hash]) => `${hash}  ${name}\n`).join('')

const sha256 = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex')

/** With `/`, sorted, on every machine. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
