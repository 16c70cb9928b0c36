// Installing the verifier page as Chromium sees it, and the installed page in airplane mode.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { browserFor, fileOf, launchWith } from '../support/browser.ts'
import { type FakeApi, startFakeApi } from './fake-api.ts'
import { makeRecord } from './record.ts'

interface Icon {
  readonly src: string
  readonly sizes: string
  readonly type: string
  readonly purpose: string
}

/** Width and height in the header of a PNG. */
const sizeOf = (png: Buffer): string => `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`

describe('the manifest', () => {
  it('names icons of the sizes that systems ask for, and they have these sizes', async () => {
    const folder = await ensureWeb()
    const { icons } = JSON.parse(readFileSync(join(folder, 'app.webmanifest'), 'utf8')) as { icons: Icon[] }
    const pictures = icons.filter(({ type }) => type === 'image/png')
    expect(pictures.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual(['192x192 any', '512x512 any', '512x512 maskable'])
    for (const { src, sizes } of pictures) expect(sizeOf(readFileSync(join(folder, src)))).toBe(sizes)
  })
})

const available = browserFor('installing the page')

describe.skipIf(!available)('the page in a browser', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'chargeproof-install-'))
  let context: BrowserContext
  let api: FakeApi
  beforeAll(async () => {
    api = await startFakeApi({ web: await ensureWeb(), token: 'x' })
    // a profile on disk: nothing is installed from a window that forgets
    context = await chromium.launchPersistentContext(join(scratch, 'profile'), { ...launchWith(), locale: 'en-GB' })
  }, 60_000)
  afterAll(async () => {
    await context?.close()
    await api?.close()
    rmSync(scratch, { recursive: true, force: true })
  })

  /** What Chromium has against installing it: faults of the manifest, then reasons of its own. */
  const objections = async (page: Page): Promise<string[]> => {
    const session = await context.newCDPSession(page)
    const { errors, url } = await session.send('Page.getAppManifest')
    expect(url).toMatch(/\/app\.webmanifest$/)
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
    return [...errors.map(({ message }) => message), ...installabilityErrors.map(({ errorId }) => errorId)]
  }

  it('may be installed', async () => {
    const page = await context.newPage()
    await page.goto(`${api.url}/verify`)
    await page.getByText('Also works without a network.').waitFor()
    expect(await objections(page)).toEqual([])
    await page.close()
  })

  it('may not where its manifest names no icon: Chromium would say so', async () => {
    const folder = join(scratch, 'without')
    await cp(await ensureWeb(), folder, { recursive: true })
    const manifest = JSON.parse(await readFile(join(folder, 'app.webmanifest'), 'utf8'))
    await writeFile(join(folder, 'app.webmanifest'), JSON.stringify({ ...manifest, icons: [] }))
    const other = await startFakeApi({ web: folder, token: 'x' })
    const page = await context.newPage()
    await page.goto(`${other.url}/verify`)
    expect(await objections(page)).toContain('no-acceptable-icon')
    await page.close()
    await other.close()
  })

  it('opens and judges in airplane mode', async () => {
    const page = await context.newPage()
    await page.goto(`${api.url}/verify`)
    await page.getByText('Also works without a network.').waitFor()
    // what it asked for meanwhile has been counted
    await page.waitForLoadState('networkidle')
    const before = api.requests.length
    await context.setOffline(true)
    await page.reload()
    const { record, key } = makeRecord()
    await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', record), fileOf('1TST0012345678.publicKey.hex', key)])
    await page.locator('.verdict.good').waitFor()
    expect(await page.locator('.facts').textContent()).toContain('7.3505 kWh')
    expect(api.requests).toHaveLength(before)
    await context.setOffline(false)
    await page.close()
  })
})
