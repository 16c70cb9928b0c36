// The sending half of a stream's end: that its rooms are used again, and never one whose bytes may still be read.
import { expect, test } from 'vitest'
import { CHUNK_LIMIT, HEADER, readStreamFrame } from '../../../src/overlay/streams/frame.ts'
import { KEPT, Outgoing } from '../../../src/overlay/streams/outgoing.ts'
import { pattern } from './support.ts'

const ID = '0a1b2c3d-4e5f-4a6b-8c7d-000000000001'
const MUCH = 16 * 1024 * 1024
const WRITTEN = pattern(KEPT)

/** Takes every frame that may go. */
const takeAll = (out: Outgoing): Uint8Array[] => {
  const frames: Uint8Array[] = []
  while (out.ready > 0) frames.push(out.take())
  return frames
}

/** Writes so much, the other end taking everything each time; what is done with the frames is `seen`'s business. */
const pour = (out: Outgoing, bytes: number, seen: (frame: Uint8Array) => void): void => {
  for (let written = 0; written < bytes; ) {
    written += out.append(WRITTEN)
    for (const frame of takeAll(out)) seen(frame)
    out.credited(written, written + KEPT)
  }
}

test('sixteen mebibytes go through the memory of one window, and each byte is the one that was written', () => {
  const out = new Outgoing(ID)
  out.credited(0, KEPT)
  const buffers = new Set<ArrayBufferLike>()
  let at = 0
  pour(out, MUCH, (bytes) => {
    buffers.add(bytes.buffer)
    const frame = readStreamFrame(bytes)
    if (frame.type !== 'data') throw new Error(`expected data, found ${frame.type}`)
    expect(frame.offset).toBe(at)
    expect(Buffer.compare(frame.chunk, WRITTEN.subarray(at % KEPT, (at % KEPT) + CHUNK_LIMIT))).toBe(0)
    at += frame.chunk.length
  })
  expect(at).toBe(MUCH)
  expect(buffers.size).toBe(KEPT / CHUNK_LIMIT)
})

test('a room whose frame went into a link that broke is not used again: that link may still hold it', () => {
  const out = new Outgoing(ID)
  out.credited(0, KEPT)
  out.append(pattern(KEPT))
  const held = takeAll(out)
  const before = held.map((frame) => frame.slice())
  out.resume(0)
  out.credited(0, KEPT)
  expect(takeAll(out).map((frame) => frame.buffer)).toEqual(held.map((frame) => frame.buffer))
  out.credited(KEPT, 2 * KEPT)
  out.append(pattern(KEPT, 7))
  takeAll(out)
  expect(held.filter((frame, i) => Buffer.compare(frame, before[i] as Uint8Array) !== 0)).toEqual([])
})

test('what rests keeps no room', () => {
  const out = new Outgoing(ID)
  out.credited(0, KEPT)
  const buffers = new Set<ArrayBufferLike>()
  pour(out, KEPT, (frame) => buffers.add(frame.buffer))
  out.rest()
  pour(out, KEPT, (frame) => expect(buffers.has(frame.buffer)).toBe(false))
})

test('a frame that was sent is not written into: what comes after goes into the next', () => {
  const out = new Outgoing(ID)
  out.credited(0, KEPT)
  out.append(pattern(2_000))
  const [first] = takeAll(out)
  out.append(pattern(2_000, 9))
  const [second] = takeAll(out)
  expect([first?.length, second?.length]).toEqual([HEADER + 2_000, HEADER + 2_000])
  expect(first?.subarray(HEADER)).toEqual(pattern(2_000))
})
