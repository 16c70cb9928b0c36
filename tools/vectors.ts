// `npm run vectors`: makes all golden vectors anew and compares them with the stored ones; any difference is printed and exits with 1.
// `npm run vectors -- --accept` stores them, for review as a diff.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { utf8 } from '../src/base/bytes.ts'
import { FOLDER as OVERLAY, overlayVectors } from './overlay-vectors.ts'
import { FOLDER as TRANSPARENCY, transparencyVectors } from './transparency-vectors.ts'

/** Paths from the root of the repository. */
export const allVectors = async (): Promise<ReadonlyMap<string, Uint8Array>> =>
  new Map([
    ...[...(await transparencyVectors())].map(([name, bytes]) => [join(TRANSPARENCY, name), bytes] as const),
    ...[...(await overlayVectors())].map(([name, text]) => [join(OVERLAY, name), utf8(text)] as const),
  ])

/** One line for each file that is missing, different or not made here. */
export const differences = (made: ReadonlyMap<string, Uint8Array>): string[] => [
  ...[...made].flatMap(([path, bytes]) => {
    if (!existsSync(path)) return [`missing   ${path}`]
    return Buffer.compare(readFileSync(path), bytes) === 0 ? [] : [`different ${path}`]
  }),
  ...stored()
    .filter((path) => !made.has(path))
    .map((path) => `not made  ${path}`),
]

/** Readme files are for people and written by them. */
const stored = (): string[] =>
  [TRANSPARENCY, OVERLAY]
    .flatMap((folder) => globSync(`${folder}/**/*`))
    .filter((path) => statSync(path).isFile() && !path.endsWith('README.md'))

const accept = (made: ReadonlyMap<string, Uint8Array>): void => {
  for (const path of stored()) if (!made.has(path)) rmSync(path)
  for (const [path, bytes] of made) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
}

if (import.meta.main) {
  const made = await allVectors()
  const found = differences(made)
  for (const line of found) console.log(line)
  console.log(`${made.size} files, ${found.length} ${found.length === 1 ? 'difference' : 'differences'}`)
  if (process.argv.includes('--accept')) accept(made)
  else if (found.length > 0) process.exitCode = 1
}
