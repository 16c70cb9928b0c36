// What a file of browser tests stands on: the built pages behind the fake API, the Chromium of the process, and pages to open. Each test is held to a clean
// console. A page is washed and opened again by the next test, of this file or another, because a new one costs as much again as its document.
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { sharedBrowser, startBrowser, type Watched, watchedPage } from '../support/browser.ts'
import { type FakeApi, type FakeApiOptions, startFakeApi } from './fake-api.ts'

export interface Looks extends BrowserContextOptions {
  /** For a test that leaves something behind which washing does not take away: offline, routes, a service worker. */
  readonly fresh?: boolean
  /** The console may complain: the test looks at what it says. */
  readonly complains?: boolean
}

export interface Stage {
  readonly url: string
  /** Paths of every request to the API so far, in order. */
  readonly asked: readonly string[]
  /** What is watched begins with the test. Without service worker, unless the page is `fresh`. @param path none to leave the page empty */
  open(path?: string, looks?: Looks): Promise<Watched>
}

export interface StageOptions extends Pick<FakeApiOptions, 'record' | 'flood'> {
  /** For a browser of its own, not that of the process. */
  readonly flags?: readonly string[]
}

/** Pages that wait for a test, of whatever browser. */
const wardrobe: { readonly name: string; readonly watched: Watched }[] = []

/** For a `describe`: everything is there when its tests run. */
export const stage = ({ flags, ...options }: StageOptions = {}): Stage => {
  let api: FakeApi | undefined
  let browser: Browser | undefined
  const used: { readonly watched: Watched; readonly looks: Looks }[] = []
  const there = <T>(it: T | undefined): T => {
    if (it === undefined) throw new Error('expected to be asked by a test, while the stage stands')
    return it
  }
  beforeAll(async () => {
    api = await startFakeApi({ ...options, web: await ensureWeb(), token: 'secret' })
    browser = await (flags === undefined ? sharedBrowser() : startBrowser(...flags))
  }, 60_000)
  afterAll(async () => {
    if (flags !== undefined) await browser?.close()
    await api?.close()
  })
  afterEach(async () => {
    const all = used.splice(0)
    for (const { watched, looks } of all) await putAway(watched, looks)
    for (const { watched, looks } of all) if (!looks.complains) expect(watched.complaints).toEqual([])
  })
  return {
    get url() {
      return there(api).url
    },
    get asked() {
      return there(api).requests
    },
    open: async (path, looks = {}) => {
      const watched = takenOut(there(browser), looks) ?? (await made(there(browser), looks))
      used.push({ watched, looks })
      watched.forget()
      if (path !== undefined) {
        await watched.page.goto(`${there(api).url}${path}`)
        // drawn when its language is there, and a frame later it hears what is dropped on it
        await watched.page.locator('header').first().waitFor()
        await watched.page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))')
      }
      return watched
    },
  }
}

const nameOf = ({ fresh, ...looks }: Looks): string => (fresh ? 'nobody' : JSON.stringify(looks))

const takenOut = (browser: Browser, looks: Looks): Watched | undefined => {
  const at = wardrobe.findIndex(({ name, watched }) => name === nameOf(looks) && watched.page.context().browser() === browser)
  return at < 0 ? undefined : wardrobe.splice(at, 1)[0]?.watched
}

const made = (browser: Browser, { fresh = false, complains, ...options }: Looks): Promise<Watched> =>
  watchedPage(browser, { serviceWorkers: fresh ? 'allow' : 'block', ...options })

/** What a test leaves in a page is its document's storage and the medium: these are put back, and an empty page ends what still runs. */
const putAway = async (watched: Watched, looks: Looks): Promise<void> => {
  const { page } = watched
  if (looks.fresh || page.isClosed()) return page.context().close()
  await page.evaluate('localStorage.clear(); sessionStorage.clear()')
  await page.emulateMedia({ media: null })
  await page.goto('about:blank')
  wardrobe.push({ name: nameOf(looks), watched })
}
