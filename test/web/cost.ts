// What something costs who looks at a page, on a machine that others may use meanwhile: not a clock for work that happens outside of the page's process.
import type { Page } from 'playwright-core'

/**
 * Milliseconds that the work takes by the clock of the page, or of the processor in the page's process (all its threads) where that is less. Who has a
 * processor waits no longer than these plus a frame; where others hold the processor the clock runs on, and says nothing of the page.
 * @param work gives its milliseconds by the clock
 */
export const costOf = async (page: Page, work: () => Promise<number>): Promise<number> => {
  const before = await processorOf(page)
  const clock = await work()
  return Math.min(clock, (await processorOf(page)) - before)
}

/** Milliseconds of processor that the page's process has taken since it began; browsers tell it in tens. */
export const processorOf = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  await session.detach()
  const seconds = metrics.find(({ name }) => name === 'ProcessTime')?.value
  if (seconds === undefined) throw new Error('expected the browser to tell the processor time of the page')
  return seconds * 1000
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
