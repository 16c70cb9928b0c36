import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/roles/behaviours/behaviour.ts'
import { getTransaction, listTransactions } from '../../../src/roles/csms-views.ts'
import { iso } from '../support/station-messages.ts'
import { securityKinds, testDesk } from '../support/test-desk.ts'

const START: JsonObject = { connectorId: 1, idTag: 'DEADBEEF', meterStart: 1000, timestamp: iso(0) }
const stop = (transactionId: number, more: JsonObject = {}): JsonObject => ({ transactionId, meterStop: 6000, timestamp: iso(60), ...more })
const values = (transactionId: number, minute: number, sample: JsonObject): JsonObject => ({
  connectorId: 1,
  transactionId,
  meterValue: [{ timestamp: iso(minute), sampledValue: [sample] }],
})

describe('a transaction of OCPP 1.6', () => {
  it('starts, is measured, ends', async () => {
    const { say, store, events } = testDesk('ocpp1.6')
    const started = await say('StartTransaction', START)
    const id = started.transactionId as number
    expect(started).toEqual({ transactionId: id, idTagInfo: { status: 'Accepted' } })
    await say('MeterValues', {
      connectorId: 1,
      transactionId: id,
      meterValue: [
        {
          timestamp: iso(10),
          sampledValue: [
            { value: '2.500', unit: 'kWh' },
            { value: '11', unit: 'kW', measurand: 'Power.Active.Import' },
          ],
        },
        { timestamp: iso(20), sampledValue: [{ value: '3000.5' }, { value: '99999', phase: 'L1' }] },
      ],
    })
    expect(listTransactions(store)).toEqual([
      {
        id: String(id),
        transactionId: String(id),
        stationId: 'CS1',
        protocol: 'ocpp1.6',
        evseId: 1,
        connectorId: 1,
        idToken: 'DEADBEEF',
        state: 'running',
        startedAt: iso(0),
        startWh: '1000',
        lastWh: '3000.5',
        energyWh: '2000.5',
        powerW: 11000,
        signed: false,
        flags: [],
      },
    ])
    expect(await say('StopTransaction', stop(id, { idTag: 'BLOCKED01', reason: 'Remote' }))).toEqual({ idTagInfo: { status: 'Blocked' } })
    const ended = getTransaction(store, String(id))
    expect(ended).toMatchObject({
      state: 'ended',
      endedAt: iso(60),
      energyWh: '5000',
      stopReason: 'Remote',
      idToken: 'DEADBEEF',
      stoppedBy: 'BLOCKED01',
    })
    expect(ended).not.toHaveProperty('powerW')
    expect(ended?.meterValues.map(({ timestamp }) => timestamp)).toEqual([iso(10), iso(20)])
    expect(events.filter(({ type }) => type === 'transaction').map(({ data }) => (data as JsonObject).change)).toEqual([
      'started',
      'updated',
      'ended',
    ])
  })

  it('bills what StartTransaction and StopTransaction say, whatever the samples say', async () => {
    const { say, store } = testDesk('ocpp1.6')
    const { transactionId } = (await say('StartTransaction', START)) as { transactionId: number }
    const edge = (value: string, context: string, minute: number) => ({ timestamp: iso(minute), sampledValue: [{ value, context }] })
    await say(
      'StopTransaction',
      stop(transactionId, { transactionData: [edge('999', 'Transaction.Begin', 0), edge('7000', 'Transaction.End', 61)] }),
    )
    expect(listTransactions(store)[0]).toMatchObject({ startWh: '1000', lastWh: '6000', energyWh: '5000' })
  })

  it.each([
    ['DEADBEEF', { status: 'Accepted' }, []],
    ['deadbeef', { status: 'Accepted' }, []],
    ['BLOCKED01', { status: 'Blocked' }, ['token-refused']],
    ['OLD', { status: 'Expired', expiryDate: '2026-01-01T00:00:00Z' }, ['token-refused']],
    ['FLEET1', { status: 'Accepted', parentIdTag: 'FLEET' }, []],
    // 1.6 has no word for it
    ['POOR', { status: 'Invalid' }, ['token-refused']],
    ['STRANGER', { status: 'Invalid' }, ['token-refused']],
    ['__proto__', { status: 'Invalid' }, ['token-refused']],
  ])('is told whether %s may charge', async (idTag, idTagInfo, flags) => {
    const { say, store } = testDesk('ocpp1.6')
    expect(await say('Authorize', { idTag })).toEqual({ idTagInfo })
    expect((await say('StartTransaction', { ...START, idTag })).idTagInfo).toEqual(idTagInfo)
    expect(listTransactions(store)[0]?.flags).toEqual(flags)
  })

  it('gives ids that differ, fit 30 bits and leave the upper half to local controllers', async () => {
    const { say } = testDesk('ocpp1.6')
    const ids = new Set<number>()
    for (let i = 0; i < 200; i++) ids.add((await say('StartTransaction', { ...START, meterStart: i })).transactionId as number)
    expect(ids.size).toBe(200)
    for (const id of ids) expect(id > 0 && id < 2 ** 30).toBe(true)
  })

  it('two connectors in the same second are two transactions', async () => {
    const { say, store } = testDesk('ocpp1.6')
    await say('StartTransaction', START)
    await say('StartTransaction', { ...START, connectorId: 2 })
    expect(
      listTransactions(store, 'CS1')
        .map(({ evseId }) => evseId)
        .sort(),
    ).toEqual([1, 2])
    expect(listTransactions(store, 'CS2')).toEqual([])
  })
})

describe('a stop', () => {
  it('repeated under another message id has no second effect', async () => {
    const { say, store, events } = testDesk('ocpp1.6')
    const { transactionId } = (await say('StartTransaction', START)) as { transactionId: number }
    await say('StopTransaction', stop(transactionId, { idTag: 'DEADBEEF' }))
    const before = listTransactions(store)
    events.length = 0
    expect(await say('StopTransaction', stop(transactionId, { idTag: 'DEADBEEF' }))).toEqual({ idTagInfo: { status: 'Accepted' } })
    expect(listTransactions(store)).toEqual(before)
    expect(events).toEqual([])
  })

  it('that says something else the second time is told and not believed', async () => {
    const { say, store, events } = testDesk('ocpp1.6')
    const { transactionId } = (await say('StartTransaction', START)) as { transactionId: number }
    await say('StopTransaction', stop(transactionId))
    await say('StopTransaction', stop(transactionId, { meterStop: 9000 }))
    expect(listTransactions(store)[0]).toMatchObject({ energyWh: '5000', flags: ['stop-conflict'] })
    expect(securityKinds(events)).toEqual(['stop-conflict'])
  })

  it('below the start is shown negative, and flagged', async () => {
    const { say, store } = testDesk('ocpp1.6')
    const { transactionId } = (await say('StartTransaction', START)) as { transactionId: number }
    await say('StopTransaction', stop(transactionId, { meterStop: 400 }))
    expect(listTransactions(store)[0]).toMatchObject({ energyWh: '-600', flags: ['meter-backwards'] })
  })

  it('of a session that began with a placeholder of 0 is flagged', async () => {
    const { say, store } = testDesk('ocpp1.6')
    const { transactionId } = (await say('StartTransaction', { ...START, meterStart: 0 })) as { transactionId: number }
    await say('MeterValues', values(transactionId, 1, { value: '909948' }))
    expect(listTransactions(store)[0]?.flags).toEqual(['energy-implausible'])
    // and a meter that counts each session from 0 is not
    const other = (await say('StartTransaction', { ...START, connectorId: 2, meterStart: 0 })) as { transactionId: number }
    await say('MeterValues', values(other.transactionId, 1, { value: '180' }))
    expect(getTransaction(store, String(other.transactionId))?.flags).toEqual([])
  })

  it("with another station's transaction id does not touch that", async () => {
    const { say, store, events } = testDesk('ocpp1.6')
    const { transactionId } = (await say('StartTransaction', START)) as { transactionId: number }
    const theirs = listTransactions(store, 'CS1')
    expect(await say('StopTransaction', stop(transactionId, { idTag: 'DEADBEEF' }), { station: 'CS2' })).toEqual({
      idTagInfo: { status: 'Accepted' },
    })
    await say('MeterValues', values(transactionId, 5, { value: '5' }), { station: 'CS3' })
    expect(listTransactions(store, 'CS1')).toEqual(theirs)
    expect(listTransactions(store, 'CS2')).toMatchObject([
      { id: `${transactionId}@CS2`, state: 'ended', flags: ['foreign-transaction-id', 'start-missing', 'energy-unknown'] },
    ])
    expect(listTransactions(store, 'CS3')).toEqual([])
    expect(store.list('meter-values', { prefix: 'loose/CS3/' })).toHaveLength(1)
    expect(securityKinds(events)).toEqual(['foreign-transaction-id', 'foreign-transaction-id'])
  })

  it.each([0, -1, 4711])('without a start (id %i) is kept once, as ended and in doubt', async (id) => {
    const { say, store, events } = testDesk('ocpp1.6')
    await say('StopTransaction', stop(id, { idTag: 'DEADBEEF' }))
    await say('StopTransaction', stop(id, { idTag: 'DEADBEEF' }))
    expect(listTransactions(store)).toMatchObject([
      { state: 'ended', lastWh: '6000', energyWh: '0', idToken: 'DEADBEEF', startedAt: iso(60) },
    ])
    expect(listTransactions(store)[0]?.flags).toEqual(['start-missing', 'energy-unknown'])
    expect(securityKinds(events)).toEqual(['stop-without-start'])
  })

  it('of two offline sessions that both are called 0 makes two', async () => {
    const { say, store } = testDesk('ocpp1.6')
    await say('StopTransaction', stop(0))
    await say('StopTransaction', stop(0, { timestamp: iso(90) }))
    expect(listTransactions(store)).toHaveLength(2)
  })
})

describe('a start that a local controller answered while it was cut off', () => {
  const promised = 0x4000_0001
  const answered = { transactionId: promised, idTagInfo: { status: 'Accepted' } }

  it('keeps the id that the station was given', async () => {
    const { say, store } = testDesk('ocpp1.6')
    expect((await say('StartTransaction', START, { answered })).transactionId).toBe(promised)
    await say('StopTransaction', stop(promised))
    expect(listTransactions(store)).toMatchObject([{ id: String(promised), state: 'ended', energyWh: '5000', flags: [] }])
  })

  it('also goes by the id it got here, where the first answer was lost on the way', async () => {
    const { say, store, events } = testDesk('ocpp1.6')
    const { transactionId } = (await say('StartTransaction', START, { id: '1' })) as { transactionId: number }
    for (const id of ['1', '1', '2']) expect((await say('StartTransaction', START, { id, answered })).transactionId).toBe(promised)
    await say('MeterValues', values(promised, 5, { value: '1500' }))
    await say('StopTransaction', stop(promised))
    expect(listTransactions(store, 'CS1')).toMatchObject([{ id: String(transactionId), state: 'ended', energyWh: '5000', flags: [] }])
    expect(securityKinds(events)).toEqual([])
  })

  it('gets an id here where the promise names none', async () => {
    const { say } = testDesk('ocpp1.6')
    for (const transactionId of [0, -1, 'x', 1.5]) {
      const answer = await say('StartTransaction', { ...START, meterStart: Number(transactionId) || 3 }, { answered: { transactionId } })
      expect(answer.transactionId).toBeLessThan(promised)
      expect(answer.transactionId).toBeGreaterThan(0)
    }
  })

  it('with an id that was promised before opens a second transaction, and says so', async () => {
    const { say, store, events } = testDesk('ocpp1.6')
    await say('StartTransaction', START, { answered })
    await say('StopTransaction', stop(promised))
    await say('StartTransaction', { ...START, timestamp: iso(100), meterStart: 6000 }, { answered, at: Date.parse(iso(100)) })
    await say('StopTransaction', stop(promised, { timestamp: iso(130), meterStop: 6500 }))
    expect(listTransactions(store).map(({ energyWh }) => energyWh)).toEqual(['500', '5000'])
    expect(listTransactions(store, 'CS1')).toEqual(listTransactions(store))
    expect(securityKinds(events)).toEqual(['transaction-id-reused'])
  })
})
