// A command whose answer is lost is unknown: written down, asked about, never repeated; and settled when the station says.
import { describe, expect, it } from 'vitest'
import { outcomeOf } from '../../src/adapters/operations.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import type { Answer } from '../../src/ocpp/connection.ts'
import { type Call, ERROR, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { caught, memoryLinks, settle, stationOn, virtualClock } from '../overlay/support.ts'
import { decisions, makeNetwork } from './park.ts'

const CS = { stationId: 'cs', version: 'ocpp2.1' } as const
const ORDER = { transactionId: 't' }

const setUp = (store = memoryStore()) => {
  const clock = virtualClock()
  const csms = makeNetwork(clock, { id: 'csms' }, { store })
  const heard: Call[] = []
  const answers: Record<string, Json> = {}
  const connect = async () => {
    const [near, far] = memoryLinks()
    const answer = (call: Call): Promise<Answer> => {
      heard.push(call)
      const told = answers[call.action]
      return told === undefined ? new Promise(() => undefined) : Promise.resolve({ type: RESULT, id: call.id, payload: payloadOf(told) })
    }
    stationOn(clock, near, { version: 'ocpp2.1', answer })
    await csms.stationConnected(far, CS)
    await settle()
    return near
  }
  const order = (action: string, payload: Json = ORDER, timeoutMs = 5_000) =>
    csms.ask('cs', action, payloadOf(payload), { ocpp: 'ocpp2.1', timeoutMs })
  const actions = () => heard.map(({ action }) => action)
  const rows = () => decisions(csms.journal).map(({ kind, text }) => `${kind}: ${text}`)
  return { clock, csms, connect, order, actions, rows, answers, store }
}

describe('a command whose answer was lost', () => {
  it('is asked about when the station is back, and what it says is written down', async () => {
    const { clock, csms, connect, order, actions, rows, answers } = setUp()
    const link = await connect()
    const lost = caught(order('RequestStopTransaction'))
    await settle()
    link.close(1006, 'gone')
    expect(await lost).toMatchObject({ code: 'link-lost' })
    const unknown = 'order-unknown: nobody knows whether RequestStopTransaction was obeyed (link-lost); GetTransactionStatus will tell'
    expect(rows()).toEqual([unknown])
    await clock.advance(60_000)
    expect([actions(), csms.inquiries.open]).toEqual([['RequestStopTransaction'], 1])
    answers.GetTransactionStatus = { ongoingIndicator: false, messagesInQueue: false }
    await connect()
    await clock.advance(61_000)
    expect(actions()).toEqual(['RequestStopTransaction', 'GetTransactionStatus'])
    expect(rows()).toEqual([unknown, 'order-settled: RequestStopTransaction was obeyed'])
    await clock.advance(600_000)
    expect([actions().length, csms.inquiries.open]).toEqual([2, 0])
  })

  it('is known to a new process over the same store, and given up after a day', async () => {
    const before = setUp()
    const link = await before.connect()
    const lost = caught(before.order('RequestStopTransaction'))
    await settle()
    link.close(1006, 'gone')
    await lost
    before.csms.stop()
    const after = setUp(before.store)
    expect(after.csms.inquiries.open).toBe(1)
    await after.clock.advance(25 * 3_600_000)
    expect(after.rows().at(-1)).toBe('order-settled: RequestStopTransaction may have been obeyed: nobody could be asked')
    expect([after.csms.inquiries.open, after.store.list('unknown-orders')]).toEqual([0, []])
  })

  it('was never sent where it only waited: that is no loss; nor is that of a question', async () => {
    const { connect, order, rows } = setUp()
    expect(await caught(order('RequestStopTransaction'))).toMatchObject({ code: 'unreachable' })
    const link = await connect()
    const both = [caught(order('GetLocalListVersion', {})), order('RequestStopTransaction').catch((fault) => fault)]
    await settle()
    link.close(1006, 'gone')
    await Promise.all(both)
    expect(rows()).toEqual([])
  })

  it('where OCPP has no question is written down, and left at that', async () => {
    const { clock, csms, connect, order, rows, actions } = setUp()
    await connect()
    const lost = order('ClearCache', {}).catch((fault) => fault)
    await clock.advance(10_000)
    await lost
    expect(rows()).toEqual(['order-unknown: nobody knows whether ClearCache was obeyed (timeout); OCPP has no question that would tell'])
    await clock.advance(100_000)
    expect([actions(), csms.inquiries.open]).toEqual([['ClearCache'], 0])
  })

  it('is an outcome of its own for who asked', () => {
    const { csms } = setUp()
    const question = csms.overlay.compose('cs', 'Reset', payloadOf({}), { ocpp: 'ocpp2.1' })
    const answer = (details: Json) =>
      outcomeOf(csms, question, {
        ...question,
        path: ['lc'],
        message: { type: ERROR, id: '1', code: 'GenericError', description: 'no answer', details: payloadOf(details) },
      })
    const refusal = { status: 'error', code: 'GenericError', description: 'no answer', at: 'lc' }
    expect(answer({ at: 'lc', fault: 'timeout' })).toEqual({ ...refusal, outcome: 'unknown' })
    expect(answer({ at: 'lc', fault: 'link-lost', sent: false })).toEqual(refusal)
    expect(answer({ at: 'lc', fault: 'unreachable' })).toEqual(refusal)
  })
})
