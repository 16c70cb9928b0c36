// What never arrived: numbers that stay away, and silence, each within ten seconds; and what only is late, or comes again.
import { describe, expect, it } from 'vitest'
import type { Count } from '../../src/overlay/count.ts'
import type { JournalEntry } from '../../src/overlay/journal.ts'
import { Arrivals } from '../../src/roles/arrivals.ts'
import { virtualClock } from '../support/virtual-clock.ts'

const PATH = ['cs', 'lc', 'gateway']
/** A station that speaks every five seconds. */
const setUp = () => {
  const clock = virtualClock()
  const rows: JournalEntry[] = []
  const world = { online: true, keeper: undefined as string | undefined }
  const arrivals = new Arrivals({
    clock,
    isOnline: () => world.online,
    keeper: (_origin, path) => (path === PATH ? world.keeper : undefined),
    missed: (entry) => rows.push(entry),
  })
  let lastIat = 0
  const says = (cnt: Count, iat = ++lastIat): void => arrivals.heard({ iss: 'cs', iat, cnt: { due: 5, ...cnt } }, PATH)
  const event = (own: number, top = own): void => says({ own, low: own, top })
  const beat = (low: number, top = low - 1): void => says({ low, top })
  const alarms = (): string[] => rows.map(({ rule, data }) => `${rule} ${(data as { missing?: string }).missing ?? ''}`.trim())
  /** Seconds in which the station says what it said last, as its heartbeat does. */
  const beating = async (seconds: number, low: number, top = low - 1): Promise<void> => {
    for (let i = 0; i < seconds; i += 5) {
      beat(low, top)
      await clock.advance(5_000)
    }
  }
  return { clock, rows, world, arrivals, says, event, beat, beating, alarms }
}

describe('who is followed by number', () => {
  it('and says all in order gives no alarm, whatever the pace', async () => {
    const { event, beating, alarms } = setUp()
    for (let i = 1; i <= 50; i++) event(i)
    await beating(60, 51)
    event(51, 60)
    for (let i = 52; i <= 60; i++) event(i)
    await beating(60, 61)
    expect(alarms()).toEqual([])
  })

  it('is missed within ten seconds after one message was dropped, once, by number and way', async () => {
    const { clock, event, beat, rows, beating, alarms } = setUp()
    event(7)
    // 8 was said now, and held back; the heartbeat after it is the first to tell
    await clock.advance(5_000)
    beat(8, 8)
    await clock.advance(5_000)
    expect(rows).toMatchObject([{ kind: 'security', subject: 'cs', rule: 'reports-missing', data: { missing: '8', path: PATH } }])
    expect(rows[0]?.text).toBe('messages 8 of cs were said and never arrived, over cs > lc > gateway')
    await beating(30, 8, 8)
    expect(alarms()).toEqual(['reports-missing 8'])
  })

  it('is missed where somebody answered in the place of the addressee and let the message vanish', async () => {
    const { event, beating, alarms } = setUp()
    event(1)
    event(3)
    event(6)
    await beating(10, 10)
    expect(alarms()).toEqual(['reports-missing 2, 4-5, 7-9'])
  })

  it('is not missed while a long queue goes out, and not while a controller says that it keeps the messages', async () => {
    const { clock, world, event, beat, beating, alarms } = setUp()
    for (let i = 1; i <= 30; i++) {
      event(i, 30)
      await clock.advance(2_000)
    }
    world.keeper = 'lc'
    await beating(120, 41, 40)
    world.keeper = undefined
    for (let i = 31; i <= 40; i++) event(i, 40)
    await beating(30, 41)
    expect(alarms()).toEqual([])
    beat(43, 42)
    await beating(10, 43)
    expect(alarms()).toEqual(['reports-missing 41-42'])
  })

  it('is missed after ten minutes in which a controller kept it and none of it came', async () => {
    const { world, event, beating, alarms, rows } = setUp()
    event(1)
    world.keeper = 'lc'
    await beating(590, 3, 2)
    expect(alarms()).toEqual([])
    await beating(20, 3, 2)
    expect(alarms()).toEqual(['reports-missing 2'])
    expect(rows[0]?.text).toMatch(/, though lc says that it keeps them$/)
  })

  it('begins where this node first heard of it, and anew where its store is gone', async () => {
    const { event, beating, alarms } = setUp()
    event(900)
    await beating(10, 901)
    event(1)
    event(3)
    await beating(10, 4)
    expect(alarms()).toEqual(['reports-missing 2'])
  })

  it('is not freed of a gap, nor kept alive, by what it said before', async () => {
    const { clock, says, event, alarms } = setUp()
    event(1)
    event(2)
    const old = { own: 1, low: 1, top: 1 }
    event(4)
    for (let i = 0; i < 10; i++) {
      says(old, 1)
      await clock.advance(1_000)
    }
    expect(alarms()).toEqual(['reports-missing 3', 'reports-silent'])
  })

  it('is nobody who says no count, or a false one', async () => {
    const { arrivals, rows, clock } = setUp()
    for (const cnt of [
      undefined,
      null,
      7,
      'x',
      {},
      { low: 5, top: 3 },
      { low: -1, top: 0 },
      { low: 1, top: 2, own: 3 },
      { low: 1, top: 2, due: 'x' },
    ])
      arrivals.heard({ iss: 'cs', iat: 1, cnt: cnt as never }, PATH)
    await clock.advance(60_000)
    expect(rows).toEqual([])
  })
})

describe('silence', () => {
  it('is not believed by who was held up itself, and has not read what came meanwhile', async () => {
    const clock = virtualClock()
    const rows: JournalEntry[] = []
    let heldUp = 0
    const own = { ...clock, now: () => clock.now() + heldUp, after: clock.after.bind(clock) }
    const world = { isOnline: () => true, keeper: () => undefined, missed: (entry: JournalEntry) => rows.push(entry) }
    const arrivals = new Arrivals({ clock: own, ...world })
    const beat = (iat: number): void => arrivals.heard({ iss: 'cs', iat, cnt: { low: 1, top: 0, due: 5 } }, PATH)
    beat(1)
    await clock.advance(3_000)
    heldUp = 30_000
    await clock.advance(2_000)
    beat(2)
    await clock.advance(8_000)
    expect(rows).toEqual([])
    await clock.advance(2_000)
    expect(rows).toMatchObject([{ rule: 'reports-silent' }])
  })

  it('of who speaks every five seconds is written down within ten, once', async () => {
    const { clock, event, rows, alarms } = setUp()
    event(1)
    await clock.advance(10_000)
    expect(alarms()).toEqual(['reports-silent'])
    expect(rows[0]?.text).toBe('nothing of cs arrived for 9 s, and it speaks every 5 s, over cs > lc > gateway')
    await clock.advance(60_000)
    expect(rows).toHaveLength(1)
    event(2)
    await clock.advance(10_000)
    expect(rows).toHaveLength(2)
  })

  it('is none while the way is down, nor at once when it is back', async () => {
    const { clock, world, event, alarms } = setUp()
    event(1)
    world.online = false
    await clock.advance(600_000)
    world.online = true
    await clock.advance(8_000)
    expect(alarms()).toEqual([])
    await clock.advance(2_000)
    expect(alarms()).toEqual(['reports-silent'])
  })
})
