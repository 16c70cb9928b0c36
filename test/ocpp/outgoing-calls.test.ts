import { describe, expect, it } from 'vitest'
import { CALL, ERROR, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { settle } from '../support/virtual-clock.ts'
import { bench, call, faultOf, result, TIME } from './bench.ts'

describe('own calls', () => {
  it('go out one at a time and in order', async () => {
    const { connection, wire, say } = bench('ocpp1.6')
    const answers = ['1', '2', '3'].map((id) => connection.request(call(id)))
    expect(connection.waiting).toBe(3)
    await settle()
    expect(wire).toEqual(['[2,"1","Heartbeat",{}]'])
    await say(`[3,"1",{"currentTime":"${TIME}"}]`)
    expect(wire).toEqual(['[2,"1","Heartbeat",{}]', '[2,"2","Heartbeat",{}]'])
    await say('[4,"2","InternalError","","{}"]'.replace('"{}"', '{}'))
    await say(`[3,"3",{"currentTime":"${TIME}"}]`)
    expect(await Promise.all(answers)).toEqual([
      result('1'),
      { type: ERROR, id: '2', code: 'InternalError', description: '', details: payloadOf({}) },
      result('3'),
    ])
    expect(connection.waiting).toBe(0)
  })

  it('carry the payload text as it is, and bring the answer text as it came', async () => {
    const { connection, wire, say } = bench('ocpp2.1')
    const odd = { text: '{ "a" : 1.0 }', value: { a: 1 } }
    const answer = connection.request({ type: CALL, id: '1', action: 'VendorThing', payload: odd })
    await say('[3,"1",{ "b":1e2}]')
    expect(wire).toEqual(['[2,"1","VendorThing",{ "a" : 1.0 }]'])
    expect(await answer).toEqual({ type: RESULT, id: '1', payload: { text: '{ "b":1e2}', value: { b: 100 } } })
  })

  it('time out, let the next one go, and a late answer is dropped and told', async () => {
    const { connection, clock, wire, flaws, say } = bench('ocpp1.6', {}, { callTimeoutMs: 1000, flawLimit: 2 })
    const first = faultOf(connection.request(call('1')))
    const second = connection.request(call('2'))
    await clock.advance(999)
    expect(connection.waiting).toBe(2)
    await clock.advance(1)
    expect(await first).toMatchObject({ code: 'timeout', data: { sent: true } })
    expect(wire.at(-1)).toBe('[2,"2","Heartbeat",{}]')
    await say(`[3,"1",{"currentTime":"${TIME}"}]`)
    expect(flaws).toEqual(['timeout: an answer came after its call was given up'])
    await say(`[3,"2",{"currentTime":"${TIME}"}]`)
    expect(await second).toEqual(result('2'))
    // once only, and only for a call that was made
    await say(`[3,"1",{"currentTime":"${TIME}"}]`)
    expect(flaws.at(-1)).toBe('frame-malformed: an answer came to no call')
    expect(wire).toHaveLength(2)
  })

  it('have their own time limit, counted from when they go out', async () => {
    const { connection, clock } = bench('ocpp1.6')
    const slow = faultOf(connection.request(call('1'), 5000))
    const quick = faultOf(connection.request(call('2'), 100))
    await clock.advance(5000)
    expect((await slow).code).toBe('timeout')
    expect(connection.waiting).toBe(1)
    await clock.advance(100)
    expect((await quick).code).toBe('timeout')
  })

  it('wait in a queue with an end', async () => {
    const { connection, say } = bench('ocpp1.6', {}, { queueLimit: 2 })
    const taken = ['1', '2', '3'].map((id) => connection.request(call(id)))
    expect(await faultOf(connection.request(call('4')))).toMatchObject({ code: 'queue-full' })
    await say(...['1', '2', '3'].map((id) => `[3,"${id}",{"currentTime":"${TIME}"}]`))
    expect(await Promise.all(taken)).toHaveLength(3)
  })

  it('end with the link, and say which of them went out', async () => {
    const { connection, peer, closed, clock } = bench('ocpp1.6')
    const faults = ['1', '2'].map((id) => faultOf(connection.request(call(id))))
    peer.close(1001, 'bye')
    expect(await Promise.all(faults)).toMatchObject([
      { code: 'link-lost', data: { sent: true } },
      { code: 'link-lost', data: { sent: false } },
    ])
    await settle()
    expect(closed).toEqual(['1001 bye'])
    expect(await faultOf(connection.request(call('3')))).toMatchObject({ code: 'link-lost', data: { sent: false } })
    expect(clock.pending).toBe(0)
  })

  it('end at once when this side closes', async () => {
    const { connection, wire, closed, say } = bench('ocpp1.6')
    const fault = faultOf(connection.request(call('1')))
    connection.close(1000, 'done')
    connection.close(1000, 'done again')
    expect((await fault).code).toBe('link-lost')
    await say('[2,"9","Heartbeat",{}]')
    expect(wire).toEqual(['[2,"1","Heartbeat",{}]', 'closed 1000'])
    expect(closed).toEqual(['1000 done'])
  })

  it('fail for an answer that breaks its schema; 2.1 says so to the peer, the others have no word for it', async () => {
    for (const version of ['ocpp2.1', 'ocpp2.0.1', 'ocpp1.6'] as const) {
      const { connection, wire, flaws, say } = bench(version)
      const fault = faultOf(connection.request(call('1')))
      await say('[3,"1",{"currentTime":"1000000"}]')
      expect(await fault).toMatchObject({ code: 'payload-invalid', data: { kind: 'property', path: '/currentTime', action: 'Heartbeat' } })
      expect(flaws).toHaveLength(1)
      expect(wire.slice(1)).toEqual(
        version === 'ocpp2.1'
          ? [
              '[5,"1","PropertyConstraintViolation","must match format \\"date-time\\"",{"kind":"property","path":"/currentTime","action":"Heartbeat","fault":"payload-invalid"}]',
            ]
          : [],
      )
    }
  })

  it('fail at once for an answer that is no frame', async () => {
    const { connection, wire, say } = bench('ocpp2.0.1')
    const faults = [faultOf(connection.request(call('1'))), faultOf(connection.request(call('2')))]
    await say('[3,"1"]', '[4,"2","GenericError"]')
    expect((await Promise.all(faults)).map(({ code }) => code)).toEqual(['frame-malformed', 'frame-malformed'])
    expect(wire).toHaveLength(2)
  })
})
