import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Admission, StationUpgrade } from '../../src/adapters/admission.ts'
import type { NodeUpgrade } from '../../src/adapters/ws-server.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { basic, offer, openSocket, rawUpgrade, serve, V21 } from './endpoint.ts'

describe('the door', () => {
  it('takes no time for those that gave up waiting for their turn', async () => {
    const asked: string[] = []
    const admitStation = ({ stationId }: StationUpgrade): Admission => {
      asked.push(stationId)
      return { ok: true }
    }
    const { port } = await serve({ handlers: { admitStation } })
    const request = (id: number): string =>
      `GET /ocpp/GONE${id} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`
    const gone = Array.from({ length: 40 }, (_, id) =>
      connect(port, '127.0.0.1')
        .on('error', () => undefined)
        .end(request(id)),
    )
    expect(await rawUpgrade(port, '/ocpp/CS1', V21)).toMatchObject({ status: 101 })
    expect(asked.at(-1)).toBe('CS1')
    // the first was let through at once, and a few more while the others' ends were read
    expect(asked.length).toBeLessThan(20)
    for (const socket of gone) socket.destroy()
  })
})

describe('subprotocol negotiation', () => {
  it.each([
    ['ocpp2.1', 'ocpp2.1'],
    ['ocpp1.6, ocpp2.1', 'ocpp1.6'],
    ['ocpp1.5,ocpp2.0.1,ocpp1.6', 'ocpp2.0.1'],
    ['ocpp2.0, ocpp2.1', 'ocpp2.1'],
  ])('of "%s" takes %s, which the client prefers', async (offered, chosen) => {
    const versions: Version[] = []
    const { port } = await serve({ handlers: { stationConnected: (_link, info) => versions.push(info.version) } })
    expect(await rawUpgrade(port, '/ocpp/CS1', offer(offered))).toMatchObject({ status: 101, protocol: chosen })
    expect(versions).toEqual([chosen])
  })

  it.each([['ocpp1.5'], ['OCPP2.1'], ['chargeproof.overlay.1'], [undefined]])(
    'of "%s" takes none: finishes the handshake, then closes',
    async (offered) => {
      const { port, links, refused } = await serve()
      const outcome = await rawUpgrade(port, '/ocpp/CS1', offered === undefined ? {} : offer(offered))
      expect(outcome).toMatchObject({ status: 101, protocol: '', code: 1002 })
      expect(links).toEqual([])
      expect(refused).toMatchObject([{ id: 'CS1', status: 101 }])
    },
  )

  it('speaks only the versions it was given', async () => {
    const { port } = await serve({ options: { versions: ['ocpp1.6'] } })
    expect(await rawUpgrade(port, '/ocpp/CS1', V21)).toMatchObject({ protocol: '', code: 1002 })
    expect(await rawUpgrade(port, '/ocpp/CS1', offer('ocpp2.1,ocpp1.6'))).toMatchObject({ protocol: 'ocpp1.6' })
  })

  it('is separate on the overlay endpoint', async () => {
    const { port } = await serve()
    expect(await rawUpgrade(port, '/overlay/lc1', offer('chargeproof.overlay.1'))).toMatchObject({ protocol: 'chargeproof.overlay.1' })
    expect(await rawUpgrade(port, '/overlay/lc1', V21)).toMatchObject({ protocol: '', code: 1002 })
  })

  it('compresses without context takeover, as the standard demands of a CSMS', async () => {
    const { port } = await serve()
    const { headers } = await rawUpgrade(port, '/ocpp/CS1', { ...V21, 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    expect(headers['sec-websocket-extensions']).toContain('permessage-deflate; server_no_context_takeover; client_no_context_takeover')
  })
})

describe('paths and ids', () => {
  const seen: string[] = []
  const handlers = {
    admitStation: ({ stationId }: StationUpgrade): Admission => {
      seen.push(stationId)
      return { ok: true }
    },
  }

  it.each([
    ['/ocpp/CS%2D1', 'CS-1'],
    ['/ocpp/a%7Cb%40c%2Bd=e', 'a|b@c+d=e'],
    ['/ocpp/CS1?token=x', 'CS1'],
    ['/ocpp/__proto__', '__proto__'],
    [`/ocpp/${'x'.repeat(48)}`, 'x'.repeat(48)],
    [`/ocpp/${'%78'.repeat(48)}`, 'x'.repeat(48)],
  ])('%s is station %s', async (path, id) => {
    seen.length = 0
    const { port, links } = await serve({ handlers })
    expect((await rawUpgrade(port, path, V21)).status).toBe(101)
    expect(seen).toEqual([id])
    expect(links).toHaveLength(1)
  })

  it.each([
    ['/', 404],
    ['/ocpp', 404],
    ['/ocpp/', 404],
    ['/ocpp/CS1/', 404],
    ['/ocpp/a/b', 404],
    ['/OCPP/CS1', 404],
    ['/other/CS1', 404],
    ['/ocpp/../CS1', 404],
    ['/ocpp/..', 400],
    ['/ocpp/.', 400],
    ['/ocpp/%2e%2e', 400],
    ['/ocpp/a%2fb', 400],
    ['/ocpp/%252e', 400],
    ['/ocpp/a%00', 400],
    ['/ocpp/a%0d%0aX:%20y', 400],
    ['/ocpp/a%', 400],
    ['/ocpp/%ff', 400],
    ['/ocpp/%D0%A1S1', 400],
    ['/ocpp/a:b', 400],
    ['/ocpp/*', 400],
    ['/ocpp/a*', 400],
    ['/overlay/*', 400],
    [`/ocpp/${'x'.repeat(49)}`, 400],
    [`/ocpp/${'x'.repeat(7_000)}`, 404],
    [`/ocpp/${'x'.repeat(10_000)}`, 431],
  ])('%s is refused with %i and told to nobody in raw form', async (path, status) => {
    seen.length = 0
    const { port, refused } = await serve({ handlers })
    const outcome = await rawUpgrade(port, path, V21)
    expect(outcome.status).toBe(status)
    expect(seen).toEqual([])
    // node itself answers headers above the limit
    expect(refused).toMatchObject(status === 431 ? [] : [{ id: '', status, reason: status === 400 ? 'malformed id' : 'no such endpoint' }])
    expect(JSON.stringify(outcome.headers)).not.toContain('xxx')
  })

  it('an endpoint without its handlers is not there', async () => {
    const { port } = await serve({ handlers: { admitNode: undefined } as object })
    expect((await rawUpgrade(port, '/overlay/lc1', offer('chargeproof.overlay.1'))).status).toBe(404)
  })

  it('nodes are admitted by their own rule', async () => {
    const asked: NodeUpgrade[] = []
    const { port, refused } = await serve({
      handlers: {
        admitNode: (upgrade) => {
          asked.push(upgrade)
          return { ok: false, status: 409, reason: 'already here' }
        },
      },
    })
    expect((await rawUpgrade(port, '/overlay/lc1', { ...offer('a, b'), ...basic('lc1:x') })).status).toBe(409)
    expect(asked).toMatchObject([{ nodeId: 'lc1', offered: ['a', 'b'], user: 'lc1', secure: false, remoteAddress: '127.0.0.1' }])
    expect(refused).toMatchObject([{ id: 'lc1', status: 409, reason: 'already here' }])
  })
})

describe('slow handshakes', () => {
  it.each([
    ['nothing at all', ''],
    ['half a request', 'GET /ocpp/CS1 HTTP/1.1\r\nHost: x\r\n'],
  ])('cuts off a peer that sends %s', async (_name, text) => {
    const { port, links } = await serve({ handshakeMs: 100 })
    const socket = connect(port, '127.0.0.1')
    socket.write(text)
    // a byte now and then does not buy more time
    const drip = setInterval(() => socket.write(text === '' ? '' : 'X'), 20)
    socket.on('error', () => socket.destroy())
    socket.resume()
    await new Promise((resolve) => socket.once('close', resolve))
    clearInterval(drip)
    expect(links).toEqual([])
  })

  it('leaves an open WebSocket alone after that time', async () => {
    const { port } = await serve({ handshakeMs: 50 })
    const socket = await openSocket(port, '/ocpp/CS1')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(socket.readyState).toBe(socket.OPEN)
  })
})

describe('closing', () => {
  it('ends every connection with 1001 and takes no more', async () => {
    const { port, close } = await serve()
    const sockets = await Promise.all([openSocket(port, '/ocpp/CS1'), openSocket(port, '/overlay/lc1', 'chargeproof.overlay.1')])
    const codes = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    await close()
    expect(await codes).toEqual([1001, 1001])
  })
})
