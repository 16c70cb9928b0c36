// Live values as the API tells of them, and as the dashboard shows them: what came last, how often, and who missed what.
import { describe, expect, it } from 'vitest'
import { readLive } from '../../apps/web/dashboard/streams-model.ts'
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
})
