// Neighbours that break the rules of streams: the stream is reset or the link closed, memory stays bounded, and others go on.
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { payloadOf } from '../../../src/ocpp/frame.ts'
import {
  CHUNK_LIMIT,
  FRAME_TYPES,
  readStreamFrame,
  type StreamFrame,
  writeCredit,
  writeData,
  writeFin,
  writeLinkCredit,
} from '../../../src/overlay/streams/frame.ts'
import { type ByteStream, OPEN_STREAM } from '../../../src/overlay/streams/stream.ts'
import { STREAMS_PER_LINK } from '../../../src/overlay/streams/stream-link.ts'
import type { MemoryLink } from '../../support/memory-link.ts'
import { drain, type Line, line, offered, pattern, request } from './support.ts'

/** One stream from `a` over one hop to `z`; the tests speak in the name of `a` on its link. */
const setUp = async (run: Parameters<typeof offered>[2] = () => new Promise(() => undefined)) => {
  const network = await line(1)
  const far = offered(network, 'file', run)
  const stream = await network.at('a').streams.open('z', request('file'))
  await stream.write(pattern(10))
  await network.clock.advance(100)
  const link = network.links.get('a h0')?.low as MemoryLink
  return { network, stream, far, link }
}

/** What `h0` tells about a stream on its link to `a`. */
const heard = (network: Line): StreamFrame[] => {
  const frames: StreamFrame[] = []
  const high = network.links.get('a h0')?.high as MemoryLink
  const send = high.send.bind(high)
  high.send = (frame) => {
    if (typeof frame !== 'string') frames.push(readStreamFrame(frame))
    send(frame)
  }
  return frames
}

const resets = (frames: readonly StreamFrame[]): string[] => frames.flatMap((frame) => (frame.type === 'reset' ? [frame.fault.code] : []))

/** Another pair of ends over the same hop still gets its bytes through. */
const othersGoOn = async (network: Line): Promise<void> => {
  const got: Promise<Uint8Array>[] = []
  offered(network, 'other', (stream) => {
    got.push(drain(stream))
    return stream.end()
  })
  const stream = await network.at('h0').streams.open('z', request('other'))
  await stream.write(pattern(100_000))
  const ended = stream.end()
  await network.clock.advance(500)
  await ended
  expect((await got[0])?.length).toBe(100_000)
}

describe('a sender', () => {
  test('beyond its credit has its stream reset', async () => {
    const { network, stream, far, link } = await setUp()
    const frames = heard(network)
    link.send(writeData(stream.id, 2 ** 30, pattern(100)))
    await network.clock.advance(100)
    expect(resets(frames)).toEqual(['limit-exceeded'])
    await expect(far[0]?.write(pattern(1))).rejects.toMatchObject({ code: 'limit-exceeded' })
    await othersGoOn(network)
  })

  test('of a flood of tiny frames is stopped before they are a burden', async () => {
    const { network, stream, link } = await setUp()
    const frames = heard(network)
    for (let i = 0; i < 5_000; i++) link.send(writeData(stream.id, 10 + i, Uint8Array.of(1)))
    await network.clock.advance(500)
    expect(resets(frames)).toEqual(['limit-exceeded'])
    await othersGoOn(network)
  })

  test('that says it ends twice has its stream reset', async () => {
    const { network, stream, link } = await setUp()
    const frames = heard(network)
    for (let i = 0; i < 2; i++) link.send(writeFin(stream.id, 10))
    await network.clock.advance(100)
    expect(resets(frames)).toEqual(['frame-malformed'])
  })

  test('of streams that nobody opened is not heard', async () => {
    const { network, link } = await setUp()
    const frames = heard(network)
    for (let i = 0; i < 1_000; i++) link.send(writeData(`0a1b2c3d-4e5f-4a6b-8c7d-${i.toString(16).padStart(12, '0')}`, 0, pattern(100)))
    await network.clock.advance(100)
    expect(frames.every(({ type }) => type === 'linkCredit')).toBe(true)
    await othersGoOn(network)
  })

  test('or a hop that leaves a gap is asked to go on from before it', async () => {
    const { network, stream, far } = await setUp(async (each) => {
      await drain(each)
    })
    const onward = network.links.get('h0 z')?.low as MemoryLink
    const send = onward.send.bind(onward)
    let swallowed = 0
    onward.send = (frame) => {
      if (typeof frame !== 'string' && frame[1] === FRAME_TYPES.data && swallowed++ === 1) return
      send(frame)
    }
    await stream.write(pattern(100_000))
    const ended = stream.end()
    await network.clock.advance(5_000)
    await ended
    expect(swallowed).toBeGreaterThan(2)
    expect(stream.delivered).toBe(100_010)
    expect(far).toHaveLength(1)
  })
})

describe('a receiver', () => {
  test('that never reads holds up itself: one window is kept, and no more', async () => {
    const { network, stream } = await setUp()
    let written = false
    const writing = stream.write(pattern(8 * 1024 * 1024)).then(() => {
      written = true
    })
    await network.clock.advance(5_000)
    expect(written).toBe(false)
    const waiting = ['a', 'h0'].flatMap((id) => network.at(id).streams.views()).flatMap(({ streams }) => streams)
    for (const each of waiting) expect(each.waiting).toBeLessThanOrEqual(1024 * 1024)
    await othersGoOn(network)
    stream.reset(new Fault('refused', 'enough'))
    await expect(writing).rejects.toMatchObject({ code: 'refused' })
  })

  test('that never reads many streams costs its neighbour no more memory than one that reads them', async () => {
    const { network } = await setUp()
    const { streams } = network.at('a')
    const opened: ByteStream[] = []
    for (let i = 0; i < 128; i++) opened.push(await streams.open('z', request('file')))
    let kept = 0
    const piece = pattern(16_384)
    for (const stream of opened)
      void (async () => {
        for (;;) {
          await stream.write(piece)
          kept += piece.length
        }
      })().catch(() => undefined)
    await network.clock.advance(2_000)
    expect(kept).toBeGreaterThan(128 * 32_768)
    expect(kept).toBeLessThanOrEqual(8 * 1024 * 1024)
  })

  test('that has taken what was never sent has the stream reset', async () => {
    const { network, stream } = await setUp()
    const high = network.links.get('h0 z')?.high as MemoryLink
    high.send(writeCredit(stream.id, 1_000_000, 2_000_000))
    await network.clock.advance(100)
    await expect(stream.write(pattern(1))).rejects.toMatchObject({ code: 'frame-malformed' })
  })

  test('that acknowledges what was not sent on a link loses the link', async () => {
    const { network, link } = await setUp()
    link.send(writeLinkCredit(2 ** 40))
    await network.clock.advance(100)
    expect(network.at('h0').routes.direct('a')).toBeUndefined()
  })

  test('whose socket fills is sent 64 KiB of stream and no more, and text all the same', async () => {
    const { network, stream } = await setUp(async (each) => {
      await drain(each)
    })
    const high = network.links.get('h0 z')?.low as MemoryLink
    high.waiting = 60_000
    const sent: (string | Uint8Array)[] = []
    high.send = (frame) => void sent.push(frame)
    void stream.write(pattern(500_000)).catch(() => undefined)
    await network.clock.advance(200)
    expect(sent.filter((frame) => typeof frame !== 'string' && frame[1] === FRAME_TYPES.data)).toEqual([])
    high.waiting = 0
    await network.clock.advance(100)
    expect(sent.some((frame) => typeof frame !== 'string' && frame.length > CHUNK_LIMIT)).toBe(true)
  })
})

test(`nobody has more than ${STREAMS_PER_LINK} streams on a link`, async () => {
  const { network } = await setUp()
  const { streams } = network.at('a')
  for (let i = 1; i < STREAMS_PER_LINK; i++) await streams.open('z', request('file'))
  await expect(streams.open('z', request('file'))).rejects.toMatchObject({ code: 'queue-full' })
})

test('nor by asking for many at once, while nobody has answered yet', async () => {
  const { network, link } = await setUp()
  let asked = 0
  network.at('h0').streams.offer('slow', async () => {
    asked++
    await new Promise<void>((go) => network.clock.after(50, go))
    return { run: () => new Promise(() => undefined) }
  })
  const payload = { purpose: 'slow', class: 'files', details: {}, received: 0 }
  const ask = (n: number): void => {
    const id = `0a1b2c3d-4e5f-4a6b-8c7d-${n.toString(16).padStart(12, '0')}`
    link.send(JSON.stringify([2, 'h0', 'a', `m${n}-${asked}`, OPEN_STREAM, { ...payload, id }, { ocpp: 'ocpp2.1' }]))
  }
  for (let n = 0; n < 2 * STREAMS_PER_LINK; n++) ask(n)
  // the same stream twice, before it stands
  ask(0)
  await network.clock.advance(200)
  // one of them was open before
  expect(asked).toBe(STREAMS_PER_LINK - 1)
  const views = network.at('h0').streams.views()
  expect(views.find(({ peer }) => peer === 'a')?.streams).toHaveLength(STREAMS_PER_LINK)
})

test('a stream of another is not taken over by its id', async () => {
  const { network, stream } = await setUp()
  const value = { id: stream.id, purpose: 'file', class: 'files', details: {}, resume: true, received: 0 }
  const call = network.at('h0').compose('z', OPEN_STREAM, payloadOf(value), { ocpp: 'ocpp2.1' })
  const answer = await network.at('h0').ask(call)
  expect(answer.message).toMatchObject({ code: 'SecurityError', details: { value: { rule: 'stream-known' } } })
  await stream.write(pattern(10))
})

test('what a handler took is given back where the link breaks before it has decided', async () => {
  const { network, link } = await setUp()
  const decided = Promise.withResolvers<void>()
  const told: string[] = []
  network.at('h0').streams.offer('slow', async () => {
    await decided.promise
    return {
      run: async (stream) => {
        await stream.write(pattern(1)).catch((fault: Fault) => told.push(`written: ${fault.code}`))
        await drain(stream).catch((fault: Fault) => told.push(`read: ${fault.code}`))
      },
    }
  })
  const payload = { id: '0a1b2c3d-4e5f-4a6b-8c7d-000000000001', purpose: 'slow', class: 'files', details: {}, received: 0 }
  link.send(JSON.stringify([2, 'h0', 'a', 'm1', OPEN_STREAM, payload, { ocpp: 'ocpp2.1' }]))
  await network.clock.advance(100)
  network.cut('a h0')
  await network.clock.advance(60_000)
  decided.resolve()
  await network.clock.advance(100)
  expect(told).toEqual(['written: link-lost', 'read: link-lost'])
})
