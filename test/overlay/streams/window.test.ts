// How much may be under way: measured over a line of a rate and a length that the test knows.
import { expect, it } from 'vitest'
import { LinkWindow } from '../../../src/overlay/streams/window.ts'
import { virtualClock } from '../../support/virtual-clock.ts'

const FRAME = 16_410

/** Sends frames for so long over a line, as fast as the window allows; resolves with the longest time that one stood in the line. */
const over = async (bytesPerMs: number, oneWayMs: number, ms: number) => {
  const clock = virtualClock()
  const window = new LinkWindow(clock)
  let [free, sent, taken, longest] = [clock.now(), 0, 0, 0]
  const from = clock.now()
  const pump = (): void => {
    while (window.fits(FRAME)) {
      window.sent(FRAME)
      sent += FRAME
      free = Math.max(free, clock.now()) + FRAME / bytesPerMs
      longest = clock.now() - from > ms / 2 ? Math.max(longest, free - clock.now()) : 0
      const upto = sent
      clock.after(free - clock.now() + 2 * oneWayMs, () => {
        window.took(upto)
        taken = upto
        pump()
      })
    }
  }
  pump()
  await clock.advance(ms)
  return { window, longest, used: taken / (bytesPerMs * ms) }
}

it.each([
  ['2 Mbit/s next door', 250, 1],
  ['2 Mbit/s, 40 ms away', 250, 40],
  ['20 Mbit/s, 20 ms away', 2_500, 20],
  ['100 Mbit/s, 150 ms away', 12_500, 150],
])('%s: the line is used, and what stands in it is gone in a fifth of a second', async (_name, bytesPerMs, oneWayMs) => {
  const { longest, used } = await over(bytesPerMs, oneWayMs, 40_000)
  expect(used).toBeGreaterThan(0.8)
  expect(longest).toBeLessThan(200)
})

it('a line that is slower than one frame in a tenth of a second still moves', async () => {
  const { used } = await over(20, 5, 60_000)
  expect(used).toBeGreaterThan(0.8)
})

it('never more than 4 MiB are under way, and never less than a frame', async () => {
  const { window } = await over(1_000_000, 0, 100)
  expect(window.size).toBe(4 * 1024 * 1024)
})

it('who takes more than was sent, or less than before, lies', () => {
  const window = new LinkWindow(virtualClock())
  window.sent(FRAME)
  expect(() => window.took(FRAME + 1)).toThrowError(expect.objectContaining({ code: 'frame-malformed' }))
  window.took(FRAME)
  expect(() => window.took(FRAME - 1)).toThrowError(expect.objectContaining({ code: 'frame-malformed' }))
})

it('a line that carries bursts and pauses between them is not taken for a fast one', async () => {
  const clock = virtualClock()
  const window = new LinkWindow(clock)
  const line: number[] = []
  let longest = 0
  const pump = (): void => {
    while (window.fits(FRAME)) {
      window.sent(FRAME)
      line.push(clock.now())
    }
  }
  // four frames at once, and nothing for as long as 2 Mbit/s take for them
  let taken = 0
  const burst = (): void => {
    for (const sent of line.splice(0, 4)) {
      if (clock.now() - Date.UTC(2025, 0, 1) > 10_000) longest = Math.max(longest, clock.now() - sent)
      taken += FRAME
      window.took(taken)
      pump()
    }
    clock.after((4 * FRAME) / 250, burst)
  }
  pump()
  burst()
  await clock.advance(20_000)
  // a pause is in it, and a second one where the window was full at its beginning
  expect(longest).toBeLessThan(2 * ((4 * FRAME) / 250) + 1)
  expect(window.size).toBeLessThan(128 * 1024)
})
