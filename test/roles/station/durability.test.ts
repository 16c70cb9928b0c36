// Lines that break, answers that are lost, power that fails, disks that are full: nothing that costs money is lost or told twice.
import { describe, expect, it } from 'vitest'
import { VERSIONS } from '../../../src/ocpp/version.ts'
import { BIG_CAR, bench, charge } from '../support/test-station.ts'
import { is16, signedStamps, signedTexts, steps, TRANSACTIONS, wireId } from '../support/transcript.ts'

describe.each(VERSIONS)('a %s station in trouble', (version) => {
  it('goes on while offline and tells everything afterwards: nothing lost, nothing doubled, in order', async () => {
    const it = await bench(version)
    const { csms, clock, station } = it
    await charge(it, 30_000)
    await csms.cut()
    await clock.advance(60_000)
    expect(station.online).toBe(false)
    expect(station.state[0]?.powerW).toBeGreaterThan(0)
    expect(await station.present(1, 'DEADBEEF')).toMatchObject({ status: 'Stopped' })
    await clock.advance(1000)
    // the next session begins and ends offline, on the strength of the cache
    station.unplug(1)
    await charge(it, 30_000)
    station.unplug(1)
    await clock.advance(1000)
    expect(station.queued).toBeGreaterThan(8)
    await csms.mend()
    await clock.advance(20_000)
    expect(station.queued).toBe(0)
    expect(csms.said('BootNotification')).toHaveLength(1)
    expect(csms.flaws).toEqual([])
    const ids = csms.heard.filter(({ action }) => TRANSACTIONS.includes(action)).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const begins = steps(it).flatMap((step, i) => (step === 'begin' ? [i] : []))
    expect(begins).toHaveLength(2)
    const sessions = [steps(it).slice(0, begins[1]), steps(it).slice(begins[1])]
    for (const session of sessions) expect(session.join(' ')).toMatch(/^begin( update)+ end$/)
    if (is16(version)) {
      expect(csms.said('StopTransaction').map(({ payload }) => payload.transactionId)).toEqual([100, 101])
      const values = csms.said('MeterValues').map(({ payload }) => payload.transactionId)
      expect(new Set(values)).toEqual(new Set([100, 101]))
    } else {
      const events = csms.said('TransactionEvent').map(({ payload }) => payload)
      for (const id of new Set(events.map(wireId))) {
        const own = events.filter((event) => wireId(event) === id)
        expect(own.map(({ seqNo }) => seqNo)).toEqual(own.map((_, i) => i))
      }
      expect(events.at(-1)).toMatchObject({ eventType: 'Ended', offline: true })
    }
    const stamps = signedStamps(it)
    expect(stamps.map(({ PG }) => PG)).toEqual(stamps.map((_, i) => `T${i + 1}`))
    expect(stamps.map(({ RD }) => RD[0].TX).join('')).toMatch(/^BC+EBC*E$/)
  })

  it('says a message again with the same id when its answer was lost', async () => {
    const it = await bench(version)
    const { csms, clock } = it
    const begin = is16(version) ? 'StartTransaction' : 'TransactionEvent'
    csms.replies.set(begin, () => 'ignore')
    await charge(it, 5000)
    await csms.cut()
    csms.replies.delete(begin)
    await csms.mend()
    await clock.advance(20_000)
    const attempts = csms.heard.filter(({ action }) => action === begin)
    expect(attempts.length).toBeGreaterThan(1)
    expect(attempts[1]?.id).toBe(attempts[0]?.id)
    expect(csms.said(begin).filter(({ payload }) => (payload.eventType ?? 'Started') === 'Started')).toHaveLength(1)
  })

  it('also after a time without an answer on a line that stands', async () => {
    const it = await bench(version)
    const begin = is16(version) ? 'StartTransaction' : 'TransactionEvent'
    let silent = true
    it.csms.replies.set(begin, () => (silent ? 'ignore' : undefined))
    await charge(it, 35_000)
    silent = false
    await it.clock.advance(10_000)
    const attempts = it.csms.heard.filter(({ action }) => action === begin)
    expect(attempts[1]?.id).toBe(attempts[0]?.id)
    await it.clock.advance(1000)
    expect(it.station.queued).toBe(0)
  })

  it('gives a message up after three refusals, and goes on with the next', async () => {
    const it = await bench(version)
    const begin = is16(version) ? 'StartTransaction' : 'TransactionEvent'
    let refusals = 3
    it.csms.replies.set(begin, () => (refusals-- > 0 ? { refuse: 'SecurityError' } : undefined))
    await charge(it, 60_000)
    it.station.unplug(1)
    await it.clock.advance(60_000)
    const [first] = it.csms.heard.filter(({ action }) => action === begin)
    expect(it.csms.heard.filter(({ id }) => id === first?.id)).toHaveLength(3)
    expect(it.log.filter((line) => line.includes('given up'))).toHaveLength(1)
    expect(steps(it).at(-1)).toBe('end')
    expect(it.station.queued).toBe(0)
    expect(it.csms.flaws).toEqual([])
    // a session without a number: its values go without one, its end says that there is none
    if (is16(version)) {
      expect(it.csms.last('MeterValues')).not.toHaveProperty('transactionId')
      expect(it.csms.last('StopTransaction').transactionId).toBe(-1)
    }
  })

  it('ends a session that a power cut broke, at the next boot, in order and by the last reading', async () => {
    const before = await bench(version)
    await charge(before, 30_000)
    const heardBefore = before.csms.said(...TRANSACTIONS)
    await before.csms.cut()
    await before.clock.advance(20_000)
    const queued = before.station.queued
    expect(queued).toBeGreaterThan(0)
    const after = await bench(version, { store: await before.store.copy(), clock: before.clock })
    await after.clock.advance(2000)
    expect(steps(after)).toHaveLength(queued + 1)
    expect(steps(after).at(-1)).toBe('end')
    expect(after.csms.heard[0]?.action).toBe('BootNotification')
    expect(after.station.state[0]).toMatchObject({ status: 'Available', energyWh: 0 })
    expect(after.station.queued).toBe(0)
    expect(after.csms.flaws).toEqual([])
    const last = after.csms.said(...TRANSACTIONS).at(-1)?.payload
    if (is16(version)) {
      // the number came before the cut, and is still known
      expect(last).toMatchObject({ transactionId: 100, reason: 'PowerLoss' })
    } else {
      const all = [...heardBefore, ...after.csms.said('TransactionEvent')].map(({ payload }) => payload)
      expect(all.map(({ seqNo }) => seqNo)).toEqual(all.map((_, i) => i))
      expect(last).toMatchObject({ triggerReason: 'AbnormalCondition', transactionInfo: { stoppedReason: 'PowerLoss' } })
    }
    const end = JSON.parse(signedTexts(after).at(-1)?.split('|')[1] ?? '')
    const told = [...signedStamps(before), ...signedStamps(after)].map(({ PG }) => PG)
    expect(end.PG).toBe(`T${new Set(told).size}`)
    expect(end.RD[0].TX).toBe('E')
    // the register is that of the last report before the cut, at most one interval old
    const { registerWh = 0 } = before.station.state[0] ?? {}
    expect(end.RD[0].RV * 1000).toBeGreaterThan(registerWh - 40)
    expect(end.RD[0].RV * 1000).toBeLessThanOrEqual(registerWh)
  })

  it('keeps the register and the session over a clean switch-off too', async () => {
    const before = await bench(version)
    await charge(before, 25_000)
    await before.station.stop()
    expect(before.csms.connected).toBe(false)
    const { registerWh } = before.station.state[0] ?? {}
    const after = await bench(version, { store: before.store, clock: before.clock })
    await after.clock.advance(2000)
    expect(after.station.state[0]?.registerWh).toBe(registerWh)
    expect(steps(after)).toEqual(['end'])
  })

  it('can be switched on again, and then ends what it left open', async () => {
    const it = await bench(version)
    await charge(it, 25_000)
    await it.station.stop()
    await it.clock.advance(60_000)
    it.station.start()
    await it.clock.advance(2000)
    expect(it.csms.said('BootNotification')).toHaveLength(2)
    expect(steps(it).filter((step) => step === 'end')).toHaveLength(1)
    expect(it.station.state[0]).toMatchObject({ powerW: 0, energyWh: 0 })
    expect(it.csms.flaws).toEqual([])
  })

  it('drops values in between when the queue is full, but never a begin or an end', async () => {
    const it = await bench(version, { settings: { queueLimit: 4 } })
    await charge(it, 1000)
    await it.csms.cut()
    await it.clock.advance(100_000)
    it.station.unplug(1)
    await charge(it, 50_000)
    it.station.unplug(1)
    await it.clock.advance(10)
    await it.csms.mend()
    await it.clock.advance(1000)
    expect(steps(it).filter((step) => step !== 'update')).toEqual(['begin', 'end', 'begin', 'end'])
    expect(steps(it).filter((step) => step === 'update').length).toBeLessThan(8)
    expect(it.log.some((line) => line.includes('the queue is full'))).toBe(true)
    expect(it.csms.flaws).toEqual([])
  })

  it('does not charge a vehicle that left before its session was on disk', async () => {
    const it = await bench(version)
    it.station.plugIn(1, BIG_CAR)
    const release = it.store.holdNext()
    if (is16(version)) await it.csms.order('RemoteStartTransaction', { idTag: 'DEADBEEF', connectorId: 1 })
    else await it.csms.order('RequestStartTransaction', { idToken: { idToken: 'DEADBEEF', type: 'Central' }, evseId: 1, remoteStartId: 1 })
    await it.clock.advance(10)
    expect(steps(it)).toEqual([])
    it.station.unplug(1)
    await it.clock.advance(10)
    const timers = it.clock.pending
    release()
    await it.clock.advance(30_000)
    expect(it.station.state[0]).toMatchObject({ status: 'Available', powerW: 0 })
    // OCPP 1.6 tells the signed begin in a message of its own
    expect(steps(it)).toEqual(is16(version) ? ['begin', 'update', 'end'] : ['begin', 'end'])
    expect(it.clock.pending).toBeLessThanOrEqual(timers)
  })

  it('does not begin a session that the store cannot keep', async () => {
    const it = await bench(version)
    it.station.plugIn(1, BIG_CAR)
    const presented = it.station.present(1, 'DEADBEEF').then(
      () => 'begun',
      (thrown) => thrown.code,
    )
    it.store.broken = true
    await it.clock.advance(1000)
    expect(await presented).toBe('store-failed')
    expect(it.csms.said(...TRANSACTIONS)).toEqual([])
    expect(it.station.state[0]?.powerW).toBe(0)
  })

  it('sends nothing that is not on disk yet', async () => {
    const it = await bench(version)
    const begin = is16(version) ? 'StartTransaction' : 'TransactionEvent'
    let silent = true
    it.csms.replies.set(begin, () => (silent ? 'ignore' : undefined))
    await charge(it, 5000)
    // the begin waits for its answer; the first sample, at 10 s, waits for the disk
    const release = it.store.holdNext()
    await it.clock.advance(6000)
    silent = false
    await it.clock.advance(34_000)
    const isBegin = ({ meterValue }: (typeof it.csms.heard)[number]['payload']) =>
      meterValue[0].sampledValue[0].context === 'Transaction.Begin'
    const sampled = () =>
      it.csms
        .said(...TRANSACTIONS)
        .filter(({ action, payload }) => (action === 'MeterValues' && !isBegin(payload)) || payload.triggerReason === 'MeterValuePeriodic')
    expect(it.csms.heard.filter(({ action }) => action === begin).length).toBeGreaterThan(1)
    expect(sampled()).toEqual([])
    release()
    await it.clock.advance(100)
    expect(sampled()).toHaveLength(4)
    expect(it.station.queued).toBe(0)
  })
})
