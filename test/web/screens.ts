// The screens of both pages, each with the way to it: for axe and for the pictures in docs/screens (test/web/pictures.ts).
import type { Page } from 'playwright-core'
import { hexKeyOf, ocmfText, payload, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'
import { fileOf } from '../support/browser.ts'
import { storedVector } from '../support/vectors.ts'
import { bill } from './bill.ts'

export interface Screen {
  readonly name: string
  show(page: Page, url: string): Promise<void>
}

type Given = { readonly name: string; readonly content: string | Uint8Array }

const verifier = async (page: Page, url: string, files: readonly Given[]): Promise<void> => {
  await page.goto(`${url}/verify`)
  await page.setInputFiles(
    'input[type=file]',
    files.map(({ name, content }) => fileOf(name, content)),
  )
  await page.locator('.verdict').waitFor()
}

const vector = (name: string): Given[] => storedVector(name).question.map(({ name: file, bytes }) => ({ name: file, content: bytes }))

const RIGHT = bill(1).map(({ name, text }) => ({ name, content: text }))
const WRONG = [{ name: 'bill.xml', content: safeXml([{ data: ocmfText(payload()).replace('20.500', '21.500'), key: hexKeyOf(SIGNER) }]) }]
const INCOMPLETE = bill(20)
  .slice(19)
  .map(({ name, text }) => ({ name, content: text }))
const MONTH = [...bill(100).map(({ name, text }) => ({ name, content: text })), { name: 'holiday.jpg', content: 'sun' }]

const dashboard = async (page: Page, url: string): Promise<void> => {
  await page.goto(`${url}/#token=secret`)
  await page.locator('.network svg .node').first().waitFor()
  await page.locator('.stream tbody tr').first().waitFor()
  await page.locator('.journal li').first().waitFor()
}

/** Of an API that is asked for records of sessions that run (`runningText`). */
export const SCREENS: readonly Screen[] = [
  {
    name: 'welcome',
    show: async (page, url) => {
      await page.goto(`${url}/verify`)
      await page.locator('.welcome').waitFor()
      // it has checked itself, and says so
      await page.locator('.foot .mark').first().waitFor()
    },
  },
  { name: 'right', show: (page, url) => verifier(page, url, RIGHT) },
  { name: 'wrong', show: (page, url) => verifier(page, url, WRONG) },
  { name: 'incomplete', show: (page, url) => verifier(page, url, INCOMPLETE) },
  { name: 'unreadable', show: (page, url) => verifier(page, url, [{ name: 'holiday.jpg', content: 'sun' }]) },
  { name: 'month', show: (page, url) => verifier(page, url, MONTH) },
  {
    name: 'evidence',
    show: async (page, url) => {
      await verifier(page, url, vector('ptb/session'))
      await page.locator('.records tbody button').first().click()
      await page.locator('.fields button').nth(2).click()
      await page.evaluate(`document.querySelector('.how').scrollIntoView()`)
    },
  },
  {
    name: 'paste',
    show: async (page, url) => {
      await page.goto(`${url}/verify`)
      await page.locator('.drop button').first().click()
      await page.locator('.drop textarea').waitFor()
    },
  },
  {
    name: 'camera',
    show: async (page, url) => {
      await page.context().grantPermissions(['camera'], { origin: url })
      await page.goto(`${url}/verify`)
      await page.locator('.drop button').nth(1).click()
      await page.locator('video').waitFor()
      await page.evaluate(`new Promise((seen) => {
        const video = document.querySelector('video')
        if (video.videoWidth > 0) seen()
        else video.addEventListener('loadeddata', seen)
      })`)
    },
  },
  { name: 'dashboard', show: dashboard },
  {
    name: 'live',
    show: async (page, url) => {
      await dashboard(page, url)
      await page.locator('.rows button[aria-pressed]').first().click()
      await page.locator('.live-session .verdict').waitFor()
      await page.evaluate(`document.querySelector('.live-session').scrollIntoView()`)
    },
  },
  {
    name: 'streams',
    show: async (page, url) => {
      await dashboard(page, url)
      await page.locator('.streams progress').last().waitFor()
      await page.evaluate(`document.querySelector('.streams').scrollIntoView()`)
    },
  },
  {
    name: 'token',
    show: async (page, url) => {
      await page.goto(`${url}/`)
      await page.locator('main input').waitFor()
    },
  },
]
