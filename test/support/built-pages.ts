// The pages are built once, before the first test file, so that no test waits for that and no two processes do it. For vitest's `globalSetup`; where there
// is no browser it does nothing.
import { existsSync } from 'node:fs'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { EXECUTABLE } from './browser.ts'

export default async (): Promise<void> => {
  if (existsSync(EXECUTABLE)) await ensureWeb()
}
