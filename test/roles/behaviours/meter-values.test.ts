import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/roles/behaviours/behaviour.ts'
import { getTransaction, listTransactions } from '../../../src/roles/csms-views.ts'
import { iso } from '../support/station-messages.ts'
import { testDesk } from '../support/test-desk.ts'

const meterValue = (minute: number, ...sampledValue: JsonObject[]): JsonObject => ({ timestamp: iso(minute), sampledValue })
const SIGNED = 'OCMF|{"PG":"T1"}|{"SD":"00"}'

describe('MeterValues without a transaction', () => {
  it('of the grid meter (evseId 0) leave the last values and a signed record', async () => {
    const { say, store, events } = testDesk('ocpp2.1')
    const grid = (minute: number, kW: number): JsonObject => ({
      evseId: 0,
      meterValue: [
        meterValue(
          minute,
          { value: kW, measurand: 'Power.Active.Import', location: 'Upstream', unitOfMeasure: { unit: 'kW' } },
          {
            value: 7,
            location: 'Upstream',
            signedMeterValue: { signedMeterData: SIGNED, encodingMethod: 'OCMF', signingMethod: '', publicKey: '' },
          },
        ),
      ],
    })
    await say('MeterValues', grid(1, 80.5))
    await say('MeterValues', grid(2, 90))
    const last = { stationId: 'CS1', place: 0, at: iso(2), powerW: 90000, registerWh: '7' }
    expect(store.list('meters')).toEqual([{ key: 'CS1/0', value: last }])
    expect(store.list('signed-records')).toHaveLength(1)
    expect(events.at(-1)).toEqual({ type: 'meter', data: last })
    expect(listTransactions(store)).toEqual([])
  })

  it('of a 1.6 connector do the same', async () => {
    const { say, store } = testDesk('ocpp1.6')
    await say('MeterValues', { connectorId: 2, meterValue: [meterValue(1, { value: '1.5', unit: 'kWh', context: 'Sample.Clock' })] })
    expect(store.get('meters', 'CS1/2')).toEqual({ stationId: 'CS1', place: 2, at: iso(1), registerWh: '1500' })
  })
})

describe('MeterValues of a 1.6 transaction', () => {
  const values = (minute: number, wh: string): JsonObject => ({
    connectorId: 1,
    transactionId: 5,
    meterValue: [meterValue(minute, { value: wh })],
  })

  it('are kept once, whatever their message id, and the history is not written again', async () => {
    const { say, store } = testDesk('ocpp1.6')
    for (const minute of [3, 1, 2, 1, 3]) await say('MeterValues', values(minute, String(minute * 100)))
    expect(store.list('meter-values')).toHaveLength(3)
    expect(getTransaction(store, '5')?.meterValues.map(({ timestamp }) => timestamp)).toEqual([iso(1), iso(2), iso(3)])
    expect(listTransactions(store)).toMatchObject([{ startWh: '100', lastWh: '300', energyWh: '200', flags: ['start-missing'] }])
  })

  it('that cannot be attached (offline id) are kept all the same', async () => {
    const { say, store } = testDesk('ocpp1.6')
    await say('MeterValues', { ...values(1, '100'), transactionId: -1 })
    expect(store.list('meter-values', { prefix: 'loose/CS1/1/' })).toHaveLength(1)
    expect(listTransactions(store)).toEqual([])
  })

  it.each([
    [{ value: 'abc' }, 'value-unreadable'],
    [{ value: '' }, 'value-unreadable'],
    [{ value: '1e400' }, 'value-unreadable'],
    [{ value: '5', unit: 'Joule' }, 'unit-unknown'],
    [{ value: '5', unit: 'constructor' }, 'unit-unknown'],
  ])('that say %j count for nothing, and are flagged', async (sample, flag) => {
    const { say, store } = testDesk('ocpp1.6')
    await say('MeterValues', { connectorId: 1, transactionId: 5, meterValue: [meterValue(1, { value: '100' }), meterValue(2, sample)] })
    expect(listTransactions(store)[0]).toMatchObject({ lastWh: '100' })
    expect(listTransactions(store)[0]?.flags).toContain(flag)
  })

  it.each([
    ['222222017-10-27T19:10:11Z', 'time-unreadable', iso(0)],
    ['1000000', 'time-unreadable', iso(0)],
    ['2026-03-01T10:05:00', 'time-without-zone', iso(5)],
    ['2026-03-01T11:05:00+01:00', undefined, iso(5)],
    ['1970-01-01T00:00:00Z', 'clock-doubtful', '1970-01-01T00:00:00.000Z'],
    ['2036-03-01T10:00:00Z', 'clock-doubtful', '2036-03-01T10:00:00.000Z'],
  ])('at %s are flagged as %s', async (timestamp, flag, at) => {
    const { say, store } = testDesk('ocpp1.6')
    await say('MeterValues', { connectorId: 1, transactionId: 5, meterValue: [{ timestamp, sampledValue: [{ value: '1' }] }] })
    expect(listTransactions(store)[0]).toMatchObject({ startedAt: at, flags: [...(flag === undefined ? [] : [flag]), 'start-missing'] })
  })
})
