// A node whose disk was changed by hand while it was down: it says so in its journal, obeys nobody by what it found there, and gets the truth
// from its neighbour.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import type { NodeConfig, TrustEntry } from '../../src/adapters/config.ts'
import { KeyOffice } from '../../src/adapters/key-office.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import type { JsonObject } from '../overlay/support.ts'
import { csmsConfig, openSite, relayConfig, type Site } from '../support/site.ts'
import { until } from '../support/until.ts'

const engine = nodeEngine()
const keys = { root: 'keys/root.json' }
let site: Site
beforeEach(async () => {
  site = await openSite(2)
})
afterEach(() => site.close())

it('a revocation that was taken out of the file is told again before anything is obeyed', async () => {
  const ids = { csms: 'csms', gateway: 'gateway', thief: 'csms' } as const
  const trust: TrustEntry[] = Object.entries(ids).map(([node, role]) => ({ node, role, key: `keys/${node}.pem` }))
  for (const node of Object.keys(ids)) loadIdentity(site.dir, node, engine)
  const stolen = loadIdentity(site.dir, 'thief', engine).kid
  const office = await KeyOffice.found(join(site.dir, 'root'), join(site.dir, 'vault'), { engine, clock: systemClock })
  mkdirSync(join(site.dir, 'keys'), { recursive: true })
  writeFileSync(join(site.dir, 'keys/root.json'), JSON.stringify(office.facts.slice(0, 1)))
  const relay: NodeConfig = { ...relayConfig('gateway', { listen: site.port + 1, up: site.port, upNode: 'csms' }), keys }
  const { network: csms } = await site.start({ ...csmsConfig(site.port), keys }, trust)
  const first = await site.start(relay, trust)
  await until(() => csms.overlay.routes.place('gateway')?.online, 'the gateway to be there')
  await office.revoke([stolen], 'stolen')
  await csms.keys?.publish(office.facts)
  await until(() => first.store.get('keys', '2') !== undefined, 'the revocation to be on the disk of the gateway')
  await first.stop()

  const store = openStore(join(site.dir, 'gateway', 'store.sqlite'))
  const { fact, signatures } = store.get('keys', '2') as { fact: JsonObject; signatures: [] }
  await store.commit([{ collection: 'keys', key: '2', value: { fact: { ...fact, revoked: [] }, signatures } }])
  await store.close()

  const again = await site.start(relay, trust)
  const said = again.network.journal.read(0, 100).find(({ rule }) => rule === 'keys-on-disk')
  expect(said).toMatchObject({ kind: 'security', subject: 'gateway', text: expect.stringContaining('root-signature') })
  await until(() => JSON.stringify(again.store.get('keys', '2') ?? '').includes(stolen), 'the gateway to know the revocation again')
})
