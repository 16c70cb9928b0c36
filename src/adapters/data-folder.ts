// The folder in which a process keeps everything (keys, stores, the operators' token), and small files in it that other
// processes read while they are written.
import { accessSync, constants, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { Fault } from '../base/fault.ts'

/** Makes the folder, for its owner only, where it does not exist. Throws Fault `store-failed` where it cannot be made or written. */
export const openDataFolder = (path: string): void => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.W_OK)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new Fault('store-failed', `the data folder ${path} cannot be used (${code})`, { path }, cause)
  }
}

/** Writes a file that under its name is whole or not there at all, whoever looks and whenever this process dies. */
export const writeWhole = (path: string, text: string, mode: number): void => {
  const draft = `${path}.${process.pid}.new`
  writeFileSync(draft, text, { mode })
  renameSync(draft, path)
}
