import { connect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { type Admission, hashPassword, profileAdmission, type StationUpgrade, tlsOptions } from '../../src/adapters/admission.ts'
import { connectStation } from '../../src/adapters/ws-client.ts'
import { settle, virtualClock } from '../support/virtual-clock.ts'
import { makeAuthority } from './certificates.ts'
import { basic, hear, offer, openSocket, rawUpgrade, serve, until, V21 } from './endpoint.ts'

describe('admission', () => {
  it('404 for an unknown station, and no word of the reason', async () => {
    const { port } = await serve({ handlers: { admitStation: profileAdmission(0, (id) => (id === 'CS1' ? {} : undefined)) } })
    expect((await rawUpgrade(port, '/ocpp/CS2', V21)).status).toBe(404)
    expect((await rawUpgrade(port, '/ocpp/CS1', V21)).status).toBe(101)
  })

  it('takes Basic passwords that hold colons and any bytes', async () => {
    const password = Buffer.from([0x3a, 0x00, 0xff, 0x3a, 0x80])
    const hash = await hashPassword(password)
    const { port } = await serve({ handlers: { admitStation: profileAdmission(1, () => ({ passwordHash: hash })) } })
    const status = async (headers: object): Promise<number> => (await rawUpgrade(port, '/ocpp/CS1', { ...V21, ...headers })).status
    expect(await status(basic(Buffer.concat([Buffer.from('CS1:'), password])))).toBe(101)
    expect(await status(basic(Buffer.concat([Buffer.from('CS1:'), password.subarray(1)])))).toBe(401)
    expect(await status(basic(Buffer.concat([Buffer.from('CS2:'), password])))).toBe(401)
    for (const Authorization of ['', 'Basic', 'Basic !!!!', 'Bearer x', `Basic ${Buffer.from('CS1').toString('base64')}`]) {
      expect(await status({ Authorization })).toBe(401)
    }
    const { headers } = await rawUpgrade(port, '/ocpp/CS1', V21)
    expect(headers['www-authenticate']).toMatch(/^Basic realm=/)
  })

  it('brakes guessing with 429, while the station that is connected stays untouched', async () => {
    const clock = virtualClock()
    const hash = await hashPassword('right')
    const { port, links, refused } = await serve({
      handlers: { admitStation: profileAdmission(1, () => ({ passwordHash: hash })) },
      options: { clock, attempts: { burst: 3, refillMs: 6_000 } },
    })
    const url = `ws://127.0.0.1:${port}/ocpp`
    const { link } = await connectStation(url, { stationId: 'CS1', password: 'right', clock })
    const heard = hear(link)
    const guess = async (): Promise<number> => (await rawUpgrade(port, '/ocpp/CS1', { ...V21, ...basic('CS1:wrong') })).status
    expect([await guess(), await guess(), await guess(), await guess()]).toEqual([401, 401, 401, 429])
    expect(refused.map((info) => info.status)).toEqual([401, 401, 401, 429])
    links[0]?.open({ text: () => undefined, binary: () => undefined, closed: () => undefined })
    links[0]?.send('still here')
    await heard.count(1)
    await clock.advance(6_000)
    expect([await guess(), await guess()]).toEqual([401, 429])
    link.close(1000, '')
    await heard.closed
  })

  it('503 for an admission that throws or takes too long, and for one socket too many', async () => {
    const clock = virtualClock()
    const answers = [
      () => Promise.reject(new Error('database away')),
      () => new Promise<never>(() => undefined),
      () => ({ ok: true }) as const,
    ]
    const { port, refused } = await serve({
      handlers: { admitStation: () => (answers.shift() ?? (() => ({ ok: true }) as const))() },
      options: { clock, maxSockets: 1 },
    })
    expect((await rawUpgrade(port, '/ocpp/CS1', V21)).status).toBe(503)
    const slow = rawUpgrade(port, '/ocpp/CS1', V21)
    await until(() => answers.length === 1)
    await clock.advance(10_000)
    expect((await slow).status).toBe(503)
    await until(() => refused.length === 2)
    const open = await openSocket(port, '/ocpp/CS1')
    const over = await rawUpgrade(port, '/ocpp/CS2', V21)
    expect(over).toMatchObject({ status: 503, headers: { 'retry-after': '10' } })
    expect(refused.map((info) => info.reason)).toEqual(['database away', 'the admission took too long', 'too many connections'])
    open.close()
    await until(() => open.readyState === open.CLOSED)
    await settle()
    expect((await rawUpgrade(port, '/ocpp/CS2', V21)).status).toBe(101)
  })

  it('hands over a second socket of the same id and leaves the first alone', async () => {
    const { port, links } = await serve()
    const first = await openSocket(port, '/ocpp/CS1')
    const second = await openSocket(port, '/ocpp/CS1')
    await until(() => links.length === 2)
    expect([first.readyState, second.readyState]).toEqual([first.OPEN, first.OPEN])
  })

  it('closes a connection whose receiver throws, and goes on serving', async () => {
    const { port, refused } = await serve({
      handlers: {
        stationConnected: () => {
          throw new Error('broken receiver')
        },
      },
    })
    expect(await rawUpgrade(port, '/ocpp/CS1', V21)).toMatchObject({ status: 101, code: 1011 })
    expect(refused).toMatchObject([{ id: 'CS1', status: 500, reason: 'broken receiver' }])
    expect((await rawUpgrade(port, '/overlay/lc1', offer('chargeproof.overlay.1'))).status).toBe(101)
  })

  it('does not mind a client that leaves while it is being decided about', async () => {
    const decision = Promise.withResolvers<{ ok: true }>()
    const asked: string[] = []
    const admitStation = ({ stationId }: StationUpgrade): Admission | Promise<Admission> => {
      asked.push(stationId)
      return stationId === 'CS1' ? decision.promise : { ok: true }
    }
    const { port, links } = await serve({ handlers: { admitStation } })
    const leaving = connect(port, '127.0.0.1')
    leaving.write(
      `GET /ocpp/CS1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    )
    await until(() => asked.length === 1)
    leaving.resetAndDestroy()
    await openSocket(port, '/ocpp/CS2')
    decision.resolve({ ok: true })
    await settle()
    expect(links.map((link) => link.id.replace(/#\d+/, ''))).toEqual(['CS2'])
  })
})

describe('TLS', () => {
  it('keeps security profiles 2 and 3 over real certificates', async () => {
    const [authority, stranger] = await Promise.all([makeAuthority('ours'), makeAuthority('theirs')])
    const [server, good, byDns, wrongName, expired, foreign] = await Promise.all([
      authority.server('csms'),
      authority.client('CS1'),
      authority.client('serial-77', { dns: 'CS1' }),
      authority.client('CS2'),
      authority.client('CS1', { days: -1 }),
      stranger.client('CS1'),
    ])
    const ca = authority.cert
    const hash = await hashPassword('secret')

    const two = await serve({
      tls: tlsOptions({ ...server, profile: 2 }),
      handlers: { admitStation: profileAdmission(2, () => ({ passwordHash: hash })) },
    })
    const station = { stationId: 'CS1', timeoutMs: 5_000 }
    const url = (port: number): string => `wss://127.0.0.1:${port}/ocpp`
    const opened = await connectStation(url(two.port), { ...station, password: 'secret', tls: { ca } })
    expect(opened.version).toBe('ocpp2.1')
    await expect(connectStation(url(two.port), { ...station, password: 'wrong', tls: { ca } })).rejects.toMatchObject({
      code: 'refused',
      data: { status: 401 },
    })
    // the server's certificate is verified without being asked
    await expect(connectStation(url(two.port), { ...station, password: 'secret' })).rejects.toMatchObject({ code: 'unreachable' })
    await expect(connectStation(url(two.port), { ...station, password: 'secret', tls: { ca: stranger.cert } })).rejects.toMatchObject({
      code: 'unreachable',
    })
    await two.close()

    const three = await serve({
      tls: tlsOptions({ ...server, ca, profile: 3 }),
      handlers: { admitStation: profileAdmission(3, () => ({})) },
    })
    const as = (identity: object) => connectStation(url(three.port), { ...station, tls: { ca, ...identity } })
    await expect(as(good)).resolves.toMatchObject({ version: 'ocpp2.1' })
    await expect(as(byDns)).resolves.toMatchObject({ version: 'ocpp2.1' })
    await expect(as(wrongName)).rejects.toMatchObject({ code: 'refused', data: { status: 403 } })
    for (const identity of [expired, foreign, {}, server]) await expect(as(identity)).rejects.toMatchObject({ code: 'unreachable' })
    await until(() => three.refused.length === 5)
    expect(three.refused.map((info) => info.status)).toEqual([403, 0, 0, 0, 0])
    expect(three.links).toHaveLength(2)
  })

  it('does not speak TLS below 1.2', async () => {
    const authority = await makeAuthority('ours')
    const options = tlsOptions({ ...(await authority.server('csms')), profile: 2 })
    // OpenSSL's security levels forbid old versions too; level 0 leaves the decision to our settings alone
    const ciphers = 'DEFAULT@SECLEVEL=0'
    const agreed = async (server: typeof options): Promise<string> => {
      const { port, close } = await serve({ tls: { ...server, ciphers } })
      const protocol = await new Promise<string>((resolve) => {
        const socket = tlsConnect({ port, host: '127.0.0.1', ca: authority.cert, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers })
        socket.once('secureConnect', () => {
          resolve(socket.getProtocol() ?? '')
          socket.destroy()
        })
        socket.once('error', () => resolve('refused'))
      })
      await close()
      return protocol
    }
    expect(await agreed(options)).toBe('refused')
    expect(await agreed({ ...options, minVersion: 'TLSv1' })).toBe('TLSv1.1')
  })
})
