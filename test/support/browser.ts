// A browser for tests of the pages, and what every page is watched for: requests, complaints of its console, dialogs.
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

export const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Says in one line which tests are left out where there is no browser. */
export const browserFor = (tests: string): boolean => {
  const available = existsSync(EXECUTABLE)
  if (!available) console.warn(`${tests}: no browser at ${EXECUTABLE}, so they are skipped (set CHROMIUM)`)
  return available
}

/** A browser of one's own, to be closed. */
export const startBrowser = (...args: readonly string[]): Promise<Browser> => chromium.launch(launchWith(...args))

let shared: Browser | undefined

/**
 * The browser of this process, for all its test files: Playwright ends it with the process. Who uses it closes contexts, not the browser. One for the whole
 * run would be spoken to through the process that leads the tests, which costs more than a start in each worker.
 */
export const sharedBrowser = async (): Promise<Browser> => {
  if (!shared?.isConnected()) shared = await startBrowser()
  return shared
}

/** What Playwright 1.65 turns off in every Chromium, again: of two `--disable-features` Chromium takes the last. */
const OFF_ANYWAY = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'TcpPortRandomizationWin',
  'ThirdPartyStoragePartitioning',
] as const
/** Two pages of Chromium's own behind the address bar, which no test sees: every context would start and draw them, for 0.7 s of a processor. */
const ADDRESS_BAR = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'] as const

/** Every browser has a camera that shows no code, and lets the pages use it that may. */
const ALWAYS = [
  '--no-sandbox',
  '--disable-gpu',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--disable-features=${[...OFF_ANYWAY, ...ADDRESS_BAR].join()}`,
] as const

export const launchWith = (...args: readonly string[]) => ({ executablePath: EXECUTABLE, args: [...ALWAYS, ...args] })

export interface Watched {
  readonly page: Page
  /** Of the page and its workers, in order. */
  readonly requests: readonly string[]
  /** Errors of the console and of scripts, and dialogs that something opened. */
  readonly complaints: readonly string[]
  /** Begins both lists anew. */
  forget(): void
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
  const forget = (): void => {
    for (const list of [requests, complaints]) list.length = 0
  }
  return { page, requests, complaints, forget }
}

export const fileOf = (name: string, content: string | Uint8Array) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
})
