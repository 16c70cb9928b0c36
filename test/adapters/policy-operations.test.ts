// A policy on its way: from the API of one node over two hops to another and to a station, judged where it ends, tried before it
// counts; and the same from the command line.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { buildHttpApi } from '../../src/adapters/http-api.ts'
import { exportPkcs8Pem, generateSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { operationsOf } from '../../src/adapters/operations.ts'
import { policyFlaw } from '../../src/adapters/policy-file.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Answer } from '../../src/ocpp/connection.ts'
import { type Call, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { Journal } from '../../src/overlay/journal.ts'
import { answerPolicy, SET_POLICY } from '../../src/overlay/policy-delivery.ts'
import { type PolicyDocument, signPolicy } from '../../src/overlay/policy-document.ts'
import { PolicyHolder } from '../../src/overlay/policy-holder.ts'
import { stationGuard } from '../../src/roles/station-guard.ts'
import { engine, keysOf, makeGuard, stationOn, virtualClock } from '../overlay/support.ts'
import { dial, makeNetwork } from '../roles/park.ts'
import { memoryLinks } from '../support/memory-link.ts'

const DOCUMENT: PolicyDocument = {
  ...{ id: 'depot', version: 3, nodes: ['*'] },
  rules: [{ id: 'csms-reads', role: 'csms', actions: ['@read'] }],
}

/** csms - gateway - lc - cs, all of them with a policy. */
const setUp = async () => {
  const clock = virtualClock()
  const keys = keysOf({ csms: 'csms', admin: 'policy-admin', cs: 'station' })
  const make = (id: string, uplinks: string[]) => makeNetwork(clock, { id, uplinks }, { keys, policyFlaw })
  const [csms, gateway, lc] = [make('csms', []), make('gateway', ['csms']), make('lc', ['gateway'])]
  await dial(gateway, csms)
  await dial(lc, gateway)
  const store = memoryStore()
  const holder = new PolicyHolder({
    ...{ self: 'cs', engine, trust: keys.trust, store, clock, check: policyFlaw, initial: { rules: [] } },
    journal: new Journal({ node: 'cs', store, engine, clock }),
  })
  const [link, far] = memoryLinks()
  await lc.stationConnected(far, { stationId: 'cs', version: 'ocpp2.1' })
  const { guard } = makeGuard(clock, 'cs', { trust: keys.trust, identity: keys.identity('cs') })
  const door = stationGuard(guard, { id: 'cs', version: 'ocpp2.1', backend: 'csms' })
  const answer = async (call: Call): Promise<Answer> => {
    // it is asked for its word, as any other station answers who knows nothing of it
    const unknown = { type: RESULT, id: call.id, payload: payloadOf({ status: 'UnknownVendorId' }) } as const
    return door.seal(call, (await answerPolicy(holder, call)) ?? unknown)
  }
  const station = stationOn(clock, link, { version: 'ocpp2.1', answer })
  await clock.advance(400)
  const management = operationsOf({
    network: csms,
    store: memoryStore(),
    engine,
    metrics: async () => '',
    ready: () => true,
    trust: keys.trust,
    clock,
    live: { streams: () => [], readers: () => [] },
  })
  const app = buildHttpApi({ management, token: 'secret' })
  const ask = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object) => {
    const answer = await app.inject({
      method,
      url: `/api/v1${url}`,
      headers: { authorization: 'Bearer secret' },
      ...(payload && { payload }),
    })
    return { status: answer.statusCode, body: answer.json() }
  }
  const sign = (document: PolicyDocument) => JSON.parse(JSON.stringify(signPolicy(document, keys.identity('admin'), 1)))
  return { csms, gateway, lc, holder, station, ask, sign }
}

describe('over the network', () => {
  it('a policy reaches nodes and stations over several hops, and each says which version is in force there', async () => {
    const { lc, gateway, holder, station, ask, sign } = await setUp()
    const deliver = (document: object) => ask('POST', '/policy/deliveries', { nodes: ['csms', 'lc', 'cs', 'nowhere'], document })
    expect((await deliver(sign(DOCUMENT))).body).toEqual([
      { node: 'csms', status: 'Accepted', version: 3 },
      { node: 'lc', status: 'Accepted', version: 3 },
      { node: 'cs', status: 'Accepted', version: 3 },
      { node: 'nowhere', status: 'error', reason: expect.stringContaining('nowhere') },
    ])
    expect([lc.policy.state().version, holder.state().version, gateway.policy.state().version]).toEqual([3, 3, 0])
    // besides the questions for its word
    expect(station.calls.map(({ action }) => action).filter((action) => action !== 'DataTransfer')).toEqual([SET_POLICY])
    const forged = { ...sign(DOCUMENT), policy: { ...DOCUMENT, version: 4 } }
    const refused = (await deliver(forged)).body as { status: string; flaw: string; version: number }[]
    expect(refused.slice(0, 3).map(({ status, flaw, version }) => [status, flaw, version])).toEqual(
      Array(3).fill(['Rejected', 'broken', 3]),
    )
    expect(lc.journal.read(0, 99).filter(({ kind }) => kind === 'policy')).toHaveLength(2)
  })
})

describe('the API of the policy', () => {
  it('shows what is in force, puts a signed document, and says why it does not take another', async () => {
    const { ask, sign } = await setUp()
    expect((await ask('GET', '/policy')).body).toMatchObject({ id: 'configuration', version: 0, hits: {}, refusals: [] })
    expect(await ask('PUT', '/policy', sign(DOCUMENT))).toEqual({ status: 200, body: { status: 'Accepted', version: 3 } })
    expect((await ask('GET', '/policy')).body).toMatchObject({
      id: 'depot',
      version: 3,
      signer: 'admin',
      policy: { rules: DOCUMENT.rules },
    })
    expect((await ask('PUT', '/policy', sign(DOCUMENT))).body).toMatchObject({ status: 'Rejected', version: 3, flaw: 'older' })
    expect((await ask('PUT', '/policy', { policy: DOCUMENT })).status).toBe(400)
  })

  it('tries a candidate and ends that, and takes nothing else for one', async () => {
    const { ask } = await setUp()
    expect((await ask('PUT', '/policy/rehearsal', DOCUMENT)).body).toMatchObject({ version: 0, rehearsal: { id: 'depot', seen: 0 } })
    const wrong = await ask('PUT', '/policy/rehearsal', { ...DOCUMENT, version: 0 })
    expect([wrong.status, wrong.body.detail]).toEqual([400, 'this is no policy: version must be >= 1'])
    expect((await ask('DELETE', '/policy/rehearsal')).body).not.toHaveProperty('rehearsal')
  })
})

describe('chargeproof policy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const run = (...args: string[]): { out: string; code: number } => {
    try {
      return { out: execFileSync('bin/chargeproof', ['policy', ...args], { encoding: 'utf8', stdio: 'pipe' }), code: 0 }
    } catch (error) {
      const { stdout, status } = error as { stdout: string; status: number }
      return { out: stdout, code: status }
    }
  }

  it('checks, signs and shows; what it signed is taken by a node that trusts the key', async () => {
    const signer = generateSigner('secp256r1')
    writeFileSync(join(folder, 'admin.pem'), exportPkcs8Pem(signer))
    const file = 'examples/policies/six-roles.yaml'
    expect(run('check', file).out).toContain('fine, six-roles, version 1')
    const signed = run('sign', file, '--key', join(folder, 'admin.pem')).out
    writeFileSync(join(folder, 'signed.json'), signed)
    expect(run('show', join(folder, 'signed.json')).out).toMatch(
      /signed, not checked here[\s\S]*allow grid-limit: grid SetChargingProfile[\s\S]*allow nothing else/,
    )
    const keys = keysOf({})
    keys.trust.add({ node: 'admin', role: 'policy-admin', publicKey: signer.publicKey })
    const store = memoryStore()
    const clock = virtualClock()
    const journal = new Journal({ node: 'lc', store, engine, clock })
    const parts = { self: 'lc', engine: nodeEngine(), trust: keys.trust, store, journal, clock, check: policyFlaw }
    expect(await new PolicyHolder({ ...parts, initial: { rules: [] } }).put(JSON.parse(signed))).toEqual({ status: 'Accepted', version: 1 })
  })

  it('names the line of what is wrong', () => {
    const file = join(folder, 'bad.yaml')
    writeFileSync(file, "id: a\nversion: 1\nnodes: ['*']\nrules:\n  - { id: b, role: c, actions: [Rest] }\n")
    expect(run('check', file)).toEqual({ out: `${file}:5: there is no action called "Rest"\n`, code: 1 })
    expect(run('sign', file, '--key', 'none.pem').code).toBe(78)
  })
})
