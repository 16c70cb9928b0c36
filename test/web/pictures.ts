// Pictures of every screen of both pages, light and dark, desktop and phone, in English and German: docs/screens. To be looked at after a change.
// Usage: node test/web/pictures.ts [folder] [screen…], with Chromium at $CHROMIUM or /usr/bin/chromium.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { startBrowser, watchedPage } from '../support/browser.ts'
import { runningText } from './bill.ts'
import { startFakeApi } from './fake-api.ts'
import { SCREENS } from './screens.ts'

const LOOKS = [
  { name: 'desktop-light', locale: 'en-GB', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'desktop-dark', locale: 'de-DE', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'phone-light', locale: 'de-DE', colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { name: 'phone-dark', locale: 'en-GB', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const
/** A longer page is cut off: what comes then is more of the same. Pixels. */
const LONGEST = 960
/** Pixels of a picture for each of the screen: enough to read, and small enough to keep. */
const SCALE = 0.7

const [folder = 'docs/screens', ...wanted] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const api = await startFakeApi({ web: await ensureWeb(), token: 'secret', record: runningText() })
const browser = await startBrowser('--disable-lcd-text')
try {
  for (const { name: look, ...options } of LOOKS) {
    for (const { name, show } of SCREENS.filter((screen) => wanted.length === 0 || wanted.includes(screen.name))) {
      const { page } = await watchedPage(browser, { ...options, deviceScaleFactor: SCALE })
      await show(page, api.url)
      await page.waitForTimeout(400)
      const { width } = options.viewport
      const height = Math.min(LONGEST, await page.evaluate<number>('document.documentElement.scrollHeight'))
      await page.setViewportSize({ width, height })
      await page.screenshot({ path: join(folder, `${name}-${look}.png`), animations: 'disabled' })
      await page.context().close()
    }
  }
} finally {
  await browser.close()
  await api.close()
}
