// What this program is, so that a report can say by which code it was made: the version of the package, and one hash over the sources that judge. The page
// is built with the same hash (apps/web/vite.config.ts), so reports of both can be compared.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Software {
  readonly version: string
  /** SHA-256, hex, of what `sha256sum` says of package.json and every file of `JUDGING`, sorted by name: docs/serve.md has the command. */
  readonly sources: string
}

/** All that a verdict and its report are made by, in the page as on the command line. package.json names the exact packages. */
const JUDGING = ['src/base', 'src/crypto', 'src/metering', 'src/report', 'src/transparency'] as const
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Read anew at every call: some tens of milliseconds, and only a report or a build asks. */
export const software = (): Software => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const files = ['package.json', ...JUDGING.flatMap(filesBelow)].sort()
  return { version, sources: sha256(files.map((file) => `${sha256(readFileSync(join(ROOT, file)))}  ${file}\n`).join('')) }
}

const sha256 = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex')

const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
