// The icons of the installed page, drawn from apps/web/public/icon.svg: for systems that take pictures of a fixed size only. Run after a change of the drawing:
// `node tools/icons.ts`, with Chromium at $CHROMIUM or /usr/bin/chromium. What it writes is kept beside the drawing, so that a build needs no browser.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const FOLDER = new URL('../apps/web/public/', import.meta.url)
/** A mask cuts the corners itself, and leaves a circle of four fifths: the drawing stays within, and its ground goes to the edge. */
const ICONS = [
  { file: 'icon-192.png', size: 192, toTheEdge: false },
  { file: 'icon-512.png', size: 512, toTheEdge: false },
  { file: 'icon-maskable-512.png', size: 512, toTheEdge: true },
] as const

const drawing = readFileSync(new URL('icon.svg', FOLDER), 'utf8')
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
for (const { file, size, toTheEdge } of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const svg = toTheEdge ? drawing.replace(' rx="8"', '') : drawing
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: 100vw }</style>${svg}`)
  await page.screenshot({ path: fileURLToPath(new URL(file, FOLDER)), omitBackground: true })
  await page.close()
}
await browser.close()
