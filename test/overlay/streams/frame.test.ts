// The binary frames: each kind there and back, and everything that is none refused with a Fault.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import {
  CHUNK_LIMIT,
  isStreamId,
  readStreamFrame,
  writeCredit,
  writeData,
  writeFin,
  writeLinkCredit,
  writeReset,
} from '../../../src/overlay/streams/frame.ts'

const ID = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d'
const FAR = Number.MAX_SAFE_INTEGER - 1 - CHUNK_LIMIT

describe('a stream frame', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(FAR), fc.nat(FAR), fc.uint8Array({ minLength: 1, maxLength: 64 }), (id, offset, limit, chunk) => {
        const bytes = writeData(id, offset, chunk)
        expect(readStreamFrame(bytes)).toEqual({ type: 'data', id, offset, chunk, bytes })
        expect(readStreamFrame(writeCredit(id, offset, limit))).toEqual({ type: 'credit', id, taken: offset, limit })
        expect(readStreamFrame(writeFin(id, offset))).toMatchObject({ type: 'fin', id, offset })
        expect(readStreamFrame(writeLinkCredit(offset))).toEqual({ type: 'linkCredit', taken: offset })
      }),
    )
  })

  it('that resets says why; a long text is cut, a code that is not ours is the other side’s', () => {
    const read = (bytes: Uint8Array) => readStreamFrame(bytes) as unknown as { fault: Fault }
    expect(read(writeReset(ID, new Fault('timeout', 'too late ✗'))).fault).toMatchObject({ code: 'timeout', message: 'too late ✗' })
    expect(read(writeReset(ID, new Fault('timeout', '✗'.repeat(1_000)))).fault.message).toBe('✗'.repeat(56))
    expect(read(writeReset(ID, { code: 'not-ours' as 'timeout', message: 'x' })).fault.code).toBe('remote-error')
  })

  const data = writeData(ID, 5, Uint8Array.of(1, 2))
  const at = (frame: Uint8Array, index: number, byte: number): Uint8Array =>
    Uint8Array.from(frame, (each, i) => (i === index ? byte : each))
  const none = (frame: Uint8Array): Uint8Array => frame.map((byte, i) => (i >= 2 && i < 18 ? 0 : byte))
  const cases: [string, Fault['code'], Uint8Array][] = [
    ['nothing', 'frame-malformed', new Uint8Array(0)],
    ['a cut header', 'frame-malformed', data.slice(0, 25)],
    ['another version', 'frame-malformed', at(data, 0, 2)],
    ['type 0', 'frame-malformed', at(data, 1, 0)],
    ['type 6', 'frame-malformed', at(data, 1, 6)],
    ['data without bytes', 'frame-malformed', data.slice(0, 26)],
    ['data of no stream', 'frame-malformed', none(data)],
    ['an offset above 2^53', 'frame-malformed', at(data, 18, 1)],
    ['a chunk too long', 'limit-exceeded', writeData(ID, 0, new Uint8Array(CHUNK_LIMIT + 1))],
    ['bytes behind 2^53', 'frame-malformed', writeData(ID, Number.MAX_SAFE_INTEGER - 1, Uint8Array.of(1))],
    ['credit without a limit', 'frame-malformed', writeCredit(ID, 1, 2).slice(0, 26)],
    ['credit with more', 'frame-malformed', Uint8Array.from([...writeCredit(ID, 1, 2), 0])],
    ['an end with bytes', 'frame-malformed', Uint8Array.from([...writeFin(ID, 1), 0])],
    ['a reset without a code', 'frame-malformed', writeReset(ID, new Fault('timeout', '')).slice(0, 26)],
    ['a reset with an offset', 'frame-malformed', at(writeReset(ID, new Fault('timeout', '')), 25, 1)],
    ['a reset that is no UTF-8', 'frame-malformed', at(writeReset(ID, new Fault('timeout', 'x')), 34, 0xff)],
    ['a reset too long', 'limit-exceeded', Uint8Array.from([...writeReset(ID, new Fault('timeout', 'x')), ...new Uint8Array(256)])],
    ['credit of a link for a stream', 'frame-malformed', at(writeLinkCredit(1), 5, 1)],
  ]
  it.each(cases)('%s is refused with %s', (_what, code, frame) => {
    expect(() => readStreamFrame(frame)).toThrowError(expect.objectContaining({ code }))
  })

  it('of any bytes is read or refused with a Fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(6), (bytes, type) => {
        if (bytes.length > 1) bytes.set([1, type])
        try {
          readStreamFrame(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(Fault)
        }
      }),
    )
  })

  it.each([ID.toUpperCase(), '', `${ID}0`, '00000000-0000-0000-0000-000000000000', 7])('%s is no id of a stream', (id) => {
    expect(isStreamId(id)).toBe(false)
    expect(isStreamId(ID)).toBe(true)
  })
})
