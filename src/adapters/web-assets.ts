// The folder of the built web pages. A source checkout builds them on first use and again when their sources change;
// nothing is built when the folder is up to date. Serving them is http-api's business.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asFault, Fault } from '../base/fault.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** What ends up in the pages; the lock file stands for the packages. */
const SOURCES = [
  'apps/web',
  'docs/audit.md',
  'package.json',
  'src/adapters/software.ts',
  'src/report',
  'src/transparency',
  'src/metering',
  'src/crypto',
  'src/base',
  'package-lock.json',
] as const
const STAMP = 'sources.sha256'

let building: Promise<string> | undefined

/**
 * Path of the folder with `index.html`, `verify.html` and `assets/`, built if need be (a few seconds, once).
 * @throws Fault `internal` where the sources are broken; vite's own words are the cause
 */
export const ensureWeb = (): Promise<string> => {
  building ??= upToDate(join(ROOT, 'dist/web')).catch((thrown: unknown) => {
    building = undefined
    throw asFault(thrown)
  })
  return building
}

const upToDate = async (folder: string): Promise<string> => {
  const stamp = await stampOf(SOURCES.map((source) => join(ROOT, source)))
  if ((await builtFrom(folder)) === stamp) return folder
  // beside the old build, and then in its place: whoever serves the old one meanwhile, or builds too, is not disturbed
  const fresh = `${folder}.${randomUUID()}`
  await buildWeb(fresh)
  await writeFile(join(fresh, STAMP), stamp)
  await replace(folder, fresh)
  return folder
}

const builtFrom = async (folder: string): Promise<string | undefined> =>
  existsSync(join(folder, STAMP)) ? readFile(join(folder, STAMP), 'utf8') : undefined

/** One hash over the names and contents of all files. */
const stampOf = async (sources: readonly string[]): Promise<string> => {
  const hash = createHash('sha256')
  for (const source of sources) {
    for (const file of await filesOf(source)) hash.update(`${relative(ROOT, file).split(sep).join('/')}\0`).update(await readFile(file))
  }
  return hash.digest('hex')
}

const filesOf = async (source: string): Promise<string[]> => {
  if (!existsSync(source)) throw new Fault('internal', `expected the web sources at ${source}`)
  if ((await stat(source)).isFile()) return [source]
  const entries = await readdir(source, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((entry) => join(entry.parentPath, entry.name)).sort()
}

/** Builds the pages into a folder of the caller's choice, which is emptied. The same sources give the same bytes; `files.sha256` in it names them. */
export const buildWeb = async (outDir: string): Promise<void> => {
  // vite takes a while to load, and is not needed when the build is up to date
  const { build } = await import('vite')
  const root = join(ROOT, 'apps/web')
  const mode = process.env.NODE_ENV
  try {
    // vite reads its mode from the environment, and writes it there where it finds none: the pages are the same in every process
    process.env.NODE_ENV = 'production'
    await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir } })
  } finally {
    if (mode === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = mode
  }
}

const replace = async (folder: string, fresh: string): Promise<void> => {
  const old = `${fresh}.old`
  await mkdir(dirname(folder), { recursive: true })
  try {
    if (existsSync(folder)) await rename(folder, old)
    await rename(fresh, folder)
  } catch (thrown) {
    // another process put its build of the same sources there first: that one is as good
    if (!existsSync(join(folder, STAMP))) throw thrown
    await rm(fresh, { recursive: true, force: true })
  }
  await rm(old, { recursive: true, force: true })
}
