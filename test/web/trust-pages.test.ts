// The dashboard's panels about trust in a real browser against the fake API, by keyboard where there is something to press.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { browserFor } from '../support/browser.ts'
import { processorOf } from './cost.ts'
import { FAINT, nameless } from './page-checks.ts'
import { type Looks, stage } from './stage.ts'

const available = browserFor('trust panels')

describe.skipIf(!available)('trust in the dashboard', () => {
  const on = stage()
  const open = async (run: (page: Page) => Promise<void>, looks: Looks = {}): Promise<void> => {
    const { page } = await on.open('/#token=secret', looks)
    await page.locator('.network svg .node').first().waitFor()
    await run(page)
  }
  const panel = (page: Page, name: string) => page.getByRole('region', { name }).first()

  it('opens a message by keyboard to its signatures and hops, and holds the stream meanwhile', () =>
    open(async (page) => {
      const row = page.locator('.stream tr').filter({ hasText: 'end-to-end verified' }).first()
      await row.getByText('passed on by gateway').waitFor()
      await page.getByLabel('Trust').selectOption('end-to-end')
      await page.getByRole('button', { name: 'Pause' }).press('Enter')
      const button = page.locator('.stream tbody button').first()
      await button.focus()
      await page.keyboard.press('Enter')
      expect(await button.getAttribute('aria-expanded')).toBe('true')
      await page.getByRole('button', { name: /Continue/ }).waitFor()
      const detail = page.locator('.stream .detail')
      expect(await detail.textContent()).toMatch(/End-to-end verified: .* signed it with a key that csms knows/)
      await detail.getByRole('listitem').filter({ hasText: 'gateway' }).filter({ hasText: 'countersigner' }).waitFor()
      await detail.getByRole('listitem').filter({ hasText: "station's own connection" }).waitFor()
      await detail.getByRole('listitem').filter({ hasText: 'gateway → csms both keys proven' }).waitFor()
      await page.keyboard.press('Enter')
      expect(await detail.count()).toBe(0)
    }))

  it(
    'says plainly what is only hop-protected, and which signature does not hold and why, as text',
    () =>
      open(async (page) => {
        await page.getByLabel('Trust').selectOption('hops')
        await page.locator('.stream tbody button').first().click()
        await page.getByText(/^ ?Only hop-protected: .* did not sign it/).waitFor()
        await page.getByRole('button', { name: /Continue/ }).click()
        await page.getByLabel('Trust').selectOption('invalid')
        await page.locator('.stream tbody button').first().click({ timeout: 10_000 })
        const signature = page.locator('.stream .detail li').filter({ hasText: 'claims to be grid-operator' })
        expect(await signature.textContent()).toContain('the message is not what was signed (<b>not</b> what was signed)')
      }),
    20_000,
  )

  it('shows the policy with its rules, refusals, rehearsal and what was turned away', () =>
    open(async (page) => {
      const policy = panel(page, 'Policy')
      await policy.getByText('version 7 signed by admin for 2 days').waitFor()
      await policy.getByRole('row', { name: 'firmware vendor + admin must sign UpdateFirmware 0' }).waitFor()
      await policy.getByRole('row', { name: 'deny-by-default everybody else 1' }).waitFor()
      await policy
        .getByRole('row', { name: /grid-operator cs1 Reset refused deny-by-default no rule lets <b>grid-operator<\/b>/ })
        .waitFor()
      await policy.getByText('rehearsal: 1 of 120 decisions would be others').waitFor()
      await policy.getByRole('row', { name: /Reset allowed, would be refused grid-limit/ }).waitFor()
      await policy.getByRole('row', { name: /signed by somebody who may not signed by stranger/ }).waitFor()
    }))

  it('shows keys, what wants attention first, with the root, its successor and the age of the news', () =>
    open(async (page) => {
      const keys = panel(page, 'Keys')
      const warnings = keys.locator('.warnings li')
      await warnings.first().waitFor()
      expect((await warnings.allTextContents()).map((text) => text.trim().split('.')[0])).toEqual([
        'The news of revocations is too old: no order is obeyed',
        'No valid key left: lc2, meter1',
        'Expires within 14 days without a successor: gateway',
        'New keys in the last three days: grid-operator',
      ])
      expect(await keys.locator('dl').textContent()).toMatch(
        /Root no\. 1root1rrr 90 days old.*successorroot2nnn.*3 days old no order is obeyed since/,
      )
      const rows = keys.locator('tbody tr')
      expect(await rows.first().textContent()).toContain('<i>stolen</i> laptop')
      expect((await rows.locator('.mark').allTextContents()).slice(0, 4)).toEqual(['revoked', 'expired', 'expires soon', 'valid'])
    }))

  it('shows the heads that it holds, the way to the audit guide, and an alarm above the rest with its proof', () =>
    open(async (page) => {
      const heads = panel(page, 'Heads of journals')
      await heads.getByRole('row', { name: /^csms 12 .* own, made now/ }).waitFor()
      await heads.getByRole('row', { name: /^lc1 9 .* csms/ }).waitFor()
      expect(await heads.locator('tbody tr').count()).toBe(3)
      const guide = await page.request.get(new URL((await heads.getByRole('link').getAttribute('href')) ?? '', on.url).href)
      expect(await guide.text()).toContain('# Auditing a site')
      const first = page.locator('.journal li').first()
      expect(await first.textContent()).toContain('journal changed')
      const evidence = page.getByRole('button', { name: 'Evidence of entry 40 of csms' })
      await evidence.focus()
      await page.keyboard.press('Space')
      expect(await first.locator('pre').textContent()).toContain('"hash": "bb"')
      const order = page.locator('.journal li').filter({ hasText: 'order accepted' }).first()
      await order.getByRole('button').click()
      await order.getByText('grid-operator').last().waitFor()
    }))

  it('says what to do where something cannot be read, or is not there', async () => {
    const { page } = await on.open(undefined, { fresh: true, complains: true })
    await page.route('**/api/v1/keys', (route) => route.fulfill({ status: 500 }))
    await page.route('**/api/v1/policy', (route) => route.fulfill({ status: 404 }))
    await page.goto(`${on.url}/#token=secret`)
    await panel(page, 'Keys').getByText('Could not be read; it is tried again.').waitFor()
    await panel(page, 'Policy').getByText('This node has none.').waitFor()
  })

  it.each(['light', 'dark'] as const)(
    'is readable in %s colours with everything open, in German, and every control has a name',
    (colorScheme) =>
      open(
        async (page) => {
          await page.locator('.stream .mark').first().waitFor()
          await page.locator('.stream tbody button').first().click()
          await page.locator('.journal button').first().click()
          await page.getByText('Nachricht über Widerrufe', { exact: true }).waitFor()
          expect(await page.evaluate<string[]>(FAINT)).toEqual([])
          expect(await nameless(page)).toEqual([])
          expect(await page.locator('main :is(img, script, i, b)').count()).toBe(0)
        },
        { colorScheme, locale: 'de-DE' },
      ),
  )

  describe('with a thousand messages', () => {
    const busy = stage({ flood: 1_000 })

    it('stays quick: few are drawn, all are found', async () => {
      const { page } = await busy.open('/#token=secret')
      await page.getByText('150 of 1000').waitFor()
      await page.getByRole('button', { name: 'Pause' }).click()
      expect(await page.locator('.stream tbody tr').count()).toBe(150)
      const before = await processorOf(page)
      await page.getByLabel('Node, action, code').fill('flood-500;')
      await page.getByText('1 of 1000', { exact: true }).waitFor()
      // by the processor: the machine does other things
      expect((await processorOf(page)) - before).toBeLessThan(2_000)
    })
  })
})
