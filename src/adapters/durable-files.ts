// Writing files so that they survive a power cut: whole under their name or not there at all.
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '../base/fault.ts'

/** Runs what touches a disk: whatever it throws that is no Fault is Fault `store-failed`, with the system's code. */
export const stored = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
  try {
    return await run()
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new Fault('store-failed', `${what} cannot be used (${code})`, { code }, cause)
  }
}

/** Resolves when the names in a folder are safe. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await syncAndClose(handle)
}

export const syncAndClose = async (handle: FileHandle): Promise<void> => {
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a small file for its owner only; resolves when it is safe. */
export const writeSafely = async (path: string, text: string): Promise<void> => {
  const draft = `${path}.new`
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(text)
  } finally {
    await syncAndClose(handle)
  }
  await rename(draft, path)
  await syncFolder(dirname(path))
}
