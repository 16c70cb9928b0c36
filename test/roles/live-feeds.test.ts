// What a node tells live: its journal, and the values of the periodic event streams of its stations, each with its own time.
import { expect, it } from 'vitest'
import { type LiveEvents, type LiveRecord, readFeed } from '../../src/roles/event-feed.ts'
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
  const live = tellLive({ network: { watch, overlay: network.at('z') }, clock: network.clock, ...(withDesk && { desk }) })
  const tell = (event: NodeEvent) => {
    for (const watcher of watchers) watcher(event)
  }
  let events: LiveEvents
  const read = async (feed: string): Promise<LiveRecord[]> => {
    const heard: LiveRecord[] = []
    events = await readFeed(network.at('a').streams, 'z', { feed })
    void (async () => {
      for await (const record of events) heard.push(record)
    })()
    await network.clock.advance(100)
    return heard
  }
  return { clock: network.clock, say, live, tell, read, reader: () => events }
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
  const { clock, live, tell, read } = await setUp()
  const heard = await read(JOURNAL_FEED)
  const row = { seq: 1, at: 5, node: 'z', previous: '', kind: 'station', subject: 'cs', text: 'is back' } as const
  tell({ type: 'journal', data: row })
  await clock.advance(1_000)
  expect(heard).toEqual([{ seq: 1, at: 5, subject: 'cs', event: row }])
  live.stop()
  tell({ type: 'journal', data: row })
  await clock.advance(1_000)
  expect(heard).toHaveLength(1)
})

it('a node without stations’ reports has no feed of them', async () => {
  const { read } = await setUp({ withDesk: false })
  expect(await caught(read(PERIODIC_FEED))).toMatchObject({ message: expect.stringContaining('there are journal') })
})

it('shows what came last of each stream, how often, what is held back, and who reads how much of it', async () => {
  const { clock, say, read, reader, live } = await setUp()
  await read(PERIODIC_FEED)
  const open = (id: number) => say('OpenPeriodicEventStream', { constantStreamData: { id, variableMonitoringId: id, params: {} } })
  await open(3)
  await open(4)
  const told = (id: number, data: { t: number; v: string }[], pending = 0) =>
    say('NotifyPeriodicEventStream', { id, pending, basetime: BASE, data })
  for (let i = 0; i < 20; i++) {
    await told(3, [
      { t: i, v: `${i}` },
      { t: i + 0.5, v: `${i}.5` },
    ])
    await clock.advance(500)
  }
  await told(4, [{ t: 1e300, v: 'of a clock that is none' }], 12)
  const at = Date.parse(BASE)
  expect(live.streams()).toEqual([
    { station: 'CS1', id: 3, last: { value: '19.5', at: at + 19_500 }, values: 40, perSecond: expect.closeTo(4, 0), pending: 0 },
    { station: 'CS1', id: 4, values: 1, perSecond: 0.2, pending: 12 },
  ])
  expect(live.readers()).toEqual([{ feed: PERIODIC_FEED, node: 'a', waiting: 0, missed: 0, paused: false }])
  await reader().pause()
  await clock.advance(100)
  for (let i = 0; i < 20; i++)
    await told(
      3,
      Array.from({ length: 100 }, (_, t) => ({ t, v: 'x'.repeat(2_400) })),
    )
  const [paused] = live.readers()
  expect(paused).toMatchObject({ paused: true, missed: expect.any(Number) })
  expect(paused?.missed).toBeGreaterThan(100)
  expect(paused?.waiting).toBeLessThanOrEqual(4 * 1024 * 1024)
  await reader().resume()
  await clock.advance(5_000)
  // what was missed stays to be seen when the reader was told
  expect(live.readers()).toEqual([{ ...paused, paused: false, waiting: 0 }])
  await clock.advance(20_000)
  expect(live.streams().map(({ perSecond }) => perSecond)).toEqual([0, 0])
  await say('ClosePeriodicEventStream', { id: 3 })
  expect(live.streams().map(({ id }) => id)).toEqual([4])
})

it('keeps so many streams, and gives up the one that was silent for longest', async () => {
  const { say, live } = await setUp()
  for (let id = 0; id < 1_001; id++) {
    await say('NotifyPeriodicEventStream', { id, pending: 0, basetime: BASE, data: [{ t: 0, v: 'x' }] })
    if (id === 999) await say('NotifyPeriodicEventStream', { id: 0, pending: 0, basetime: BASE, data: [{ t: 0, v: 'y' }] })
  }
  const ids = live.streams().map(({ id }) => id)
  expect([ids.length, ids.includes(0), ids.includes(1), ids.includes(1_000)]).toEqual([1_000, true, false, true])
})
