// Both pages in a real browser against the fake API: what only a browser can tell. Skipped, with one line, where there is none.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { keyDocument } from '../../tools/transparency-vectors/keys.ts'
import { beginRecord, ocmfText } from '../../tools/transparency-vectors/maker.ts'
import { browserFor, fileOf } from '../support/browser.ts'
import { FAINT, nameless } from './page-checks.ts'
import { makeRecord } from './record.ts'
import { type Looks, stage } from './stage.ts'

/** A live page is asked until it says so, and a busy machine is given its time. */
const soon = <T>(ask: () => Promise<T>) => expect.poll(ask, { timeout: 10_000 })
const available = browserFor('web pages')

const { record, forged, key } = makeRecord('<img src=x onerror=alert(1)>')
const keyFile = fileOf('1TST0012345678.publicKey.hex', key)

describe.skipIf(!available)('the pages in a browser', () => {
  const on = stage({ record })
  const visit = async (run: (page: Page) => Promise<void>, looks: Looks = {}): Promise<void> => {
    const { page } = await on.open('/verify', looks)
    await page.locator('.welcome').waitFor()
    await run(page)
  }

  describe('the dashboard', () => {
    const open = async (run: (page: Page) => Promise<void>, looks: Looks = {}): Promise<void> => {
      const { page } = await on.open('/#token=secret', looks)
      await page.getByText(looks.locale?.startsWith('de') ? 'Verbunden' : 'Live', { exact: true }).waitFor()
      await run(page)
    }

    it('takes the token out of the address, and shows network, sessions, messages and journal live', () =>
      open(async (page) => {
        expect(page.url()).toBe(`${on.url}/`)
        await soon(() => page.locator('svg .node').count()).toBe(13)
        expect(await page.locator('svg .label.down').allTextContents()).toEqual(['✕ down · 2 waiting'])
        await soon(() => page.locator('.stream tbody tr').count()).toBeGreaterThan(3)
        expect(await page.locator('.journal li').count()).toBeGreaterThan(0)
        expect(await page.getByRole('link', { name: 'Verify the record of tx-cs5-0001' }).getAttribute('href')).toContain('#record=')
      }))

    it('pauses and filters the messages', () =>
      open(async (page) => {
        const rows = page.locator('.stream tbody tr')
        await soon(() => rows.count()).toBeGreaterThan(5)
        await page.getByRole('button', { name: 'Pause' }).click()
        const frozen = await rows.count()
        await page.getByRole('button', { name: /Continue \([1-9]/ }).waitFor()
        expect(await rows.count()).toBe(frozen)
        await page.getByLabel('Trust').selectOption('hops')
        const shown = await rows.count()
        expect(shown).toBeLessThan(frozen)
        await page.getByLabel('Node, action, code').fill('nobody')
        expect(await rows.count()).toBe(0)
      }))

    it('lets something happen and says how it ended', () =>
      open(async (page) => {
        await page.getByRole('button', { name: /Cut the uplink/ }).click()
        await page.getByRole('status').getByText('cut has happened').waitFor()
        await page.getByRole('button', { name: /Forged order/ }).click()
        await page.getByRole('status').getByText('Failed').waitFor()
        // and the site is whole again for the next test
        await page.getByRole('button', { name: /Cut the uplink/ }).click()
      }))

    it('shows refusals by rule, routes with how they were learned, and what another node told', () =>
      open(async (page) => {
        const refusals = page.getByRole('region', { name: 'Refusals' }).first()
        await refusals.getByRole('row', { name: /^lc1 limit-by-grid-operator nobody .* stranger gateway/ }).waitFor()
        await page.getByText('told by lc1').first().waitFor()
        const routes = page.getByRole('region', { name: 'Routes' }).first()
        await routes.getByRole('row', { name: /^cs1 online gateway gateway › ?lc1 › ?cs1 from traffic no\. 44/ }).waitFor()
        await routes.getByRole('row', { name: /^gateway .* own link/ }).waitFor()
        await routes.getByLabel('Node or station').fill('cs3')
        await soon(() => routes.locator('tbody tr').count()).toBe(1)
      }))

    it('opens a link to what either end says, by keyboard', () =>
      open(async (page) => {
        await page.getByText('Links as a table').focus()
        await page.keyboard.press('Enter')
        const button = page.getByRole('button', { name: 'gateway → csms' })
        await button.focus()
        await page.keyboard.press('Enter')
        expect(await button.getAttribute('aria-expanded')).toBe('true')
        await page.getByText('as gateway sees it').waitFor()
        await page.getByText('csms tells nothing of this link').waitFor()
      }))

    it.each([
      ['en-GB', 'proven', 'not proven'],
      ['de-DE', 'bewiesen', 'unbewiesen'],
    ])('says in words which links are proven, %s', (locale, proven, unproven) =>
      open(
        async (page) => {
          const words = (): Promise<string[]> => page.locator('.network .label').allTextContents()
          await soon(words).toContainEqual(expect.stringContaining(`! ${unproven}`))
          expect((await words()).filter((text) => text.startsWith(proven))).toHaveLength(4)
          expect(await page.locator('.link.unproven').count()).toBe(1)
          await page.locator('.network summary').click()
          const row = page.locator('.links tr').filter({ hasText: 'lc2 → meter1' })
          expect(await row.locator('.mark.warn').textContent()).toBe(unproven)
          expect(await page.locator('.links .mark').getByText(proven, { exact: true }).count()).toBe(4)
        },
        { locale },
      ),
    )

    it('shows what a station calls itself as text, markup and all', () =>
      open(async (page) => {
        await page.getByText('<img src=x onerror=alert(1)> <b>N2</b>').waitFor()
        await soon(() => page.locator('.node .name').allTextContents()).toContain('<i>cs7</i>')
        expect(await page.locator('main :is(img, script, i, b)').count()).toBe(0)
      }))

    it.each(['light', 'dark'] as const)('is readable in %s colours: every text has a contrast of 4.5 or more', (colorScheme) =>
      open(
        async (page) => {
          await page.getByText('Links as a table').click()
          await page.locator('.links button').first().click()
          await page.locator('.journal li').first().waitFor()
          expect(await page.evaluate<string[]>(FAINT)).toEqual([])
          await page.evaluate("document.querySelector('h1').style.color = 'var(--line)'")
          expect(await page.evaluate<string[]>(FAINT)).toHaveLength(1)
        },
        { colorScheme },
      ),
    )

    it('speaks German, names every control and has its landmarks', () =>
      open(
        async (page) => {
          expect(await page.locator('h1').textContent()).toBe('Übersicht')
          expect(await page.locator('html').getAttribute('lang')).toBe('de')
          expect(await nameless(page)).toEqual([])
          for (const landmark of ['main', 'banner', 'navigation'] as const) expect(await page.getByRole(landmark).count()).toBe(1)
        },
        { locale: 'de-DE' },
      ))
  })

  it('asks for a token where there is none, and again where it is wrong', async () => {
    // the browser itself says that the token was refused
    const { page } = await on.open('/', { complains: true })
    await page.getByLabel('Access token').fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Enter another token' }).click()
    await page.getByLabel('Access token').fill('secret')
    await page.keyboard.press('Enter')
    await page.getByText('Live', { exact: true }).waitFor()
  })

  describe('the verifier', () => {
    it('judges in the page: nothing is asked of any server after it has loaded', () =>
      visit(
        async (page) => {
          await page.waitForLoadState('networkidle')
          await page.context().setOffline(true)
          const requests: string[] = []
          page.on('request', (request) => requests.push(request.url()))
          const before = on.asked.length
          await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', record), keyFile])
          await page.locator('.verdict.good').waitFor()
          expect(await page.locator('.facts').textContent()).toContain('7.3505 kWh')
          expect(requests).toEqual([])
          expect(on.asked).toHaveLength(before)
        },
        { fresh: true },
      ))

    it('says what is wrong with an altered record, and shows input as text only', () =>
      visit(async (page) => {
        await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', forged), keyFile])
        await page.locator('.verdict.bad').waitFor()
        await page
          .getByRole('button', { name: /^Show how/ })
          .first()
          .click()
        await page.locator('.commands').getByText('openssl dgst').waitFor()
        expect(await page.locator('.signed').textContent()).toContain('<img src=x')
        expect(await page.locator('img').count()).toBe(0)
      }))

    it.each([
      { locale: 'en-GB', title: 'Vouched for by', state: 'unverified signer' },
      { locale: 'de-DE', title: 'Verbürgt von', state: 'nicht nachgewiesen' },
    ])('names who vouches for the key, and that it counts for nothing here ($locale)', ({ locale, title, state }) =>
      visit(
        async (page) => {
          await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', ocmfText(beginRecord())), fileOf('key.json', keyDocument())])
          const signers = page.locator('.key-trust .signers')
          await signers.waitFor()
          const text = await signers.textContent()
          for (const part of [title, 'Vector Key Authority', state]) expect(text).toContain(part)
        },
        { locale },
      ),
    )

    it('takes pasted text, and files that nothing recognises', () =>
      visit(async (page) => {
        await page.getByRole('button', { name: 'Paste text' }).click()
        await page.getByLabel('Text of a record or a key').fill(record)
        await page.getByRole('button', { name: 'Verify', exact: true }).click()
        await page.locator('.sessions [role=option]').waitFor()
        await page.setInputFiles('input[type=file]', [fileOf('holiday.txt', 'sun')])
        await page.locator('.fault').waitFor()
        await page.getByRole('button', { name: 'Remove holiday.txt' }).click()
        await page.locator('.fault').waitFor({ state: 'detached' })
      }))

    it('is reached by keyboard alone: files, sessions, evidence, fields', () =>
      visit(async (page) => {
        await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', record), keyFile])
        await page.locator('.verdict').waitFor()
        await page.evaluate('document.activeElement.blur()')
        const stops: string[] = []
        for (let i = 0; i < 30; i++) {
          await page.keyboard.press('Tab')
          const stop = await page.evaluate<string>(DESCRIBE_FOCUS)
          stops.push(stop)
          if (stop.startsWith('BUTTON button panel records false')) await page.keyboard.press('Enter')
        }
        const order = ['INPUT file', 'DIV  panel sessions', 'BUTTON button panel records false', 'BUTTON button fields'].map((start) =>
          stops.findIndex((stop) => stop.startsWith(start)),
        )
        expect(order).not.toContain(-1)
        expect(order).toEqual([...order].sort((a, b) => a - b))
        expect(await nameless(page)).toEqual([])
      }))

    it('stands still while a question is judged', async () => {
      const { page } = await on.open(undefined, { fresh: true, serviceWorkers: 'block' })
      await page.route('**/assets/worker-*.js', (route) =>
        route.fulfill({ contentType: 'text/javascript', body: 'onmessage = () => undefined' }),
      )
      await page.goto(`${on.url}/verify`)
      const place = async () => ({
        welcome: await page.locator('.welcome').boundingBox(),
        wide: await page.evaluate<number>('document.documentElement.scrollWidth'),
      })
      await page.locator('.welcome').waitFor()
      const before = await place()
      await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', record)])
      await page.locator('.answer[aria-busy=true]').waitFor()
      await page.locator('.progress progress').waitFor()
      expect(await place()).toEqual(before)
    })

    it('tells a reason once that two checks have, and how long a session was in words of time', () =>
      visit(async (page) => {
        await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', record)])
        await page.locator('.verdict.warn').waitFor()
        expect(await page.locator('.checks').getByText('key-missing', { exact: true }).count()).toBe(1)
        expect(await page.locator('.facts').textContent()).toContain('51 min')
      }))

    it('follows the dashboard’s link to a record', async () => {
      const { page } = await on.open('/#token=secret')
      await page.getByRole('link', { name: 'Verify the record of tx-cs5-0001' }).click()
      await page.locator('.sessions [role=option]').waitFor()
      expect(await page.locator('.inputs').textContent()).toContain('tx-cs5-0001')
    })

    it('keeps a chosen language and colours', () =>
      visit(async (page) => {
        await page.getByLabel('Language').selectOption('de')
        await page.getByLabel('Farben').selectOption('dark')
        await page.reload()
        expect(await page.locator('h1').textContent()).toBe('Prüfer')
        expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
      }))
  })
})

// Scripts for the page are text here: this project's tests know no DOM types.

/** Tag, type, the part of the page it is in, and whether it is expanded. */
const DESCRIBE_FOCUS = `(() => {
  const focus = document.activeElement
  const part = focus.closest('.fields, .sessions, .records')?.className ?? ''
  return [focus.tagName, focus.getAttribute('type') ?? '', part, focus.getAttribute('aria-expanded') ?? ''].join(' ')
})()`
