// The drill of docs/keys.md over real sockets: a controller's key is stolen and revoked, the back end changes its key without a
// pause, a station that was away for a month catches up before it obeys, and a stolen root is replaced by the one it named.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { order, type OrderOutcome } from '../../apps/park/orders.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import type { NodeConfig, TrustEntry } from '../../src/adapters/config.ts'
import { KeyOffice } from '../../src/adapters/key-office.ts'
import { addKey, ownKeys } from '../../src/adapters/key-ring.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { logger } from '../../src/adapters/log.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { asFault } from '../../src/base/fault.ts'
import type { Clock, Json } from '../../src/base/ports.ts'
import { type KeyStatement, type Vouched, vouch } from '../../src/overlay/key-document.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { csmsConfig, openSite, relayConfig, type Site, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

const engine = nodeEngine()
const DAY = 86_400_000
const keys = { root: 'keys/root.json' }
const NODES = { csms: 'csms', gateway: 'gateway', lc: 'local-controller', cs: 'station' } as const
const TRUST: readonly TrustEntry[] = Object.entries(NODES).map(([node, role]) => ({ node, role, key: `keys/${node}.pem` }))
const STATION = { id: 'cs', version: 'ocpp2.1' } as const

let site: Site
let office: KeyOffice
let csms: NetworkNode
let gateway: NetworkNode
let lc: NetworkNode
let station: RunningNode | undefined
let stationAhead = 0

const folder = (name: string): string => join(site.dir, name)
const at = (name: string): number => site.port + name.length

/** A clock that runs ahead of the machine's. */
const ahead = (): Clock => ({ now: () => Date.now() + stationAhead, after: systemClock.after })

const startStation = async (): Promise<void> => {
  const config: NodeConfig = {
    node: 'cs',
    role: 'station',
    uplinks: [{ node: 'lc', url: `ws://127.0.0.1:${site.port + 2}/ocpp` }],
    backend: 'csms',
    station: { version: 'ocpp2.1', vendor: 'Chargeproof', model: 'Post', serial: 'CP-cs', evses: 1, maxPowerW: 22_000 },
    policy: [{ id: 'csms-operates', role: 'csms', actions: ['*'] }],
    keys,
  }
  station = await startNode({ ...config, trust: [...TRUST] }, { dataDir: site.dir, token: TOKEN, log: logger('silent'), clock: ahead() })
}

const ask = (by = csms): Promise<OrderOutcome> => order(by, STATION, { action: 'ClearCache', payload: {} })
const publish = (): Promise<number> => csms.keys?.publish(office.facts) ?? Promise.reject(new Error('no ledger'))
const trustOf = (node: NetworkNode) => node.guard
const refusalOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'done', (error) => asFault(error).data.rule ?? asFault(error).message)

const rotate = async (node: string, times: { delayMs: number; overlapMs: number }): Promise<string> => {
  const held = [...ownKeys(site.dir, node, engine)].map(([kid, signer]) => ({ kid, signer }))
  const { kid, signer } = addKey(site.dir, node, engine)
  const role = TRUST.find((entry) => entry.node === node)?.role ?? ''
  const fact = office.draft({ node, role, key: signer.publicKey, lifeMs: 365 * DAY, ...times })
  await office.sign(vouch(fact, held.slice(0, 1)))
  await publish()
  return kid
}

beforeAll(async () => {
  site = await openSite(3)
  for (const node of Object.keys(NODES)) loadIdentity(site.dir, node, engine)
  office = await KeyOffice.found(folder('root'), folder('vault'), { engine, clock: systemClock })
  writeFileSync(folder('keys/root.json'), JSON.stringify(office.facts))
  // the operator knows the keys that the nodes were born with
  for (const [node, role] of Object.entries(NODES)) {
    const { kid, signer } = loadIdentity(site.dir, node, engine)
    const fact = office.draft({ node, role, key: signer.publicKey, delayMs: 0, overlapMs: 0, lifeMs: 365 * DAY })
    await office.sign(vouch(fact, [{ kid, signer }]))
  }
  const start = async (config: NodeConfig) => (await site.start({ ...config, keys }, TRUST)).network
  csms = await start(csmsConfig(site.port))
  gateway = await start(relayConfig('gateway', { listen: site.port + 1, up: site.port, upNode: 'csms' }))
  lc = await start(relayConfig('lc', { listen: site.port + 2, up: site.port + 1, upNode: 'gateway' }))
  await startStation()
  await until(() => csms.overlay.routes.place('cs')?.online === true && station?.station?.online, 'the station to be known above')
  await publish()
}, 20_000)

afterAll(async () => {
  await station?.stop()
  await site.close()
})

it('begins with a station that obeys', async () => {
  expect(await ask()).toMatchObject({ at: 'cs', status: expect.any(String) })
})
