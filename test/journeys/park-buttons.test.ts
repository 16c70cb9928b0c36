// The park's buttons for firmware, pressed on the dashboard of a running park: a file altered on the last metre is refused by the stations and the page says so;
// a roll-out that stopped goes on and ends, with its progress and the time left in sight.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { browserFor, sharedBrowser, watchedPage } from '../support/browser.ts'
import { freePorts } from '../support/ports.ts'
import { type Running, run } from '../support/process.ts'

const available = browserFor('the buttons of the park')

describe.skipIf(!available)('firmware at the press of a button', () => {
  let park: Running
  let browser: Browser
  const data = mkdtempSync(join(tmpdir(), 'chargeproof-buttons-'))
  beforeAll(async () => {
    await ensureWeb()
    park = run(['park', '--base-port', String(await freePorts(10)), '--data', data])
    browser = await sharedBrowser()
    await park.ready()
  }, 60_000)
  afterAll(async () => {
    await park?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  const press = async (page: Page, name: RegExp, answer: RegExp): Promise<void> => {
    await page.getByRole('button', { name }).click()
    await page.locator('.toast').getByText(answer).waitFor()
  }

  it('is refused where the cable alters it, and installed once the cable is honest', { timeout: 90_000 }, async () => {
    const { page, complaints } = await watchedPage(browser, { viewport: { width: 1300, height: 900 } })
    page.setDefaultTimeout(40_000)
    await page.goto(/ready (\S+)/.exec(park.out())?.[1] ?? 'no ready line')
    await page.getByText('6 / 6').waitFor()
    await press(page, /^Alter firmware on the last metre/, /files are altered now/)
    // the button hears of it by an event, a moment after the answer
    await page
      .getByRole('button', { name: /^Alter firmware/ })
      .and(page.locator('.active'))
      .waitFor()
    await press(page, /^Roll out firmware/, /is on its way to three stations/)
    const rollOut = page.getByRole('region', { name: 'Streams' }).first().locator('li').filter({ hasText: 'series-b-' })
    await rollOut.getByText('stopped', { exact: true }).waitFor()
    expect(await rollOut.textContent()).toMatch(/0 of 3 stations.*1 failed/)

    await press(page, /^Alter firmware on the last metre/, /the cable is honest again/)
    await press(page, /^Roll out firmware/, /goes on/)
    await rollOut.getByText('running', { exact: true }).waitFor()
    await rollOut.getByText(/left/).waitFor()
    await rollOut.getByText('done', { exact: true }).waitFor()
    expect(await rollOut.textContent()).toContain('3 of 3 stations')
    expect(await rollOut.locator('progress').getAttribute('value')).toBe('3')
    expect(complaints).toEqual([])
    await page.context().close()
  })
})
