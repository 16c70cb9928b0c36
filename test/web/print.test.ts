// The verdict on paper: everything that matters stands there, within the page, dark on white, and what was closed is named. As a browser prints it (A4), and
// as it lays out for print.
import { PDFDocument } from '@cantoo/pdf-lib'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { browserFor, fileOf } from '../support/browser.ts'
import { bill } from './bill.ts'
import { FAINT } from './page-checks.ts'
import { SCREENS } from './screens.ts'
import { stage } from './stage.ts'

/** A4 less the margins of print.css, at 96 pixels an inch. */
const PAPER = { viewport: { width: 688, height: 1000 } } as const
/** Elements with text of their own that do not fit: wider than the paper, or cut by what they stand in, or standing out of it. Runs in the page. */
const CUT = `[...document.querySelectorAll('main *, footer *')]
  .filter((element) => element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
  .filter((element) => {
    const { right, bottom } = element.getBoundingClientRect()
    if (bottom > element.closest('.panel, .live-session')?.getBoundingClientRect().bottom) return true
    for (let at = element; at !== null && at !== document.body; at = at.parentElement) {
      if (at.matches('.unseen')) return false
      const box = at.getBoundingClientRect()
      if (getComputedStyle(at).overflow !== 'visible' && (right > box.right + 1 || bottom > box.bottom + 1)) return true
    }
    return right > innerWidth + 1
  })
  .slice(0, 5)
  .map((element) => element.outerHTML.slice(0, 150))`

/** The page as it goes to the printer. */
const onPaper = async (page: Page): Promise<void> => {
  await page.emulateMedia({ media: 'print' })
  await page.evaluate(`dispatchEvent(new Event('beforeprint'))`)
}

const screen = (wanted: string) => {
  const found = SCREENS.find(({ name }) => name === wanted)
  if (found === undefined) throw new Error(`expected a screen ${wanted}`)
  return found
}
const available = browserFor('the pages on paper')

describe.skipIf(!available)('on paper', () => {
  const on = stage()

  it.each(['right', 'wrong', 'incomplete', 'unreadable', 'month', 'evidence', 'dashboard'])(
    'nothing is cut and nothing is faint: %s, from a dark screen',
    async (name) => {
      const { page } = await on.open(undefined, { ...PAPER, colorScheme: 'dark' })
      await screen(name).show(page, on.url)
      await page.getByLabel('Colours').selectOption('dark')
      await onPaper(page)
      expect(await page.evaluate<string[]>(CUT)).toEqual([])
      expect(await page.evaluate<string[]>(FAINT)).toEqual([])
      expect(await page.locator(':is(button.secondary, button.small, input, select):visible').count()).toBe(0)
    },
  )

  it('has the verdict, the energy, the key, the checks and the build, and says what was not opened', async () => {
    const { page } = await on.open(undefined, PAPER)
    await screen('evidence').show(page, on.url)
    await page.locator('.foot code').nth(1).waitFor()
    await onPaper(page)
    for (const part of ['.verdict h2', '.verdict .sentence', '.facts', '.key-trust code', '.checks li', '.records tbody', '.foot code'])
      expect(await page.locator(part).first().isVisible(), part).toBe(true)
    const records = await page.locator('.records .evidence').count()
    expect(await page.getByText('not printed: it was not opened').filter({ visible: true }).count()).toBe(records - 1)
    await page.locator('.how .commands pre').waitFor()
  })

  it('has every session of a long list, on as many pages as they need', async () => {
    const { page } = await on.open(undefined, PAPER)
    await page.goto(`${on.url}/verify`)
    const files = bill(100).map(({ name, text }) => fileOf(name, text))
    await page.setInputFiles('input[type=file]', files)
    await page.locator('.verdict').waitFor()
    expect(await page.locator('[role=option]').count()).toBeLessThan(40)
    const short = await PDFDocument.load(await page.pdf({ format: 'A4', pageRanges: '1' }))
    const whole = await PDFDocument.load(await page.pdf({ format: 'A4' }))
    expect(short.getPageCount()).toBe(1)
    // a hundred entries and a hundred files, of which a page of A4 holds at most forty
    expect(whole.getPageCount()).toBeGreaterThan(5)
    expect(await page.locator('[role=option]').count()).toBeLessThan(40)
    await onPaper(page)
    await page.locator('[role=option][aria-posinset="100"]').waitFor()
    expect(await page.locator('[role=option]:visible').count()).toBe(100)
    expect(await page.evaluate<string[]>(CUT)).toEqual([])
  })
})
