import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/roles/behaviours/behaviour.ts'
import { getTransaction, listTransactions } from '../../../src/roles/csms-views.ts'
import { iso } from '../support/station-messages.ts'
import { securityKinds, testDesk } from '../support/test-desk.ts'

const idToken = (id: string, type = 'ISO14443'): JsonObject => ({ idToken: { idToken: id, type } })
const energy = (minute: number, value: number, context?: string): JsonObject => ({
  meterValue: [
    { timestamp: iso(minute), sampledValue: [{ value, ...(context !== undefined && { context }), unitOfMeasure: { unit: 'kWh' } }] },
  ],
})
const event = (eventType: string, seqNo: number, more: JsonObject = {}): JsonObject => ({
  eventType,
  seqNo,
  timestamp: iso(seqNo),
  triggerReason: 'MeterValuePeriodic',
  transactionInfo: { transactionId: 'tx-1' },
  ...more,
})

describe.each(['ocpp2.0.1', 'ocpp2.1'] as const)('a transaction of %s', (version) => {
  it('starts, is measured, ends', async () => {
    const { say, store } = testDesk(version)
    const start = event('Started', 0, { ...idToken('FLEET1'), evse: { id: 2, connectorId: 1 }, ...energy(0, 10.25, 'Transaction.Begin') })
    expect(await say('TransactionEvent', start)).toEqual({
      idTokenInfo: { status: 'Accepted', groupIdToken: { idToken: 'FLEET', type: 'Central' } },
    })
    const info = { transactionInfo: { transactionId: 'tx-1', chargingState: 'Charging', remoteStartId: 5 } }
    const power = {
      meterValue: [
        {
          timestamp: iso(1),
          sampledValue: [{ value: 7.4, measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'W', multiplier: 3 } }],
        },
      ],
    }
    expect(await say('TransactionEvent', event('Updated', 1, { ...info, ...power }))).toEqual({})
    expect(listTransactions(store)[0]).toMatchObject({ state: 'running', powerW: 7400, chargingState: 'Charging', energyWh: '0' })
    await say('TransactionEvent', event('Updated', 2, energy(2, 11.5)))
    expect(listTransactions(store)[0]).toMatchObject({ lastWh: '11500', energyWh: '1250' })
    await say(
      'TransactionEvent',
      event('Ended', 3, {
        ...energy(3, 12, 'Transaction.End'),
        transactionInfo: { transactionId: 'tx-1', stoppedReason: 'EVDisconnected' },
      }),
    )
    expect(getTransaction(store, 'tx-1')).toMatchObject({
      id: 'tx-1',
      stationId: 'CS1',
      protocol: version,
      evseId: 2,
      connectorId: 1,
      idToken: 'FLEET1',
      remoteStartId: 5,
      state: 'ended',
      startedAt: iso(0),
      endedAt: iso(3),
      startWh: '10250',
      lastWh: '12000',
      energyWh: '1750',
      stopReason: 'EVDisconnected',
      flags: [],
    })
    expect(getTransaction(store, 'tx-1')?.meterValues).toHaveLength(4)
  })

  it.each([
    [idToken('BLOCKED01'), { status: 'Blocked' }, ['token-refused']],
    [idToken('STRANGER'), { status: 'Invalid' }, ['token-refused']],
    [idToken('POOR'), { status: 'NoCredit' }, ['token-refused']],
    [idToken('OLD'), { status: 'Expired', cacheExpiryDateTime: '2026-01-01T00:00:00Z' }, ['token-refused']],
    [idToken('', 'NoAuthorization'), { status: 'Accepted' }, []],
  ])('is told whether %j may charge', async (token, idTokenInfo, flags) => {
    const { say, store } = testDesk(version)
    expect(await say('Authorize', token)).toEqual({ idTokenInfo })
    expect(await say('TransactionEvent', event('Started', 0, token))).toEqual({ idTokenInfo })
    expect(listTransactions(store)[0]?.flags).toEqual(flags)
  })

  it('does not accept a contract certificate that it cannot check', async () => {
    const { say } = testDesk(version)
    expect(await say('Authorize', { ...idToken('DEADBEEF', 'eMAID'), certificate: 'x' })).toEqual({
      idTokenInfo: { status: 'Invalid' },
      certificateStatus: 'CertChainError',
    })
  })
})

describe('events', () => {
  it('are one event by transaction and seqNo, whatever their message id', async () => {
    const { say, store, events } = testDesk('ocpp2.0.1')
    const start = event('Started', 0, { ...idToken('DEADBEEF'), ...energy(0, 1) })
    await say('TransactionEvent', start)
    const before = [listTransactions(store), store.list('meter-values')]
    events.length = 0
    expect(await say('TransactionEvent', { ...start, offline: true })).toEqual({ idTokenInfo: { status: 'Accepted' } })
    expect([listTransactions(store), store.list('meter-values')]).toEqual(before)
    expect(events).toEqual([])
  })

  it('that share a number and differ are both kept, in doubt: one may be the end', async () => {
    const { say, store, events } = testDesk('ocpp2.0.1')
    await say('TransactionEvent', event('Started', 0, energy(0, 1)))
    const end = { ...event('Ended', 0, energy(9, 2)), timestamp: iso(9) }
    await say('TransactionEvent', end)
    await say('TransactionEvent', end)
    expect(listTransactions(store)).toMatchObject([{ state: 'ended', energyWh: '1000', flags: ['sequence-conflict'] }])
    expect(securityKinds(events)).toEqual(['sequence-conflict'])
  })

  it('are counted in the order of their numbers, however the clock of the station jumps meanwhile', async () => {
    const { say, store } = testDesk('ocpp2.1')
    const minutes = [100, 101, 5, 6, 900, 103]
    for (const [seqNo, minute] of minutes.entries()) {
      const type = seqNo === 0 ? 'Started' : seqNo === 5 ? 'Ended' : 'Updated'
      await say('TransactionEvent', event(type, seqNo, { timestamp: iso(minute), ...energy(minute, 10 + seqNo) }))
    }
    expect(listTransactions(store)).toMatchObject([{ state: 'ended', startWh: '10000', lastWh: '15000', energyWh: '5000' }])
  })

  it('that are missing are missed when the transaction ends', async () => {
    const { say, store } = testDesk('ocpp2.0.1')
    await say('TransactionEvent', event('Started', 0))
    await say('TransactionEvent', event('Ended', 2))
    expect(listTransactions(store)[0]?.flags).toEqual(['events-missing', 'energy-unknown'])
    await say('TransactionEvent', event('Updated', 1, energy(1, 5)))
    expect(listTransactions(store)[0]?.flags).toEqual([])
  })

  it('of two stations that chose the same transaction id are two transactions', async () => {
    const { say, store } = testDesk('ocpp2.0.1')
    await say('TransactionEvent', event('Started', 0, energy(0, 1)))
    await say('TransactionEvent', event('Started', 0, energy(0, 50)), { station: 'CS2' })
    await say('TransactionEvent', event('Ended', 1, energy(1, 51)), { station: 'CS2' })
    expect(getTransaction(store, 'tx-1')).toMatchObject({ stationId: 'CS1', state: 'running' })
    expect(getTransaction(store, 'tx-1@CS2')).toMatchObject({ stationId: 'CS2', state: 'ended', energyWh: '1000', transactionId: 'tx-1' })
  })

  it('of a new transaction may count from 0 again', async () => {
    const { say, store } = testDesk('ocpp2.0.1')
    await say('TransactionEvent', event('Started', 0))
    await say('TransactionEvent', event('Started', 0, { transactionInfo: { transactionId: 'tx/2' } }))
    await say('TransactionEvent', event('Updated', 1, { transactionInfo: { transactionId: 'tx/2' }, ...energy(1, 3) }))
    expect(listTransactions(store)).toHaveLength(2)
    expect(getTransaction(store, 'tx/2')?.meterValues).toHaveLength(1)
    expect(getTransaction(store, 'tx-1')?.meterValues).toHaveLength(0)
  })

  it('of a token that stops do not change whose transaction it is', async () => {
    const { say, store } = testDesk('ocpp2.0.1')
    await say('TransactionEvent', event('Started', 0, idToken('DEADBEEF')))
    await say('TransactionEvent', event('Ended', 1, idToken('BLOCKED01')))
    expect(listTransactions(store)[0]).toMatchObject({ idToken: 'DEADBEEF', stoppedBy: 'BLOCKED01' })
    expect(listTransactions(store)[0]?.flags).not.toContain('token-refused')
  })
})
