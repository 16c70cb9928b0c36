// Sealed streams: what goes over the wire is not what was written, and whoever changes it is found out.
import { expect, test } from 'vitest'
import { FRAME_TYPES, HEADER, writeFin } from '../../../src/overlay/streams/frame.ts'
import type { MemoryLink } from '../../support/memory-link.ts'
import { settle } from '../support.ts'
import { drain, line, offered, pattern, request } from './support.ts'

const setUp = async (hear: (frame: Uint8Array) => Uint8Array | undefined) => {
  const network = await line(1)
  const got: Promise<Uint8Array>[] = []
  offered(network, 'logs', (stream) => {
    const read = drain(stream)
    got.push(read)
    read.catch(() => undefined)
    return stream.end()
  })
  tap(network.links.get('a h0')?.low as MemoryLink, hear)
  const opening = network.at('a').streams.open('z', { ...request('logs'), sealed: true })
  const stream = await opening
  return { network, got, stream }
}

/** Hands every binary frame that one end sends to a listener, which says what goes on. */
const tap = (link: MemoryLink, hear: (frame: Uint8Array) => Uint8Array | undefined): void => {
  const send = link.send.bind(link)
  link.send = (frame) => {
    const onward = typeof frame === 'string' ? frame : hear(frame)
    if (onward !== undefined) send(onward)
  }
}

const isData = (frame: Uint8Array): boolean => frame[1] === FRAME_TYPES.data

test('bytes arrive as they were written, and no hop sees them', async () => {
  const seen: Uint8Array[] = []
  const { network, got, stream } = await setUp((frame) => {
    if (isData(frame)) seen.push(frame.slice(HEADER))
    return frame
  })
  const secret = new Uint8Array(50_000).fill(0x41)
  await stream.write(secret)
  const ended = stream.end()
  await network.clock.advance(1_000)
  await ended
  expect(Buffer.compare((await got[0]) as Uint8Array, secret)).toBe(0)
  expect(stream.delivered).toBe(50_000)
  const wire = Buffer.concat(seen)
  expect(wire.length).toBeGreaterThan(50_000)
  expect(wire.includes('AAAA')).toBe(false)
})

test('a byte that was changed on the way resets the stream', async () => {
  const { network, got, stream } = await setUp((frame) =>
    isData(frame) ? Uint8Array.from(frame, (byte, i) => (i === HEADER + 9 ? byte ^ 1 : byte)) : frame,
  )
  await stream.write(pattern(1_000))
  await network.clock.advance(1_000)
  await expect(got[0]).rejects.toMatchObject({ code: 'decryption-failed' })
  await expect(stream.write(pattern(1))).rejects.toMatchObject({ code: 'decryption-failed' })
})

test('an end that a hop made up is no end', async () => {
  let isCut = false
  const { network, got, stream } = await setUp((frame) => {
    if (!isData(frame)) return frame
    // the first record is whole; instead of the next there is an end
    if (!isCut) return frame
    return writeFin(stream.id, 1_018)
  })
  await stream.write(pattern(1_000))
  await network.clock.advance(1_000)
  isCut = true
  await stream.write(pattern(1_000))
  await settle()
  await network.clock.advance(1_000)
  await expect(got[0]).rejects.toMatchObject({ code: 'decryption-failed' })
})
