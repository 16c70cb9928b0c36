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
