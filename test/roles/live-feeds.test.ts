// What a node tells live: its journal, and the values of the periodic event streams of its stations, each with its own time.
import { expect, it } from 'vitest'
import { type LiveRecord, readFeed } from '../../src/roles/event-feed.ts'
import { JOURNAL_FEED, PERIODIC_FEED, tellLive } from '../../src/roles/live-feeds.ts'
import type { NodeEvent } from '../../src/roles/network-settings.ts'
import { line } from '../overlay/streams/support.ts'
import { caught } from '../overlay/support.ts'
import { testDesk } from './support/test-desk.ts'

const BASE = '2026-01-01T00:00:00Z'

const setUp = async ({ withDesk = true } = {}) => {
  const network = await line(1)
  const { desk, say } = testDesk('ocpp2.1')
  const watchers = new Set<(event: NodeEvent) => void>()
  const watch = (watcher: (event: NodeEvent) => void) => {
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  }
  const stop = tellLive({ network: { watch, overlay: network.at('z') }, ...(withDesk && { desk }) })
  const tell = (event: NodeEvent) => {
    for (const watcher of watchers) watcher(event)
  }
  const read = async (feed: string): Promise<LiveRecord[]> => {
    const heard: LiveRecord[] = []
    const events = await readFeed(network.at('a').streams, 'z', { feed })
    void (async () => {
      for await (const record of events) heard.push(record)
    })()
    await network.clock.advance(100)
    return heard
  }
  return { clock: network.clock, say, stop, tell, read }
}

it('values of a station’s event stream come one by one, with their times', async () => {
  const { clock, say, read } = await setUp()
  const heard = await read(PERIODIC_FEED)
  const opened = { constantStreamData: { id: 3, variableMonitoringId: 1, params: { interval: 1, values: 2 } } }
  expect(await say('OpenPeriodicEventStream', opened)).toEqual({ status: 'Accepted' })
  const data = [
    { t: 0.5, v: '230.1' },
    { t: 1.5, v: '230.4' },
  ]
  await say('NotifyPeriodicEventStream', { id: 3, pending: 7, basetime: BASE, data })
  await clock.advance(1_000)
  const at = Date.parse(BASE)
  expect(heard).toEqual([
    { seq: 1, at: at + 500, subject: 'CS1', event: { id: 3, value: '230.1', pending: 7 } },
    { seq: 2, at: at + 1_500, subject: 'CS1', event: { id: 3, value: '230.4', pending: 7 } },
  ])
})

it('the journal comes as it is written, until the node stops telling', async () => {
  const { clock, stop, tell, read } = await setUp()
  const heard = await read(JOURNAL_FEED)
  const row = { seq: 1, at: 5, node: 'z', previous: '', kind: 'station', subject: 'cs', text: 'is back' } as const
  tell({ type: 'journal', data: row })
  await clock.advance(1_000)
  expect(heard).toEqual([{ seq: 1, at: 5, subject: 'cs', event: row }])
  stop()
  tell({ type: 'journal', data: row })
  await clock.advance(1_000)
  expect(heard).toHaveLength(1)
})

it('a node without stations’ reports has no feed of them', async () => {
  const { read } = await setUp({ withDesk: false })
  expect(await caught(read(PERIODIC_FEED))).toMatchObject({ message: expect.stringContaining('there are journal') })
})
