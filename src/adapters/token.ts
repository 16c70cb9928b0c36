// The operators' token where none was given: made once, kept beside the data, readable by its owner only.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDataFolder, writeWhole } from './data-folder.ts'

export const ownToken = (dataDir: string): string => {
  const path = join(dataDir, 'token')
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
  // a power cut while it was written leaves an empty file
  if (kept !== '') return kept
  openDataFolder(dataDir)
  const token = randomBytes(24).toString('base64url')
  writeWhole(path, token, 0o600)
  return token
}
