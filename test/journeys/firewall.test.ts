// A controller with rules between a bare station and the back end, on real sockets, from its configuration: what each side
// gets to hear, what the journal says, and what the command line says beforehand.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectConfig } from '../../src/adapters/config.ts'
import type { Json } from '../../src/base/ports.ts'
import { payloadOf } from '../../src/ocpp/frame.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { OcppPeer } from '../support/ocpp-peer.ts'
import { csmsConfig, openSite, relayConfig, type Site, TRUST_CSMS } from '../support/site.ts'
import { until } from '../support/until.ts'

const FIREWALL = {
  urls: { schemes: ['https'], hosts: ['logs.example.com'] },
  rules: [
    { id: 'soft-reset', decision: 'replace', actions: ['Reset'], direction: 'down', with: [{ pointer: '/type', value: 'Soft' }] },
    { id: 'no-unlock', decision: 'reject', actions: ['UnlockConnector'], direction: 'down', origin: ['uplink'], role: 'csms' },
    { id: 'quiet', decision: 'drop', actions: ['DataTransfer'], direction: 'up', where: [{ pointer: '/vendorId', in: ['noise'] }] },
    { id: 'watch', decision: 'reject', actions: ['unknown'], dryRun: true },
  ],
} as const satisfies Json
const policy = [{ id: 'csms-operates', role: 'csms', actions: ['*'] }]

let site: Site
let csms: NetworkNode
let controller: NetworkNode
let station: OcppPeer

beforeAll(async () => {
  site = await openSite(2)
  ;({ network: csms } = await site.start(csmsConfig(site.port)))
  const config = relayConfig('lc', { listen: site.port + 1, up: site.port, upNode: 'csms' })
  const file = join(site.dir, 'lc.yaml')
  // JSON is YAML: what a person writes goes the way that a file goes
  writeFileSync(file, JSON.stringify({ ...config, policy, firewall: FIREWALL }))
  const { value, complaints } = inspectConfig(file)
  if (!value) throw new Error(JSON.stringify(complaints))
  ;({ network: controller } = await site.start(value, TRUST_CSMS))
  await until(() => csms.overlay.routes.place('lc')?.online, 'the controller to be known to the back end')
  station = await OcppPeer.connect(`ws://127.0.0.1:${site.port + 1}/ocpp/cs-16`, 'ocpp1.6')
  for (const action of ['Reset', 'GetDiagnostics', 'UnlockConnector', 'VendorThing'])
    station.answers.set(action, () => ({ status: 'Accepted' }))
  station.answers.set('GetDiagnostics', () => ({ fileName: 'x' }))
  const booted = await station.result('BootNotification', { chargePointVendor: 'v', chargePointModel: 'm' })
  expect(booted.status).toBe('Accepted')
  await until(() => csms.overlay.routes.place('cs-16')?.online, 'the station to be known to the back end')
})

afterAll(async () => {
  station?.socket.close()
  await site.close()
})

const order = async (action: string, payload: Json): Promise<unknown> => {
  const { answer } = await csms.ask('cs-16', action, payloadOf(payload), { ocpp: 'ocpp1.6', timeoutMs: 3000 })
  const { message } = answer
  if ('details' in message) return { code: message.code, ...(message.details.value as object) }
  return 'payload' in message ? message.payload.value : undefined
}
const heard = (action: string) => station.heard.filter((frame) => frame[0] === 2 && frame[2] === action)
const rows = () => controller.journal.read(0, 999).filter(({ kind }) => kind === 'firewall')

describe('a controller with a firewall', () => {
  it('lets pass what no rule is meant for', async () => {
    expect(await station.result('Heartbeat', {})).toHaveProperty('currentTime')
    expect(rows()).toEqual([])
  })

  it('replaces in what the back end orders, and says so in its journal', async () => {
    expect(await order('Reset', { type: 'Hard' })).toEqual({ status: 'Accepted' })
    expect(heard('Reset')[0]?.[3]).toEqual({ type: 'Soft' })
    expect(rows().at(-1)).toMatchObject({
      rule: 'soft-reset',
      subject: 'csms',
      data: { before: expect.any(String), after: expect.any(String) },
    })
  })

  it('refuses by role, and tells the back end who and why', async () => {
    expect(await order('UnlockConnector', { connectorId: 1 })).toMatchObject({ code: 'SecurityError', at: 'lc', rule: 'no-unlock' })
    expect(heard('UnlockConnector')).toEqual([])
    expect(rows().at(-1)).toMatchObject({ rule: 'no-unlock', text: expect.stringContaining('refused') })
  })

  it('sends no station to an address that is not listed, nor to one with a command in it', async () => {
    for (const location of [
      'ftp://evil.example/x',
      'https://evil.example/x',
      'https://logs.example.com/$(reboot)',
      'https://logs.example.com@evil.example/',
    ])
      expect(await order('GetDiagnostics', { location })).toMatchObject({ code: expect.stringMatching(/SecurityError|Violation/) })
    expect(heard('GetDiagnostics')).toEqual([])
    expect(rows().at(-1)).toMatchObject({ rule: 'urls' })
    expect(await order('GetDiagnostics', { location: 'https://logs.example.com/up' })).toEqual({ fileName: 'x' })
  })

  it('drops without a word, and the station goes on', async () => {
    station.send([2, 'noise-1', 'DataTransfer', { vendorId: 'noise' }])
    expect(await station.result('DataTransfer', { vendorId: 'other' })).toHaveProperty('status')
    expect(station.heard.some((frame) => frame[1] === 'noise-1')).toBe(false)
    expect(rows().at(-1)).toMatchObject({ rule: 'quiet', subject: 'cs-16' })
  })

  it('only watches in a dry run', async () => {
    expect(await order('VendorThing', { a: 1 })).toEqual({ status: 'Accepted' })
    expect(rows().at(-1)).toMatchObject({ rule: 'watch', text: expect.stringContaining('would have been refused'), data: { dryRun: true } })
  })

  it('answers by its rules while the back end is away', async () => {
    for (const peer of controller.overlay.routes.uplinks) peer.close(1000, 'cut')
    station.send([2, 'noise-2', 'DataTransfer', { vendorId: 'noise' }])
    expect(await station.result('Heartbeat', {})).toHaveProperty('currentTime')
    expect(station.heard.some((frame) => frame[1] === 'noise-2')).toBe(false)
  })
})

const cli = (...args: string[]): Promise<{ code: number; out: string }> =>
  new Promise((resolve) => {
    execFile('bin/chargeproof', args, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: stdout + stderr }),
    )
  })

describe('the command line', () => {
  it('says what a file does, and which rule decides over a message', async () => {
    const file = join(site.dir, 'lc.yaml')
    expect(await cli('check', file)).toMatchObject({
      code: 0,
      out: expect.stringContaining('firewall: 4 rules, otherwise forward, addresses for stations on logs.example.com'),
    })
    const tried = (frame: Json, ...more: string[]) => cli('firewall', file, '--try', JSON.stringify(frame), '--ocpp', 'ocpp1.6', ...more)
    expect(await tried([2, '1', 'Reset', { type: 'Hard' }])).toEqual({
      code: 0,
      out: 'replace, by soft-reset: its payload is replaced\n{"type":"Soft"}\n',
    })
    expect(await tried([2, '1', 'UnlockConnector', { connectorId: 1 }])).toEqual({ code: 0, out: 'forward, by default\n' })
    expect(await tried([2, '1', 'UnlockConnector', { connectorId: 1 }], '--role', 'csms')).toMatchObject({
      code: 1,
      out: expect.stringContaining('reject, by no-unlock'),
    })
    expect(await tried([2, '1', 'VendorThing', {}])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^dry run: reject, by watch.*\nforward, by default\n$/),
    })
    expect(await tried([3, '1', {}])).toMatchObject({ code: 64, out: expect.stringContaining('expected a CALL or a SEND') })
  })

  it('says which rules of a file cannot be meant', async () => {
    const file = join(site.dir, 'bad.yaml')
    writeFileSync(
      file,
      [
        'node: lc',
        'role: local-controller',
        "uplinks: [{ node: csms, url: 'ws://127.0.0.1:1/overlay' }]",
        "policy: [{ id: p, role: csms, actions: ['*'] }]",
        'firewall:',
        '  rules:',
        "    - { id: p, decision: drop, actions: ['*'] }",
        '    - { id: a, decision: drop, actions: [Reset, Rest, org.example.Ping, unknown] }',
        '    - { id: b, decision: drop, actions: [SignedUpdateFirmware], versions: [ocpp2.1] }',
        '    - { id: a, decision: replace, actions: [Reset] }',
        '    - { id: urls, decision: drop, actions: [Reset], with: [{ pointer: /a, value: 1 }] }',
      ].join('\n'),
    )
    const said = inspectConfig(file).complaints.map(({ line, text }) => `${line} ${text}`)
    expect(said.toSorted()).toEqual([
      '10 the id "a" is taken: the journal could not tell which rule it was',
      '10 to replace, say "with" what',
      '11 "with" is for the decision "replace", not for "drop"',
      '11 the id "urls" is taken: the journal could not tell which rule it was',
      '7 the id "p" is taken: the journal could not tell which rule it was',
      '8 ocpp2.1, ocpp2.0.1, ocpp1.6 has no action called "Rest"',
      '9 ocpp2.1 has no action called "SignedUpdateFirmware"',
    ])
    expect((await cli('check', file)).code).toBe(1)
  })
})
