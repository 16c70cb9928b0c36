// Paths to inputs: files, folders with everything in them, standard input. Files are read when their turn comes, not before; a path
// that cannot be read becomes an input that says so.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, Fault } from '../../src/base/fault.ts'
import { LIMITS } from '../../src/metering/limits.ts'
import type { Input } from '../../src/transparency/open.ts'

/** @param stdin what `-` stands for; it is read once, however often it is named */
export const inputsAt = (paths: readonly string[], stdin: () => Promise<Uint8Array>): Input[] => {
  const standard = paths.indexOf('-')
  return paths.flatMap((path, index): Input[] => {
    if (path !== '-') return filesIn(path)
    return index === standard ? [{ name: '-', bytes: stdin }] : []
  })
}

/** The file, or all files in the folder and its folders, by name. */
export const filesIn = (path: string): Input[] => {
  try {
    const found = statSync(path)
    return found.isDirectory() ? folder(path) : [file(path, found.size)]
  } catch (thrown) {
    return [missing(path, thrown)]
  }
}

/** Reads standard input to its end, or to just past what one input may hold. */
export const readStandardInput = async (): Promise<Uint8Array> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > LIMITS.inputBytes) break
  }
  return Buffer.concat(chunks)
}

const folder = (path: string): Input[] =>
  readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): Input[] => {
      const inside = join(path, entry.name)
      if (entry.isDirectory()) return filesIn(inside)
      // a link to a folder could lead in a circle, a pipe could wait for ever
      return [entry.isFile() || (entry.isSymbolicLink() && isFile(inside)) ? file(inside) : irregular(inside)]
    })

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

/** @param known bytes in it, where somebody has just looked */
const file = (path: string, known?: number): Input => ({
  name: path,
  bytes: async () => {
    try {
      const size = known ?? statSync(path).size
      if (size > LIMITS.inputBytes) throw new Fault('limit-exceeded', `${size} bytes, the limit is ${LIMITS.inputBytes}`)
      // nothing else is waiting: for small files going through the thread pool costs more than the reading
      return readFileSync(path)
    } catch (thrown) {
      throw thrown instanceof Fault ? thrown : unreadable(thrown)
    }
  },
})

const missing = (path: string, thrown: unknown): Input => ({ name: path, bytes: () => Promise.reject(unreadable(thrown)) })

const unreadable = (thrown: unknown): Fault => {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : asFault(thrown).message
  const text = code === 'ENOENT' ? 'there is no such file or folder' : `it cannot be read (${code})`
  return new Fault('input-missing', text, {}, thrown)
}

const irregular = (path: string): Input => ({
  name: path,
  bytes: () => Promise.reject(new Fault('input-unknown', 'neither a file nor a folder')),
})
