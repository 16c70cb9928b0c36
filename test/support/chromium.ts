// One Chromium for all test files of a run: started before the first of them, told to each by its address, ended after the last. It builds the pages
// meanwhile, so that no test waits for that. For vitest's `globalSetup`; where there is no browser it does nothing.
import { existsSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { EXECUTABLE, serveBrowser } from './browser.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the run's Chromium listens; empty where there is none. */
    readonly chromium: string
  }
}

export default async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  project.provide('chromium', '')
  if (!existsSync(EXECUTABLE)) return undefined
  const [server] = await Promise.all([serveBrowser(), ensureWeb()])
  project.provide('chromium', server.wsEndpoint())
  return () => server.close()
}
