// A node whose policy was changed on its disk while it was down: it obeys nobody, says so wherever a person looks, and is healed by delivery.
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import type { Json } from '../../src/base/ports.ts'
import { type PolicyDocument, signPolicy } from '../../src/overlay/policy-document.ts'
import { csmsConfig, openSite, type Site, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

let site: Site
beforeEach(async () => {
  site = await openSite(1)
})
afterEach(() => site.close())

it('an older policy put back by hand is no policy: the node denies, tells, and takes the newest again', async () => {
  const admin = loadIdentity(site.dir, 'admin', nodeEngine())
  const trust = [{ node: 'admin', role: 'policy-admin', key: 'keys/admin.pem' }]
  const signed = (version: number): Json => {
    const rules = [{ id: `rule-${version}`, role: 'csms', actions: ['Reset'] }]
    const policy: PolicyDocument = { id: 'p', version, nodes: ['*'], rules }
    return JSON.parse(JSON.stringify(signPolicy(policy, admin, 1)))
  }
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    return (await fetch(`http://127.0.0.1:${site.port}${path}`, { ...init, headers })).json()
  }
  const put = (document: Json) => ask('/api/v1/policy', { method: 'PUT', body: JSON.stringify(document) })
  const first = await site.start(csmsConfig(site.port), trust)
  expect([await put(signed(1)), await put(signed(2))]).toMatchObject([{ status: 'Accepted' }, { status: 'Accepted' }])
  expect(await ask('/healthz')).not.toHaveProperty('attention')
  await first.stop()

  const store = openStore(join(site.dir, 'csms', 'store.sqlite'))
  await store.commit([{ collection: 'policy', key: 'in-force', value: signed(1) }])
  await store.close()

  const again = await site.start(csmsConfig(site.port), trust)
  expect(await ask('/healthz')).toMatchObject({ ready: true, attention: ['policy-on-disk'] })
  expect(await ask('/api/v1/policy')).toMatchObject({ version: 0, policy: { rules: [] }, lost: expect.stringContaining('version 2') })
  const said = () => again.network.journal.read(0, 99).find(({ rule }) => rule === 'policy-on-disk')
  await until(said, 'the journal to say so')
  expect(said()).toMatchObject({ kind: 'security', subject: 'csms' })
  expect(await put(signed(1))).toMatchObject({ status: 'Rejected', flaw: 'older' })
  expect(await put(signed(2))).toMatchObject({ status: 'Accepted', version: 2 })
  expect(await ask('/healthz')).not.toHaveProperty('attention')
})
