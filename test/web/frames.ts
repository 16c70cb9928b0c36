// True frames a second, by the clock, while a list of a thousand sessions is scrolled by a gesture, as by a wheel; in the same run, by turns, an
// empty box of the same size in an empty page: what this browser makes of this machine at that moment. The test (speed.test.ts) goes by processor time.
// Usage: node test/web/frames.ts [seconds], with Chromium at $CHROMIUM or /usr/bin/chromium. Ends with 1 below 50 frames a second.
import type { Page } from 'playwright-core'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { fileOf, startBrowser, watchedPage } from '../support/browser.ts'
import { billInOne } from './bill.ts'
import { startFakeApi } from './fake-api.ts'

const WANTED = 50
const TURNS = 3
/** Pixels a second: forty of a thousand entries, which nobody reads meanwhile. */
const SPEED = 2_400
const BOX = '.long-list'

/** A box as large as the list, with as much to scroll, and nothing in it. */
const EMPTY = `(width, height) => {
  const box = document.body.appendChild(document.createElement('div'))
  box.className = 'long-list'
  Object.assign(box.style, { width: width + 'px', height: height + 'px', overflow: 'auto' })
  box.appendChild(document.createElement('div')).style.height = '58000px'
}`

/** Notes the time of each frame, and whether an entry stands where the list was scrolled to. Runs in the page until it is told to stop. */
const WATCH = `(() => {
  const list = document.querySelector('${BOX}')
  const times = []
  let bare = 0
  let on = true
  const step = (time) => {
    times.push(time)
    if (on) requestAnimationFrame(step)
    // looking costs time too, and only this page is looked at
    if (times.length % 4 !== 0) return
    const { top, left } = list.getBoundingClientRect()
    // two places: one may be the line between two entries
    if (![30, 40].some((down) => document.elementFromPoint(left + 30, top + down)?.closest('[role=option]'))) bare++
  }
  requestAnimationFrame(step)
  globalThis.stopWatching = () => {
    on = false
    return { times, bare, top: list.scrollTop }
  }
})()`

interface Watched {
  readonly times: readonly number[]
  readonly bare: number
  readonly top: number
}

const scrolled = async (page: Page, seconds: number): Promise<Watched> => {
  const session = await page.context().newCDPSession(page)
  const box = await page.locator(BOX).boundingBox()
  if (box === null) throw new Error('expected a list')
  await page.evaluate(`document.querySelector('${BOX}').scrollTop = 0`)
  await page.evaluate(WATCH)
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  await session.send('Input.synthesizeScrollGesture', { ...middle, yDistance: -SPEED * seconds, speed: SPEED, gestureSourceType: 'mouse' })
  const seen = await page.evaluate<Watched>('stopWatching()')
  await session.detach()
  if (seen.top < SPEED * seconds * 0.8) throw new Error(`expected the list to scroll, it stands at ${seen.top}`)
  return seen
}

interface Figures {
  readonly rate: number
  /** ms that a frame takes at most, in 99 of 100. */
  readonly late: number
  readonly bare: number
}

const figuresOf = ({ times, bare }: Watched): Figures => {
  const waits = times.slice(1).map((time, i) => time - (times[i] ?? time))
  const late = [...waits].sort((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? Number.NaN
  return { rate: (waits.length / waits.reduce((sum, wait) => sum + wait, 0)) * 1000, late, bare }
}

const told = ({ rate, late }: Figures): string => `${rate.toFixed(1)} frames a second, 99 of 100 within ${late.toFixed(1)} ms`

const middleOf = (all: readonly Figures[]): number => [...all].map(({ rate }) => rate).sort((a, b) => a - b)[all.length >> 1] ?? 0

const seconds = Number(process.argv[2] ?? 4)
const api = await startFakeApi({ web: await ensureWeb(), token: 'secret' })
// one for each: a page behind another gets no frames
const browsers = [await startBrowser(), await startBrowser()] as const
const look = { viewport: { width: 1280, height: 800 } }
try {
  const { page: list } = await watchedPage(browsers[0], look)
  await list.goto(`${api.url}/verify`)
  const { name, text } = billInOne(1000)
  await list.setInputFiles('input[type=file]', [fileOf(name, text)])
  await list.locator('[role=option][aria-setsize="1000"]').first().waitFor({ timeout: 60_000 })
  const { page: empty } = await watchedPage(browsers[1], look)
  const box = await list.locator(BOX).boundingBox()
  await empty.evaluate(`(${EMPTY})(${box?.width}, ${box?.height})`)
  const [all, yardstick]: [Figures[], Figures[]] = [[], []]
  for (let turn = 0; turn < TURNS; turn++) {
    const [ours, theirs] = [figuresOf(await scrolled(list, seconds)), figuresOf(await scrolled(empty, seconds))]
    console.log(`a thousand sessions: ${told(ours)}, ${ours.bare} looks that found no entry`)
    console.log(`an empty box:        ${told(theirs)}`)
    all.push(ours)
    yardstick.push(theirs)
  }
  const [ours, theirs] = [middleOf(all), middleOf(yardstick)]
  console.log(
    `a thousand sessions make ${ours.toFixed(1)} frames a second where an empty box makes ${theirs.toFixed(1)} (${WANTED} wanted)`,
  )
  process.exitCode = ours >= WANTED ? 0 : 1
} finally {
  await Promise.all(browsers.map((browser) => browser.close()))
  await api.close()
}
