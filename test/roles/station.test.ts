// The station from the outside: what a back end sees of it, in all three versions.
import { verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { VERSIONS } from '../../src/ocpp/version.ts'
import { openGuard, type StationGuard } from '../../src/roles/station.ts'
import { BIG_CAR, bench, charge, publicKey } from './support/test-station.ts'
import { is16, signedStamps, signedTexts, steps, TRANSACTIONS, wireId } from './support/transcript.ts'

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

  it('charges from plug to stop, signs begin, end and what lies between, and its numbers agree', async () => {
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
    const stamps = signedStamps(it)
    expect(stamps.map(({ PG }) => PG)).toEqual(stamps.map((_, i) => `T${i + 1}`))
    expect(stamps.map(({ RD }) => RD[0].TX).join('')).toMatch(/^BC{4,}E$/)
    expect(new Set(stamps.map(({ ID }) => ID))).toEqual(new Set(['DEADBEEF']))
    const energyWh = (stamps.at(-1).RD[0].RV - stamps[0].RD[0].RV) * 1000
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
    expect(texts.length).toBeGreaterThanOrEqual(4)
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

  it('lets a card of the same group end a session, and no other', async () => {
    const it = await bench(version)
    const groups = new Map([
      ['DEADBEEF', 'family'],
      ['CAFEBABE', 'family'],
      ['0BADF00D', 'others'],
    ])
    it.csms.replies.set('Authorize', ({ idTag, idToken }) => {
      const group = groups.get(idTag ?? idToken.idToken)
      const idTokenInfo = { status: 'Accepted', groupIdToken: { idToken: group, type: 'Central' } }
      return is16(version) ? { idTagInfo: { status: 'Accepted', parentIdTag: group } } : { idTokenInfo }
    })
    await charge(it, 5000)
    const present = async (token: string) => {
      const presented = it.station.present(1, token)
      await it.clock.advance(10)
      return (await presented).status
    }
    expect(await present('0BADF00D')).toBe('Occupied')
    expect(it.station.state[0]?.status).toBe('Charging')
    expect(await present('CAFEBABE')).toBe('Stopped')
    expect(it.station.state[0]?.status).toBe('Finishing')
    expect(it.csms.flaws).toEqual([])
  })

  it('suspends when the vehicle is full', async () => {
    const it = await bench(version)
    it.station.plugIn(1, { ...BIG_CAR, arrivedAt: 0.9999 })
    const presented = it.station.present(1, 'DEADBEEF')
    await it.clock.advance(120_000)
    await presented
    expect(it.station.state[0]).toMatchObject({ status: 'SuspendedEV', powerW: 0 })
    // 0.01 % of 100 kWh, and not more than one second's worth past it
    expect(it.station.state[0]?.energyWh).toBe(10)
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
      sealTold: (told) => told,
      opened: (_call, answer) => Promise.resolve(answer),
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

  it('answers what carries its own authority before the guard is asked, and knows its sessions and variables', async () => {
    const guard: StationGuard = { ...openGuard, admit: () => Promise.reject(new Error('the guard was asked')) }
    const it = await bench(version, {
      guard,
      extension: ({ id, action }) =>
        action === 'org.example.Own' ? Promise.resolve({ type: RESULT, id, payload: payloadOf({ status: 'Accepted' }) }) : undefined,
    })
    expect(await it.csms.order('org.example.Own', {})).toEqual({ status: 'Accepted' })
    await charge(it, 5000)
    const { transactionId = '' } = it.station.state[0] ?? {}
    expect(it.station.sessionToken(transactionId)).toBe('DEADBEEF')
    expect(it.station.sessionToken('another')).toBeUndefined()
    const named = { component: { name: 'OCPPCommCtrlr' }, variable: { name: 'HeartbeatInterval' } }
    expect(it.station.variable({ ...named, attributeValue: '1' })).toMatch(/^\d+$/)
    for (const other of [null, 7, {}, { ...named, component: { name: 'NoSuch' } }]) expect(it.station.variable(other)).toBeUndefined()
  })
})
