// A browser for tests of the pages, and what every page is watched for: requests, complaints of its console, dialogs.
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Says in one line which tests are left out where there is no browser. */
export const browserFor = (tests: string): boolean => {
  const available = existsSync(executablePath)
  if (!available) console.warn(`${tests}: no browser at ${executablePath}, so they are skipped (set CHROMIUM)`)
  return available
}

export const startBrowser = (...args: readonly string[]): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...args] })

export interface Watched {
  readonly page: Page
  /** Of the page and its workers, in order. */
  readonly requests: readonly string[]
  /** Errors of the console and of scripts, and dialogs that something opened. */
  readonly complaints: readonly string[]
}

export const watchedPage = async (browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> => {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  const [requests, complaints]: [string[], string[]] = [[], []]
  context.on('request', (request) => void requests.push(request.url()))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    dialog.dismiss()
  })
  return { page, requests, complaints }
}

export const fileOf = (name: string, content: string | Uint8Array) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
})
