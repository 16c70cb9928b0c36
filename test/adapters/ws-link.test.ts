import { connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connectNode } from '../../src/adapters/ws-client.ts'
import { MAX_PAYLOAD, wsLink } from '../../src/adapters/ws-link.ts'
import type { Link } from '../../src/base/ports.ts'
import { settle, virtualClock } from '../support/virtual-clock.ts'
import { type Endpoint, hear, listen, openSocket, until } from './endpoint.ts'

let endpoint: Endpoint | undefined
afterEach(async () => {
  await endpoint?.close()
  endpoint = undefined
})

/** Our link and the bare client at its other end. */
const pair = async (options: Parameters<typeof listen>[0] = {}): Promise<{ link: Link; client: WebSocket }> => {
  endpoint = await listen(options)
  const client = await openSocket(endpoint.port, '/ocpp/CS1')
  await until(() => endpoint?.links.length === 1)
  return { link: endpoint.links[0] as Link, client }
}

const ending = (client: WebSocket): Promise<[number, string]> =>
  new Promise((resolve) => client.once('close', (code, reason) => resolve([code, reason.toString()])))

describe('WebSocket link', () => {
  it('carries text and binary frames both ways, in order and unchanged', async () => {
    const { link, client } = await pair()
    const heard = hear(link)
    const text = `["ß🔌${'x'.repeat(5_000)}"]`
    client.send(text)
    client.send(Uint8Array.of(0, 255, 128))
    client.send('')
    await heard.count(3)
    expect(heard.frames).toEqual([text, Uint8Array.of(0, 255, 128), ''])
    expect(Object.getPrototypeOf(heard.frames[1])).toBe(Uint8Array.prototype)
    const back: [unknown, boolean][] = []
    client.on('message', (data, isBinary) => back.push([isBinary ? [...(data as Buffer)] : data.toString(), isBinary]))
    link.send(text)
    link.send(Uint8Array.of(1, 2))
    await until(() => back.length === 2)
    expect(back).toEqual([
      [text, false],
      [[1, 2], true],
    ])
  })

  it('gives every link an id of its own that names the peer', async () => {
    const { link } = await pair()
    const client = await openSocket(endpoint?.port ?? 0, '/ocpp/CS1')
    await until(() => endpoint?.links.length === 2)
    expect(link.id).toMatch(/^CS1#\d+$/)
    expect(endpoint?.links[1]?.id).toMatch(/^CS1#\d+$/)
    expect(endpoint?.links[1]?.id).not.toBe(link.id)
    client.close()
  })

  it('keeps what arrives before it is opened, the end included, and delivers it outside of open', async () => {
    const { link, client } = await pair()
    client.send('one')
    client.send(Uint8Array.of(2))
    client.close(4001, 'bye')
    await ending(client)
    await settle()
    const heard = hear(link)
    expect(heard.frames).toEqual([])
    expect(await heard.closed).toEqual([4001, 'bye'])
    expect(heard.frames).toEqual(['one', Uint8Array.of(2)])
  })

  it('keeps no more than one largest message before it is opened', async () => {
    const { link, client } = await pair()
    client.send(new Uint8Array(MAX_PAYLOAD))
    client.send('x')
    expect((await ending(client))[0]).toBe(1008)
    const heard = hear(link)
    expect((await heard.closed)[0]).toBe(1008)
    expect(heard.frames).toEqual([])
  })

  it('is opened once', async () => {
    const { link } = await pair()
    hear(link)
    const events = { text: () => undefined, binary: () => undefined, closed: () => undefined }
    expect(() => link.open(events)).toThrow(expect.objectContaining({ code: 'internal' }))
  })

  it('counts the bytes that have not left', async () => {
    const { link, client } = await pair()
    expect(link.waiting).toBe(0)
    client.pause()
    for (let i = 0; i < 64; i++) link.send(new Uint8Array(1024 * 1024))
    await settle()
    expect(link.waiting).toBeGreaterThan(10 * 1024 * 1024)
    client.resume()
    await until(() => link.waiting === 0)
  })

  it('tells both sides code and reason of its own close, and nothing afterwards', async () => {
    const { link, client } = await pair()
    const heard = hear(link)
    client.send('before')
    await heard.count(1)
    link.close(4000, 'enough')
    client.send('late')
    link.close(4002, 'again')
    link.send('too late')
    expect(await ending(client)).toEqual([4000, 'enough'])
    expect(await heard.closed).toEqual([4000, 'enough'])
    expect(heard.frames).toEqual(['before'])
    expect(await link.alive(1_000)).toBe(false)
  })

  it('cuts a long reason at a character, and sends no code that only describes', async () => {
    const { link, client } = await pair()
    link.close(1006, `${'x'.repeat(122)}€`)
    expect(await ending(client)).toEqual([1001, 'x'.repeat(122)])
  })

  it('ends although the other side never answers the close', async () => {
    const clock = virtualClock()
    const { link, client } = await pair({ options: { clock, closeMs: 2_000 } })
    client.pause()
    const heard = hear(link)
    await settle()
    link.close(4000, 'enough')
    await clock.advance(2_000)
    expect(await heard.closed).toEqual([4000, 'enough'])
  })

  it.each([
    ['a frame above the limit', 1009, (client: WebSocket) => client.send(new Uint8Array(MAX_PAYLOAD + 1))],
    ['a small frame that unpacks above the limit', 1009, (client: WebSocket) => client.send('0'.repeat(MAX_PAYLOAD * 4))],
    ['a text that is not UTF-8', 1007, (client: WebSocket) => client.send(Uint8Array.of(0xff), { binary: false })],
    ['a frame without a mask', 1002, (client: WebSocket) => client.send('x', { mask: false })],
    [
      'a message in countless fragments',
      1008,
      (client: WebSocket) => {
        for (let i = 0; i < 17_000; i++) client.send('x', { fin: false })
      },
    ],
  ])('closes on %s', async (_name, code, send) => {
    const { link, client } = await pair()
    const heard = hear(link)
    client.on('error', () => undefined)
    send(client)
    expect((await ending(client))[0]).toBe(code)
    expect((await heard.closed)[0]).toBe(code)
    expect(heard.frames).toEqual([])
  })

  it('takes a frame of exactly the limit', async () => {
    const { link, client } = await pair()
    const heard = hear(link)
    client.send(new Uint8Array(MAX_PAYLOAD))
    await heard.count(1)
    expect(heard.frames[0]?.length).toBe(MAX_PAYLOAD)
  })

  it('sees the other side vanish', async () => {
    const { link, client } = await pair()
    const heard = hear(link)
    client.terminate()
    expect((await heard.closed)[0]).toBe(1006)
  })
})

/** A WebSocket through a wire that can be cut without either side being told. */
const cutWire = async (port: number): Promise<{ port: number; cut: () => void; close: () => void }> => {
  const sockets: Socket[] = []
  const wire = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    sockets.push(near, far)
    for (const socket of [near, far]) socket.on('error', () => socket.destroy())
    near.pipe(far)
    far.pipe(near)
  })
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve))
  return {
    port: (wire.address() as { port: number }).port,
    cut: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      wire.close()
    },
  }
}

describe('keepalive', () => {
  it('detects a cut cable within two ping intervals, and probes find it sooner', async () => {
    const clock = virtualClock()
    endpoint = await listen({ options: { clock, pingMs: 30_000 } })
    const wire = await cutWire(endpoint.port)
    const client = await openSocket(wire.port, '/ocpp/CS1')
    let pings = 0
    client.on('ping', () => pings++)
    await until(() => endpoint?.links.length === 1)
    const link = endpoint.links[0] as Link
    const heard = hear(link)
    for (let i = 1; i <= 3; i++) {
      pings = 0
      await clock.advance(30_000)
      await until(() => pings === 1)
      expect(await link.alive(1_000)).toBe(true)
    }
    wire.cut()
    const probe = link.alive(5_000)
    await clock.advance(5_000)
    expect(await probe).toBe(false)
    let ended = false
    void heard.closed.then(() => {
      ended = true
    })
    await clock.advance(54_999)
    await settle()
    expect(ended).toBe(false)
    await clock.advance(1)
    expect(await heard.closed).toEqual([1006, 'no sign of life for two ping intervals'])
    client.terminate()
    wire.close()
  })

  it('misses a node within ten seconds, at either end', async () => {
    const clock = virtualClock()
    endpoint = await listen({ options: { clock } })
    const wire = await cutWire(endpoint.port)
    const near = await connectNode(`ws://127.0.0.1:${wire.port}/overlay`, 'lc1', { clock })
    await until(() => endpoint?.links.length === 1)
    const ends = [hear(near), hear(endpoint.links[0] as Link)]
    wire.cut()
    await clock.advance(6_000)
    const ended = Promise.all(ends.map(({ closed }) => closed))
    expect(await ended).toEqual(Array(2).fill([1006, 'no sign of life for two ping intervals']))
    wire.close()
  })

  it('lets a link live that sends but never answers a ping', async () => {
    const clock = virtualClock()
    endpoint = await listen({ options: { clock } })
    const client = new WebSocket(`ws://127.0.0.1:${endpoint.port}/ocpp/CS1`, 'ocpp1.6', { autoPong: false })
    await until(() => endpoint?.links.length === 1)
    const heard = hear(endpoint.links[0] as Link)
    for (let i = 1; i <= 5; i++) {
      await clock.advance(30_000)
      client.send(`${i}`)
      await heard.count(i)
    }
    await clock.advance(60_000)
    expect((await heard.closed)[0]).toBe(1006)
  })

  it('leaves no timer behind', async () => {
    const clock = virtualClock()
    const { link, client } = await pair({ options: { clock } })
    client.pause()
    const heard = hear(link)
    const probe = link.alive(5_000)
    link.close(1000, '')
    await clock.advance(2_000)
    await heard.closed
    expect(await probe).toBe(false)
    expect(clock.pending).toBe(0)
  })

  it('works at the calling side too', async () => {
    const clock = virtualClock()
    endpoint = await listen({ options: { clock: virtualClock() } })
    const link = wsLink(await openSocket(endpoint.port, '/ocpp/CS1'), 'server', { clock, pingMs: 1_000 })
    const heard = hear(link)
    expect(await link.alive(500)).toBe(true)
    link.close(1000, 'done')
    expect(await heard.closed).toEqual([1000, 'done'])
  })
})
