// The station from the outside: what a back end sees of it, in all three versions.
import { verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { VERSIONS, type Version } from '../../src/ocpp/version.ts'
import { openGuard, type StationGuard } from '../../src/roles/station.ts'
import type { Payload } from './support/fake-csms.ts'
import { type Bench, BIG_CAR, bench, charge, publicKey } from './support/test-station.ts'

const is16 = (version: Version): boolean => version === 'ocpp1.6'
const TRANSACTIONS = ['StartTransaction', 'MeterValues', 'StopTransaction', 'TransactionEvent']

/** The signed texts of a session in the order they came. */
const signedTexts = ({ csms }: Bench): string[] => {
  const meterValues = csms.said(...TRANSACTIONS).flatMap(({ payload }) => payload.transactionData ?? payload.meterValue ?? [])
  const sampled: Payload[] = meterValues.flatMap(({ sampledValue }: Payload) => sampledValue)
  const data = sampled.flatMap((one) => {
    if (one.format === 'SignedData') return [JSON.parse(one.value)]
    return one.signedMeterValue === undefined ? [] : [one.signedMeterValue]
  })
  return data.map(({ signedMeterData }) => Buffer.from(signedMeterData, 'base64').toString())
}

/** One word per transaction message, for both vocabularies: begin, update, end. */
const steps = ({ csms }: Bench): string[] =>
  csms.said(...TRANSACTIONS).map(({ action, payload }) => {
    const kinds: Record<string, string> = { StartTransaction: 'begin', MeterValues: 'update', StopTransaction: 'end' }
    return kinds[action] ?? { Started: 'begin', Updated: 'update', Ended: 'end' }[payload.eventType as string] ?? '?'
  })

const wireId = (payload: Payload): unknown => payload.transactionId ?? payload.transactionInfo?.transactionId

describe.each(VERSIONS)('a %s station', (version) => {
  it('boots, reports its connectors, and sends heartbeats', async () => {
    const { csms, clock, station } = await bench(version)
    expect(csms.heard[0]).toMatchObject({ action: 'BootNotification' })
    expect(csms.said('StatusNotification')).toHaveLength(is16(version) ? 3 : 2)
    expect(station.online).toBe(true)
    await clock.advance(900_000)
    expect(csms.said('Heartbeat')).toHaveLength(3)
    expect(csms.said('BootNotification')).toHaveLength(1)
    expect(csms.flaws).toEqual([])
  })

  it('keeps asking while Pending or Rejected, and says nothing else', async () => {
    const answers = ['Rejected', 'Pending', 'Accepted']
    const boot = { currentTime: '2025-01-01T00:00:00Z', interval: 20 }
    const { csms, clock, station } = await bench(version, {
      prepare: ({ replies }) => replies.set('BootNotification', () => ({ ...boot, status: answers.shift() })),
    })
    expect(await csms.order('ClearCache', {})).toMatchObject({ error: 'SecurityError' })
    await clock.advance(20_000)
    expect(csms.heard.map(({ action }) => action)).toEqual(['BootNotification', 'BootNotification'])
    // pending: may be asked, and answers
    expect(await csms.order('ClearCache', {})).toEqual({ status: 'Accepted' })
    await clock.advance(20_000)
    expect(station.online).toBe(true)
    expect(csms.said('StatusNotification').length).toBeGreaterThan(0)
  })

  it('charges from plug to stop, signs begin and end, and its numbers agree', async () => {
    const it = await bench(version)
    const { csms, station, clock } = it
    await charge(it, 60_000)
    expect(station.state[0]).toMatchObject({ status: 'Charging', plugged: true })
    expect(station.state[0]?.powerW).toBeGreaterThan(10_800)
    expect(station.state[0]?.powerW).toBeLessThanOrEqual(11_000)
    expect(await station.present(1, 'DEADBEEF')).toEqual({ accepted: true, status: 'Stopped' })
    await clock.advance(1000)
    expect(steps(it)[0]).toBe('begin')
    expect(steps(it).at(-1)).toBe('end')
    expect(steps(it).filter((step) => step === 'update').length).toBeGreaterThanOrEqual(5)
    expect(csms.flaws).toEqual([])
    expect(station.queued).toBe(0)
    // 60 s at 11 kW are 183 Wh
    const stamps = signedTexts(it).map((text) => JSON.parse(text.split('|')[1] ?? ''))
    expect(stamps.map(({ PG, RD, ID }) => [PG, RD[0].TX, ID])).toEqual([
      ['T1', 'B', 'DEADBEEF'],
      ['T2', 'E', 'DEADBEEF'],
    ])
    const energyWh = (stamps[1].RD[0].RV - stamps[0].RD[0].RV) * 1000
    expect(energyWh).toBeGreaterThan(178)
    expect(energyWh).toBeLessThanOrEqual(184)
    if (is16(version)) {
      expect(csms.last('StopTransaction')).toMatchObject({ transactionId: 100, reason: 'Local', idTag: 'DEADBEEF' })
      const { meterStop } = csms.last('StopTransaction')
      expect(meterStop - csms.last('StartTransaction').meterStart).toBe(Math.round(energyWh))
    } else {
      const events = csms.said('TransactionEvent').map(({ payload }) => payload)
      expect(events.map(({ seqNo }) => seqNo)).toEqual(events.map((_, i) => i))
      expect(new Set(events.map(wireId)).size).toBe(1)
      expect(events[0]).toMatchObject({ triggerReason: 'Authorized', evse: { id: 1 }, idToken: { idToken: 'DEADBEEF' } })
      expect(events[1]).toMatchObject({ triggerReason: 'ChargingStateChanged', transactionInfo: { chargingState: 'Charging' } })
      expect(events.at(-1)).toMatchObject({ triggerReason: 'StopAuthorized', transactionInfo: { stoppedReason: 'Local' } })
    }
  })

  it('signs what verifies with the meter key, and not when altered', async () => {
    const it = await bench(version)
    await charge(it, 30_000)
    it.station.unplug(1)
    await it.clock.advance(1000)
    const texts = signedTexts(it)
    expect(texts).toHaveLength(2)
    for (const text of texts) {
      const [, payload = '', signature = ''] = /^OCMF\|(\{.*\})\|(\{.*\})$/.exec(text) ?? []
      const der = Buffer.from(JSON.parse(signature).SD, 'hex')
      expect(verify('sha256', Buffer.from(payload), publicKey, der)).toBe(true)
      expect(verify('sha256', Buffer.from(payload.replace('"RV":3', '"RV":4')), publicKey, der)).toBe(false)
    }
    expect(it.station.state[0]).toMatchObject({ status: 'Available', plugged: false, powerW: 0 })
  })

  it('turns an unknown token away, and shows why', async () => {
    const { station, csms, clock } = await bench(version, { prepare: ({ tokens }) => tokens.set('B10CCED0', 'Blocked') })
    station.plugIn(1, BIG_CAR)
    const presented = [station.present(1, 'B10CCED0'), station.present(1, 'x'.repeat(40))]
    await clock.advance(10)
    expect(await Promise.all(presented)).toEqual([
      { accepted: false, status: 'Blocked' },
      { accepted: false, status: 'Invalid' },
    ])
    expect(csms.said(...TRANSACTIONS)).toEqual([])
    expect(csms.flaws).toEqual([])
  })

  it('waits for the vehicle when the card comes first, but not for ever', async () => {
    const it = await bench(version)
    const presented = it.station.present(1, 'DEADBEEF')
    await it.clock.advance(59_000)
    await presented
    expect(it.station.state[0]?.status).toBe('Preparing')
    it.station.plugIn(1, BIG_CAR)
    await it.clock.advance(10)
    expect(steps(it)[0]).toBe('begin')
    if (!is16(version)) expect(it.csms.said('TransactionEvent')[0]?.payload.triggerReason).toBe('CablePluggedIn')
    const late = it.station.present(2, 'DEADBEEF')
    await it.clock.advance(61_000)
    await late
    it.station.plugIn(2, BIG_CAR)
    await it.clock.advance(1000)
    expect(it.station.state[1]).toMatchObject({ status: 'Preparing', powerW: 0 })
  })

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
    const stamps = signedTexts(it).map((text) => JSON.parse(text.split('|')[1] ?? '').PG)
    expect(stamps).toEqual(['T1', 'T2', 'T3', 'T4'])
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
    const after = await bench(version, { store: before.store.copy(), clock: before.clock })
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
    expect(end.PG).toBe('T2')
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

  it('ends a session whose token turns out to be no good', async () => {
    const it = await bench(version)
    const begin = is16(version) ? 'StartTransaction' : 'TransactionEvent'
    const refusal = is16(version) ? { idTagInfo: { status: 'Blocked' }, transactionId: 7 } : { idTokenInfo: { status: 'Blocked' } }
    it.csms.replies.set(begin, () => refusal)
    await charge(it, 3000)
    expect(steps(it).at(-1)).toBe('end')
    if (is16(version)) expect(it.csms.last('StopTransaction')).toMatchObject({ transactionId: 7, reason: 'DeAuthorized' })
    else expect(it.csms.last('TransactionEvent').transactionInfo.stoppedReason).toBe('DeAuthorized')
  })

  it('does nothing that the guard refuses, and seals what it says', async () => {
    const sealed: string[] = []
    const guard: StationGuard = {
      admit: async ({ action }) =>
        action === 'Reset' || action === 'SetChargingProfile'
          ? { allowed: false, code: 'unsigned', description: 'nobody signed this', details: { rule: 'signed-by-operator' } }
          : { allowed: true },
      seal: (call, answer) => {
        sealed.push(`answer to ${call.action}`)
        return answer
      },
      sealCall: (call) => {
        sealed.push(call.action)
        return call
      },
    }
    const it = await bench(version, { guard })
    await charge(it, 5000)
    const order = is16(version) ? { type: 'Hard' } : { type: 'Immediate' }
    expect(await it.csms.order('Reset', order)).toEqual({
      error: 'SecurityError',
      description: 'nobody signed this',
      details: { rule: 'signed-by-operator' },
    })
    await it.clock.advance(10_000)
    expect(it.station.online).toBe(true)
    expect(it.station.state[0]?.status).toBe('Charging')
    expect(sealed).toContain('BootNotification')
    expect(sealed).toContain(is16(version) ? 'StartTransaction' : 'TransactionEvent')
    expect(sealed).toContain('answer to Reset')
  })

  it('does the same thing when the guard admits it: the twin of the refusal', async () => {
    const it = await bench(version, { guard: openGuard })
    await charge(it, 5000)
    expect(await it.csms.order('Reset', is16(version) ? { type: 'Hard' } : { type: 'Immediate' })).toEqual({ status: 'Accepted' })
    await it.clock.advance(10_000)
    expect(steps(it).at(-1)).toBe('end')
    expect(it.csms.said('BootNotification')).toHaveLength(2)
    if (is16(version)) expect(it.csms.last('StopTransaction').reason).toBe('HardReset')
    else {
      expect(it.csms.last('TransactionEvent')).toMatchObject({ triggerReason: 'ResetCommand' })
      expect(it.csms.last('BootNotification').reason).toBe('RemoteReset')
    }
    expect(it.station.online).toBe(true)
  })
})
