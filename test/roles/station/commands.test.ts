// What a back end may order, row by row; each order with the effect it must have, and with one that must be turned down.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/base/ports.ts'
import { VERSIONS } from '../../../src/ocpp/version.ts'
import { BIG_CAR, bench, charge } from '../support/test-station.ts'
import { is16 } from '../support/transcript.ts'

const in2x = VERSIONS.filter((version) => !is16(version))

describe.each(VERSIONS)('orders in %s', (version) => {
  const remoteStart = (more: { readonly [key: string]: Json } = {}): [string, Json] =>
    is16(version)
      ? ['RemoteStartTransaction', { idTag: 'DEADBEEF', connectorId: 1, ...more }]
      : ['RequestStartTransaction', { idToken: { idToken: 'DEADBEEF', type: 'Central' }, evseId: 1, remoteStartId: 42, ...more }]

  it('start and stop a session from afar', async () => {
    const it = await bench(version)
    it.station.plugIn(1, BIG_CAR)
    expect(await it.csms.order(...remoteStart())).toMatchObject({ status: 'Accepted' })
    await it.clock.advance(2000)
    expect(it.station.state[0]?.status).toBe('Charging')
    expect(await it.csms.order(...remoteStart())).toMatchObject({ status: 'Rejected' })
    const id = it.station.state[0]?.transactionId ?? ''
    const stop = (transactionId: Json) =>
      it.csms.order(is16(version) ? 'RemoteStopTransaction' : 'RequestStopTransaction', { transactionId })
    expect(await stop(is16(version) ? 4711 : 'another')).toMatchObject({ status: 'Rejected' })
    expect(await stop(is16(version) ? Number(id) : id)).toEqual({ status: 'Accepted' })
    await it.clock.advance(1000)
    expect(it.station.state[0]?.status).toBe('Finishing')
    if (is16(version)) expect(it.csms.last('StopTransaction').reason).toBe('Remote')
    else {
      expect(it.csms.said('TransactionEvent')[0]?.payload).toMatchObject({
        triggerReason: 'RemoteStart',
        transactionInfo: { remoteStartId: 42 },
      })
      expect(it.csms.last('TransactionEvent')).toMatchObject({ triggerReason: 'RemoteStop', transactionInfo: { stoppedReason: 'Remote' } })
    }
    expect(it.csms.said('Authorize')).toEqual([])
    expect(it.csms.flaws).toEqual([])
  })

  it('take an EVSE out of service, after its session if there is one', async () => {
    const it = await bench(version)
    const change = (evse: number, word: string) =>
      it.csms.order(
        'ChangeAvailability',
        is16(version) ? { connectorId: evse, type: word } : { evse: { id: evse }, operationalStatus: word },
      )
    await charge(it, 5000)
    expect(await change(1, 'Inoperative')).toEqual({ status: 'Scheduled' })
    expect(await change(2, 'Inoperative')).toEqual({ status: 'Accepted' })
    expect(await change(9, 'Inoperative')).toEqual({ status: 'Rejected' })
    expect(it.station.state.map(({ status }) => status)).toEqual(['Charging', 'Unavailable'])
    it.station.unplug(1)
    await it.clock.advance(10)
    expect(it.station.state[0]?.status).toBe('Unavailable')
    expect(await it.station.present(1, 'DEADBEEF')).toEqual({ accepted: false, status: 'Unavailable' })
    // and it stays so over a restart
    const after = await bench(version, { store: await it.store.copy(), clock: it.clock })
    expect(after.station.state.map(({ status }) => status)).toEqual(['Unavailable', 'Unavailable'])
    expect(await change(1, 'Operative')).toEqual({ status: 'Accepted' })
    expect(it.station.state[0]?.status).toBe('Available')
  })

  it('unlock, trigger, clear, and pass data on to nobody', async () => {
    const it = await bench(version)
    const at = (evse: number) => (is16(version) ? { connectorId: evse } : { evseId: evse, connectorId: 1 })
    expect((await it.csms.order('UnlockConnector', at(1))).status).toBe('Unlocked')
    expect((await it.csms.order('UnlockConnector', at(5))).status).toBe(is16(version) ? 'NotSupported' : 'UnknownConnector')
    await charge(it, 5000)
    expect((await it.csms.order('UnlockConnector', at(1))).status).toBe(is16(version) ? 'Unlocked' : 'OngoingAuthorizedTransaction')
    const heard = it.csms.heard.length
    for (const requestedMessage of ['Heartbeat', 'StatusNotification', 'MeterValues', 'FirmwareStatusNotification']) {
      expect(await it.csms.order('TriggerMessage', { requestedMessage })).toEqual({ status: 'Accepted' })
    }
    const said = it.csms.heard.slice(heard).map(({ action }) => action)
    expect(said).toEqual(expect.arrayContaining(['Heartbeat', 'StatusNotification', 'MeterValues', 'FirmwareStatusNotification']))
    expect(await it.csms.order('ClearCache', {})).toEqual({ status: 'Accepted' })
    expect(await it.csms.order('DataTransfer', { vendorId: 'org.example' })).toEqual({ status: 'UnknownVendorId' })
    expect(it.csms.flaws).toEqual([])
  })

  it('to boot again are followed by the rules of the version', async () => {
    const boot = { currentTime: '2025-01-01T00:00:00Z', interval: 600 }
    let status = 'Pending'
    const it = await bench(version, { prepare: ({ replies }) => replies.set('BootNotification', () => ({ ...boot, status })) })
    expect(await it.csms.order('TriggerMessage', { requestedMessage: 'Heartbeat' })).toEqual({ status: 'Accepted' })
    expect(it.csms.said('Heartbeat')).toHaveLength(1)
    status = 'Accepted'
    expect(await it.csms.order('TriggerMessage', { requestedMessage: 'BootNotification' })).toEqual({ status: 'Accepted' })
    expect(it.station.online).toBe(true)
    if (!is16(version)) expect(it.csms.last('BootNotification').reason).toBe('Triggered')
    const again = await it.csms.order('TriggerMessage', { requestedMessage: 'BootNotification' })
    expect(again.status).toBe(is16(version) ? 'Accepted' : 'Rejected')
    expect(it.csms.said('BootNotification')).toHaveLength(is16(version) ? 3 : 2)
  })

  it('that it cannot carry out are told from those nobody knows', async () => {
    const { csms } = await bench(version)
    expect(await csms.order('CancelReservation', { reservationId: 1 })).toMatchObject({ error: 'NotSupported' })
    expect(await csms.order('MakeCoffee', {})).toMatchObject({ error: 'NotImplemented' })
    expect(await csms.order('constructor', {})).toMatchObject({ error: 'NotImplemented' })
  })

  it('cleared from the cache, a token is no good offline; known, it is', async () => {
    const it = await bench(version)
    const presentOffline = async () => {
      await it.csms.cut()
      const presented = await it.station.present(2, 'DEADBEEF')
      await it.clock.advance(61_000)
      await it.csms.mend()
      return presented.status
    }
    await charge(it, 1000)
    expect(await presentOffline()).toBe('Accepted')
    await it.csms.order('ClearCache', {})
    expect(await presentOffline()).toBe('Invalid')
  })
})

describe('the configuration of 1.6', () => {
  it('is read, changed where it may be, and kept', async () => {
    const it = await bench('ocpp1.6')
    const all = await it.csms.order('GetConfiguration', {})
    expect(all.configurationKey).toContainEqual({ key: 'NumberOfConnectors', readonly: true, value: '2' })
    expect(await it.csms.order('GetConfiguration', { key: ['MeterValueSampleInterval', 'Nonsense'] })).toEqual({
      configurationKey: [{ key: 'MeterValueSampleInterval', readonly: false, value: '10' }],
      unknownKey: ['Nonsense'],
    })
    const change = (key: string, value: string) => it.csms.order('ChangeConfiguration', { key, value })
    expect(await change('MeterValueSampleInterval', '2')).toEqual({ status: 'Accepted' })
    expect(await change('MeterValueSampleInterval', 'often')).toEqual({ status: 'Rejected' })
    expect(await change('NumberOfConnectors', '5')).toEqual({ status: 'Rejected' })
    expect(await change('Nonsense', '5')).toEqual({ status: 'NotSupported' })
    await charge(it, 10_500)
    // the begin, and a value every two seconds
    expect(it.csms.said('MeterValues')).toHaveLength(6)
    const after = await bench('ocpp1.6', { store: await it.store.copy(), clock: it.clock })
    const kept = await after.csms.order('GetConfiguration', { key: ['MeterValueSampleInterval'] })
    expect(kept.configurationKey[0].value).toBe('2')
  })

  it('makes a soft reset stop softly', async () => {
    const it = await bench('ocpp1.6')
    await charge(it, 5000)
    await it.csms.order('Reset', { type: 'Soft' })
    await it.clock.advance(500)
    expect(it.csms.last('StopTransaction').reason).toBe('SoftReset')
  })
})

describe.each(in2x)('the device model of %s', (version) => {
  const component = { name: 'SampledDataCtrlr' }
  const variable = { name: 'TxUpdatedInterval' }

  it('is read variable by variable', async () => {
    const { csms } = await bench(version)
    const asked = [
      { component, variable },
      { component, variable: { name: 'Nonsense' } },
      { component: { name: 'Nonsense' }, variable },
      { component, variable, attributeType: 'MaxSet' },
      { component: { name: 'EVSE', evse: { id: 2 } }, variable: { name: 'AvailabilityState' } },
    ]
    const { getVariableResult } = await csms.order('GetVariables', { getVariableData: asked })
    const statuses = getVariableResult.map(({ attributeStatus }: { attributeStatus: string }) => attributeStatus)
    expect(statuses).toEqual(['Accepted', 'UnknownVariable', 'UnknownComponent', 'NotSupportedAttributeType', 'Accepted'])
    expect(getVariableResult[0].attributeValue).toBe('10')
    expect(getVariableResult[4].attributeValue).toBe('Available')
    expect(csms.flaws).toEqual([])
  })

  it('is set where it may be', async () => {
    const { csms } = await bench(version)
    const asked = [
      { component, variable, attributeValue: '3' },
      { component, variable, attributeValue: '-3' },
      { component: { name: 'ChargingStation' }, variable: { name: 'Model' }, attributeValue: 'Better' },
    ]
    const { setVariableResult } = await csms.order('SetVariables', { setVariableData: asked })
    const statuses = setVariableResult.map(({ attributeStatus }: { attributeStatus: string }) => attributeStatus)
    expect(statuses).toEqual(['Accepted', 'Rejected', 'Rejected'])
    const { getVariableResult } = await csms.order('GetVariables', { getVariableData: [{ component, variable }] })
    expect(getVariableResult[0].attributeValue).toBe('3')
  })

  it('is reported in parts, the last of which says so', async () => {
    const { csms } = await bench(version)
    expect(await csms.order('GetBaseReport', { requestId: 7, reportBase: 'FullInventory' })).toEqual({ status: 'Accepted' })
    const parts = csms.said('NotifyReport').map(({ payload }) => payload)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.map(({ seqNo }) => seqNo)).toEqual(parts.map((_, i) => i))
    expect(parts.map(({ tbc }) => tbc)).toEqual(parts.map((_, i) => i < parts.length - 1))
    expect(parts.every(({ requestId }) => requestId === 7)).toBe(true)
    expect(csms.flaws).toEqual([])
  })

  it('tells the state of a transaction and of the queue', async () => {
    const it = await bench(version)
    await charge(it, 5000)
    const transactionId = it.station.state[0]?.transactionId ?? ''
    expect(await it.csms.order('GetTransactionStatus', { transactionId })).toEqual({ ongoingIndicator: true, messagesInQueue: false })
    expect(await it.csms.order('GetTransactionStatus', { transactionId: 'another' })).toEqual({
      ongoingIndicator: false,
      messagesInQueue: false,
    })
    it.csms.replies.set('TransactionEvent', () => 'ignore')
    await it.clock.advance(10_000)
    expect(await it.csms.order('GetTransactionStatus', {})).toEqual({ messagesInQueue: true })
  })

  it('resets when idle, if so ordered', async () => {
    const it = await bench(version)
    await charge(it, 5000)
    expect(await it.csms.order('Reset', { type: 'OnIdle' })).toEqual({ status: 'Scheduled' })
    await it.clock.advance(20_000)
    expect(it.csms.said('BootNotification')).toHaveLength(1)
    it.station.unplug(1)
    await it.clock.advance(10_000)
    expect(it.csms.said('BootNotification')).toHaveLength(2)
    expect(it.csms.last('TransactionEvent').transactionInfo.stoppedReason).toBe('EVDisconnected')
  })
})
