// Live events over a network of memory links: in order, at the reader's pace, and never missing without a word.
import { describe, expect, it } from 'vitest'
import { EventFeed, type LiveEvents, type LiveRecord, offerFeeds, readFeed } from '../../src/roles/event-feed.ts'
import { line } from '../overlay/streams/support.ts'
import { caught } from '../overlay/support.ts'

const setUp = async (limits = {}) => {
  const network = await line(2)
  const feed = new EventFeed(limits)
  offerFeeds(network.at('z').streams, { journal: feed })
  const heard: LiveRecord[] = []
  const read = async (stations?: readonly string[]): Promise<LiveEvents> => {
    const events = await readFeed(network.at('a').streams, 'z', { feed: 'journal', ...(stations && { stations }) })
    void (async () => {
      for await (const record of events) heard.push(record)
    })().catch(() => undefined)
    await network.clock.advance(100)
    return events
  }
  const tell = (count: number, subject = 'cs') => {
    for (let i = 0; i < count; i++) feed.tell(network.clock.now(), subject, { value: i })
  }
  const numbers = () => heard.flatMap((record) => ('seq' in record ? [record.seq] : []))
  return { network, feed, heard, read, tell, numbers }
}

describe('live events', () => {
  it('come in order, all of them, at 10,000 a second', async () => {
    const it = await setUp()
    await it.read()
    for (let second = 0; second < 3; second++)
      for (let slice = 0; slice < 20; slice++) {
        it.tell(500)
        await it.network.clock.advance(50)
      }
    await it.network.clock.advance(1_000)
    expect(it.numbers()).toEqual(Array.from({ length: 30_000 }, (_, i) => i + 1))
    expect(it.heard).toHaveLength(30_000)
  })

  it('wait while the reader pauses, and go on where they were', async () => {
    const it = await setUp()
    const events = await it.read()
    it.tell(10)
    await it.network.clock.advance(1_000)
    await events.pause()
    await it.network.clock.advance(1_000)
    it.tell(1_000)
    await it.network.clock.advance(5_000)
    expect(it.numbers()).toHaveLength(10)
    await events.resume()
    await it.network.clock.advance(1_000)
    expect(it.numbers()).toEqual(Array.from({ length: 1_010 }, (_, i) => i + 1))
  })

  it('that find no room are counted, in the place where they are missing', async () => {
    const it = await setUp({ waiting: 2_000 })
    const events = await it.read()
    await events.pause()
    await it.network.clock.advance(100)
    it.tell(100)
    await events.resume()
    await it.network.clock.advance(1_000)
    it.tell(5)
    await it.network.clock.advance(1_000)
    const gaps = it.heard.filter((record) => 'missed' in record)
    const missed = gaps.reduce((sum, gap) => sum + ('missed' in gap ? gap.missed : 0), 0)
    expect(gaps).toHaveLength(1)
    expect(missed + it.numbers().length).toBe(105)
    const place = it.heard.findIndex((record) => 'missed' in record)
    expect(it.heard[place]).toEqual({ missed, until: 100 })
    expect(it.numbers().slice(place)).toEqual([101, 102, 103, 104, 105])
  })

  it('are those of the stations that were asked for', async () => {
    const it = await setUp()
    await it.read(['cs-b'])
    it.tell(3, 'cs-a')
    it.tell(3, 'cs-b')
    await it.network.clock.advance(1_000)
    expect(it.numbers()).toEqual([4, 5, 6])
  })

  it('end with their reader, who leaves nothing behind', async () => {
    const it = await setUp()
    const events = await it.read()
    expect(it.feed.readers).toBe(1)
    const ended = events.end()
    await it.network.clock.advance(1_000)
    await ended
    expect(it.feed.readers).toBe(0)
  })

  it('are refused under a name that there is not, and to more readers than there may be', async () => {
    const it = await setUp({ readers: 1 })
    const open = (feed: string) => readFeed(it.network.at('a').streams, 'z', { feed })
    expect(await caught(open('toString'))).toMatchObject({ message: expect.stringContaining('no feed') })
    await it.read()
    expect(await caught(open('journal'))).toMatchObject({ message: expect.stringContaining('1 others read already') })
  })
})
