// Binary frames that nobody should send: every kind of streams and of messages with bytes, made by the grammar and then broken, for
// streams that were opened and for streams that were not.
import { Fault } from '../../src/base/fault.ts'
import { writeCredit, writeData, writeFin, writeLinkCredit, writeReset } from '../../src/overlay/streams/frame.ts'
import type { Chance } from '../chance.ts'

/** Streams that frames are for; the first half of them is opened. */
const IDS = Array.from({ length: 8 }, (_, i) => `0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c0${i}`)
const OFFSETS = [0, 1, 16_384, 1_048_576, 1_048_577, 2 ** 32, 2 ** 53 - 2, 2 ** 53 - 1]
const OVERLAY = [
  '[6,"self","neighbour","1","Heartbeat",{}]',
  '[2,"self","neighbour","1","X",{"org.chargeproof.attachment":{"length":3}}]',
  '[',
  '',
]

/** The CALL that opens one of them to `self`. */
export const openingCall = (chance: Chance, names: { readonly sender: string; readonly receiver: string }): string => {
  const payload = {
    id: chance.pick(IDS.slice(0, 4)),
    purpose: 'fuzz',
    class: 'files',
    details: {},
    received: 0,
    resume: chance.next() < 0.2,
  }
  const id = String(chance.between(0, 1e9))
  return JSON.stringify([2, names.receiver, names.sender, id, 'org.chargeproof.OpenStream', payload, { ocpp: 'ocpp2.1' }])
}

export const binaryFrame = (chance: Chance): Uint8Array => {
  const { next, between, pick } = chance
  const bytes = (most: number): Uint8Array => Uint8Array.from({ length: between(0, most) }, () => between(0, 255))
  const id = pick(IDS)
  const makers: readonly (() => Uint8Array)[] = [
    () => bytes(200),
    () => writeData(id, next() < 0.5 ? between(0, 3) : pick(OFFSETS), bytes(next() < 0.02 ? 17_000 : 40)),
    () => writeCredit(id, next() < 0.5 ? 0 : pick(OFFSETS), pick(OFFSETS)),
    () => writeFin(id, pick(OFFSETS)),
    () => writeReset(id, new Fault(next() < 0.5 ? 'link-lost' : 'timeout', 'x'.repeat(between(0, 300)))),
    () => writeLinkCredit(next() < 0.99 ? 0 : pick(OFFSETS)),
    () => messageFrame(chance, bytes(10)),
  ]
  return broken(pick(makers)(), chance)
}

const messageFrame = ({ between, pick }: Chance, attachment: Uint8Array): Uint8Array => {
  const text = new TextEncoder().encode(pick(OVERLAY))
  const frame = new Uint8Array(6 + text.length + attachment.length)
  frame.set([1, 0x20 + between(0, 8)])
  new DataView(frame.buffer).setUint32(2, text.length + between(-1, 1))
  frame.set(text, 6)
  frame.set(attachment, 6 + text.length)
  return frame
}

/** Two of three are cut, altered or made longer. */
const broken = (frame: Uint8Array, { next, between }: Chance): Uint8Array => {
  const way = next()
  if (way < 0.34 || frame.length === 0) return frame
  if (way < 0.5) return frame.slice(0, between(0, frame.length))
  if (way < 0.6) return Uint8Array.from([...frame, between(0, 255)])
  return Uint8Array.from(frame, (byte, i) => (i === between(0, Math.min(frame.length, 40)) ? between(0, 255) : byte))
}
