import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import type { Answer } from '../../src/ocpp/connection.ts'
import { ERROR, payloadOf, RESULT, RESULT_ERROR } from '../../src/ocpp/frame.ts'
import { settle } from '../support/virtual-clock.ts'
import { bench, deferred, result, TIME } from './bench.ts'

describe("the peer's calls", () => {
  it('are answered under their own id and in order, one after the other', async () => {
    const gates = new Map<string, PromiseWithResolvers<Answer>>()
    const { wire, say } = bench('ocpp1.6', {
      call: ({ id }) => {
        const gate = deferred<Answer>()
        gates.set(id, gate)
        return gate.promise
      },
    })
    await say('[2,"1","Heartbeat",{}]', '[2,"2","Heartbeat",{}]')
    expect([...gates.keys()]).toEqual(['1'])
    gates.get('1')?.resolve(result('not this id'))
    await settle()
    expect([...gates.keys()]).toEqual(['1', '2'])
    gates
      .get('2')
      ?.resolve({ type: RESULT_ERROR, id: 'nor this', code: 'OccurrenceConstraintViolation', description: '', details: payloadOf({}) })
    await settle()
    expect(wire).toEqual([`[3,"1",{"currentTime":"${TIME}"}]`, '[4,"2","OccurenceConstraintViolation","",{}]'])
  })

  it.each([
    ['ocpp1.6', '{}', 'OccurenceConstraintViolation'],
    ['ocpp2.0.1', '{}', 'OccurrenceConstraintViolation'],
    ['ocpp2.1', '{"reason":"PowerUp","chargingStation":{"model":"m","vendorName":"v"},"secret":1}', 'FormatViolation'],
    ['ocpp1.6', '{"chargePointVendor":"v","chargePointModel":"m","secret":1}', 'FormationViolation'],
  ] as const)('of %s with a flawed payload %s never reach the handler', async (version, payload, code) => {
    let seen = 0
    const { wire, flaws, say } = bench(version, {
      call: async ({ id }) => {
        seen++
        return result(id)
      },
    })
    await say(`[2,"1","BootNotification",${payload}]`)
    expect(seen).toBe(0)
    expect(wire).toHaveLength(1)
    expect(JSON.parse(wire[0] ?? '')).toMatchObject([4, '1', code, expect.any(String), { fault: 'payload-invalid' }])
    expect(flaws).toHaveLength(1)
    await say('[2,"2","Heartbeat",{}]')
    expect(seen).toBe(1)
  })

  it('of an unknown action reach the handler, whatever the name', async () => {
    const seen: string[] = []
    const { wire, say } = bench('ocpp2.1', {
      call: async ({ action }) => {
        seen.push(action)
        throw new Fault('action-unknown', 'no such action')
      },
    })
    await say('[2,"1","VendorThing",{"any":1}]', '[2,"2","__proto__",{}]', '[2,"3","constructor",{}]')
    expect(seen).toEqual(['VendorThing', '__proto__', 'constructor'])
    expect(wire[0]).toBe('[4,"1","NotImplemented","no such action",{"fault":"action-unknown"}]')
    expect(wire).toHaveLength(3)
  })

  it('that have the name of a SEND are refused', async () => {
    const { wire, say } = bench('ocpp2.1')
    await say(`[2,"1","NotifyPeriodicEventStream",{"id":1,"pending":0,"basetime":"${TIME}","data":[{"t":1,"v":"1"}]}]`)
    expect(JSON.parse(wire[0] ?? '').slice(0, 3)).toEqual([4, '1', 'NotImplemented'])
  })

  it('are refused when too many wait, and the first ones still answered', async () => {
    const gate = deferred<void>()
    const { wire, say } = bench(
      'ocpp2.1',
      {
        call: async ({ id }) => {
          await gate.promise
          return result(id)
        },
      },
      { inboundLimit: 2 },
    )
    await say(...['1', '2', '3', '4'].map((id) => `[2,"${id}","Heartbeat",{}]`))
    expect(wire).toEqual(['[4,"4","GenericError","too many calls wait",{"fault":"queue-full"}]'])
    gate.resolve()
    await settle()
    expect(wire.slice(1).map((frame) => JSON.parse(frame)[1])).toEqual(['1', '2', '3'])
  })

  it('with the id of one being handled share its answer; afterwards the id is free', async () => {
    const gate = deferred<void>()
    let seen = 0
    const { wire, flaws, say } = bench('ocpp1.6', {
      call: async ({ id }) => {
        seen++
        await gate.promise
        return result(id)
      },
    })
    await say('[2,"1","Heartbeat",{}]', '[2,"1","Heartbeat",{}]')
    gate.resolve()
    await settle()
    expect([seen, wire.length, flaws.length]).toEqual([1, 1, 1])
    await say('[2,"1","Heartbeat",{}]')
    expect([seen, wire.length, flaws.length]).toEqual([2, 2, 1])
  })

  it('are answered with the exact code for what the handler throws', async () => {
    const thrown: Record<string, unknown> = {
      refused: new Fault('refused', 'not yours', { at: 'lc1', rule: 'r7' }),
      unreachable: new Fault('unreachable', 'no route'),
      secret: new Error('password hunter2'),
      nothing: undefined,
      object: Object.create(null),
    }
    const { wire, flaws, say } = bench('ocpp2.1', {
      call: ({ id }) => {
        throw thrown[id]
      },
    })
    await say(...Object.keys(thrown).map((id) => `[2,"${id}","Heartbeat",{}]`))
    expect(wire).toEqual([
      '[4,"refused","SecurityError","not yours",{"at":"lc1","rule":"r7","fault":"refused"}]',
      '[4,"unreachable","GenericError","no route",{"fault":"unreachable"}]',
      '[4,"secret","InternalError","handling Heartbeat failed",{"fault":"internal"}]',
      '[4,"nothing","InternalError","handling Heartbeat failed",{"fault":"internal"}]',
      '[4,"object","InternalError","handling Heartbeat failed",{"fault":"internal"}]',
    ])
    expect(flaws).toHaveLength(3)
  })

  it('are answered with InternalError for an answer that is none', async () => {
    const answers = [undefined, {}, { type: RESULT }, { type: ERROR, code: 'X', description: 'd' }]
    const { wire, say } = bench('ocpp2.1', { call: async ({ id }) => answers[Number(id)] as Answer })
    await say(...answers.map((_, id) => `[2,"${id}","Heartbeat",{}]`))
    expect(wire.map((frame) => JSON.parse(frame).slice(0, 3))).toEqual(answers.map((_, id) => [4, String(id), 'InternalError']))
  })

  it('do not wait for ever behind a handler that never returns', async () => {
    const { wire, clock, say } = bench(
      'ocpp1.6',
      { call: ({ id }) => (id === '1' ? new Promise(() => undefined) : Promise.resolve(result(id))) },
      { callTimeoutMs: 1000 },
    )
    await say('[2,"1","Heartbeat",{}]', '[2,"2","Heartbeat",{}]')
    await clock.advance(999)
    expect(wire).toEqual([])
    await clock.advance(1)
    expect(wire).toEqual([
      '[4,"1","InternalError","Heartbeat was not handled within 1000 ms",{"fault":"internal"}]',
      `[3,"2",{"currentTime":"${TIME}"}]`,
    ])
  })

  it('are answered once, even if the handler returns after its time', async () => {
    const gate = deferred<Answer>()
    const { wire, clock, say } = bench('ocpp1.6', { call: () => gate.promise }, { callTimeoutMs: 1000 })
    await say('[2,"1","Heartbeat",{}]')
    await clock.advance(1000)
    gate.resolve(result('1'))
    await settle()
    expect(wire).toHaveLength(1)
  })

  it('are forgotten with the link', async () => {
    const gate = deferred<Answer>()
    const { wire, clock, peer, say, closed } = bench('ocpp1.6', { call: () => gate.promise })
    await say('[2,"1","Heartbeat",{}]', '[2,"2","Heartbeat",{}]')
    peer.close(1006, '')
    await settle()
    gate.resolve(result('1'))
    await settle()
    expect(wire).toEqual(['closed 1006'])
    expect(closed).toEqual(['1006 '])
    expect(clock.pending).toBe(0)
  })
})
