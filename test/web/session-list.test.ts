// What stands in the list of sessions, with numbers and addresses as long as real ones: state, energy, meter, time and place can all be read, on a phone too.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hexKeyOf, ocmfText, payload, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'
import { browserFor, fileOf } from '../support/browser.ts'
import { storedVector } from '../support/vectors.ts'
import { stage } from './stage.ts'

const available = browserFor('the list of sessions')

const long = safeXml([{ data: ocmfText(payload({ MS: '0901454D4800007F9F3E-A-VERY-LONG-NUMBER' })), key: hexKeyOf(SIGNER) }])
/** Beside it stands an address. */
const placed = storedVector('bsm/field-01-Typ').question.map(({ name, bytes }) => fileOf(name, bytes))

/** Texts of entries that reach out of their entry, or lie over one another. Runs in the page. */
const SPILT = `[...document.querySelectorAll('[role=option]')].flatMap((entry) => {
  const box = entry.getBoundingClientRect()
  const spans = [...entry.querySelectorAll('.line > *')].map((span) => ({ text: span.textContent, ...span.getBoundingClientRect().toJSON() }))
  const out = spans.filter(({ left, right, top, bottom }) => left < box.left || right > box.right || top < box.top || bottom > box.bottom)
  const over = spans.filter((a) => spans.some((b) => a !== b && a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1))
  return [...out, ...over].map(({ text }) => text)
})`
/** Of each entry: all its texts. */
const entries = (page: Page): Promise<string[][]> =>
  page.evaluate<string[][]>(
    `[...document.querySelectorAll('[role=option]')].map((entry) => [...entry.querySelectorAll('.line > *')].map((span) => span.textContent))`,
  )

describe.skipIf(!available)('the list of sessions', () => {
  const on = stage()

  it.each([360, 1280])('keeps everything in sight, at %d pixels', async (width) => {
    const { page } = await on.open('/verify', { locale: 'de-DE', viewport: { width, height: 800 } })
    await page.setInputFiles('input[type=file]', [fileOf('bill.xml', long)])
    await page.locator('[role=option]').waitFor()
    expect(await entries(page)).toEqual([['Gültig', '10,500 kWh', '0901454D4800007F9F3E-A-VERY-LONG-NUMBER', '01.03.2026 08:00']])
    expect(await page.evaluate<string[]>(SPILT)).toEqual([])
    const low = await page.locator('[role=option]').first().boundingBox()
    await page.setInputFiles('input[type=file]', placed)
    await page.locator('[role=option]').nth(1).waitFor()
    const place = (await entries(page)).flat().find((text) => text.includes('07743'))
    expect(place).toContain('Musterweg 1 07743 Jena')
    expect(await page.evaluate<string[]>(SPILT)).toEqual([])
    expect((await page.locator('[role=option]').first().boundingBox())?.height).toBeGreaterThan(low?.height ?? 99)
  })
})
