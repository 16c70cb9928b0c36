// The golden vectors of the verifier as they are stored: questions that need no maker, with the verdict that was accepted.
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Verdict } from '../../src/transparency/index.ts'
import { FOLDER } from '../../tools/transparency-vectors.ts'

export interface StoredVector {
  /** `ocmf/key-missing` … */
  readonly name: string
  readonly question: readonly StoredFile[]
  readonly trust: readonly StoredFile[]
}

export interface StoredFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** All, by name. */
export const storedVectors = (): StoredVector[] =>
  globSync('**/expected.json', { cwd: FOLDER })
    .map((path) => storedVector(dirname(path)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

export const storedVector = (name: string): StoredVector => ({
  name,
  question: filesBelow(join(FOLDER, name, 'question')),
  trust: filesBelow(join(FOLDER, name, 'trust')),
})

export const expectedVerdict = (name: string): Verdict => JSON.parse(readFileSync(join(FOLDER, name, 'expected.json'), 'utf8'))

const filesBelow = (folder: string): StoredFile[] =>
  entriesOf(folder)
    .sort()
    .map((path) => ({ name: relative(folder, path), bytes: new Uint8Array(readFileSync(path)) }))

const entriesOf = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  } catch {
    // most vectors have no trust store
    return []
  }
}

/** Where real records lie, which are no part of the repository. */
export const FIXTURES = process.env.FIXTURES ?? '../shared/fixtures'

/** Every folder of real records as one question; none where there is no such folder. */
export const fixtureQuestions = (): Omit<StoredVector, 'trust'>[] => {
  const files = filesBelow(FIXTURES).filter(({ bytes }) => bytes.length <= MOST_BYTES)
  const folders = Map.groupBy(files, ({ name }) => dirname(name))
  return [...folders].map(([folder, question]) => ({ name: `fixtures/${folder}`, question }))
}

/** The hostile ones are large on purpose, and tested where limits are. */
const MOST_BYTES = 500_000
