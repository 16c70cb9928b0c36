// What a reader takes away from the verifier, and the two ways in that only a browser has: a link that carries its record, and the camera.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { strFromU8, unzipSync, zipSync } from 'fflate'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'
import { fragmentOf, LINK_LIMIT, linkedInput } from '../../apps/web/verifier/link.ts'
import { packed } from '../../apps/web/verifier/pack.ts'
import { utf8 } from '../../src/base/bytes.ts'
import { browserFor, fileOf } from '../support/browser.ts'
import { ask } from '../transparency/support.ts'
import { makeRecord } from './record.ts'
import { stage } from './stage.ts'

const { record, key } = makeRecord()
const KEY_NAME = '1TST0012345678.publicKey.hex'
const GIVEN = [
  { name: 'bill.ocmf', bytes: utf8(record) },
  { name: KEY_NAME, bytes: utf8(key) },
]

describe('a link', () => {
  it('carries what was given, and the same each time', () => {
    const fragment = fragmentOf(packed(GIVEN))
    expect(fragment).toMatch(/^#data=[\w-]+$/)
    expect(fragmentOf(packed(GIVEN))).toBe(fragment)
    const members = unzipSync(linkedInput(fragment ?? '')?.bytes ?? new Uint8Array())
    expect(Object.entries(members).map(([name, bytes]) => [name, strFromU8(bytes)])).toEqual([
      ['bill.ocmf', record],
      [KEY_NAME, key],
    ])
  })

  it('has an end, in both directions', () => {
    const noise = Uint8Array.from({ length: LINK_LIMIT }, (_, i) => (i * i * 31 + (i >> 3) * 7) & 0xff)
    expect(fragmentOf(noise)).toBeUndefined()
    expect(linkedInput(`#data=${'A'.repeat(LINK_LIMIT + 1)}`)).toMatchObject({ unread: expect.stringContaining('the limit is 4096') })
    expect(linkedInput('#data=%F0%9F%92%A3')).toMatchObject({ unread: expect.stringContaining('changed on its way') })
    expect(linkedInput('#record=/api')).toBeUndefined()
  })

  it('packs no name that leads out of its folder', () => {
    const names = ['../../etc/passwd', '/a//b', '..', 'C:\\x'].map((name) => ({ name, bytes: utf8('x') }))
    expect(Object.keys(unzipSync(packed(names)))).toEqual(['etc/passwd', 'a/b', 'input', 'C:/x'])
  })
})

const available = browserFor('links, reports and the camera')

describe.skipIf(!available)('the verifier in a browser', () => {
  const on = stage()

  const open = async (fragment: string, run: (page: Page) => Promise<void>): Promise<void> => {
    const { page, requests } = await on.open(`/verify${fragment}`)
    await run(page)
    expect(requests.filter((address) => !address.startsWith(on.url) && !address.startsWith('blob:'))).toEqual([])
  }
  const taken = async (page: Page, button: string): Promise<Uint8Array> => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()])
    return buffer(await download.createReadStream())
  }

  it('makes a report that carries what was judged, an archive of it, and the verdict', () =>
    open('', async (page) => {
      await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', record), fileOf(KEY_NAME, key)])
      await page.locator('.verdict.good').waitFor()
      const pdf = await taken(page, 'Report (PDF)')
      expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-')
      const again = await ask({ 'report.pdf': pdf })
      expect(again.sessions.map(({ verdict, energyWh }) => [verdict, energyWh])).toEqual([['valid', '7350.5']])
      const archive = unzipSync(await taken(page, 'Save what was loaded (ZIP)'))
      expect(Object.keys(archive)).toEqual(['bill.ocmf', KEY_NAME])
      const verdict = JSON.parse(Buffer.from(await taken(page, 'Save the verdict (JSON)')).toString())
      expect(verdict.verdict).toBe('valid')
    }))

  it('makes a link that opens as what it was made from, and leaves no trace of it at the server', () =>
    open('', async (page) => {
      await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', record), fileOf(KEY_NAME, key)])
      await page.locator('.verdict.good').waitFor()
      await page.getByRole('button', { name: 'Link to this' }).click()
      const address = await page.getByRole('textbox', { name: 'Link to this' }).inputValue()
      await open(new URL(address).hash, async (other) => {
        await other.locator('.verdict.good').waitFor()
        expect(await other.locator('.facts').textContent()).toContain('7.3505 kWh')
      })
      expect(on.asked.join()).not.toContain('data')
    }))

  it('asks what a link carries, and that alone, where something else was loaded before', () =>
    open('', async (page) => {
      await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', record), fileOf(KEY_NAME, key)])
      await page.locator('.verdict.good').waitFor()
      await page.goto(`${on.url}/verify${fragmentOf(packed(GIVEN))}`)
      await page.getByText('link.zip', { exact: true }).waitFor()
      await page.locator('.verdict.good').waitFor()
      expect(await page.locator('.inputs .name').allTextContents()).toEqual(['link.zip', 'link.zip/bill.ocmf', `link.zip/${KEY_NAME}`])
    }))

  it('names a file that the browser cannot read, and keeps it out of what is taken away', () =>
    open('', async (page) => {
      await page.evaluate(`(() => {
        const read = File.prototype.arrayBuffer
        File.prototype.arrayBuffer = function () {
          return this.name === 'gone.ocmf' ? Promise.reject(new DOMException('', 'NotFoundError')) : read.call(this)
        }
      })()`)
      await page.setInputFiles('input[type=file]', [fileOf('gone.ocmf', record), fileOf('bill.ocmf', record), fileOf(KEY_NAME, key)])
      await page.locator('.verdict.good').waitFor()
      const row = page.locator('.inputs li').filter({ hasText: 'gone.ocmf' })
      expect(await row.textContent()).toMatch(/it cannot be read\..*input-missing.*it cannot be read \(.*\)/)
      expect(Object.keys(unzipSync(await taken(page, 'Save what was loaded (ZIP)')))).toEqual(['bill.ocmf', KEY_NAME])
    }))

  it('takes a dropped folder with all folders in it, and names what of it cannot be read', () =>
    open('', async (page) => {
      await page.evaluate(`(${DROP_FOLDER})(${JSON.stringify([record, key])})`)
      await page.locator('.verdict.good').waitFor()
      expect((await page.locator('.inputs .name').allTextContents()).sort()).toEqual([
        ...[`month/deep/${KEY_NAME}`, 'month/deep/bill.ocmf', 'month/locked.ocmf', 'month/secret'],
      ])
      expect(await page.locator('.unusable').textContent()).toContain('2')
    }))

  it('judges a file once that was given under two names, says so, and takes it away once', () =>
    open('', async (page) => {
      const files = [fileOf('bill.ocmf', record), fileOf('bill (1).ocmf', record), fileOf(KEY_NAME, key)]
      await page.setInputFiles('input[type=file]', files)
      await page.locator('.verdict.good').waitFor()
      await page
        .locator('.inputs li')
        .filter({ hasText: 'bill (1).ocmf' })
        .getByText('The same content as bill.ocmf: judged once.')
        .waitFor()
      expect(Object.keys(unzipSync(await taken(page, 'Save what was loaded (ZIP)')))).toEqual(['bill.ocmf', KEY_NAME])
      await page.getByRole('button', { name: 'Remove bill (1).ocmf' }).click()
      await page.getByText('judged once').waitFor({ state: 'detached' })
    }))

  it.each([
    ['is no base64', '#data=%F0%9F%92%A3'],
    ['is too long', `#data=${'A'.repeat(LINK_LIMIT + 1)}`],
  ])('names a link that %s, as any file that cannot be read', (_, fragment) =>
    open(fragment, async (page) => {
      await page.locator('.answer .verdict.quiet').waitFor()
      expect(await page.locator('.inputs li').textContent()).toMatch(/^link\.zip.*it cannot be read\./)
    }),
  )

  it('stops at the limits of an archive where a link holds a bomb', () => {
    const bomb = fragmentOf(zipSync({ 'a.txt': new Uint8Array(2_500_000) }, { level: 9 }))
    expect(bomb).toBeDefined()
    return open(bomb ?? '', async (page) => {
      await page.getByText('limit-exceeded').waitFor()
      expect(await page.locator('.verdict').textContent()).toContain('Nothing to check')
    })
  })

  it('says so where there is too much for a link', () =>
    open('', async (page) => {
      const many = Array.from({ length: 8 }, (_, i) => fileOf(`${i}.ocmf`, makeRecord(`user ${i}`).record))
      await page.setInputFiles('input[type=file]', many)
      await page.locator('.verdict').waitFor()
      await page.getByRole('button', { name: 'Link to this' }).click()
      await page.getByText('This is too much for a link').waitFor()
    }))

  it('takes a key that is pasted for the record that needs it', () =>
    open('', async (page) => {
      await page.setInputFiles('input[type=file]', [fileOf('bill.ocmf', record)])
      await page.locator('.verdict.warn').waitFor()
      await page.getByRole('button', { name: 'Paste text' }).click()
      await page.getByLabel('Text of a record or a key').fill(key)
      await page.getByRole('button', { name: 'Verify', exact: true }).click()
      await page.locator('.verdict.good').waitFor()
    }))

  describe('with a camera before a code', () => {
    const folder = mkdtempSync(join(tmpdir(), 'chargeproof-camera-'))
    const film = join(folder, 'film.y4m')
    beforeAll(async () => writeFileSync(film, await filmOf(utf8(record))))
    afterAll(() => rmSync(folder, { recursive: true }))
    const filming = stage({ flags: [`--use-file-for-fake-video-capture=${film}`] })

    it('reads it, and turns the camera off', { timeout: 60_000 }, async () => {
      const { page } = await filming.open('/verify', { permissions: ['camera'] })
      await page.getByRole('button', { name: 'Camera' }).click()
      await page.locator('.verdict').waitFor()
      expect(await page.locator('.facts').textContent()).toContain('7.3505 kWh')
      expect(await page.locator('video').count()).toBe(0)
    })
  })
})

/** Drops a folder as the File and Directory Entries API shows one: a folder in it, a file that is locked, and a folder that nobody may list. */
const DROP_FOLDER = `([record, key]) => {
  const file = (path, content) => ({
    isFile: true,
    fullPath: path,
    file: (resolve, reject) => (content === undefined ? reject(new DOMException('', 'NotReadableError')) : resolve(new File([content], path.split('/').at(-1)))),
  })
  const folder = (path, ...children) => {
    const portions = [children, []]
    return { isDirectory: true, fullPath: path, createReader: () => ({ readEntries: (resolve) => resolve(portions.shift()) }) }
  }
  const secret = { isDirectory: true, fullPath: '/month/secret', createReader: () => ({ readEntries: (_, reject) => reject(new DOMException('', 'NotAllowedError')) }) }
  const deep = folder('/month/deep', file('/month/deep/bill.ocmf', record), file('/month/deep/${KEY_NAME}', key))
  const month = folder('/month', deep, file('/month/locked.ocmf'), secret)
  const event = new DragEvent('drop', { bubbles: true })
  const dataTransfer = { getData: () => '', files: [], items: [{ webkitGetAsEntry: () => month }] }
  Object.defineProperty(event, 'dataTransfer', { value: dataTransfer })
  document.body.dispatchEvent(event)
}`

/** YUV4MPEG2, four equal grey pictures of 640 x 480 with the code in the middle. */
const filmOf = async (content: Uint8Array): Promise<Uint8Array> => {
  const program = readFileSync(new URL(import.meta.resolve('zxing-wasm/writer/zxing_writer.wasm')))
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(program).buffer } })
  const { symbol } = await writeBarcode(content, { format: 'QRCode', ecLevel: 'L' })
  const [width, height] = [640, 480]
  const scale = Math.floor((height - 40) / symbol.height)
  const [left, top] = [(width - symbol.width * scale) >> 1, (height - symbol.height * scale) >> 1]
  const luma = new Uint8Array(width * height).fill(235)
  for (let y = 0; y < symbol.height * scale; y++)
    for (let x = 0; x < symbol.width * scale; x++)
      if (symbol.data[Math.floor(y / scale) * symbol.width + Math.floor(x / scale)] === 0) luma[(top + y) * width + left + x] = 16
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, new Uint8Array((width * height) / 2).fill(128)])
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), frame, frame, frame, frame])
}
