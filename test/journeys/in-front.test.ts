// The way of examples/in-front-of-your-csms.yaml: between stations and a back end that nobody here wrote. Clients and servers of the
// library ocpp-rpc on both sides must hear each other to the byte, live and die together, and a mirror may disturb nothing.
import { createRPCError, type IHandlersOption, RPCClient, RPCServer } from 'ocpp-rpc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { type NodeConfig, readConfig } from '../../src/adapters/config.ts'
import type { Json } from '../../src/base/ports.ts'
import { VERSIONS, type Version } from '../../src/ocpp/version.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { commandsOf, sessionOf } from '../peers/session.ts'
import { openSite, type Site } from '../support/site.ts'
import { until } from '../support/until.ts'

type Client = InstanceType<typeof RPCClient>
interface Heard {
  readonly sent: string[]
  readonly received: string[]
}
interface ForeignServer {
  readonly server: InstanceType<typeof RPCServer>
  /** By station id: what went over its connection. */
  readonly heard: Map<string, Heard>
  readonly clients: Map<string, Client>
  readonly passwords: Map<string, string>
  readonly offers: string[]
}

const PASSWORD = 'p:ss of sixteen and more'
let site: Site
let node: NetworkNode
const stations: Client[] = []
const servers: InstanceType<typeof RPCServer>[] = []
const hanging: WebSocketServer[] = []

beforeEach(async () => {
  site = await openSite(6)
})

afterEach(async () => {
  await Promise.all(stations.splice(0).map((client) => client.close({ force: true } as never)))
  await site.close()
  await Promise.all(servers.splice(0).map((server) => server.close({ force: true } as never)))
  for (const server of hanging.splice(0)) {
    for (const socket of server.clients) socket.terminate()
    server.close()
  }
})

/** What a back end says to stations; enough for their sessions. */
const ANSWERS: Record<string, (version: Version) => object> = {
  BootNotification: () => ({ status: 'Accepted', interval: 60, currentTime: '2026-11-02T08:00:00Z' }),
  Heartbeat: () => ({ currentTime: '2026-11-02T08:00:00Z' }),
  Authorize: (version) => (version === 'ocpp1.6' ? { idTagInfo: { status: 'Accepted' } } : { idTokenInfo: { status: 'Accepted' } }),
  StartTransaction: () => ({ transactionId: 7, idTagInfo: { status: 'Accepted' } }),
  DataTransfer: () => ({ status: 'UnknownVendorId' }),
  MakeTea: () => ({ odd: { ä: '☕' } }),
}

const foreignServer = async (port: number, version: Version): Promise<ForeignServer> => {
  // strict mode of 2.1 is broken in ocpp-rpc 2.2.1, and an unknown action is none of its strict schemas' either
  const server = new RPCServer({
    protocols: [version],
    strictMode: version !== 'ocpp2.1',
    wssOptions: { perMessageDeflate: true },
  } as never)
  const found: ForeignServer = { server, heard: new Map(), clients: new Map(), passwords: new Map(), offers: [] }
  server.auth((accept, reject, handshake) => {
    found.passwords.set(handshake.identity, String(handshake.password ?? ''))
    found.offers.push(String(handshake.headers['sec-websocket-extensions']))
    if (handshake.identity === 'unknown') (reject as (code: number, text: string) => void)(404, 'no such station')
    else if (handshake.endpoint === '/ocpp') accept()
  })
  server.on('client', (client: Client) => {
    const id = String(client.identity)
    found.clients.set(id, client)
    found.heard.set(id, listen(client))
    client.handle(({ method }: IHandlersOption) => {
      const answer = ANSWERS[String(method)]
      return (answer ? answer(version) : {}) as never
    })
  })
  await server.listen(port, '127.0.0.1')
  servers.push(server)
  return found
}

const listen = (client: Client): Heard => {
  const heard: Heard = { sent: [], received: [] }
  client.on('message', ({ message, outbound }: { message: string; outbound: boolean }) => {
    heard[outbound ? 'sent' : 'received'].push(String(message))
  })
  return heard
}

/** The example itself, on ports that are free here, with more uplinks and rules where a test wants them. */
const inFront = async (more: Partial<Pick<NodeConfig, 'node' | 'uplinks' | 'policy'>> & { port?: number } = {}): Promise<void> => {
  const { trust: _, ...example } = readConfig('examples/in-front-of-your-csms.yaml')
  const [first] = example.uplinks ?? []
  if (!first || !example.listen || !example.policy) throw new Error('the example lacks its parts')
  const started = await site.start({
    ...example,
    node: more.node ?? example.node,
    listen: example.listen.map((port, i) => ({ ...port, host: '127.0.0.1', port: (more.port ?? site.port) + i })),
    uplinks: [{ ...first, url: `ws://127.0.0.1:${site.port + 2}/ocpp` }, ...(more.uplinks ?? [])],
    policy: [...(more.policy ?? example.policy)],
  })
  node = started.network
}

const station = async (identity: string, version: Version, port = site.port): Promise<{ client: Client; heard: Heard }> => {
  const endpoint = `ws://127.0.0.1:${port}/ocpp`
  const options = { endpoint, identity, password: PASSWORD, protocols: [version], strictMode: false, reconnect: false }
  const client = new RPCClient(options as never)
  stations.push(client)
  const heard = listen(client)
  await client.connect()
  return { client, heard }
}

const session = async (client: Client, version: Version): Promise<void> => {
  for (const { action, payload } of sessionOf(version)) {
    const text = JSON.stringify(payload).replaceAll('"$transactionId"', '7').replaceAll('$station-tx', 'tx-1')
    await client.call(action, JSON.parse(text))
  }
}

const errorCode = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: Error & { rpcErrorCode?: string }) => error.rpcErrorCode ?? error.message,
  )

const mirrorAt = (port: number): NonNullable<NodeConfig['uplinks']> => [
  { node: 'analytics', url: `ws://127.0.0.1:${port}/ocpp`, mode: 'mirror' },
]

describe.each(VERSIONS)('between a station and a foreign back end, %s', (version) => {
  it('both hear each other to the byte: a session, commands, errors, an action nobody knows; and a mirror hears a copy', async () => {
    const backend = await foreignServer(site.port + 2, version)
    const mirror = await foreignServer(site.port + 3, version)
    await inFront({ uplinks: mirrorAt(site.port + 3) })
    const { client, heard } = await station('CS=1|a', version)
    await until(() => backend.clients.has('CS=1|a'), 'the station to be known to the back end')
    await session(client, version)

    const asked: Json[] = []
    for (const { action, answer } of commandsOf(version)) {
      client.handle(action, ({ params }: IHandlersOption) => {
        asked.push([action, (params ?? {}) as Json])
        if (!answer) throw createRPCError('NotSupported', 'not this one', { detail: 1 })
        return answer as never
      })
    }
    const up = backend.clients.get('CS=1|a') as Client
    const codes = []
    for (const { action, payload } of commandsOf(version)) codes.push(await errorCode(up.call(action, payload as never)))
    expect(asked).toEqual(commandsOf(version).map(({ action, payload }) => [action, payload]))
    expect(codes).toEqual(['no error', 'no error', 'no error', 'no error', 'NotSupported'])
    // what nobody has a schema for goes on as it is, spaces and order and all
    backend.server.reconfigure({ strictMode: false } as never)
    const odd = '[2 , "odd-1",\n "MakeTea", {"b":1.50,"a":"\\u00e4" } ]'
    client.sendRaw(odd)
    await until(() => heard.received.some((frame) => frame.includes('odd-1')), 'the answer to an unknown action')

    const far = backend.heard.get('CS=1|a')
    expect(far?.received).toEqual([...heard.sent, odd].filter((frame, i, all) => all.indexOf(frame) === i))
    expect(far?.sent).toEqual(heard.received)
    expect([backend.passwords.get('CS=1|a'), backend.offers[0]]).toEqual([PASSWORD, expect.stringContaining('permessage-deflate')])

    const calls = (frames: readonly string[] = []): Json[] => frames.map((frame) => JSON.parse(frame)).filter(([type]) => type === 2)
    await until(() => calls(mirror.heard.get('CS=1|a')?.received).length === sessionOf(version).length + 1, 'the mirror to hear it all')
    expect(calls(mirror.heard.get('CS=1|a')?.received)).toEqual(calls(far?.received))
    expect(mirror.passwords.get('CS=1|a')).toBe('')
  })

  it('what breaks its schema is answered at once and goes no further, in both directions', async () => {
    const backend = await foreignServer(site.port + 2, version)
    backend.server.reconfigure({ strictMode: false } as never)
    await inFront()
    const { client } = await station('CS-2', version)
    await until(() => backend.clients.has('CS-2'), 'the station to be known to the back end')
    expect(await errorCode(client.call('BootNotification', { wrong: true } as never))).toMatch(/Constraint|Format/)
    expect(await errorCode((backend.clients.get('CS-2') as Client).call('Reset', { type: 'Rather' } as never))).toBe(
      'PropertyConstraintViolation',
    )
    expect(backend.heard.get('CS-2')?.received.length).toBe(1)
  })

  it('the end of one socket is the end of the other within a second; a refusal up there is told down here', async () => {
    const backend = await foreignServer(site.port + 2, version)
    await inFront()
    const ends = async (one: Client, end: () => unknown): Promise<{ code: number; ms: number }> => {
      const closed = new Promise<number>((resolve) => one.once('disconnect', ({ code }: { code: number }) => resolve(code)))
      const started = performance.now()
      await end()
      return { code: await closed, ms: performance.now() - started }
    }
    const { client: first } = await station('CS-3', version)
    const { client: second } = await station('CS-4', version)
    await until(() => backend.clients.size === 2, 'the stations to be known to the back end')
    const cut = await ends(first, () => (backend.clients.get('CS-3') as unknown as { _ws: { terminate(): void } })._ws.terminate())
    const left = await ends(backend.clients.get('CS-4') as Client, () => second.close({ code: 4001, reason: 'over' } as never))
    expect([cut.code, left.code]).toEqual([1001, 4001])
    expect(Math.max(cut.ms, left.ms)).toBeLessThan(1_000)
    const { client: third } = await station('unknown', version)
    expect((await ends(third, () => undefined)).code).toBe(1008)
    expect(node.overlay.routes.peers).toEqual([])
  })
})

it('a back end that is not there closes the station too, which comes back by its own back-off', async () => {
  await inFront()
  const { client } = await station('CS-5', 'ocpp2.0.1')
  const code = await new Promise<number>((resolve) => client.once('disconnect', (end: { code: number }) => resolve(end.code)))
  expect(code).toBe(1013)
  const backend = await foreignServer(site.port + 2, 'ocpp2.0.1')
  const { client: again } = await station('CS-5', 'ocpp2.0.1')
  expect(await again.call('Heartbeat', {})).toEqual({ currentTime: '2026-11-02T08:00:00Z' })
  expect(backend.clients.size).toBe(1)
})

it('a foreign back end and a mirror may ask for what the policy names, and for nothing else', async () => {
  const backend = await foreignServer(site.port + 2, 'ocpp2.0.1')
  const mirror = await foreignServer(site.port + 3, 'ocpp2.0.1')
  const policy = [
    { id: 'back-end', role: 'uplink:csms', actions: ['Reset'] },
    { id: 'reads', role: 'mirror:analytics', actions: ['GetBaseReport'] },
  ]
  await inFront({ uplinks: mirrorAt(site.port + 3), policy })
  const { client } = await station('CS-6', 'ocpp2.0.1')
  const asked: string[] = []
  client.handle(({ method }: IHandlersOption) => {
    asked.push(String(method))
    return { status: 'Accepted' } as never
  })
  await until(() => backend.clients.has('CS-6') && mirror.clients.has('CS-6'), 'both to know the station')
  const ask = (who: ForeignServer, action: string, payload: object) =>
    errorCode((who.clients.get('CS-6') as Client).call(action, payload as never))
  const report = { requestId: 8, reportBase: 'FullInventory' }
  expect([
    await ask(backend, 'Reset', { type: 'OnIdle' }),
    await ask(backend, 'GetBaseReport', report),
    await ask(mirror, 'Reset', { type: 'OnIdle' }),
    await ask(mirror, 'GetBaseReport', report),
  ]).toEqual(['no error', 'SecurityError', 'SecurityError', 'no error'])
  expect(asked).toEqual(['Reset', 'GetBaseReport'])
  // Part 4 §6.4: the answer to the mirror's command was none of the back end's
  expect(backend.heard.get('CS-6')?.received.map((frame) => frame[1])).toEqual(['3', '4'])
  const refusals = node.journal.read(0, 100).filter(({ kind }) => kind === 'order-refused')
  expect(refusals.map(({ subject }) => subject).sort()).toEqual(['analytics', 'csms'])
})

it('a mirror that never reads slows nobody and keeps to its bound', async () => {
  await foreignServer(site.port + 2, 'ocpp1.6')
  const deaf = new WebSocketServer({ port: site.port + 3, host: '127.0.0.1' })
  deaf.on('connection', (_, { socket }) => void socket.pause())
  hanging.push(deaf)
  await inFront({ node: 'alone', port: site.port + 4 })
  const alone = await station('CS-7', 'ocpp1.6', site.port + 4)
  await inFront({ uplinks: mirrorAt(site.port + 3).map((mirror) => ({ ...mirror, outbox: 20 })) })
  const mirrored = await station('CS-8', 'ocpp1.6')
  await until(() => deaf.clients.size === 1, 'the mirror to have its connection')
  const beat = async ({ client }: { client: Client }): Promise<number> => {
    const started = performance.now()
    await client.call('Heartbeat', {})
    return performance.now() - started
  }
  const times: [number, number][] = []
  for (let i = 0; i < 300; i++) times.push([await beat(alone), await beat(mirrored)])
  const median = (side: 0 | 1): number => times.map((pair) => pair[side]).sort((a, b) => a - b)[150] as number
  expect(median(1)).toBeLessThan(2 * median(0) + 1)
  const view = node.links.all().find(({ peer }) => peer === 'analytics')
  expect(view).toMatchObject({ kind: 'uplink', up: true, queued: 20, sent: 1, received: 0 })
  expect(node.foreign.dropped.get('analytics')).toBe(280)
})
