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
    const code = String(codeOf(cause) ?? 'unknown')
    throw new Fault('store-failed', `${what} cannot be used (${code})`, { code }, cause)
  }
}

/**
 * Writes all of it: a disk that fills up takes a part and says so by number alone, before it fails.
 * @param at where in the file; behind what was written last where not given
 */
export const writeWhole = async (file: Pick<FileHandle, 'write'>, bytes: Uint8Array, at?: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    const place = at === undefined ? null : at + done
    done += (await file.write(bytes, done, bytes.length - done, place)).bytesWritten
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

/** For what may be gone: nothing where there is no such file, and what was thrown otherwise. */
export const unlessMissing = (error: unknown): undefined => {
  if (codeOf(error) !== 'ENOENT') throw error
}

/** The system's word for what went wrong. */
export const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)
