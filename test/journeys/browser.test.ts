// The main job as a person sees it: start the park, watch the stations appear, run a session, take its record, drop it on the
// page, flip a byte, drop it again. In a real browser; skipped, with one line, where there is none.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { browserFor, sharedBrowser } from '../support/browser.ts'
import { freePorts } from '../support/ports.ts'
import { type Running, run } from '../support/process.ts'

const available = browserFor('the journey from a station to a verdict')

describe.skipIf(!available)('from a station to a verdict on the screen', () => {
  let park: Running
  let browser: Browser
  let base: number
  const data = mkdtempSync(join(tmpdir(), 'chargeproof-browser-'))

  beforeAll(async () => {
    await ensureWeb()
    base = await freePorts(10)
    park = run(['park', '--base-port', String(base), '--data', data])
    browser = await sharedBrowser()
    await park.ready()
  }, 60_000)
  afterAll(async () => {
    await park?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  /** Drops a file on the page as a hand with a mouse would. */
  const drop = async (page: Page, name: string, text: string): Promise<void> => {
    // as text: it runs in the page, whose types these tests do not know
    const files = `const transfer = new DataTransfer(); transfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)})); return transfer`
    const transfer = await page.evaluateHandle(`(() => { ${files} })()`)
    await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer })
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
  }

  it('shows a running session as its meter signs it, checked as the values arrive', { timeout: 60_000 }, async () => {
    const page = await browser.newPage()
    await page.goto(/ready (\S+)/.exec(park.out())?.[1] ?? 'no ready line')
    await page.getByText('6 / 6').waitFor()
    const token = await page.evaluate('Object.values(sessionStorage)[0]')
    const call = { action: 'ChangeConfiguration', payload: { key: 'MeterValueSampleInterval', value: '1' } }
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const address = `http://127.0.0.1:${base}/api/v1/stations/cs-16-a/calls`
    const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(call) })
    expect(await answer.json()).toMatchObject({ payload: { status: 'Accepted' } })

    await page.getByRole('button', { name: /A car arrives/ }).click()
    await page.getByRole('button', { name: /^Signed values of/ }).click()
    const live = page.locator('.live-session')
    await live.getByText('Energy until').waitFor()
    const energy = () => live.locator('.facts dd').first().textContent()
    const before = await energy()
    await expect.poll(energy, { timeout: 10_000 }).not.toBe(before)
    expect(await live.locator('.verdict').textContent()).toContain('Incomplete')
    await live.getByText('Every record bears a good signature.').waitFor()

    await page.getByRole('button', { name: /A car leaves/ }).click()
    await live.locator('.verdict.good').waitFor()
    expect(await live.locator('.facts').textContent()).not.toContain('until')
    await live.getByRole('button', { name: 'Close' }).click()
    expect(await live.count()).toBe(0)
    await page.close()
  })

  it('shows six stations, runs a session, and judges its record, and the same record with one byte flipped', {
    timeout: 60_000,
  }, async () => {
    const page = await browser.newPage()
    // the address the park prints carries the operators' token, and the page takes it off
    await page.goto(/ready (\S+)/.exec(park.out())?.[1] ?? 'no ready line')
    await page.getByText('6 / 6').waitFor()
    expect(page.url()).toBe(`http://127.0.0.1:${base}/`)
    for (const station of ['cs-16-a', 'cs-16-b', 'cs-201-a', 'cs-201-b', 'cs-21-a', 'cs-21-b'])
      expect(await page.getByText(station).count()).toBeGreaterThan(0)

    await page.getByRole('button', { name: /A car arrives/ }).click()
    await page.getByText('charging', { exact: true }).waitFor()
    await page.getByRole('button', { name: /A car leaves/ }).click()
    // a session that runs has a record too: of what was signed so far
    await page.getByText('charging', { exact: true }).waitFor({ state: 'detached' })
    const link = page.getByRole('link', { name: /Verify the record/ }).first()
    await link.waitFor()
    const address = decodeURIComponent(new URL((await link.getAttribute('href')) ?? '', page.url()).hash.replace('#record=', ''))

    const token = await page.evaluate('Object.values(sessionStorage)[0]')
    const answer = await fetch(`http://127.0.0.1:${base}${address}`, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(200)
    const record = await answer.text()

    await page.goto(`http://127.0.0.1:${base}/verify`, { waitUntil: 'networkidle' })
    // from here on the page needs nobody
    await page.context().setOffline(true)
    await drop(page, 'record.xml', record)
    await page.locator('.verdict.good').waitFor()
    expect(await page.locator('.verdict').textContent()).toContain('Valid')
    await page.getByRole('button', { name: 'Remove all' }).click()

    // the last digit of the first reading, in XML that may write its quotes as entities
    const altered = record.replace(/(RV\W[^\d]*[\d.]*)(\d)/, (_, before: string, digit: string) => `${before}${(Number(digit) + 1) % 10}`)
    expect(altered).not.toBe(record)
    await drop(page, 'altered.xml', altered)
    await page.locator('.verdict.bad').waitFor()
    expect(await page.locator('.verdict').textContent()).toContain('Invalid')
    await page.getByText('signature-invalid').first().waitFor()
    expect(await page.locator('main').textContent()).toContain('altered after the measurement')
    await page.close()
  })
})
