// One link between two nodes: who is asked when, which answer belongs to whom, and what a broken wire means.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/base/fault.ts'
import { type Envelope, payloadOf, RESULT, RESULT_ERROR, readEnvelope, SEND, writeEnvelope } from '../../src/ocpp/frame.ts'
import { REACHABILITY } from '../../src/overlay/announcement.ts'
import { errorAnswer } from '../../src/overlay/error-answer.ts'
import { NodeLink } from '../../src/overlay/node-link.ts'
import type { PeerEvents } from '../../src/overlay/peer.ts'
import { askedOf, callOf, caught, memoryLinks, outcomeOf, PING, settle, tap, virtualClock } from './support.ts'

const setUp = (serve: (envelope: Envelope) => Promise<Envelope> = () => new Promise(() => undefined)) => {
  const clock = virtualClock()
  const [near, far] = memoryLinks()
  const told = { calls: [] as Envelope[], sends: [] as Envelope[], flaws: [] as Fault[], closed: [] as number[], flawsFar: [] as Fault[] }
  const events = (flaws: Fault[]): PeerEvents => ({
    request(envelope) {
      told.calls.push(envelope)
      return serve(envelope)
    },
    refusal: (envelope, fault) => errorAnswer(envelope, fault, 'b'),
    send: (envelope) => told.sends.push(envelope),
    flaw: (fault) => flaws.push(fault as Fault),
    closed: (_peer, code) => told.closed.push(code),
  })
  const link = new NodeLink(near, { self: 'a', peer: 'b', clock }, events(told.flaws))
  const other = new NodeLink(far, { self: 'b', peer: 'a', clock }, events(told.flawsFar))
  return { clock, near, far, link, other, told }
}
const answerTo = (call: Envelope, said: string): Envelope => ({
  destination: [call.path[0] as string],
  path: ['b'],
  header: {},
  message: { type: RESULT, id: call.message.id, payload: payloadOf({ said }) },
})
const from = (origin: string, to: string, id: string): Envelope => callOf({ from: origin === 'a' ? 'a' : [origin, 'a'], to }, { id })

describe('a link between nodes', () => {
  it('lets one CALL of a pair out at a time, and other pairs past it', async () => {
    const { link, told } = setUp()
    for (const [origin, to, id] of [
      ['s1', 'x', '1'],
      ['s1', 'x', '2'],
      ['s2', 'x', '1'],
      ['s1', 'y', '3'],
      ['s2', 'x', '2'],
    ] as const)
      link.request(from(origin, to, id), 1000).catch(() => undefined)
    await settle()
    expect(told.calls.map(({ path, destination, message }) => [path[0], destination[0], message.id])).toEqual([
      ['s1', 'x', '1'],
      ['s2', 'x', '1'],
      ['s1', 'y', '3'],
    ])
    expect(link.waiting).toBe(5)
  })

  it('gives each asker its own answer, whatever ids they use and in whatever order answers come', async () => {
    const call = fc.record({
      origin: fc.integer({ min: 0, max: 7 }),
      id: fc.integer({ min: 1, max: 5 }),
      delay: fc.integer({ min: 0, max: 50 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
        const delays = new Map(calls.map(({ delay }, i) => [String(i), delay]))
        const { link, clock, told } = setUp(async (envelope) => {
          const { n } = askedOf<{ n: string }>(envelope)
          await new Promise<void>((resolve) => clock.after(delays.get(n) ?? 0, resolve))
          return answerTo(envelope, n)
        })
        const asked = calls.map(({ origin, id }, i) =>
          link.request(callOf({ from: [`s${origin}`, 'a'], to: 'x' }, { id: String(id), payload: payloadOf({ n: String(i) }) }), 60_000),
        )
        await clock.advance(5_000)
        const answers = await Promise.all(asked)
        expect(answers.map((answer) => outcomeOf(answer).said)).toEqual(calls.map((_, i) => String(i)))
        expect(told.flaws).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  it('refuses the 65th CALL that waits for a pair, and the second with an id that is on the wire', async () => {
    const { link } = setUp()
    const asked = Array.from({ length: 65 }, (_, i) => link.request(from('s1', 'x', String(i)), 1000).catch((fault) => fault.code))
    expect((await caught(link.request(from('s1', 'x', '66'), 1000))).code).toBe('queue-full')
    expect((await caught(link.request(from('s1', 'y', '0'), 1000))).code).toBe('queue-full')
    link.close(1000, 'done')
    expect(new Set(await Promise.all(asked.slice(1)))).toEqual(new Set(['unreachable']))
    expect(await asked[0]).toBe('link-lost')
  })

  it('refuses at once when the socket holds back too much', async () => {
    const { link, near } = setUp()
    near.waiting = 4 * 1024 * 1024 + 1
    expect((await caught(link.request(from('s1', 'x', '1'), 1000))).code).toBe('queue-full')
    near.waiting = 0
    link.request(from('s1', 'x', '1'), 1000).catch(() => undefined)
    expect(link.waiting).toBe(1)
  })

  it('counts the time from the moment a CALL goes out, and then lets the next one of the pair go', async () => {
    const { link, clock, told } = setUp()
    const first = caught(link.request(from('s1', 'x', '1'), 1000))
    const second = caught(link.request(from('s1', 'x', '2'), 1000))
    await clock.advance(999)
    expect(told.calls).toHaveLength(1)
    await clock.advance(1)
    expect((await first).code).toBe('timeout')
    expect(told.calls).toHaveLength(2)
    await clock.advance(1000)
    expect((await second).code).toBe('timeout')
    expect([link.waiting, clock.pending]).toEqual([0, 0])
  })

  it('tells what was sent (link-lost) from what was not (unreachable) when the wire breaks', async () => {
    const { link, far, clock, told } = setUp()
    const sent = caught(link.request(from('s1', 'x', '1'), 1000))
    const queued = caught(link.request(from('s1', 'x', '2'), 1000))
    await settle()
    far.close(1006, 'gone')
    expect((await sent).code).toBe('link-lost')
    expect((await queued).code).toBe('unreachable')
    expect((await caught(link.request(from('s1', 'x', '3'), 1000))).code).toBe('unreachable')
    expect(told.closed).toEqual([1006, 1006])
    expect(clock.pending).toBe(0)
  })

  it('is deaf once it was closed here: nothing late counts, and nothing is answered', async () => {
    const { link, far, told } = setUp()
    far.send(writeEnvelope(callOf({ from: 'b', to: 'a' })))
    link.close(1008, 'fenced')
    await settle()
    expect(told.calls).toEqual([])
    expect(told.closed[0]).toBe(1008)
    expect(told.closed.filter((code) => code === 1008)).toHaveLength(2) // once at each end
  })

  it('refuses a path that does not end with the neighbour, and answers to nothing', async () => {
    const { near, far, told } = setUp()
    far.send(writeEnvelope(callOf({ from: ['b', 'c'], to: 'a' })))
    far.send(writeEnvelope(callOf({ from: 'c', to: 'a' })))
    far.send(writeEnvelope(answerTo(callOf({ from: 'a', to: 'b' }, { id: '9' }), 'unasked')))
    far.send('{"not":"an array"}')
    far.send(new Uint8Array([1, 2, 3]))
    await settle()
    expect(told.calls).toEqual([])
    expect(told.flaws.map(({ code }) => code)).toEqual(Array(5).fill('frame-malformed'))
    // the twin: the same with an honest end
    far.send(writeEnvelope(callOf({ from: ['c', 'b'], to: 'a' })))
    await settle()
    expect(told.calls).toHaveLength(1)
    expect(near.waiting).toBe(0)
  })

  it('answers what its node throws with a CALLERROR that names the node, and passes SENDs and CALLRESULTERRORs on', async () => {
    const { link, other, told } = setUp(() => Promise.reject(new RangeError('secret words')))
    const answer = await link.request(from('s1', 'x', '1'), 1000)
    expect(outcomeOf(answer)).toMatchObject({ code: 'InternalError', at: 'b', fault: 'internal' })
    expect(JSON.stringify(answer)).not.toContain('secret')
    other.send({ ...callOf({ from: 'b', to: 'a' }), message: { type: SEND, id: '2', action: PING, payload: payloadOf({}) } })
    other.send({
      ...callOf({ from: 'b', to: 'a' }),
      message: { type: RESULT_ERROR, id: '3', code: 'X', description: '', details: payloadOf({}) },
    })
    await settle()
    expect(told.sends.map(({ message }) => message.type)).toEqual([SEND, RESULT_ERROR])
    expect(told.flaws).toEqual([])
    expect(await link.alive(1)).toBe(true)
  })

  const MiB = 1024 * 1024
  const sendOf = (action: string): Envelope => ({
    ...callOf({ from: 'a', to: 'b' }),
    message: { type: SEND, id: '2', action, payload: payloadOf({}) },
  })

  it('drops SENDs towards a neighbour that does not read, and no announcement', async () => {
    const { link, near, told } = setUp()
    near.waiting = 4 * MiB + 1
    link.send(sendOf(PING))
    expect(told.flaws.map(({ code }) => code)).toEqual(['queue-full'])
    link.send(sendOf(REACHABILITY))
    await settle()
    expect(told.sends.map(({ message }) => 'action' in message && message.action)).toEqual([REACHABILITY])
    near.waiting = 0
    link.send(sendOf(PING))
    await settle()
    expect(told.sends).toHaveLength(2)
  })

  it('gives up a neighbour that asks and asks and reads no answer', async () => {
    const { near, far, told } = setUp(({ message }) => Promise.resolve(answerTo(callOf({ from: 'b', to: 'a' }, { id: message.id }), 'x')))
    for (const [waiting, closed] of [
      [8 * MiB, []],
      [8 * MiB + 1, [1008, 1008]],
    ] as const) {
      near.waiting = waiting
      far.send(writeEnvelope(callOf({ from: 'b', to: 'a' }, { id: String(waiting) })))
      await settle()
      expect(told.closed).toEqual(closed)
    }
  })

  it('keeps 64 MiB of payloads for answers to come, and lets go of them with each answer', async () => {
    const { link, clock } = setUp()
    const big = payloadOf({ x: 'x'.repeat(MiB - 8) })
    const ask = (i: number) => link.request(callOf({ from: [`s${i}`, 'a'], to: 'x' }, { payload: big }), 1000)
    const asked = Array.from({ length: 64 }, (_, i) => caught(ask(i)))
    expect((await caught(ask(64))).code).toBe('queue-full')
    await clock.advance(1000)
    expect(new Set((await Promise.all(asked)).map(({ code }) => code))).toEqual(new Set(['queue-full', 'timeout']))
    const again = caught(ask(65))
    await clock.advance(1000)
    expect((await again).code).toBe('timeout')
  })

  it('serves 10,000 messages of a neighbour at once, and tells it where there are more', async () => {
    const { near, far, told } = setUp()
    const frames: string[] = []
    tap(near, (frame) => void frames.push(frame))
    for (let i = 0; i < 10_001; i++) far.send(writeEnvelope(callOf({ from: 'b', to: 'a' }, { id: String(i) })))
    for (let i = 0; i < 5 && frames.length === 0; i++) await settle()
    expect(told.calls).toHaveLength(10_000)
    expect(frames.map((frame) => outcomeOf(readEnvelope(frame)).fault)).toEqual(['queue-full'])
  })
})
