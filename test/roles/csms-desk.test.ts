import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import { actionsOf } from '../../src/ocpp/actions.ts'
import { wireCode } from '../../src/ocpp/error-code.ts'
import { validateRequest, validateResponse } from '../../src/ocpp/validate.ts'
import { VERSIONS, type Version } from '../../src/ocpp/version.ts'
import type { JsonObject } from '../../src/roles/behaviours/behaviour.ts'
import { getReport, getTransaction, listTransactions, stations } from '../../src/roles/csms-views.ts'
import { iso, REQUESTS_16, REQUESTS_21, REQUESTS_201, T0, UNSUPPORTED } from './support/station-messages.ts'
import { securityKinds, testDesk } from './support/test-desk.ts'

const REQUESTS: Readonly<Record<Version, Readonly<Record<string, JsonObject>>>> = {
  'ocpp1.6': REQUESTS_16,
  'ocpp2.0.1': REQUESTS_201,
  'ocpp2.1': REQUESTS_21,
}
const CASES = VERSIONS.flatMap((version) => Object.entries(REQUESTS[version]).map(([action, payload]) => ({ version, action, payload })))

describe('every action of a station', () => {
  it.each(CASES)('$version $action is answered by its schema, and the same when it is repeated', async ({ version, action, payload }) => {
    expect(validateRequest(version, action, payload)).toBeUndefined()
    const { say } = testDesk(version)
    const answer = await say(action, payload, { id: '1' })
    expect(validateResponse(version, action, answer)).toBeUndefined()
    expect(await say(action, payload, { id: '1' })).toEqual(answer)
  })

  it.each(VERSIONS)('%s: what is not answered is refused as NotSupported, and a stranger as NotImplemented', async (version) => {
    const { say, store } = testDesk(version)
    const refusedOf = async (action: string): Promise<string> =>
      say(action, {}).then(
        () => 'answered',
        (fault) => wireCode(version, fault),
      )
    for (const action of UNSUPPORTED[version]) expect(await refusedOf(action)).toBe('NotSupported')
    for (const action of ['Nonsense', 'constructor', '__proto__', '']) expect(await refusedOf(action)).toBe('NotImplemented')
    const fromCsms = actionsOf(version).filter((action) => !(action in REQUESTS[version]))
    for (const action of fromCsms.filter((name) => name !== 'NotifyPeriodicEventStream'))
      expect(await refusedOf(action)).toBe('NotSupported')
    expect(store.list('answers')).toEqual([])
  })

  it('takes a SEND of 2.1', async () => {
    const { say, store } = testDesk('ocpp2.1')
    await say('NotifyPeriodicEventStream', { id: 4, pending: 0, basetime: iso(0), data: [{ t: 0, v: '1' }] })
    expect(store.list('latest').map(({ key }) => key)).toEqual(['CS1/NotifyPeriodicEventStream/4'])
  })
})

describe('durable before the answer', () => {
  /** A store whose first commit fails, as on a full disk. */
  const brokenOnce = () => {
    let commits = 0
    return memoryStore({
      beforeCommit: () => {
        if (++commits === 1) throw new Error('disk full')
      },
    })
  }

  it('gives no answer, no event and no effect when the store cannot keep it', async () => {
    const store = brokenOnce()
    const { say, events } = testDesk('ocpp1.6', { store })
    await expect(say('StartTransaction', REQUESTS_16.StartTransaction ?? {}, { id: '1' })).rejects.toMatchObject({ code: 'store-failed' })
    expect(events).toEqual([])
    expect(listTransactions(store)).toEqual([])
    await say('StartTransaction', REQUESTS_16.StartTransaction ?? {}, { id: '1' })
    expect(listTransactions(store)).toHaveLength(1)
  })

  it('does not let a later message build on one that was not kept', async () => {
    const store = brokenOnce()
    const { say } = testDesk('ocpp2.0.1', { store })
    const event = (seqNo: number) =>
      say('TransactionEvent', { ...REQUESTS_201.TransactionEvent, seqNo, eventType: seqNo === 0 ? 'Started' : 'Updated' })
    const first = event(0).catch((fault) => fault.code)
    const second = event(1)
    expect(await first).toBe('store-failed')
    await second
    expect(listTransactions(store).map(({ flags }) => flags)).toEqual([['start-missing']])
    await event(0)
    expect(listTransactions(store).map(({ flags }) => flags)).toEqual([[]])
  })

  it('tells of an event only when it is kept', async () => {
    const store = memoryStore()
    const { desk, say } = testDesk('ocpp1.6', { store })
    const seen: number[] = []
    desk.onEvent(() => seen.push(store.list('stations').length))
    await say('BootNotification', REQUESTS_16.BootNotification ?? {})
    expect(seen).toEqual([1])
  })
})

describe('repeated messages', () => {
  const start = REQUESTS_16.StartTransaction ?? {}

  it('answers a retry from memory, across a restart', async () => {
    const store = memoryStore()
    const first = await testDesk('ocpp1.6', { store, seed: 1 }).say('StartTransaction', start, { id: '9' })
    const again = testDesk('ocpp1.6', { store, seed: 2 })
    expect(await again.say('StartTransaction', start, { id: '9' })).toEqual(first)
    expect(await again.say('StartTransaction', start, { id: '10' })).toEqual(first)
    expect(await again.say('StartTransaction', { ...start, meterStart: 1001 }, { id: '11' })).not.toEqual(first)
    expect(listTransactions(store)).toHaveLength(2)
  })

  it('takes another payload under the same id as a new message, and says so', async () => {
    const { say, events, store } = testDesk('ocpp1.6')
    const first = await say('StartTransaction', start, { id: '1' })
    const second = await say('StartTransaction', { ...start, connectorId: 2 }, { id: '1' })
    expect(second.transactionId).not.toBe(first.transactionId)
    expect(securityKinds(events)).toEqual(['message-id-reused'])
    expect(listTransactions(store)).toHaveLength(2)
    // the id of another station is another id
    await say('StartTransaction', { ...start, connectorId: 3 }, { id: '1', station: 'CS2' })
    expect(securityKinds(events)).toHaveLength(1)
  })

  it('forgets answers after a day, a few with every so many messages', async () => {
    const { say, store, clock } = testDesk('ocpp2.0.1')
    const notify = (requestId: number) =>
      say('ReservationStatusUpdate', { reservationId: requestId, reservationUpdateStatus: 'Expired' }, { id: `r${requestId}` })
    for (let i = 0; i < 50; i++) await notify(i)
    await clock.advance(86_400_001)
    // the id comes again before its old row is swept out: the new row must survive the sweep
    await notify(0)
    for (let i = 100; i < 163; i++) await notify(i)
    const keys = store.list('answers').map(({ key }) => key)
    expect(keys).toHaveLength(64)
    expect(keys).toContain('CS1/r0')
    expect(keys).not.toContain('CS1/r1')
    expect(store.list('answers-by-time')).toHaveLength(64)
  })
})

describe('what is remembered of a station', () => {
  it('shows what it said when it booted, its connectors and when it was last heard of', async () => {
    const { say, store, desk, clock } = testDesk('ocpp1.6')
    await say('BootNotification', REQUESTS_16.BootNotification ?? {})
    await say('StatusNotification', REQUESTS_16.StatusNotification ?? {})
    await clock.advance(60_000)
    await say('Heartbeat', {})
    expect(stations(store, desk.seen)).toEqual([
      {
        id: 'CS1',
        protocol: 'ocpp1.6',
        vendorName: 'V',
        model: 'M',
        serial: 'S1',
        firmware: '1.2',
        bootedAt: iso(0),
        lastSeen: iso(1),
        connectors: [{ connectorId: 1, status: 'Available', errorCode: 'NoError', at: iso(0) }],
      },
    ])
  })

  it('writes no row for a heartbeat, and last-seen times beside another commit', async () => {
    const commits: number[] = []
    const store = memoryStore({ beforeCommit: () => commits.push(1) })
    const { say, clock } = testDesk('ocpp1.6', { store })
    for (let i = 0; i < 10; i++) await say('Heartbeat', {}, { station: `CS${i}` })
    expect(commits).toHaveLength(0)
    await say('StatusNotification', REQUESTS_16.StatusNotification ?? {})
    expect(store.list('seen')).toHaveLength(10)
    await clock.advance(29_000)
    await say('StatusNotification', REQUESTS_16.StatusNotification ?? {})
    expect(store.get('seen', 'CS1')).toBe(new Date(T0).toISOString())
    await clock.advance(1_000)
    await say('StatusNotification', REQUESTS_16.StatusNotification ?? {})
    expect(store.get('seen', 'CS1')).toBe(new Date(T0 + 30_000).toISOString())
    expect(testDesk('ocpp1.6', { store }).desk.seen.get('CS1')).toBe(T0 + 30_000)
  })

  it('forgets connectors counted the old way when a station changes its protocol', async () => {
    const { say, store } = testDesk('ocpp1.6')
    await say('BootNotification', REQUESTS_16.BootNotification ?? {})
    await say('StatusNotification', REQUESTS_16.StatusNotification ?? {})
    await say('BootNotification', REQUESTS_201.BootNotification ?? {}, { version: 'ocpp2.0.1' })
    await say('StatusNotification', REQUESTS_201.StatusNotification ?? {}, { version: 'ocpp2.0.1' })
    expect(stations(store)[0]).toMatchObject({ protocol: 'ocpp2.0.1', connectors: [{ evseId: 1, connectorId: 1, status: 'Occupied' }] })
    expect(stations(store)[0]?.connectors).toHaveLength(1)
  })

  it('answers as the settings say that it is registered', async () => {
    const { say } = testDesk('ocpp2.1', { settings: { heartbeatSeconds: 60, registration: 'Pending', tokens: {} } })
    expect(await say('BootNotification', REQUESTS_21.BootNotification ?? {})).toEqual({
      status: 'Pending',
      currentTime: iso(0),
      interval: 60,
    })
  })
})

describe('reports', () => {
  const part = (seqNo: number, tbc: boolean, generatedAt = iso(0)): JsonObject => ({
    requestId: 8,
    seqNo,
    tbc,
    generatedAt,
    reportData: [],
  })

  it('are collected until nothing is to come, and begun anew after that', async () => {
    const { say, store, events } = testDesk('ocpp2.0.1')
    const report = () => getReport(store, 'CS1', { action: 'NotifyReport', requestId: 8 })
    expect(report()).toBeUndefined()
    await say('NotifyReport', part(0, true))
    await say('NotifyReport', part(1, true))
    expect(report()).toMatchObject({ parts: 2, complete: false })
    await say('NotifyReport', part(2, false))
    expect(report()).toMatchObject({ parts: 3, complete: true })
    expect(report()?.payloads.map(({ seqNo }) => seqNo)).toEqual([0, 1, 2])
    expect(events.at(-1)).toMatchObject({ type: 'notice', data: { action: 'NotifyReport', complete: true, parts: 3 } })
    await say('NotifyReport', part(0, false, iso(5)))
    expect(report()?.payloads).toEqual([part(0, false, iso(5))])
  })
})

it('keeps no transaction that is not there', () => {
  expect(getTransaction(testDesk('ocpp1.6').store, 'nothing')).toBeUndefined()
})
