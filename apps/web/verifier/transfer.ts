// Inputs out of what a browser hands over: files, folders at any depth, text. What cannot be read is an input all the same, so that it is named among those that
// could not be used.
import type { Input } from './question.ts'

/** Text has no name of its own, and one that speaks of no meter: a key is for all (src/metering/key-file.ts). A second one gets a folder before it. */
export const PASTED = 'content.txt'

/** Everything is taken out of the transfer before the first wait: browsers empty it afterwards. */
export const readTransfer = async (transfer: DataTransfer): Promise<Input[]> => {
  const text = transfer.getData('text/plain')
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const files = [...transfer.files]
  if (entries.some((entry) => entry.isDirectory)) return (await Promise.all(entries.map(inputsIn))).flat()
  if (files.length > 0) return readAll(files)
  return text.trim() === '' ? [] : [{ name: PASTED, bytes: new TextEncoder().encode(text) }]
}

export const readAll = (files: readonly File[]): Promise<Input[]> =>
  Promise.all(files.map((file) => readOne(file, file.webkitRelativePath || file.name)))

const readOne = (file: File, name: string): Promise<Input> =>
  file.arrayBuffer().then(
    (bytes) => ({ name, bytes: new Uint8Array(bytes) }),
    (thrown) => unread(name, thrown),
  )

const unread = (name: string, thrown: unknown): Input => ({
  name,
  bytes: new Uint8Array(),
  unread: thrown instanceof Error ? thrown.name : String(thrown),
})

/** The file, or all that is in the folder, by the path from where it was dropped. */
const inputsIn = async (entry: FileSystemEntry): Promise<Input[]> => {
  const name = entry.fullPath.replace(/^\//, '')
  try {
    if (entry.isFile) return [await readOne(await fileOf(entry as FileSystemFileEntry), name)]
    const children = await childrenOf(entry as FileSystemDirectoryEntry)
    return (await Promise.all(children.map(inputsIn))).flat()
  } catch (thrown) {
    return [unread(name, thrown)]
  }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((resolve, reject) => entry.file(resolve, reject))

/** A browser gives them in portions, an empty one at the end. */
const childrenOf = async (folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> => {
  const reader = folder.createReader()
  const children: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return children
    children.push(...some)
  }
}
