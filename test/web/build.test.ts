// The build of the pages as somebody who does not trust it would check it: made twice it is the same, its list names every file, the page shows the
// hash of that list, and finds a file that is not the one listed. And it works where there is no network.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { software } from '../../src/adapters/software.ts'
import { buildWeb, ensureWeb } from '../../src/adapters/web-assets.ts'
import { browserFor, fileOf } from '../support/browser.ts'
import { storedVectors } from '../support/vectors.ts'
import { bill } from './bill.ts'
import { startFakeApi } from './fake-api.ts'
import { stage } from './stage.ts'

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')
const listOf = (folder: string): string => readFileSync(join(folder, 'files.sha256'), 'utf8')
const available = browserFor('the built pages in a browser')

describe('the build of the pages', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'chargeproof-build-'))
  afterAll(() => rmSync(scratch, { recursive: true }))

  it('is the same bytes wherever and whenever it is made', { timeout: 60_000 }, async () => {
    const again = join(scratch, 'again')
    await buildWeb(again)
    expect(listOf(again)).toBe(listOf(await ensureWeb()))
  })

  it('names every one of its files with its hash, as sha256sum does', async () => {
    const folder = await ensureWeb()
    const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
    const names = files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    const listed = names.filter((name) => name !== 'files.sha256' && name !== 'sources.sha256').sort()
    expect(listOf(folder)).toBe(listed.map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`).join(''))
  })

  describe.skipIf(!available)('in a browser', () => {
    const on = stage()

    it('is loaded with at most 200 kB in its longest language, as gzip packs it, before a PDF or a picture is opened', async () => {
      const folder = await ensureWeb()
      const sizeOf = (path: string): number => gzipSync(readFileSync(join(folder, path)), { level: 9 }).length
      const texts = readdirSync(join(folder, 'assets')).filter((name) => name.startsWith('text-'))
      const [dearest = ''] = texts.sort((a, b) => sizeOf(join('assets', b)) - sizeOf(join('assets', a)))
      const { page, requests } = await on.open('/verify', { fresh: true, locale: dearest.slice('text-'.length, 'text-xx'.length) })
      // kept for work without a network, in whatever words
      await page.locator('.foot .mark.good').nth(1).waitFor()
      await page.setInputFiles(
        'input[type=file]',
        bill(2).map(({ name, text }) => fileOf(name, text)),
      )
      await page.locator('.verdict').waitFor()
      const paths = new Set(requests.map((address) => new URL(address).pathname))
      const kilobytes = [...paths].reduce((sum, path) => sum + sizeOf(path === '/verify' ? 'verify.html' : path), 0) / 1000
      expect([...paths].filter((path) => path.includes('/text-'))).toEqual([`/assets/${dearest}`])
      console.log(`web: ${paths.size} files, ${kilobytes.toFixed(1)} kB as gzip packs them`)
      expect([...paths].filter((path) => path.endsWith('.wasm'))).toEqual([])
      expect(paths.size).toBeGreaterThan(5)
      expect(kilobytes).toBeLessThan(200)
    })

    it('works when its server is gone, pictures included once they were asked for, and asks nobody else', async () => {
      const api = await startFakeApi({ web: await ensureWeb(), token: 'x' })
      const { page, requests, complaints } = await on.open(undefined, { fresh: true, complains: true })
      await page.goto(`${api.url}/verify`)
      await page.getByRole('button', { name: /Keep the reading of pictures/ }).click()
      await page.getByText('All of it works without a network.').waitFor()
      await api.close()
      await page.reload()
      const picture = storedVectors().find(({ name }) => name === 'qr/whole')
      expect(picture).toBeDefined()
      await page.setInputFiles(
        'input[type=file]',
        (picture?.question ?? []).map(({ name, bytes }) => fileOf(name, bytes)),
      )
      await page.locator('.verdict.good').waitFor()
      expect(requests.filter((address) => !address.startsWith(api.url))).toEqual([])
      // the browser itself asks whether there is a newer service worker, and says that it found none
      expect(complaints.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([])
    })

    it('shows its hash, and says which file is not what the list says', async () => {
      const folder = join(scratch, 'altered')
      await cp(await ensureWeb(), folder, { recursive: true })
      const api = await startFakeApi({ web: folder, token: 'x' })
      const { page } = await on.open()
      await page.goto(`${api.url}/verify`)
      await page.getByRole('button', { name: 'Check its files' }).waitFor()
      const [shown, sources] = await page.locator('.foot code').allTextContents()
      expect(shown?.replaceAll(' ', '')).toBe(sha256(readFileSync(join(folder, 'files.sha256'))))
      // what reports of the command line say too
      expect(sources?.replaceAll(' ', '')).toBe(software().sources)
      await page.getByRole('button', { name: 'Check its files' }).click()
      await page.getByText(/^All \d+ files are those of this build/).waitFor()
      await writeFile(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
      await page.getByRole('button', { name: 'Check its files' }).click()
      await page.getByText('Not the files of this build: icon.svg').waitFor()
      await api.close()
    })
  })
})
