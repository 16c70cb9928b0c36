// Streams over whole networks of memory links: they open, carry bytes both ways, outlive their links, and end.
import { expect, test } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { settle } from '../support.ts'
import { drain, line, offered, pattern, request } from './support.ts'

for (const hops of [0, 1, 2, 4])
  test(`bytes go both ways over ${hops} hops, in order, to their ends`, async () => {
    const network = await line(hops)
    const sent = pattern(700_000)
    offered(network, 'echo', async (stream) => {
      for await (const part of stream.received) await stream.write(part)
      await stream.end()
    })
    const stream = await network.at('a').streams.open('z', request('echo'))
    const echoed = drain(stream)
    await stream.write(sent)
    const ended = stream.end()
    await network.clock.advance(1_000)
    expect(Buffer.compare(await echoed, sent)).toBe(0)
    await ended
    expect(stream.delivered).toBe(sent.length)
    expect(stream.peer).toBe('z')
  })

test('a stream outlives the break of each of its links', async () => {
  const network = await line(3)
  const sent = pattern(3_000_000)
  const got: Promise<Uint8Array>[] = []
  offered(network, 'file', async (stream) => {
    got.push(drain(stream))
    await stream.end()
  })
  const stream = await network.at('a').streams.open('z', request('file'))
  const written = stream.write(sent).then(() => stream.end())
  for (const name of network.names) {
    await settle()
    network.cut(name)
    await settle()
    network.mend(name)
    await network.clock.advance(3_000)
  }
  await network.clock.advance(20_000)
  await written
  expect(Buffer.compare((await got[0]) as Uint8Array, sent)).toBe(0)
})

test('a reset ends both ends with its fault', async () => {
  const network = await line(2)
  const far = offered(network, 'tunnel', (stream) => drain(stream).then(() => undefined))
  const stream = await network.at('a').streams.open('z', request('tunnel'))
  await stream.write(pattern(10))
  await network.clock.advance(100)
  stream.reset(new Fault('limit-exceeded', 'enough'))
  await network.clock.advance(100)
  await expect(stream.write(pattern(1))).rejects.toMatchObject({ code: 'limit-exceeded', message: 'enough' })
  await expect((far[0] as typeof stream).write(pattern(1))).rejects.toMatchObject({ code: 'limit-exceeded', message: 'enough' })
})

test('what nobody offers is refused', async () => {
  const network = await line(1)
  await expect(network.at('a').streams.open('z', request('nothing'))).rejects.toMatchObject({ code: 'remote-error' })
})
