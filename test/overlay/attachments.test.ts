// Messages with bytes: as frames, over hops, and altered on the way.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { CALL, type Envelope, ERROR, payloadOf, RESULT, RESULT_ERROR, SEND } from '../../src/ocpp/frame.ts'
import {
  ATTACHMENT,
  ATTACHMENT_LIMIT,
  attach,
  checkAttachment,
  readMessageFrame,
  writeMessageFrame,
} from '../../src/overlay/attachments.ts'
import type { Local } from '../../src/overlay/node.ts'
import { build } from './networks.ts'
import { engine, settle } from './support.ts'

const BYTES = Uint8Array.of(1, 2, 3, 250)
const payload = attach({ name: 'x' }, BYTES, engine)
const around = (message: Envelope['message']): Envelope => ({ destination: ['z'], path: ['a'], header: { ocpp: 'ocpp2.1' }, message })
const errorOf = (type: typeof ERROR | typeof RESULT_ERROR) =>
  ({ type, id: '1', code: 'InternalError', description: '', details: payload }) as const
const MESSAGES: Envelope['message'][] = [
  { type: CALL, id: '1', action: 'Take', payload },
  { type: RESULT, id: '1', payload },
  errorOf(ERROR),
  errorOf(RESULT_ERROR),
  { type: SEND, id: '1', action: 'Take', payload },
]

describe('a binary message', () => {
  it.each(MESSAGES)('of type $type is read as it was written', (message) => {
    const frame = writeMessageFrame(around(message), BYTES)
    expect(frame[1]).toBe(0x20 + message.type)
    expect(readMessageFrame(frame)).toEqual(around(message))
    expect(() => checkAttachment(readMessageFrame(frame).message, engine)).not.toThrow()
  })

  const [call] = MESSAGES as [Envelope['message']]
  const frame = writeMessageFrame(around(call), BYTES)
  const cases: [string, string, Uint8Array][] = [
    ['cut in its header', 'frame-malformed', frame.slice(0, 5)],
    ['cut in its text', 'frame-malformed', frame.slice(0, 40)],
    ['without bytes', 'frame-malformed', frame.slice(0, -4)],
    ['with a byte less than it names', 'frame-malformed', frame.slice(0, -1)],
    ['of another type than its text', 'frame-malformed', Uint8Array.from(frame, (byte, i) => (i === 1 ? 0x26 : byte))],
    ['with a text that is no UTF-8', 'frame-malformed', Uint8Array.from(frame, (byte, i) => (i === 8 ? 0xff : byte))],
    ['with a text of 4 GiB', 'limit-exceeded', Uint8Array.from(frame, (byte, i) => (i >= 2 && i < 6 ? 0xff : byte))],
    ['with more bytes than may be', 'limit-exceeded', writeMessageFrame(around(call), new Uint8Array(ATTACHMENT_LIMIT + 1))],
    ['whose payload names none', 'frame-malformed', writeMessageFrame(around({ ...call, payload: payloadOf({}) } as typeof call), BYTES)],
  ]
  it.each(cases)('%s is refused with %s', (_what, code, bytes) => {
    expect(() => readMessageFrame(bytes)).toThrowError(expect.objectContaining({ code }))
  })

  it('of any bytes is read or refused with a Fault', () => {
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.nat(255), fc.nat(frame.length), (at, byte, length) => {
        const broken = frame.slice(0, length)
        if (at < length) broken[at] = byte
        try {
          readMessageFrame(broken)
        } catch (error) {
          expect(error).toBeInstanceOf(Fault)
        }
      }),
    )
  })
})

describe('bytes over hops', () => {
  const LINE = new Map([
    ['a', ['h']],
    ['h', ['z']],
    ['z', []],
  ])
  const taking: Local = {
    call: ({ message }) => {
      const got = 'payload' in message ? (message.payload.attachment ?? BYTES) : BYTES
      return Promise.resolve(attach({ reversed: true }, got.slice().reverse(), engine))
    },
  }

  it('go with a CALL and come with its answer', async () => {
    const network = await build(LINE, { parts: () => ({ local: taking, engine }) })
    const answer = await network.at('a').ask(network.at('a').compose('z', 'Take', payload, { ocpp: 'ocpp2.1' }))
    expect('payload' in answer.message && answer.message.payload.attachment).toEqual(BYTES.slice().reverse())
  })

  it('go with a SEND', async () => {
    const told: Envelope[] = []
    const network = await build(LINE, { parts: () => ({ local: { ...taking, told: (each: Envelope) => told.push(each) }, engine }) })
    const link = network.at('a').routes.next('z')
    link?.send(around({ type: SEND, id: '9', action: 'Note', payload }))
    await settle()
    expect(told.map(({ message }) => 'payload' in message && message.payload.attachment)).toEqual([BYTES])
  })

  it('come with an error, to its origin', async () => {
    const never: Local = { call: () => new Promise(() => undefined) }
    const network = await build(LINE, { parts: () => ({ local: never, engine }) })
    const call = network.at('a').compose('z', 'Take', payload, { ocpp: 'ocpp2.1' })
    const asked = network.at('a').ask(call)
    await settle()
    const { id } = call.message
    const error = { destination: ['a'], path: ['z'], header: { ocpp: 'ocpp2.1' }, message: { ...errorOf(ERROR), id } } as const
    network.links.get('h z')?.high.send(writeMessageFrame(error, BYTES))
    const answer = await asked
    expect(answer).toMatchObject({ path: ['z', 'h'], message: { type: ERROR, code: 'InternalError' } })
    expect('details' in answer.message && answer.message.details.attachment).toEqual(BYTES)
  })

  it('that were altered on the way are refused, and the origin is told', async () => {
    const network = await build(LINE, { parts: () => ({ local: taking, engine }) })
    const altered = { ...payload, attachment: Uint8Array.of(1, 2, 3, 251) }
    const answer = await network.at('a').ask(network.at('a').compose('z', 'Take', altered, { ocpp: 'ocpp2.1' }))
    expect(answer.message).toMatchObject({ type: ERROR, code: 'SecurityError', details: { value: { rule: 'attachment-intact', at: 'z' } } })
  })

  it('that were taken off on the way are missed', async () => {
    const network = await build(LINE, { parts: () => ({ local: taking, engine }) })
    const { attachment: _, ...bare } = payload
    expect(bare.text).toContain(ATTACHMENT)
    const answer = await network.at('a').ask(network.at('a').compose('z', 'Take', bare, { ocpp: 'ocpp2.1' }))
    expect(answer.message).toMatchObject({ type: ERROR, details: { value: { rule: 'attachment-intact' } } })
  })
})
