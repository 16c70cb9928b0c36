// "Was it obeyed" by what was measured: the node keeps the signed reports around an order, and the auditor judges them with keys of its own.
import { describe, expect, it } from 'vitest'
import { CALL, payloadOf, SEND } from '../../src/ocpp/frame.ts'
import { powerReport } from '../../src/overlay/power-report.ts'
import { judge, measured, profile, site } from './power-site.ts'
import { type JsonObject, keysOf, settle } from './support.ts'

/** 11 kW until the order for 4.2 kW, and then what the test says. */
const ordered = async () => {
  const here = site()
  here.draws(9_000)
  await here.later(10)
  here.draws(11_000)
  here.draws(50_000, 'meter')
  await here.later(10)
  await here.order(profile(4_200))
  await here.later(40)
  return here
}

describe('an order that was measured', () => {
  it('is obeyed where the power fell, with what it was before, and the meter of the site beside it', async () => {
    const { draws, later, rows } = await ordered()
    draws(4_150)
    draws(43_000, 'meter')
    await later(10)
    draws(4_100)
    await settle()
    expect(measured(rows())).toEqual(['11000 W at cs/1', '50000 W at meter/0', '4150 W at cs/1', '43000 W at meter/0'])
    expect(judge(rows()).orders).toMatchObject([
      {
        obeyed: 'measured',
        power: {
          before: { watts: 11_000, receipt: 'verified' },
          after: { watts: 4_150, receipt: 'verified' },
          site: [{ meter: 'meter', before: { watts: 50_000 }, after: { watts: 43_000, receipt: 'verified' } }],
        },
      },
    ])
  })

  it('is not obeyed where the power stayed, or came back, whatever the station answered', async () => {
    const { draws, later, rows, clock } = await ordered()
    draws(4_000)
    await later(600)
    const from = clock.now()
    draws(6_500)
    await later(10)
    draws(7_000)
    await settle()
    const [order] = judge(rows()).orders
    expect(order).toMatchObject({
      obeyed: 'no',
      answer: { says: 'Accepted', receipt: 'verified' },
      power: { after: { watts: 7_000 }, exceeded: { watts: 6_500, limit: 4_200, at: from } },
    })
  })

  it('is as the station answered where nothing was measured in time', async () => {
    const { draws, rows, order, later } = site()
    await order(profile(4_200))
    await later(10)
    draws(11_000)
    await settle()
    expect(judge(rows()).orders).toMatchObject([{ obeyed: 'answered', unsaid: 'not-measured' }])
  })

  it('ends with the next one', async () => {
    const { draws, rows, order, later } = await ordered()
    draws(4_000)
    await later(1)
    await order(profile(22_000))
    await later(60)
    draws(20_000)
    await settle()
    expect(judge(rows()).orders.map(({ obeyed }) => obeyed)).toEqual(['measured', 'measured'])
  })

  it('that was refused by the station changes nothing: nothing is kept', async () => {
    const { draws, rows, order, later } = site()
    draws(11_000)
    await order(profile(4_200), { status: 'Rejected' })
    await later(60)
    draws(11_000)
    await settle()
    expect(measured(rows())).toEqual([])
    expect(judge(rows()).orders).toMatchObject([{ obeyed: 'no' }])
  })

  it('keeps what was drawn before, though reports came since that tell of no power', async () => {
    const { says, draws, order, rows } = site()
    draws(11_000)
    says([{ value: 3_600, measurand: 'Power.Active.Import', phase: 'L1' }])
    says([{ value: 1, measurand: 'Energy.Active.Import.Register' }])
    await order(profile(4_200))
    expect(measured(rows())).toEqual(['11000 W at cs/1'])
  })

  it('finds the EVSE of a session in its first event, and only in one of its own', async () => {
    const { event, rows, order, later } = site()
    event('Started', 0, 1)
    await order(profile(4_200))
    await later(60)
    event('Updated', 9_000)
    await settle()
    expect(judge(rows()).orders).toMatchObject([{ obeyed: 'no', power: { exceeded: { watts: 9_000, receipt: 'verified' } } }])
    const other = rows().map((row) =>
      row.kind === 'power-measured' && 'begun' in (row.data as object)
        ? { ...row, data: { ...(row.data as JsonObject), begun: String((row.data as JsonObject).begun).replace('t1', 't2') } }
        : row,
    )
    expect(judge(other).findings.map(({ code }) => code)).toContain('report-forged')
  })

  it('costs few entries while the power rises', async () => {
    const { draws, rows, later } = await ordered()
    for (let watts = 1_000; watts < 11_000; watts += 100) {
      await later(5)
      draws(watts)
    }
    await settle()
    expect(measured(rows()).length).toBeLessThan(50)
    expect(judge(rows()).orders).toMatchObject([{ obeyed: 'no' }])
  })
})

describe('a report that is not what was signed', () => {
  it('is found and does not count', async () => {
    const { draws, rows } = await ordered()
    draws(9_000)
    await settle()
    const forged = rows().map((row) =>
      row.text === '9000 W at cs/1'
        ? { ...row, data: { ...(row.data as JsonObject), frame: String((row.data as JsonObject).frame).replace('"value":9', '"value":4') } }
        : row,
    )
    expect(judge(rows()).orders).toMatchObject([{ obeyed: 'no' }])
    const report = judge(forged)
    expect(report.findings).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'report-forged', node: 'lc' })]))
    expect(report).toMatchObject({ verdict: 'tampered', orders: [{ obeyed: 'answered' }] })
  })

  it('is not proven without the key, and says so', async () => {
    const { draws, rows } = await ordered()
    draws(4_000)
    await settle()
    const few = keysOf({ lc: 'local-controller' })
    expect(judge(rows(), few.trust).orders).toMatchObject([{ power: { after: { receipt: 'unproven' } } }])
  })
})

describe('payloads', () => {
  const call = (action: string, payload: JsonObject) => ({ type: CALL, id: '1', action, payload: payloadOf(payload) }) as const
  const watts = (sample: JsonObject) =>
    powerReport(
      call('MeterValues', {
        connectorId: 2,
        meterValue: [{ timestamp: '2026-01-01T00:00:00Z', sampledValue: [{ measurand: 'Power.Active.Import', ...sample }] }],
      }),
    )?.readings.map((reading) => reading.watts)

  it('of OCPP 1.6 and 2.x are read; what is no power of all phases is not', () => {
    expect(watts({ value: '4.2', unit: 'kW' })).toEqual([4_200])
    expect(watts({ value: 42, unitOfMeasure: { unit: 'W', multiplier: 2 } })).toEqual([4_200])
    expect(watts({ value: '0' })).toEqual([0])
    for (const sample of [
      { value: '', unit: 'W' },
      { value: 'x' },
      { value: 1, unit: 'A' },
      { value: 1, phase: 'L1' },
      { value: 1, format: 'SignedData' },
    ])
      expect(watts(sample)).toEqual([])
    expect(watts({ value: 1, measurand: 'Current.Import' })).toEqual([])
    expect(powerReport({ type: SEND, id: '1', action: 'MeterValues', payload: payloadOf({}) })).toBeUndefined()
    expect(powerReport(call('Heartbeat', {}))).toBeUndefined()
  })
})
