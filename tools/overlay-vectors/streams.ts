// Binary frames byte for byte, docs/protocol.md §11: those of streams, what is refused, messages with bytes, and a sealed record.

import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { hex, utf8 } from '../../src/base/bytes.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import { answerChannel, askChannel } from '../../src/crypto/channel.ts'
import { CALL, type Envelope, ERROR, RESULT, RESULT_ERROR, SEND, writeEnvelope } from '../../src/ocpp/frame.ts'
import { ATTACHMENT, attach, writeMessageFrame } from '../../src/overlay/attachments.ts'
import { readStreamFrame, writeCredit, writeData, writeFin, writeLinkCredit, writeReset } from '../../src/overlay/streams/frame.ts'
import { writeOpenAnswer, writeOpenRequest } from '../../src/overlay/streams/open-request.ts'
import { sealingInfo, writeShare } from '../../src/overlay/streams/sealed.ts'
import { OPEN_STREAM } from '../../src/overlay/streams/stream.ts'
import { caught } from './caught.ts'

const ID = '5b1c0a52-6d1f-4a5e-8f0e-0d5d2c9b7e14'

export const streamVectors = async () => ({
  about:
    'Binary frames as hex, and the CALL that opens a stream with its answer. Entropy is the `ikm` of DeriveKeyPair (RFC 9180 §7.1.3). docs/protocol.md §11',
  open: OPEN,
  frames: FRAMES,
  refused: REFUSED.map(({ name, frame }) => ({ name, frame: hex(frame), code: caught(() => readStreamFrame(frame)) })),
  messages: MESSAGES.map((message) => ({
    type: 0x20 + message.type,
    text: writeEnvelope(around(message)),
    attachment: hex(BYTES),
    frame: hex(writeMessageFrame(around(message), BYTES)),
  })),
  attachment: (payload.value as { readonly [member: string]: Json })[ATTACHMENT],
  sealed: await sealed(),
})

const OPEN = {
  asked: {
    action: OPEN_STREAM,
    payload: writeOpenRequest({ id: ID, purpose: 'file', class: 'files', details: { name: 'fw-2.1' }, received: 0, resume: false }),
  },
  answered: writeOpenAnswer({ received: 0, details: {} }),
  again: {
    action: OPEN_STREAM,
    payload: writeOpenRequest({ id: ID, purpose: 'file', class: 'files', details: { name: 'fw-2.1' }, received: 4096, resume: true }),
  },
}

const DATA = writeData(ID, 65_536, utf8('hello'))
const FRAMES = [
  { name: 'data', id: ID, offset: 65_536, chunk: hex(utf8('hello')), frame: hex(DATA) },
  { name: 'data behind 4 GiB', id: ID, offset: 2 ** 32 + 1, chunk: '00', frame: hex(writeData(ID, 2 ** 32 + 1, Uint8Array.of(0))) },
  { name: 'credit', id: ID, taken: 1_000, limit: 1_049_576, frame: hex(writeCredit(ID, 1_000, 1_049_576)) },
  {
    name: 'reset',
    id: ID,
    code: 'limit-exceeded',
    message: 'too much',
    frame: hex(writeReset(ID, new Fault('limit-exceeded', 'too much'))),
  },
  { name: 'fin', id: ID, offset: 65_541, frame: hex(writeFin(ID, 65_541)) },
  { name: 'link-credit', taken: 32_820, frame: hex(writeLinkCredit(32_820)) },
]

const altered = (at: number, byte: number): Uint8Array => Uint8Array.from(DATA, (each, i) => (i === at ? byte : each))
const REFUSED = [
  { name: 'a header that is cut', frame: DATA.slice(0, 25) },
  { name: 'another version', frame: altered(0, 2) },
  { name: 'a type that there is not', frame: altered(1, 6) },
  { name: 'data without bytes', frame: DATA.slice(0, 26) },
  { name: 'an offset above 2^53', frame: altered(18, 255) },
  { name: 'credit without a limit', frame: writeCredit(ID, 1, 2).slice(0, 26) },
  { name: 'an end with a byte', frame: Uint8Array.from([...writeFin(ID, 1), 0]) },
  { name: 'a reset that says no code', frame: writeReset(ID, new Fault('timeout', '')).slice(0, 26) },
]

const BYTES = utf8('bytes beside it')
const payload = attach({ name: 'picture' }, BYTES, nodeEngine())
const failed = { id: '7', code: 'InternalError', description: 'no', details: payload } as const
const MESSAGES: readonly Envelope['message'][] = [
  { type: CALL, id: '7', action: 'Take', payload },
  { type: RESULT, id: '7', payload },
  { type: ERROR, ...failed },
  { type: RESULT_ERROR, ...failed },
  { type: SEND, id: '7', action: 'Take', payload },
]
const around = (message: Envelope['message']): Envelope => ({
  ...{ destination: ['lc1'], path: ['csms', 'gateway'], message },
  header: { ocpp: 'ocpp2.1' },
})

/** The entropy of both ends is given, so that anybody can make the same keys. */
const sealed = async () => {
  const [asked, answered] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const info = sealingInfo({ id: ID, purpose: 'logs', asked: 'csms', answered: 'lc1' })
  const share = await askChannel(asked)
  const { answer, keys } = await answerChannel(share.publicKey, info, answered)
  const records = await Promise.all(['one', 'two', ''].map((text, number) => keys.asked.seal(number, utf8(text))))
  const back = await keys.answered.seal(0, utf8('one'))
  return {
    entropy: { asked: hex(asked), answered: hex(answered) },
    share: { asked: writeShare(share.publicKey), answered: writeShare(answer) },
    info: new TextDecoder().decode(info),
    asked: ['one', 'two', ''].map((text, i) => ({ text, record: record(records[i] as Uint8Array) })),
    answered: [{ text: 'one', record: record(back) }],
  }
}

/** As it stands in the stream: its length in front. */
const record = (sealed: Uint8Array): string => `00${hex(Uint8Array.of(sealed.length))}${hex(sealed)}`
