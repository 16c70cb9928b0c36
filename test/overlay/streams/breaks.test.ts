// Random writes over random ways that break at random moments: every byte arrives once and in order, and few are sent again.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { settle } from '../support.ts'
import { drain, line, offered, pattern, request } from './support.ts'

const writes = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 6 })
const breaks = fc.array(fc.record({ link: fc.nat(), after: fc.nat(40), down: fc.nat(2_000) }), { maxLength: 3 })

test('bytes arrive exactly once and in order, both ways, whatever breaks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(4), writes, writes, breaks, async (hops, up, down, cuts) => {
      const network = await line(hops)
      const expected = [up, down].map((sizes) => Buffer.concat(sizes.map((size, i) => pattern(size, i))))
      const got: Promise<Uint8Array>[] = []
      const write = async (stream: { write(bytes: Uint8Array): Promise<void>; end(): Promise<void> }, sizes: readonly number[]) => {
        for (const [i, size] of sizes.entries()) await stream.write(pattern(size, i))
        await stream.end()
      }
      offered(network, 'both', async (stream) => {
        got.push(drain(stream))
        await write(stream, down)
      })
      const stream = await network.at('a').streams.open('z', request('both'))
      const back = drain(stream)
      const written = write(stream, up)
      for (const { link, after, down } of cuts) {
        for (let i = 0; i < after; i++) await Promise.resolve()
        const name = network.names[link % network.names.length] as string
        network.cut(name)
        await settle()
        await network.clock.advance(down)
        network.mend(name)
        await network.clock.advance(1_500)
      }
      await network.clock.advance(30_000)
      await written
      expect(Buffer.compare((await got[0]) as Uint8Array, expected[0] as Buffer)).toBe(0)
      expect(Buffer.compare(await back, expected[1] as Buffer)).toBe(0)
      expect(stream.delivered).toBe(expected[0]?.length)
      await network.clock.advance(130_000)
      for (const id of network.nodes.keys()) for (const { streams } of network.at(id).streams.views()) expect(streams).toEqual([])
    }),
    { numRuns: 8 },
  )
})

test('who finds no way for a minute gives up, at both ends', async () => {
  const network = await line(1)
  const far = offered(network, 'file', (stream) => drain(stream).then(() => undefined))
  const stream = await network.at('a').streams.open('z', request('file'))
  await stream.write(pattern(100))
  await network.clock.advance(100)
  network.cut('a h0')
  await network.clock.advance(70_000)
  await expect(stream.write(pattern(1))).rejects.toMatchObject({ code: 'link-lost' })
  await expect(far[0]?.write(pattern(1))).rejects.toMatchObject({ code: 'link-lost' })
})

test('a hop that swallows frames is noticed by the silence, and the stream resumed', async () => {
  const network = await line(1)
  const got: Promise<Uint8Array>[] = []
  offered(network, 'file', async (stream) => {
    got.push(drain(stream))
    await stream.end()
  })
  const stream = await network.at('a').streams.open('z', request('file'))
  const link = network.links.get('a h0')?.low
  if (!link) throw new Error('no link')
  const send = link.send.bind(link)
  link.send = (frame) => typeof frame === 'string' && send(frame)
  await network.clock.advance(1_000)
  await stream.write(pattern(100))
  await network.clock.advance(30_000)
  link.send = send
  await network.clock.advance(90_000)
  await stream.end()
  expect((await got[0])?.length).toBe(100)
})
