// Live values as the API tells of them, and as the dashboard shows them: what came last, how often, and who missed what.
import { describe, expect, it } from 'vitest'
import { rateOf, readFileWays, readLive } from '../../apps/web/dashboard/streams-model.ts'
import { browserFor } from '../support/browser.ts'
import { stage } from './stage.ts'

describe('live values', () => {
  it('are read with care', () => {
    const last = { value: '11000', at: '1970-01-01T00:00:05Z' }
    expect(
      readLive({ streams: [{ station: 'cs-1', id: 3, last, values: 7, perSecond: 0.2, pending: 1 }], readers: [{ node: 'gw' }] }),
    ).toEqual({
      streams: [{ station: 'cs-1', id: 3, value: '11000', at: 5_000, values: 7, perSecond: 0.2, pending: 1 }],
      readers: [{ node: 'gw', feed: '', waiting: 0, missed: 0, paused: false }],
    })
    expect(readLive({ streams: [{ last: { value: 'x'.repeat(2_500) } }] }).streams[0]?.value).toHaveLength(64)
    expect(readLive(null)).toEqual({ streams: [], readers: [] })
  })

  it('and files on their way with their rate', () => {
    const way = { direction: 'in', node: 'lc1', name: 'a.log', done: 5, total: 9 }
    expect(readFileWays([way, { direction: 'up' }])).toEqual([
      { direction: 'in', node: 'lc1', name: 'a.log', done: 5, all: 9 },
      { direction: 'out', node: '', name: '', done: 0, all: 0 },
    ])
    expect(rateOf({ at: 1_000, done: 100 }, 3_000, { done: 500 })).toBe(200)
    expect(rateOf({ at: 1_000, done: 100 }, 1_000, { done: 500 })).toBe(0)
  })
})

describe.skipIf(!browserFor('live values'))('the panel of streams in a browser', () => {
  const on = stage()

  it('shows what came last of each station, how often, and who pauses and missed what', async () => {
    const { page } = await on.open('/#token=secret')
    const rows = (name: string) => page.getByRole('group', { name }).locator('tbody tr')
    const values = rows('Live values')
    await values.first().waitFor()
    const [first, second] = await values.allTextContents()
    expect(first).toMatch(/^cs-11\d{5}.*9\.91,\d{3}0$/)
    expect(second).toBe('cs-240.0012')
    const before = await values.first().locator('td').nth(1).textContent()
    await expect.poll(() => values.first().locator('td').nth(1).textContent(), { timeout: 10_000 }).not.toBe(before)
    expect(await rows('Readers of live events').allTextContents()).toEqual(['gatewayperiodicreads00', 'gridjournalpaused4,194,300381'])
  })

  it('shows files on their way with how far, how fast and how long still', async () => {
    const { page } = await on.open('/#token=secret')
    const row = page.locator('.streams li', { hasText: 'firmware/cs-2.4.bin' })
    await row.getByText('left at this pace').waitFor()
    expect(await row.textContent()).toMatch(/to lc2.*MiB of 61\.0 MiB.*[1-9][\d.]* (KiB|MiB)\/s\d+:\d\d left at this pace/)
    expect(await page.locator('.streams li', { hasText: 'boot.log' }).textContent()).toContain('from lc10 B of 20.0 KiB0 B/s')
  })
})
