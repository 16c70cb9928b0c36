// A link to a station that speaks plain OCPP-J: it notices nothing of the overlay, and signatures come through where they can.
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { type Envelope, ERROR, payloadOf, RESULT, RESULT_ERROR, readFrame, SEND, writeEnvelope } from '../../src/ocpp/frame.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { foldSignatures } from '../../src/overlay/custom-data.ts'
import { errorAnswer } from '../../src/overlay/error-answer.ts'
import type { PeerEvents } from '../../src/overlay/peer.ts'
import { callOf, caught, makeNode, makeStation, outcomeOf, PING, type StationOptions, settle, tap, virtualClock } from './support.ts'

const SIGNATURES = [{ protected: 'cHJv', signature: 'c2ln' }]

const setUp = (options: StationOptions & { reply?: (call: Envelope) => Envelope } = {}) => {
  const clock = virtualClock()
  const { node } = makeNode(clock, 'lc')
  const told = { calls: [] as Envelope[], sends: [] as Envelope[], flaws: [] as Error[], closed: [] as number[] }
  const events: PeerEvents = {
    async request(envelope) {
      told.calls.push(envelope)
      if (options.reply) return options.reply(envelope)
      throw new Fault('unreachable', 'no way')
    },
    refusal: (envelope, fault) => errorAnswer(envelope, fault, 'lc'),
    send: (envelope) => told.sends.push(envelope),
    flaw: (error) => told.flaws.push(error),
    closed: (_peer, code) => told.closed.push(code),
  }
  return { clock, told, ...makeStation(clock, node, 'cs', { ...options, events }) }
}
const makeAt = (version: Version) => {
  const { node } = makeNode(virtualClock(), 'lc')
  const { far } = makeStation(virtualClock(), node, 'cs', { version })
  return { node, link: far }
}
const answer = (message: Envelope['message'], header: Envelope['header'] = {}): Envelope => ({
  destination: ['cs'],
  path: ['csms', 'lc'],
  header,
  message,
})

describe('a link to a station', () => {
  it('hands over no message of another version than the station speaks, whatever was judged of it', async () => {
    const { node, link } = makeAt('ocpp1.6')
    const heard: string[] = []
    tap(link, (frame) => {
      heard.push(frame)
      return frame
    })
    const say = (ocpp?: Version) => node.ask(callOf({ from: 'lc', to: 'cs' }, { id: String(ocpp) }, ocpp ? { ocpp } : {}))
    for (const version of ['ocpp2.0.1', 'ocpp2.1'] as const) expect((await caught(say(version))).code).toBe('payload-invalid')
    expect(heard).toEqual([])
  })

  it('makes an envelope of a CALL, and a plain answer of the envelope that comes back', async () => {
    const { ask, told } = setUp({ reply: ({ message }) => answer({ type: RESULT, id: message.id, payload: payloadOf({ ok: true }) }) })
    expect(outcomeOf({ message: await ask(PING, { a: 1 }, '7') })).toEqual({ ok: true })
    expect(told.calls).toEqual([callOf({ from: 'cs', to: 'csms' }, { id: '7', payload: payloadOf({ a: 1 }) }, { ocpp: 'ocpp2.1' })])
  })

  it('answers errors in the spelling of the version, faults as errors', async () => {
    const error = { type: ERROR, code: 'OccurrenceConstraintViolation', description: '', details: payloadOf({ at: 'csms' }) } as const
    const { ask } = setUp({ version: 'ocpp1.6', reply: ({ message }) => answer({ ...error, id: message.id }) })
    expect(await ask(PING, {})).toMatchObject({ code: 'OccurenceConstraintViolation', details: { value: { at: 'csms' } } })
    expect(outcomeOf({ message: await setUp().ask(PING, {}) })).toMatchObject({ code: 'GenericError', fault: 'unreachable' })
  })

  it.each([
    ['ocpp2.1', true],
    ['ocpp2.0.1', true],
    ['ocpp1.6', false],
  ] as const)('carries signatures to a station of %s: %s', async (version: Version, carries) => {
    const signed = (n: number) => (carries ? foldSignatures(payloadOf({ n }), SIGNATURES).value : { n })
    const header = carries ? { ocpp: version, signatures: SIGNATURES } : { ocpp: version }
    const { peer, calls, ask, told } = setUp({
      version,
      answer: ({ id }) => ({ type: RESULT, id, payload: payloadOf(signed(2)) }),
      reply: ({ message }) => answer({ type: RESULT, id: message.id, payload: payloadOf({ n: 4 }) }, { signatures: SIGNATURES }),
    })
    const question = callOf({ from: ['csms', 'lc'], to: 'cs' }, { payload: payloadOf({ n: 1 }) }, { signatures: SIGNATURES })
    const down = await peer.request(question, 1000)
    expect(calls[0]?.payload.value).toEqual(signed(1))
    expect(down).toEqual({ destination: ['csms'], path: ['cs'], header, message: { type: RESULT, id: '1', payload: payloadOf({ n: 2 }) } })
    const up = await ask(PING, signed(3) as { n: number })
    expect(told.calls[0]).toMatchObject({ header, message: { payload: { value: { n: 3 } } } })
    expect(outcomeOf({ message: up })).toEqual(signed(4))
    expect(peer.counters).toEqual({ sent: 2, received: 2 })
  })

  it('passes SENDs both ways in 2.1, and does not try where there are none', async () => {
    const send = { type: SEND, id: '1', action: PING, payload: payloadOf({}) } as const
    const new21 = setUp()
    new21.connection.send(send)
    new21.peer.send({ ...callOf({ from: 'lc', to: 'cs' }), message: send })
    new21.peer.send(callOf({ from: 'lc', to: 'cs' }))
    await settle()
    expect([new21.told.sends, new21.sends, new21.calls].map((list) => list.length)).toEqual([1, 1, 0])
    const old = setUp({ version: 'ocpp2.0.1' })
    old.peer.send({ ...callOf({ from: 'lc', to: 'cs' }), message: send })
    await settle()
    expect(old.peer.counters.sent).toBe(0)
  })

  it("asks only CALLs of the station's version, one after the other, within the time", async () => {
    const { peer, clock, calls } = setUp({ answer: () => new Promise<never>(() => undefined) })
    expect((await caught(peer.request(callOf({ from: 'lc', to: 'cs' }, {}, { ocpp: 'ocpp1.6' }), 1000))).code).toBe('payload-invalid')
    const message = { type: RESULT, id: '1', payload: payloadOf({}) } as const
    expect((await caught(peer.request({ ...callOf({ from: 'lc', to: 'cs' }), message }, 1000))).code).toBe('internal')
    const asked = ['1', '2'].map((id) => caught(peer.request(callOf({ from: 'lc', to: 'cs' }, { id }), 1000)))
    await clock.advance(999)
    expect([calls.length, peer.waiting]).toEqual([1, 2])
    await clock.advance(1001)
    expect((await Promise.all(asked)).map(({ code }) => code)).toEqual(['timeout', 'timeout'])
  })

  it('says at once that it is closed, once, and lets nothing late through', async () => {
    const { peer, told, ask, link } = setUp()
    link.cut()
    expect(await peer.alive(1)).toBe(false)
    ask(PING, {}).catch(() => undefined)
    peer.close(1008, 'replaced')
    expect(told.closed).toEqual([1008])
    await settle()
    expect(told.closed).toEqual([1008])
    expect(told.calls).toEqual([])
    expect((await caught(peer.request(callOf({ from: 'lc', to: 'cs' }), 1000))).code).toBe('link-lost')
  })

  it('tells when the station goes, and what it does wrong', async () => {
    const { link, told } = setUp()
    link.send('nonsense')
    link.close(1001, 'bye')
    await settle()
    expect(told.flaws).toHaveLength(1)
    expect(told.closed).toEqual([1001])
  })

  it('tells who answered that the answer was of no use, once, and the station that its own was', async () => {
    const { ask, link, far, told, peer } = setUp({
      reply: ({ message }) => answer({ type: RESULT, id: message.id, payload: payloadOf({}) }),
    })
    await ask(PING, {}, '7')
    const unusable = '[5,"7","TypeConstraintViolation","no number",{"a":1.0}]'
    for (const frame of [unusable, unusable, unusable.replace('"7"', '"8"')]) link.send(frame)
    await settle()
    expect(told.sends.map(writeEnvelope)).toEqual([
      `[5,"csms","cs","7","TypeConstraintViolation","no number",{"a":1.0},{"ocpp":"ocpp2.1"}]`,
    ])
    const frames: string[] = []
    tap(far, (frame) => void frames.push(frame))
    peer.send(answer(readFrame(unusable)))
    expect(frames).toEqual([unusable])
  })

  it('has no CALLRESULTERROR for a station of an older version', () => {
    const { far, peer } = setUp({ version: 'ocpp2.0.1' })
    tap(far, () => expect.unreachable())
    peer.send(answer({ type: RESULT_ERROR, id: '7', code: 'X', description: '', details: payloadOf({}) }))
  })
})
