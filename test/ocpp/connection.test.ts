import { describe, expect, it } from 'vitest'
import { Connection } from '../../src/ocpp/connection.ts'
import type { Call, Send } from '../../src/ocpp/frame.ts'
import { memoryLinks } from '../support/memory-link.ts'
import { settle, virtualClock } from '../support/virtual-clock.ts'
import { bench, call, faultOf, result, send, TIME } from './bench.ts'

describe('two ends', () => {
  it('ask each other and answer', async () => {
    const [a, b] = memoryLinks()
    const clock = virtualClock()
    const closed = () => undefined
    const station = new Connection(a, { version: 'ocpp2.1', clock }, { closed, call: async ({ id }) => result(id, { status: 'Accepted' }) })
    const csms = new Connection(b, { version: 'ocpp2.1', clock }, { closed, call: async ({ id }) => result(id) })
    const answers = await Promise.all([
      station.request(call('1')),
      csms.request(call('1', 'ClearCache')),
      station.request(call('2')),
      csms.request(call('2', 'Reset', { type: 'OnIdle' })),
    ])
    expect(answers).toEqual([result('1'), result('1', { status: 'Accepted' }), result('2'), result('2', { status: 'Accepted' })])
    expect(clock.pending).toBe(0)
  })
})

describe('frames that cannot be read', () => {
  it.each([
    ['ocpp2.1', 'rubbish', '-1', 'RpcFrameworkError'],
    ['ocpp2.0.1', '[2,"7","Heartbeat"]', '7', 'RpcFrameworkError'],
    ['ocpp1.6', '[2,"7","Heartbeat"]', '7', 'ProtocolError'],
    ['ocpp2.0.1', '[8,"7",{}]', '7', 'MessageTypeNotSupported'],
  ] as const)('%s answers %s with the id %s and %s', async (version, frame, id, code) => {
    const { wire, flaws, say } = bench(version)
    await say(frame)
    expect(wire.map((text) => JSON.parse(text).slice(0, 3))).toEqual([[4, id, code]])
    expect(flaws).toHaveLength(1)
  })

  it.each([
    ['ocpp1.6', 'rubbish'],
    ['ocpp1.6', '[8,"7",{}]'],
    ['ocpp2.1', '[8,"7",{}]'],
    ['ocpp2.0.1', `[6,"7","NotifyPeriodicEventStream",{}]`],
    ['ocpp1.6', '[5,"7","GenericError","",{}]'],
    ['ocpp2.1', '[3,"7",{}]'],
    ['ocpp2.1', '[3,"7"]'],
    ['ocpp2.1', '[4,"-1","RpcFrameworkError","",{}]'],
    ['ocpp2.1', '[4]'],
    ['ocpp2.1', '[5]'],
    ['ocpp2.1', '[6,"7","NotifyPeriodicEventStream",{}]'],
    ['ocpp2.1', '[6,"7","Heartbeat",{}]'],
  ] as const)('%s tells of %s and does not answer', async (version, frame) => {
    const { wire, flaws, say } = bench(version)
    await say(frame)
    expect(wire).toEqual([])
    expect(flaws).toHaveLength(1)
  })

  it('in binary are not served, though they hold a call', async () => {
    const { wire, flaws, say } = bench('ocpp1.6')
    await say(new TextEncoder().encode('[2,"1","Heartbeat",{}]'))
    expect(wire).toEqual([])
    expect(flaws).toEqual(['frame-malformed: a binary frame of 22 bytes came where only text is spoken'])
  })

  it('close the connection when there are too many in a row, and only then', async () => {
    const { wire, closed, say } = bench('ocpp1.6', {}, { flawLimit: 3 })
    await say('x', 'x', '[2,"1","Heartbeat",{}]', 'x', 'x')
    expect(closed).toEqual([])
    await say('x', '[2,"2","Heartbeat",{}]')
    expect(closed).toEqual(['1008 too many flaws'])
    expect(wire).toEqual([`[3,"1",{"currentTime":"${TIME}"}]`, 'closed 1008'])
  })

  it('do not start an endless exchange between two of us', async () => {
    const [a, b] = memoryLinks()
    let flaws = 0
    const handler = { call: async ({ id }: Call) => result(id), closed: () => undefined, flaw: () => void flaws++ }
    new Connection(a, { version: 'ocpp2.1', clock: virtualClock() }, handler)
    new Connection(b, { version: 'ocpp2.1', clock: virtualClock() }, handler)
    a.send('rubbish')
    await settle()
    // the rubbish, and the CALLERROR that came to no call
    expect(flaws).toBe(2)
  })
})

describe('SEND', () => {
  const event = { id: 1, pending: 0, basetime: TIME, data: [{ t: 1, v: '5' }] }

  it('overtakes calls that wait, and is never answered', async () => {
    const seen: Send[] = []
    const { connection, wire, say } = bench('ocpp2.1', { send: (message) => void seen.push(message) })
    const answer = connection.request(call('1'))
    const next = faultOf(connection.request(call('2')))
    connection.send(send('3', event))
    await say(`[6,"4","NotifyPeriodicEventStream",${JSON.stringify(event)}]`, `[3,"1",{"currentTime":"${TIME}"}]`)
    expect(wire).toEqual([
      '[2,"1","Heartbeat",{}]',
      `[6,"3","NotifyPeriodicEventStream",${JSON.stringify(event)}]`,
      '[2,"2","Heartbeat",{}]',
    ])
    expect(await answer).toEqual(result('1'))
    expect(seen).toEqual([send('4', event)])
    connection.close(1000, '')
    await next
    expect(() => connection.send(send('5', event))).toThrow(expect.objectContaining({ code: 'link-lost' }))
  })

  it('of an unknown action reaches the handler, and one that throws is told', async () => {
    const { wire, flaws, say } = bench('ocpp2.1', {
      send: () => {
        throw new Error('broken')
      },
    })
    await say('[6,"1","VendorStream",{}]')
    expect(wire).toEqual([])
    expect(flaws).toEqual(['internal: handling VendorStream failed'])
  })

  it('does not exist before 2.1', () => {
    const { connection } = bench('ocpp2.0.1')
    expect(() => connection.send(send('1', event))).toThrow(expect.objectContaining({ code: 'action-unknown' }))
  })
})

it('CALLRESULTERROR is told, and neither answered nor counted as a flaw of the peer', async () => {
  const { wire, flaws, closed, say } = bench('ocpp2.1', {}, { flawLimit: 1 })
  await say('[5,"7","TypeConstraintViolation","",{}]')
  expect(wire).toEqual([])
  expect(closed).toEqual([])
  expect(flaws).toEqual(['remote-error: the peer could not use our answer'])
})

it('a peer that does not read is let go', async () => {
  const { connection, closed } = bench('ocpp1.6', {}, { bufferLimit: 100 })
  const faults = [faultOf(connection.request(call('1', 'DataTransfer', { vendorId: 'v', data: 'x'.repeat(100) })))]
  await settle()
  expect((await Promise.all(faults)).map(({ code }) => code)).toEqual(['link-lost'])
  expect(closed).toEqual(['1008 reads too slowly'])
})
