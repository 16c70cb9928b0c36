// The four flaws that the advisories of 2026 found in one back end after the other (no authentication, no limit on guesses, a session taken
// over by its id, ids that anybody can find out), and stopping what is another's. Each attack is played against a naive twin first,
// where it works, and then against a back end from its configuration.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { order } from '../../apps/park/orders.ts'
import { hashPassword } from '../../src/adapters/admission.ts'
import { inspectPolicy, type TrustEntry } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { logger } from '../../src/adapters/log.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { payloadOf } from '../../src/ocpp/frame.ts'
import { listTransactions } from '../../src/roles/csms-views.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { rawUpgrade } from '../adapters/endpoint.ts'
import { OcppPeer } from '../support/ocpp-peer.ts'
import { event2x } from '../support/scripted-station.ts'
import { csmsConfig, openSite, type Site, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

const SECRET = 'a-password-of-forty-characters-no-guess'
const LISTED = ['CS-A', 'CS-B', 'CS-C', 'cs'] as const

/** A back end as the advisories found them: the id is the session, the newest wins, and every message is believed. */
class NaiveBackend {
  readonly #server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: (offered) => [...offered][0] ?? false,
    verifyClient: ({ req }, done) => {
      const id = (req.url ?? '').split('/').at(-1) ?? ''
      const isKnown = LISTED.some((known) => known === id)
      const isWrong = req.headers.authorization !== undefined && !req.headers.authorization.endsWith(basic(id, SECRET))
      done(isKnown && !isWrong, isKnown ? 401 : 404)
    },
  })
  readonly #sessions = new Map<string, WebSocket>()
  readonly ended = new Set<string>()
  readonly listening = once(this.#server, 'listening')

  constructor() {
    this.#server.on('connection', (socket, request) => {
      this.#sessions.set((request.url ?? '').split('/').at(-1) ?? '', socket)
      socket.on('message', (data) => {
        const [, id, action, payload] = JSON.parse(String(data))
        if (action === 'TransactionEvent' && payload.eventType === 'Ended') this.ended.add(payload.transactionInfo.transactionId)
        if (action) socket.send(JSON.stringify([3, id, action === 'BootNotification' ? BOOTED : {}]))
      })
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  order(id: string): void {
    this.#sessions.get(id)?.send(JSON.stringify([2, 'o', 'ClearCache', {}]))
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate()
    this.#server.close()
  }
}

const BOOTED = { status: 'Accepted', currentTime: '2026-01-01T00:00:00Z', interval: 60 }
const BOOT = { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M' } }
const basic = (id: string, password: string): string => Buffer.from(`${id}:${password}`).toString('base64')
const headers = (id: string, password: string) => ({ authorization: `Basic ${basic(id, password)}` })

let naive: NaiveBackend
let site: Site
let csms: Awaited<ReturnType<Site['start']>>
let emp: NetworkNode
let station: RunningNode
const peers: OcppPeer[] = []
/** Where stations dial: the twin, and the real one. */
let twin: string
let real: string

const engine = nodeEngine()
const ROLES = { csms: 'csms', emp: 'emp', cs: 'station' } as const
const TRUST: readonly TrustEntry[] = Object.entries(ROLES).map(([node, role]) => ({ node, role, key: `keys/${node}.pem` }))

beforeAll(async () => {
  naive = new NaiveBackend()
  await naive.listening
  twin = `ws://127.0.0.1:${naive.port}/ocpp`
  site = await openSite(2)
  real = `ws://127.0.0.1:${site.port + 1}/ocpp`
  for (const node of Object.keys(ROLES)) loadIdentity(site.dir, node, engine)
  const password = await hashPassword(SECRET)
  csms = await site.start(
    {
      ...csmsConfig(site.port),
      listen: [
        { port: site.port, serve: ['overlay', 'api'] },
        { port: site.port + 1, serve: ['ocpp'], profile: 1 },
      ],
      stations: { registration: 'listed', conceal: true, listed: Object.fromEntries(LISTED.map((id) => [id, { password }])) },
      csms: { heartbeatSeconds: 60, tokens: { DEADBEEF: 'Accepted', 'DE-EMP-C0042': 'Accepted' } },
    },
    TRUST,
  )
})

afterAll(async () => {
  for (const { socket } of peers) socket.terminate()
  await station?.stop()
  naive.close()
  await site.close()
})

const dial = async (endpoint: string, id: string, password?: string): Promise<OcppPeer> => {
  const options = password === undefined ? {} : { headers: headers(id, password) }
  const peer = await OcppPeer.connect(`${endpoint}/${id}`, 'ocpp2.1', options)
  peers.push(peer)
  return peer
}
const statusOf = async (endpoint: string, id: string, password: string): Promise<{ status: number; ms: number }> => {
  const began = performance.now()
  const { port } = new URL(endpoint)
  const { status } = await rawUpgrade(Number(port), `/ocpp/${id}`, { ...headers(id, password), 'sec-websocket-protocol': 'ocpp2.1' })
  return { status, ms: performance.now() - began }
}

describe('the advisories of 2026', () => {
  it('no authentication: the id alone lets nobody in', async () => {
    const attack = async (endpoint: string): Promise<unknown> =>
      dial(endpoint, 'CS-A').then(
        async (peer) => (await peer.result('BootNotification', BOOT)).status,
        (error: Error) => error.message,
      )
    expect(await attack(twin)).toBe('Accepted')
    expect(await attack(real)).toContain('401')
  })

  it('exposed ids: an answer, and how long it takes, is the same for an id that is listed and one that is not', async () => {
    const attack = async (endpoint: string) => {
      const [known, unknown] = [await statusOf(endpoint, 'CS-A', 'wrong'), await statusOf(endpoint, 'CS-X', 'wrong')]
      return { statuses: [known.status, unknown.status], ratio: known.ms / unknown.ms }
    }
    expect((await attack(twin)).statuses).toEqual([401, 404])
    const found = await attack(real)
    expect(found.statuses).toEqual([401, 401])
    // a hash takes tens of milliseconds: without one for strangers the ratio would be that many to one
    expect(Math.min(found.ratio, 1 / found.ratio)).toBeGreaterThan(1 / 8)
  })

  it('no limit on guesses: after ten no guess is looked at, and other stations still get in', async () => {
    const attack = async (endpoint: string): Promise<number> => {
      const guesses = Array.from({ length: 30 }, (_, n) => statusOf(endpoint, 'CS-B', `guess-${n}`))
      return (await Promise.all(guesses)).filter(({ status }) => status === 401).length
    }
    const peer = await dial(real, 'CS-B', SECRET)
    expect(await attack(twin)).toBe(30)
    expect(await attack(real)).toBeLessThanOrEqual(10)
    await peer.close()
    expect((await dial(real, 'CS-C', SECRET)).socket.readyState).toBe(1)
  })

  it('takeover by id: a second session, with the very password, gets nothing of the first', async () => {
    const attack = async (endpoint: string, orderTo: () => unknown): Promise<string> => {
      const victim = await dial(endpoint, 'CS-A', SECRET)
      victim.answers.set('ClearCache', () => ({ status: 'Accepted' }))
      const thief = await dial(endpoint, 'CS-A', SECRET)
      thief.answers.set('ClearCache', () => ({ status: 'Accepted' }))
      if (endpoint === real) expect((await thief.closed)[0]).toBe(1008)
      void orderTo()
      const hears = (peer: OcppPeer): boolean => peer.heard.some(([, , action]) => action === 'ClearCache')
      await until(() => hears(victim) || hears(thief), 'the order to arrive')
      return hears(thief) ? 'thief' : 'victim'
    }
    expect(await attack(twin, () => naive.order('CS-A'))).toBe('thief')
    expect(await attack(real, () => csms.network.ask('CS-A', 'ClearCache', payloadOf({}), { ocpp: 'ocpp2.1' }))).toBe('victim')
  })

  it('nothing that answers without a token names a station', async () => {
    const paths = [
      '/',
      '/healthz',
      '/metrics',
      '/api/openapi.json',
      ...['stations', 'nodes', 'routes', 'links', 'journal', 'transactions', 'events', 'policy', 'keys'].map((p) => `/api/v1/${p}`),
    ]
    for (const port of [site.port, site.port + 1])
      for (const path of paths) {
        const text = await fetch(`http://127.0.0.1:${port}${path}`).then((answer) => answer.text())
        expect(
          LISTED.filter((id) => id.startsWith('CS-') && text.includes(id)),
          path,
        ).toEqual([])
      }
    // with it, the same places do
    const told = await fetch(`http://127.0.0.1:${site.port}/api/v1/stations`, { headers: { authorization: `Bearer ${TOKEN}` } })
    expect(await told.text()).toContain('CS-A')
  })
})

describe("another's session", () => {
  it('is not ended by a station that knows its number', async () => {
    const attack = async (endpoint: string): Promise<void> => {
      const [owner, other] = [await dial(endpoint, 'CS-A', SECRET), await dial(endpoint, 'CS-C', SECRET)]
      await owner.result('TransactionEvent', event2x('tx-1', { seqNo: 0, eventType: 'Started', wh: 1_000 }))
      await other.call('TransactionEvent', event2x('tx-1', { seqNo: 1, eventType: 'Ended', wh: 1_001 }))
    }
    for (const { socket } of peers) socket.terminate()
    await attack(twin)
    expect([...naive.ended]).toEqual(['tx-1'])
    await until(() => !csms.network.overlay.routes.direct('CS-C'), 'the sockets of before to be gone')
    await attack(real)
    expect(listTransactions(csms.store, 'CS-A')).toMatchObject([{ stationId: 'CS-A', state: expect.not.stringContaining('ended') }])
  })

  it('is not stopped by a provider or a driver whose token did not begin it; their own is', async () => {
    const { value: policy } = inspectPolicy('examples/policies/six-roles.yaml')
    const node = { node: 'emp', role: 'grid-operator' as const, uplinks: [{ node: 'csms', url: `ws://127.0.0.1:${site.port}/overlay` }] }
    emp = (await site.start(node, TRUST)).network
    const about = { version: 'ocpp2.1' as const, vendor: 'V', model: 'M', serial: 'S', evses: 2, maxPowerW: 22_000 }
    const uplinks = [{ node: 'csms', url: real, password: SECRET }]
    const config = {
      node: 'cs',
      role: 'station' as const,
      uplinks,
      backend: 'csms',
      station: about,
      trust: [...TRUST],
      ...(policy && { policyDocument: policy }),
    }
    station = await startNode(config, { dataDir: site.dir, token: TOKEN, log: logger('silent') })
    const cs = station.station
    await until(() => cs?.online && emp.overlay.routes.hasUplink, 'the station and the provider to be there')
    for (const [evse, token] of [
      [1, 'DEADBEEF'],
      [2, 'DE-EMP-C0042'],
    ] as const) {
      cs?.plugIn(evse)
      await cs?.present(evse, token)
    }
    await until(() => cs?.state.every(({ transactionId }) => transactionId !== undefined), 'two sessions')
    const [theirs, own] = cs?.state.map(({ transactionId = '' }) => transactionId) ?? []
    const stop = async (transactionId = ''): Promise<string> => {
      const { status, at, rule } = await order(
        emp,
        { id: 'cs', version: 'ocpp2.1' },
        { action: 'RequestStopTransaction', payload: { transactionId } },
      )
      return status ?? `refused by ${at}, rule ${rule}`
    }
    expect(await stop(theirs)).toBe('refused by cs, rule own-stop')
    expect(await stop('no-such')).toBe('refused by cs, rule own-stop')
    expect(cs?.state[0]?.transactionId).toBe(theirs)
    expect(await stop(own)).toBe('Accepted')
    await until(() => cs?.state[1]?.transactionId === undefined, 'its own to end')
    expect(cs?.state[0]?.transactionId).toBe(theirs)
  })
})
