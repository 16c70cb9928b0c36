// Every screen of both pages under axe (WCAG 2.2 AA and its best practices), in both languages, light and dark, on a phone and on a desk; and no screen
// is wider than its window, which may be as narrow as 320 pixels (WCAG 2.2, 1.4.10).
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { browserFor } from '../support/browser.ts'
import { runningText } from './bill.ts'
import { SCREENS } from './screens.ts'
import { stage } from './stage.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const LOOKS = [
  { name: 'English, light, desktop', locale: 'en-GB', colorScheme: 'light', width: 1300 },
  { name: 'German, dark, phone', locale: 'de-DE', colorScheme: 'dark', width: 320 },
] as const

/** What axe finds, one line for each element. */
const found = async (page: Page): Promise<string[]> => {
  if (!(await page.evaluate<boolean>(`'axe' in globalThis`))) await page.evaluate(AXE)
  return page.evaluate<string[]>(`axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary.split('\\n')[1])))`)
}

const available = browserFor('screens under axe')

describe.skipIf(!available)('the screens', () => {
  const on = stage({ record: runningText() })

  describe.each(LOOKS)('$name', ({ locale, colorScheme, width }) => {
    it.each(SCREENS)('$name', async ({ show }) => {
      const { page } = await on.open(undefined, { locale, colorScheme, viewport: { width, height: 800 }, bypassCSP: true })
      await show(page, on.url)
      expect(await found(page)).toEqual([])
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    })
  })

  it('are looked at by something that finds a fault', async () => {
    const { page } = await on.open('/verify', { bypassCSP: true })
    await page.evaluate(
      `document.querySelector('input[type=file]').closest('label').replaceWith(document.querySelector('input[type=file]'))`,
    )
    expect(await found(page)).toEqual([expect.stringContaining('label ')])
  })
})
