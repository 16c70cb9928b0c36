// Whether a node says that it is ready exactly while it is: not while it opens its ports, and not once it is told to stop.
import dns from 'node:dns'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ListenConfig } from '../../src/adapters/config.ts'
import { logger } from '../../src/adapters/log.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { limitClaims, startNode } from '../../src/adapters/node-runtime.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { freePorts } from '../support/ports.ts'
import { csmsConfig, TOKEN } from '../support/site.ts'

let dataDir: string
let port: number
let agent: Agent

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'chargeproof-ready-'))
  port = await freePorts(2)
  agent = new Agent({ keepAlive: true, maxSockets: 1 })
})

afterEach(() => {
  agent.destroy()
  rmSync(dataDir, { recursive: true, force: true })
})

/** @param hosts one for each port */
const start = (...hosts: string[]) => {
  const listen = hosts.map((host, n): ListenConfig => ({ host, port: port + n, serve: ['ocpp', 'api'] }))
  return startNode({ ...csmsConfig(port), listen, trust: [] }, { dataDir, token: TOKEN, log: logger('silent') })
}

/** Status and body, or undefined where nothing listens. */
const health = (): Promise<[number | undefined, unknown] | undefined> =>
  new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port, path: '/healthz', agent }, (response) => {
      let body = ''
      response.on('data', (data) => {
        body += data
      })
      response.on('end', () => resolve([response.statusCode, JSON.parse(body)]))
    })
    asked.on('error', () => resolve(undefined))
  })

/** A station that never answers the closing handshake: the node waits for it a while. */
const deafStation = (): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => resolve())
    socket.on('error', () => undefined)
    const head = ['GET /ocpp/deaf HTTP/1.1', 'Host: 127.0.0.1', 'Upgrade: websocket', 'Connection: Upgrade']
    const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Protocol: ocpp2.1']
    socket.write(`${[...head, ...key].join('\r\n')}\r\n\r\n`)
  })

it('takes from its file which claims wait for a word, and who may be in a group', () => {
  const [plain, loose, strict] = [new TrustStore(nodeEngine()), new TrustStore(nodeEngine()), new TrustStore(nodeEngine())]
  limitClaims({}, plain)
  limitClaims({ nodes: { registration: 'open', stationWord: 'optional' } }, loose)
  limitClaims({ nodes: { registration: 'open', stationWord: 'required', groupAccess: { tariffs: ['csms'] } } }, strict)
  const gateway = { node: 'gw', role: 'gateway', proven: true }
  expect([plain, loose, strict].map(({ homes }) => homes.needsWord('cs'))).toEqual([true, false, true])
  expect([plain, strict].map(({ groups }) => groups.allows('@tariffs', gateway))).toEqual([true, false])
})

it('is not ready while only some of its ports are open', async () => {
  // the second port opens once its name was looked up
  const asked = Promise.withResolvers<() => void>()
  const usual = dns.lookup as (...args: unknown[]) => void
  const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((...args: unknown[]) => {
    if (args[0] !== 'second.test') usual(...args)
    else asked.resolve(() => (args.at(-1) as (...found: unknown[]) => void)(null, '127.0.0.1', 4))
  }) as never)
  const starting = start('127.0.0.1', 'second.test')
  const found = await asked.promise
  expect(await health()).toEqual([503, { ready: false, node: 'csms', role: 'csms' }])
  found()
  lookup.mockRestore()
  const node = await starting
  expect(await health()).toEqual([200, { ready: true, node: 'csms', role: 'csms' }])
  await node.stop()
})

it('is not ready any more from the moment it is told to stop', async () => {
  const node = await start('127.0.0.1')
  await deafStation()
  expect(await health()).toEqual([200, { ready: true, node: 'csms', role: 'csms' }])
  const stopped = node.stop()
  expect(await health()).toEqual([503, { ready: false, node: 'csms', role: 'csms' }])
  await stopped
  expect(await health()).toBeUndefined()
})
