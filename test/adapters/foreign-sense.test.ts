// Foreign back ends in a configuration: each setting where it means something, and no rule for a link that is not there.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { inspectConfig } from '../../src/adapters/config.ts'
import { foreignSense } from '../../src/adapters/foreign-sense.ts'

const texts = (config: Parameters<typeof foreignSense>[0]): string[] =>
  foreignSense(config).map(({ pointer, text }) => `${pointer} ${text}`)
const standard = { node: 'csms', mode: 'standard' } as const
const mirror = { node: 'm', mode: 'mirror' } as const

it('has nothing to say where all is well', () => {
  const policy = [{ role: 'uplink:csms' }, { role: 'mirror:m' }, { role: 'csms' }, { role: 'anyone' }]
  const uplinks = [{ ...standard, passPassword: true, validate: 'pass' }, { ...mirror, outbox: 5 }, { node: 'gw' }]
  expect(texts({ role: 'gateway', uplinks, policy })).toEqual([])
})

it.each([
  [{ node: 'gw', passPassword: true }, '"passPassword" is for the modes standard and mirror'],
  [{ ...standard, passPassword: true, password: 'x' }, 'either "password" or "passPassword", not both'],
  [{ ...mirror, validate: 'pass' }, '"validate" is for the mode standard'],
  [{ ...standard, outbox: 5 }, '"outbox" is for the mode mirror'],
] as const)('%j is a fault', (uplink, text) => {
  expect(texts({ role: 'gateway', uplinks: [uplink] })).toEqual([`/uplinks/0 ${text}`])
})

it('a station belongs to one back end, a mirror is named once, and only nodes between have either', () => {
  const uplinks = [standard, { ...standard, node: 'other' }, mirror, mirror]
  expect(texts({ role: 'gateway', uplinks })).toEqual([
    '/uplinks/1 a station belongs to one back end: one uplink can be standard',
    '/uplinks/3 two uplinks are mirror:m',
  ])
  expect(texts({ role: 'grid-operator', uplinks: [standard] })).toEqual([
    '/uplinks/0 the mode standard is for a gateway or a local-controller',
  ])
})

it('a rule for a link that is not there is a fault, and so is a key in the role of a link', () => {
  expect(texts({ role: 'gateway', uplinks: [standard], policy: [{ role: 'mirror:csms' }] })).toEqual([
    '/policy/0/role no uplink is mirror:csms',
  ])
  const folder = mkdtempSync(join(tmpdir(), 'foreign-'))
  const complaints = (role: string) => {
    const file = join(folder, 'node.yaml')
    writeFileSync(file, `node: a\nrole: csms\ntrust:\n  - { node: b, role: '${role}', key: k.pem }\n`)
    return inspectConfig(file).complaints.length
  }
  expect([complaints('csms'), complaints('uplink:csms') > 0]).toEqual([0, true])
  rmSync(folder, { recursive: true })
})

it('an overlay uplink is named once, and what chooses among those is for them alone', () => {
  const overlay = { node: 'csms' }
  expect(texts({ role: 'gateway', uplinks: [overlay, { ...overlay, priority: 1 }, standard] })).toEqual([
    '/uplinks/1 the uplink csms is there already: one entry, with "urls" for its other endpoints',
  ])
  expect(texts({ role: 'gateway', uplinks: [{ ...mirror, priority: 1, urls: ['ws://b'] }] })).toEqual([
    '/uplinks/0 "urls" is for the mode overlay',
    '/uplinks/0 "priority" is for the mode overlay',
  ])
})
