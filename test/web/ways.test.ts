// Each way of a driver (pasting, the file dialog, dropping), with a right, a wrong, an incomplete and an unreadable record: by mouse, and by keyboard alone
// where a keyboard can, in both languages. The camera is in take.test.ts.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { CODE_SENTENCES, type Language, VERDICT_SENTENCES, VERDICT_WORDS } from '../../src/transparency/index.ts'
import { beginRecord, ocmfText, payload } from '../../tools/transparency-vectors/maker.ts'
import { browserFor, fileOf } from '../support/browser.ts'
import { receipt } from '../transparency/support.ts'
import { bill } from './bill.ts'
import { stage } from './stage.ts'

const GOOD = receipt([ocmfText(payload())])

const RECORDS = [
  { state: 'valid', text: GOOD, energy: { en: '10.500 kWh', de: '10,500 kWh' }, why: undefined },
  { state: 'invalid', text: GOOD.replace('20.500', '21.500'), energy: undefined, why: CODE_SENTENCES['signature-invalid'] },
  { state: 'incomplete', text: receipt([ocmfText(beginRecord())]), energy: undefined, why: undefined },
  { state: 'unreadable', text: 'a holiday in the sun', energy: undefined, why: undefined },
] as const

/** What a driver presses, by its name on the screen. */
const WORDS = {
  en: {
    locale: 'en-GB',
    choose: 'Choose files',
    paste: 'Paste text',
    field: 'Text of a record or a key',
    verify: 'Verify',
    show: /^Show how/,
    clear: 'Remove all',
    text: 'The signed text',
  },
  de: {
    locale: 'de-DE',
    choose: 'Dateien wählen',
    paste: 'Text einfügen',
    field: 'Text eines Belegs oder Schlüssels',
    verify: 'Prüfen',
    show: /^Zeigen, wie/,
    clear: 'Alle entfernen',
    text: 'Der signierte Text',
  },
} as const satisfies Record<Language, object>

/** Tag, name and state of what has the focus. */
const FOCUS = `(() => {
  const { activeElement: at } = document
  return [at.tagName, at.getAttribute('aria-label') ?? at.closest('label')?.textContent ?? at.textContent, at.getAttribute('aria-expanded') ?? ''].join('|')
})()`

/** Goes on by the Tab key alone until what has the focus is the one. */
const tabTo = async (page: Page, name: string | RegExp): Promise<void> => {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    const [, said = ''] = (await page.evaluate<string>(FOCUS)).split('|')
    if (typeof name === 'string' ? said.startsWith(name) : name.test(said)) return
  }
  throw new Error(`the Tab key never comes to ${name}`)
}

/** What a hand does with what it sees. */
interface Hand {
  press(page: Page, name: string | RegExp): Promise<unknown>
  write(page: Page, name: string, text: string): Promise<unknown>
  /** Opens the file dialog. */
  browse(page: Page, name: string): Promise<unknown>
}

const MOUSE: Hand = {
  press: (page, name) => page.getByRole('button', { name, exact: true }).first().click(),
  write: (page, name, text) => page.getByLabel(name).fill(text),
  browse: (page, name) => page.getByLabel(name).click(),
}

const pressKeys = async (page: Page, name: string | RegExp): Promise<void> => {
  await tabTo(page, name)
  await page.keyboard.press('Enter')
}
const KEYBOARD: Hand = {
  press: pressKeys,
  write: async (page, name, text) => {
    await tabTo(page, name)
    await page.keyboard.insertText(text)
  },
  browse: pressKeys,
}

interface Step {
  readonly page: Page
  readonly hand: Hand
  readonly words: (typeof WORDS)[Language]
  readonly text: string
}

const paste = async ({ page, hand, words, text }: Step): Promise<void> => {
  await hand.press(page, words.paste)
  await hand.write(page, words.field, text)
  await hand.press(page, words.verify)
}

const choose = async ({ page, hand, words, text }: Step): Promise<void> => {
  const [dialog] = await Promise.all([page.waitForEvent('filechooser'), hand.browse(page, words.choose)])
  await dialog.setFiles(fileOf('bill.xml', text))
}

/** As a mouse does it that carries a file: over the page, and let go. */
const drop = async ({ page, text }: Step): Promise<void> => {
  const file = `new File([${JSON.stringify(text)}], 'bill.xml')`
  const dataTransfer = await page.evaluateHandle(`(() => { const it = new DataTransfer(); it.items.add(${file}); return it })()`)
  await page.dispatchEvent('.welcome', 'dragover', { dataTransfer })
  await page.locator('.drop.over').waitFor()
  await page.dispatchEvent('.welcome', 'drop', { dataTransfer })
  await page.locator('.drop:not(.over)').waitFor()
}

const WAYS = [
  { way: 'pasting by mouse', hand: MOUSE, give: paste },
  { way: 'pasting by keyboard', hand: KEYBOARD, give: paste },
  { way: 'the file dialog by mouse', hand: MOUSE, give: choose },
  { way: 'the file dialog by keyboard', hand: KEYBOARD, give: choose },
  { way: 'dropping', hand: MOUSE, give: drop },
] as const

const available = browserFor('the ways of a driver')

describe.skipIf(!available)('a driver', () => {
  const on = stage()

  const ways = WAYS.flatMap((way) => (['en', 'de'] as const).map((language) => ({ ...way, language })))
  it.each(ways)('learns what is right, wrong, incomplete and unreadable by $way in $language', { timeout: 60_000 }, async (given) => {
    const { hand, give, language } = given
    const words = WORDS[language]
    const { page } = await on.open('/verify', { locale: words.locale })
    for (const { text, ...record } of RECORDS) {
      await page.locator('.welcome').waitFor()
      await give({ page, hand, words, text })
      await learns(page, record, language)
      if (record.state === 'unreadable') await page.locator('.unusable').waitFor()
      else await looksBehind(page, hand, words)
      // the Tab key begins anew
      await page.evaluate('document.activeElement.blur()')
      await hand.press(page, words.clear)
    }
    await page.locator('.welcome').waitFor()
  })

  it('goes through many sessions with the arrow keys, and finds one by typing', async () => {
    const { page } = await on.open('/verify')
    await page.setInputFiles(
      'input[type=file]',
      bill(60).map(({ name, text: content }) => fileOf(name, content)),
    )
    await page.locator('.verdict.bad').waitFor()
    await page.evaluate('document.activeElement.blur()')
    await tabTo(page, 'Find sessions')
    await page.keyboard.type('2026-03-05')
    await tabTo(page, 'Charging sessions')
    await page.keyboard.press('End')
    await page.locator('.verdict.good').waitFor()
    expect(await page.locator('.facts').textContent()).toContain('2026-03-05')
    expect(await page.locator('[role=option][aria-selected=true]').getAttribute('aria-posinset')).toBe('2')
    await page.keyboard.press('ArrowUp')
    expect(await page.locator('[role=option][aria-selected=true]').getAttribute('aria-posinset')).toBe('1')
  })
})

const learns = async (page: Page, { state, energy, why }: Omit<(typeof RECORDS)[number], 'text'>, language: Language): Promise<void> => {
  const verdict = page.locator('.verdict')
  await verdict.getByText(VERDICT_WORDS[state][language], { exact: true }).waitFor()
  const said = (await verdict.textContent()) ?? ''
  expect(said).toContain(VERDICT_SENTENCES[state][language])
  if (energy !== undefined) expect(said).toContain(energy[language])
  if (why !== undefined) expect(said).toContain(why[language])
  // a reader of screens hears it without looking for it
  expect(await page.locator('.progress[role=status]').textContent()).toBe(VERDICT_SENTENCES[state][language])
}

/** Opens how a record was checked, and points at the reading in what was signed. */
const looksBehind = async (page: Page, { press }: Hand, words: (typeof WORDS)[Language]): Promise<void> => {
  await press(page, words.show)
  await page.getByRole('heading', { name: words.text }).waitFor()
  await press(page, /^(RV|RD\[0\]\.RV|RD\[0\] RV)$|\bRV$/)
  expect(await page.locator('.signed mark').textContent()).toContain('10.000')
  expect((await page.locator('.how [role=status]').textContent())?.replaceAll(' ', '')).toContain('31302e303030')
}
