// One language at a time: who speaks one loads its file and no other, keeps it for work without a network, and pays nothing for those that others speak.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { appendFile, cp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { browserFor, fileOf } from '../support/browser.ts'
import { bill } from './bill.ts'
import { startFakeApi } from './fake-api.ts'
import { stage } from './stage.ts'

const web = join(import.meta.dirname, '../../apps/web')
const scratch = mkdtempSync(join(tmpdir(), 'chargeproof-languages-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Bytes of all files as gzip packs them; of a language's own, and of all others. */
const sizesIn = (folder: string): { readonly languages: readonly string[]; readonly others: number } => {
  const names = readdirSync(join(folder, 'assets')).filter((name) => !name.endsWith('.wasm'))
  const isLanguage = (name: string): boolean => name.startsWith('text-')
  const sizes = names.filter((name) => !isLanguage(name)).map((name) => gzipSync(readFileSync(join(folder, 'assets', name))).length)
  return { languages: names.filter(isLanguage).map((name) => name.slice(0, 7)), others: sizes.reduce((sum, size) => sum + size, 0) }
}

/** A language that nobody speaks, in its own file and its own row of the list. */
const madeUp = {
  name: 'made-up',
  enforce: 'pre' as const,
  resolveId: (source: string) => (source.endsWith('texts/xx.json') ? join(web, 'texts/xx.json') : undefined),
  load: (id: string) => {
    if (id.endsWith('xx.json')) return readFileSync(join(web, 'texts/en.json'), 'utf8').replaceAll('e', 'ë')
    // and German is not what it was
    return id.endsWith('de.json') ? readFileSync(id, 'utf8').replace('"Farben"', '"Farbwahl"') : undefined
  },
  transform: (code: string, id: string) =>
    id.endsWith('web/languages.ts') ? code.replace(/^ {2}de: .*$/m, (row) => `${row}\n${row.replaceAll(/\bde\b/g, 'xx')}`) : undefined,
}

const next = join(scratch, 'next')
beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production')
  await build({ root: web, configFile: join(web, 'vite.config.ts'), logLevel: 'error', build: { outDir: next }, plugins: [madeUp] })
  vi.unstubAllEnvs()
}, 60_000)

describe('a further language', () => {
  it('costs those who speak another one a row of the list', async () => {
    const [three, two] = [sizesIn(next), sizesIn(await ensureWeb())]
    expect(three.languages).toEqual([...two.languages, 'text-xx'])
    expect(three.others).toBeGreaterThan(two.others)
    expect(three.others - two.others).toBeLessThan(200)
  })
})

const available = browserFor('languages of the pages')

describe.skipIf(!available)('a page in a browser', () => {
  const on = stage()
  const speak = (page: Page, tag: string) => page.locator('header select').first().selectOption(tag)
  /** Kept, and everything it loads from now on comes from what keeps it. */
  const kept = async (page: Page) => {
    await page.getByText('Funktioniert auch ohne Netz.').waitFor()
    await page.waitForFunction('navigator.serviceWorker.controller !== null')
  }
  /** Until that is so of the service worker's registration. */
  const until = async (page: Page, condition: string): Promise<void> => {
    const isSo = `navigator.serviceWorker.ready.then(({ waiting, active }) => ${condition})`
    await expect.poll(() => page.evaluate<boolean>(isSo), { timeout: 20_000 }).toBe(true)
  }
  const heading = (page: Page, text: string) => page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor()

  it('loads the language of its reader, and another when it is chosen', async () => {
    const { page, requests } = await on.open('/verify', { locale: 'de-AT' })
    const texts = () => requests.flatMap((address) => /\/text-(\w+)-/.exec(address)?.[1] ?? [])
    await heading(page, 'Prüfer')
    expect(texts()).toEqual(['de'])
    await speak(page, 'en')
    await heading(page, 'Verifier')
    expect(texts()).toEqual(['de', 'en'])
    expect(await page.evaluate('document.documentElement.lang')).toBe('en')
  })

  it('judges in French on a narrow phone, and names what of it is in English: the report', async () => {
    const { page } = await on.open('/verify', { locale: 'fr-FR', viewport: { width: 320, height: 800 } })
    const [right] = bill(1)
    await page.setInputFiles('input[type=file]', [fileOf('bill.xml', String(right?.text))])
    await page.getByText('Les valeurs du compteur sont authentiques et la recharge est complète.').first().waitFor()
    expect(await page.locator('.facts').textContent()).toMatch(/5,512 kWh.*54 min/)
    await page.locator('.foot').getByText('Vient de se vérifier lui-même').waitFor()
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(320)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Rapport (PDF, en anglais)' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('report.pdf')
  })

  it('keeps what its reader speaks in airplane mode, and names what it has not', { timeout: 40_000 }, async () => {
    const { page } = await on.open('/verify', { fresh: true, complains: true, locale: 'de-DE' })
    await kept(page)
    await page.context().setOffline(true)
    await page.reload()
    await heading(page, 'Prüfer')
    await speak(page, 'en')
    await page.getByText('English konnte nicht geladen werden.').waitFor()
    await heading(page, 'Prüfer')
    expect(await page.locator('header select').first().inputValue()).toBe('de')
    await page.context().setOffline(false)
    await speak(page, 'en')
    await heading(page, 'Verifier')
    expect(await page.getByText('konnte nicht geladen werden').count()).toBe(0)
    await page.context().setOffline(true)
    await page.reload()
    await heading(page, 'Verifier')
    await speak(page, 'de')
    await heading(page, 'Prüfer')
  })

  it('speaks it in the air after an update, too, in the words of the newer build', { timeout: 40_000 }, async () => {
    const folder = join(scratch, 'updated')
    await cp(await ensureWeb(), folder, { recursive: true })
    const api = await startFakeApi({ web: folder, token: 'x' })
    const { page } = await on.open(undefined, { fresh: true, complains: true, locale: 'de-DE' })
    await page.goto(`${api.url}/verify`)
    await kept(page)
    await rm(folder, { recursive: true })
    await cp(next, folder, { recursive: true })
    await page.evaluate('navigator.serviceWorker.ready.then((it) => it.update())')
    await until(page, 'waiting !== null')
    // the newer one takes over when nobody is left with the old one; here at once
    const session = await page.context().newCDPSession(page)
    await session.send('ServiceWorker.enable')
    await session.send('ServiceWorker.skipWaiting', { scopeURL: `${api.url}/` })
    await until(page, "waiting === null && active.state === 'activated'")
    await api.close()
    await page.reload()
    await heading(page, 'Prüfer')
    await page.getByLabel('Farbwahl').waitFor({ timeout: 5_000 })
  })

  it('speaks nothing that is not of its build', async () => {
    const folder = join(scratch, 'altered')
    await cp(await ensureWeb(), folder, { recursive: true })
    const api = await startFakeApi({ web: folder, token: 'x' })
    const { page } = await on.open(undefined, { fresh: true, complains: true, locale: 'de-DE' })
    await page.goto(`${api.url}/verify`)
    await kept(page)
    const english = readdirSync(join(folder, 'assets')).find((name) => name.startsWith('text-en-'))
    await appendFile(join(folder, 'assets', String(english)), '\n')
    await speak(page, 'en')
    await page.getByText('English konnte nicht geladen werden.').waitFor()
    await api.close()
  })
})
