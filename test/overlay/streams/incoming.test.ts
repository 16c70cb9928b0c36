// The receiving half of a stream's end: what waits keeps no frame alive and takes the memory of one window, and each byte is the one that came.
import { expect, test } from 'vitest'
import { CHUNK_LIMIT } from '../../../src/overlay/streams/frame.ts'
import { Incoming, WINDOW } from '../../../src/overlay/streams/incoming.ts'
import { pattern } from './support.ts'

const open = (): Incoming => {
  const incoming = new Incoming(
    () => undefined,
    () => WINDOW,
  )
  incoming.grant()
  return incoming
}

/** What a socket read, in which frames lie one behind the other. */
const read = pattern(WINDOW)
const chunksOf = (length: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(WINDOW / length) }, (_, i) => read.subarray(i * length, (i + 1) * length))

test('sixteen windows that wait one after the other take the memory of one, and none of the socket’s', async () => {
  const incoming = open()
  const buffers = new Set<ArrayBufferLike>()
  for (let offset = 0; offset < 16 * WINDOW; ) {
    for (const chunk of chunksOf(CHUNK_LIMIT)) {
      expect(incoming.data(offset, chunk)).toBe(true)
      offset += chunk.length
    }
    for (const chunk of chunksOf(CHUNK_LIMIT)) {
      const { value } = (await incoming.next()) as { value: Uint8Array }
      expect(Buffer.compare(value, chunk)).toBe(0)
      buffers.add(value.buffer)
    }
    incoming.grant()
  }
  expect(buffers.has(read.buffer)).toBe(false)
  // the last one is the reader's until it asks for more
  expect(buffers.size).toBeLessThanOrEqual(WINDOW / CHUNK_LIMIT + 1)
})

test('what was handed out stays until the next is asked for, whatever comes meanwhile', async () => {
  const incoming = open()
  const [first, second, third] = chunksOf(CHUNK_LIMIT) as [Uint8Array, Uint8Array, Uint8Array]
  incoming.data(0, first)
  const { value } = (await incoming.next()) as { value: Uint8Array }
  incoming.data(CHUNK_LIMIT, second)
  incoming.data(2 * CHUNK_LIMIT, third)
  expect(Buffer.compare(value, first)).toBe(0)
  expect(Buffer.compare(((await incoming.next()) as { value: Uint8Array }).value, second)).toBe(0)
  expect(Buffer.compare(((await incoming.next()) as { value: Uint8Array }).value, third)).toBe(0)
})

test('many short chunks take no more than they have', async () => {
  const incoming = open()
  const short = chunksOf(1_000).slice(0, 1_000)
  let offset = 0
  for (const chunk of short) {
    incoming.data(offset, chunk)
    offset += chunk.length
  }
  let room = 0
  for (const chunk of short) {
    const { value } = (await incoming.next()) as { value: Uint8Array }
    expect(Buffer.compare(value, chunk)).toBe(0)
    room += value.buffer.byteLength
  }
  expect(room).toBe(offset)
})

test('what rests keeps no room', async () => {
  const incoming = open()
  const seen = new Set<ArrayBufferLike>()
  const pass = async (offset: number): Promise<ArrayBufferLike> => {
    incoming.data(offset, chunksOf(CHUNK_LIMIT)[0] as Uint8Array)
    return ((await incoming.next()) as { value: Uint8Array }).value.buffer
  }
  seen.add(await pass(0))
  void incoming.next()
  incoming.data(CHUNK_LIMIT, Uint8Array.of(1))
  incoming.rest()
  expect(seen.has(await pass(CHUNK_LIMIT + 1))).toBe(false)
})
