// What is said of files that are none, and of names a port may have.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { inspectConfig } from '../../src/adapters/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const complaints = (text: string) => {
  const file = join(folder, 'node.yaml')
  writeFileSync(file, text)
  return inspectConfig(file).complaints
}

describe('a file that is no configuration', () => {
  it('is named as what it is', () => {
    expect(inspectConfig(join(folder, 'nowhere.yaml')).complaints).toEqual([{ line: 1, text: 'there is no such file' }])
    expect(inspectConfig(folder).complaints).toEqual([{ line: 1, text: 'this is a folder; name a file' }])
    expect(complaints('- { node: a, role: csms, key: a.pem }\n')[0]?.text).toMatch(/^expected the settings of a node, .* trust list/)
    expect(complaints('')[0]?.text).toMatch(/^expected the settings of a node/)
  })

  it('gets a few sentences, not one for each of its lines', () => {
    const found = complaints('# A page\n\nSome `text` here:\nmore: of: it\n'.repeat(50))
    expect(found).toHaveLength(3)
    for (const { text } of found) expect(text).toMatch(/^this is not YAML: [^\n]*[^:]$/)
  })
})

describe('a trust list', () => {
  const withEntry = (more: string) => complaints(`node: a\nrole: csms\ntrust:\n  - { node: lc1, role: gateway, key: k.pem, ${more} }\n`)

  it.each(['stations: [cs-1, "site7-*", "*"]', 'stations: []', 'homes: [lc1, lc2]'])('may say %s', (more) => {
    expect(withEntry(more)).toEqual([])
  })

  it.each(['stations: ["*-7"]', 'stations: ["a*b"]', 'stations: [""]', 'stations: cs-1', 'homes: []', 'homes: ["*"]'])(
    'may not say %s',
    (more) => {
      expect(withEntry(more)).not.toEqual([])
    },
  )
})

describe('groups', () => {
  const withGroups = (groups: string) => complaints(`node: a\nrole: csms\ngroups: ${groups}\n`)

  it('are names', () => {
    expect(withGroups('[tariffs, grid-events]')).toEqual([])
    for (const wrong of ['["*"]', '["a:b"]', '[".."]', `["${'a'.repeat(33)}"]`, '[a, a]', 'tariffs'])
      expect(withGroups(wrong)).not.toEqual([])
  })
})

describe('the names of a port', () => {
  const withHost = (host: string) =>
    complaints(`node: a\nrole: csms\nlisten:\n  - port: 1\n    serve: [api]\n    hosts: [${JSON.stringify(host)}]\n`)

  it.each(['csms.depot.example', 'localhost', '10.0.0.5', '[fd00::5]', 'a'])('may be %s', (host) => {
    expect(withHost(host)).toEqual([])
  })

  it.each(['csms.example:8080', 'http://csms.example', '*', '.example', 'fd00::5', 'a b', ''])('are not %s', (host) => {
    expect(withHost(host)).toMatchObject([{ line: 6 }])
  })
})

describe('a policy in a file of its own', () => {
  const policyOf = (signatures: string, rules = '[]') => {
    writeFileSync(join(folder, 'policy.yaml'), `id: p\nversion: 1\nnodes: ['*']\nsignatures: ${signatures}\nrules: ${rules}\n`)
    return complaints('node: a\nrole: csms\npolicyFile: policy.yaml\n').map(({ text }) => text)
  }

  it.each<[string, string, string]>([
    ['[{ id: a, actions: [Reset], signed: { of: 3, by: [x, y] } }]', '[]', '3 of 2 can never be'],
    [
      '[{ id: a, actions: [Reset], signed: { any: [x] }, where: [{ pointer: /a, either: [[{ pointer: /b, lookup: own-token }]] }] }]',
      '[]',
      'a lookup is for rules that allow',
    ],
    ['[{ id: a, actions: [Reset], signed: { any: [x] } }]', '[{ id: a, role: x, actions: [Reset] }]', 'the id "a" is taken'],
    ['[]', '[{ id: none, role: x, actions: [Reset] }]', 'the id "none" is taken'],
    ['[]', "[{ id: a, role: x, actions: ['@write'] }]", 'no class of actions called "@write"'],
    ['[]', '[{ id: a, role: x, actions: [GetVariables], versions: [ocpp1.6] }]', 'no action called "GetVariables"'],
    ['[]', '[{ id: a, role: x, actions: [Reset], where: [{ pointer: /a, min: 3 parsec }] }]', 'expected a number with one of the units'],
    ['[{ id: a, actions: [Reset] }]', '[]', 'signed'],
  ])('%s %s is refused: %s', (signatures, rules, text) => {
    expect(policyOf(signatures, rules).join('\n')).toContain(text)
  })

  it('is taken when nothing is wrong with it, and stands instead of a list', () => {
    expect(policyOf('[]', '[{ id: a, role: x, actions: [Reset] }]')).toEqual([])
    expect(complaints('node: a\nrole: csms\npolicyFile: nowhere.yaml\n')[0]?.text).toContain('no such file')
    expect(complaints('node: a\nrole: csms\npolicyFile: policy.yaml\npolicy: []\n')[0]?.text).toContain('one of the two')
    expect(
      complaints('node: a\nrole: csms\npolicy:\n  - { id: a, role: x, actions: [Reset], where: [{ pointer: /a, min: 3 parsec }] }\n'),
    ).toHaveLength(1)
  })
})

describe('who vouches for the clock', () => {
  const withTime = (time: string) => complaints(`node: a\nrole: csms\ntime: ${time}\n`)

  it.each(['{ from: [csms] }', '{ from: [csms, b], everySeconds: 60 }', '{ machineBoundMs: 500 }'])('may be %s', (time) => {
    expect(withTime(time)).toEqual([])
  })

  it.each(['{}', '{ from: [] }', '{ from: [csms], machineBoundMs: 1 }', '{ machineBoundMs: 30001 }', '{ everySeconds: 60 }'])(
    'may not be %s',
    (time) => {
      expect(withTime(time)).not.toEqual([])
    },
  )
})

describe('what only one reads', () => {
  const withEncryption = (section: string) => complaints(`node: a\nrole: csms\nencryption: ${section}\n`)

  it.each(['{}', '{ demand: [SetLimit, "@read", org.chargeproof.GetFile] }', '{ encrypt: [{ actions: ["*"], to: ["*"] }] }'])(
    'may be %s',
    (section) => {
      expect(withEncryption(section)).toEqual([])
    },
  )

  it('is never what nodes on the way read', () => {
    const [complaint] = withEncryption('{ encrypt: [{ actions: [org.chargeproof.OpenStream], to: [cs] }] }')
    expect(JSON.stringify(complaint)).toContain('org.chargeproof.OpenStream cannot be encrypted: nodes on the way have to read it')
  })

  it('is never what a station sends and nobody answers; of another node it may be', () => {
    const section = '{ encrypt: [{ actions: [NotifyPeriodicEventStream], to: [csms] }] }'
    const station = 'station: { version: ocpp2.1, vendor: V, model: M, serial: S, evses: 1, maxPowerW: 22000 }'
    const of = (role: string, more = '') => JSON.stringify(complaints(`node: a\nrole: ${role}\n${more}\nencryption: ${section}\n`))
    expect(of('station', station)).toContain('NotifyPeriodicEventStream of a station cannot be encrypted')
    expect(of('csms')).not.toContain('cannot be encrypted')
  })

  it.each(['{ demand: ["@nothing"] }', '{ encrypt: [{ actions: [], to: [cs] }] }', '{ encrypt: [{ actions: [Reset] }] }'])(
    'may not be %s',
    (section) => {
      expect(withEncryption(section)).not.toEqual([])
    },
  )
})

describe('the section files', () => {
  const withFiles = (files: string, more = '') => complaints(`node: a\nrole: csms\n${more}files: ${files}\n`)

  it.each(['{}', '{ folder: depot, megabytes: 0.5, files: 3 }', '{ cacheMegabytes: 100, cacheNodeMegabytes: 100 }'])(
    'may be %s',
    (files) => {
      expect(withFiles(files)).toEqual([])
    },
  )

  it.each([
    '{ folder: ../up }',
    '{ folder: /etc }',
    '{ folder: .hidden }',
    '{ folder: a/b }',
    '{ megabytes: 0 }',
    '{ files: 0 }',
    '{ quota: 1 }',
    '[]',
  ])('may not be %s', (files) => {
    expect(withFiles(files)).toMatchObject([{ line: 3 }])
  })

  it('has no share that is larger than the whole', () => {
    expect(withFiles('\n  megabytes: 10\n  originMegabytes: 11')).toMatchObject([{ line: 5, text: expect.stringContaining('one origin') }])
    expect(withFiles('\n  cacheMegabytes: 10\n  cacheNodeMegabytes: 11')).toMatchObject([
      { line: 5, text: expect.stringContaining('one node') },
    ])
  })

  it('is told where a rule lets anyone ask for files', () => {
    const rule = (role: string, action: string) => `policy:\n  - { id: all, role: ${role}, actions: [${action}] }\n`
    for (const action of ['org.chargeproof.GetFile', 'org.chargeproof.OpenStream', 'org.chargeproof.DeleteFile'])
      expect(withFiles('{}', rule('anyone', action))).toMatchObject([
        { line: 4, text: expect.stringContaining(`lets anyone ask for ${action}`) },
      ])
    expect(withFiles('{}', rule('csms', 'org.chargeproof.GetFile'))).toEqual([])
    expect(complaints(`node: a\nrole: csms\n${rule('anyone', 'org.chargeproof.GetFile')}`)).toEqual([])
  })

  it('is nothing for a station', () => {
    const station = 'station: { version: ocpp2.1, vendor: v, model: m, serial: s, evses: 1, maxPowerW: 11000 }\n'
    const text = `node: a\nrole: station\n${station}uplinks: [{ node: lc, url: 'ws://127.0.0.1:1/ocpp' }]\nfiles: {}\n`
    expect(complaints(text)).toMatchObject([{ line: 5, text: expect.stringContaining('its controller keeps files for it') }])
  })
})
