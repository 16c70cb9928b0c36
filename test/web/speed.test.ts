// How long a driver waits, measured in Chromium from a local server: the first view, a verdict after a drop, a bill of many transactions; and how a list of
// a thousand sessions scrolls. Each figure is the best of some tries, because other programs may hold the processor meanwhile; each is printed.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'
import { browserFor, fileOf, startBrowser, watchedPage } from '../support/browser.ts'
import { billInOne } from './bill.ts'
import { type FakeApi, startFakeApi } from './fake-api.ts'

const TRIES = 8
/** One session of a begin and an end, and as much beside them as makes a hundred kilobytes. */
const recordOfHundredKilobytes = (): string => {
  const key = hexKeyOf(SIGNER)
  const text = safeXml([
    { data: ocmfText(beginRecord({ TT: 'x'.repeat(49_100) })), key },
    { data: ocmfText(endRecord({ TT: 'x'.repeat(49_100) })), key },
  ])
  if (text.length < 100_000 || text.length > 102_000) throw new Error(`expected 100 kB, got ${text.length}`)
  return text
}

/** Drops a file as a hand would, and waits for the paint that follows the verdict. Milliseconds. Runs in the page, so it is text. */
const DROP = `(name, text, wanted) => new Promise((resolve) => {
  const transfer = new DataTransfer()
  transfer.items.add(new File([text], name))
  const start = performance.now()
  const look = new MutationObserver(() => {
    if (document.querySelector(wanted) === null) return
    look.disconnect()
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)))
  })
  look.observe(document.body, { childList: true, subtree: true, attributes: true })
  document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, dataTransfer: transfer }))
})`

/** As long and as high as the list, with a line of text in it: what this machine makes of scrolling just now. */
const BARE = `(() => {
  const bare = document.querySelector('.bare') ?? document.createElement('div')
  bare.className = 'bare'
  bare.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 300px; height: 500px; overflow: auto; background: #fff; z-index: 9'
  bare.replaceChildren(document.createElement('p'))
  bare.firstChild.style.height = '58000px'
  document.body.append(bare)
})()`

/** Scrolls by 40 pixels in every frame for a second. Frames a second, and rows that are drawn. */
const SCROLL = `(what) => new Promise((resolve) => {
  const list = document.querySelector(what)
  const start = performance.now()
  let frames = 0
  const step = () => {
    list.scrollTop += 40
    frames++
    const seconds = (performance.now() - start) / 1000
    if (seconds < 1) requestAnimationFrame(step)
    else resolve({ rate: frames / seconds, rows: list.querySelectorAll('[role=option]').length, top: list.scrollTop })
  }
  requestAnimationFrame(step)
})`

const available = browserFor('the speed of the verifier page')

describe.skipIf(!available)('the verifier page', () => {
  let api: FakeApi
  let browser: Browser
  beforeAll(async () => {
    api = await startFakeApi({ web: await ensureWeb(), token: 'secret' })
    browser = await startBrowser()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await api?.close()
  })

  const opened = async (): Promise<Page> => {
    const { page } = await watchedPage(browser, { serviceWorkers: 'block' })
    await page.goto(`${api.url}/verify`, { waitUntil: 'networkidle' })
    return page
  }
  const best = async (what: string, measure: () => Promise<number>): Promise<number> => {
    const times: number[] = []
    for (let i = 0; i < TRIES; i++) times.push(await measure())
    console.log(`web: ${what}: ${times.map((time) => time.toFixed(0)).join(', ')} ms`)
    return Math.min(...times)
  }
  /** @param tone of the verdict that is waited for */
  const drop = async (
    page: Page,
    { name, text }: { readonly name: string; readonly text: string },
    tone: 'good' | 'bad',
  ): Promise<number> => {
    const time = await page.evaluate<number>(`(${DROP})(${JSON.stringify(name)}, ${JSON.stringify(text)}, '.verdict.${tone}')`)
    await page.getByRole('button', { name: 'Remove all' }).click()
    await page.locator('.welcome').waitFor()
    return time
  }

  it('is there within a second', async () => {
    const time = await best('first view', async () => {
      const page = await opened()
      const painted = await page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`)
      await page.context().close()
      return painted
    })
    expect(time).toBeLessThan(1000)
  })

  it('has the verdict on a record of 100 kB within a tenth of a second', async () => {
    const page = await opened()
    const text = recordOfHundredKilobytes()
    expect(await best('verdict on 100 kB', () => drop(page, { name: 'a.xml', text }, 'good'))).toBeLessThan(100)
    await page.context().close()
  })

  it('has the verdict on a file of 100 transactions within a second', { timeout: 60_000 }, async () => {
    const page = await opened()
    const all = billInOne(100)
    expect(await best('100 transactions', () => drop(page, all, 'bad'))).toBeLessThan(1000)
    await page.context().close()
  })

  it('scrolls a thousand sessions at 50 frames a second, and draws only what is in sight', { timeout: 60_000 }, async () => {
    const page = await opened()
    const { name, text } = billInOne(1000)
    await page.setInputFiles('input[type=file]', [fileOf(name, text)])
    await page.locator('[role=option][aria-setsize="1000"]').first().waitFor({ timeout: 30_000 })
    interface Scrolled {
      readonly rate: number
      readonly rows: number
      readonly top: number
    }
    const scroll = (what: string) => page.evaluate<Scrolled>(`(${SCROLL})('${what}')`)
    const [tries, bare]: [Scrolled[], number[]] = [[], []]
    for (let i = 0; i < 3; i++) {
      tries.push(await scroll('.long-list'))
      await page.evaluate(BARE)
      bare.push((await scroll('.bare')).rate)
      await page.evaluate(`document.querySelector('.bare').remove()`)
    }
    console.log(
      `web: a thousand sessions: ${tries.map(({ rate, rows }) => `${rate.toFixed(1)} frames/s, ${rows} rows drawn`).join('; ')}; an empty box ${bare.map((rate) => rate.toFixed(1)).join(', ')}`,
    )
    // 50, or what a machine that others use makes of an empty box
    expect(Math.max(...tries.map(({ rate }) => rate))).toBeGreaterThanOrEqual(Math.min(50, 0.85 * Math.max(...bare)))
    expect(Math.max(...tries.map(({ rows }) => rows))).toBeLessThan(40)
    expect(tries.at(-1)?.top).toBeGreaterThan(2000)
    await page.context().close()
  })
})
