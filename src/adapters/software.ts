// What this program is, so that a report can say by which build it was made: the version of the package, and one hash over its sources.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Software {
  readonly version: string
  /** SHA-256, hex, over name and content of every file below `src` and `apps`, and of package.json: the same on every machine. */
  readonly hash: string
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Read anew at every call: some tens of milliseconds, and only a report asks. */
export const software = (): Software => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const hash = createHash('sha256')
  for (const file of ['package.json', ...filesBelow('src'), ...filesBelow('apps')])
    hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)))
  return { version, hash: hash.digest('hex') }
}

const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
