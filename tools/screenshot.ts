// Takes the README's picture of the dashboard: a park with cars charging, orders refused, the line of lc1 alive.
// Usage: node tools/screenshot.ts [docs/dashboard.png], with Chromium at $CHROMIUM or /usr/bin/chromium.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { Park } from '../apps/park/park.ts'
import { logger } from '../src/adapters/log.ts'
import { ensureWeb } from '../src/adapters/web-assets.ts'

const path = process.argv[2] ?? 'docs/dashboard.png'
const dataDir = mkdtempSync(join(tmpdir(), 'chargeproof-picture-'))
const park = await Park.start({
  basePort: 18_980,
  dataDir,
  token: 'picture',
  log: logger('fatal'),
  webFolder: await ensureWeb(),
  meterIntervalSeconds: 2,
})
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' })
  await page.goto(`http://127.0.0.1:18980/#token=picture`)
  for (const event of [
    'car-arrives',
    'car-arrives',
    'car-arrives',
    'car-arrives',
    'car-arrives',
    'grid-limit',
    'stranger-order',
    'replayed-order',
  ])
    await park.events.run(event)
  // long enough for the chart and the stream to have something to show
  await page.waitForTimeout(30_000)
  await page.screenshot({ path, fullPage: true })
} finally {
  await browser.close()
  await park.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
