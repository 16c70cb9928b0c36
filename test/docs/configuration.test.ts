// docs/configuration.md against the schema it describes, and every YAML file and block that readers may copy against the program.
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { inspectConfig, inspectPolicy, NodeConfig } from '../../src/adapters/config.ts'

const page = readFileSync('docs/configuration.md', 'utf8')

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

/** The name that stands for any key of a map of settings. */
const ANY: Readonly<Record<string, string>> = {
  'csms.tokens': 'TOKEN',
  'csms.authority.release': 'STATION',
  'stations.listed': 'ID',
  'nodes.listed': 'ID',
  'nodes.groupAccess': 'GROUP',
}

/** Every setting that holds a value of its own, as the page writes it: `listen[].tls.cert`. */
const settings = (schema: Schema, at = ''): string[] => {
  const { properties, patternProperties, items, anyOf = [] } = schema
  const below = (name: string): string => (at === '' ? name : `${at}.${name}`)
  const found = [
    ...Object.entries(properties ?? {}).flatMap(([name, part]) => settings(part, below(name))),
    ...Object.values(patternProperties ?? {}).flatMap((part) => settings(part, below(ANY[at] ?? ''))),
    ...(items?.properties ? settings(items, `${at}[]`) : []),
    ...anyOf.filter((part) => part.items?.properties).flatMap((part) => settings(part, at)),
  ]
  return found.length === 0 || anyOf.some((part) => part.items?.properties) ? [at, ...found] : found
}

/** The first cells of the tables whose first column is "setting". */
const documented = page
  .split(/\n(?=\| setting )/)
  .slice(1)
  .flatMap((table) => [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]))

describe('docs/configuration.md', () => {
  it('names every setting of the schema, and no other', () => {
    expect(documented.toSorted()).toEqual(settings(NodeConfig as Schema).toSorted())
  })

  it('names no setting twice', () => {
    expect(new Set(documented).size).toBe(documented.length)
  })
})

const folder = mkdtempSync(join(tmpdir(), 'configuration-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Every fenced block of that language in the documents. */
const blocks = (language: string) =>
  globSync('{*.md,docs/**/*.md}').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match, i) => ({
      name: `${file}, block ${i + 1}`,
      text: match[1] ?? '',
    })),
  )

const complaints = (text: string) => {
  const file = join(folder, 'node.yaml')
  writeFileSync(file, text)
  return inspectConfig(file).complaints
}

describe('YAML that readers may copy', () => {
  writeFileSync(join(folder, 'trust.yaml'), blocks('yaml trust')[0]?.text ?? '')
  const files = globSync('examples/**/*.yaml').filter((file) => basename(file) !== 'trust.yaml' && !file.includes('policies'))

  it('is there', () => {
    expect(files.length).toBeGreaterThan(0)
    expect(blocks('yaml').length).toBeGreaterThan(1)
    expect(blocks('yaml trust')).toHaveLength(1)
  })

  it.each(globSync('examples/policies/*.yaml'))('%s is accepted as a policy', (file) => {
    expect(inspectPolicy(file).complaints).toEqual([])
  })

  it.each(blocks('yaml policy'))('$name is accepted as a policy', ({ text }) => {
    const file = join(folder, 'policy.yaml')
    writeFileSync(file, text)
    expect(inspectPolicy(file).complaints).toEqual([])
  })

  // parts of policies, put into the least that is one
  it.each(blocks('yaml part'))('$name is accepted as a part of a policy', ({ text }) => {
    const file = join(folder, 'part.yaml')
    writeFileSync(file, `id: p\nversion: 1\nnodes: ['*']\n${text}${text.includes('rules:') ? '' : 'rules: []\n'}`)
    expect(inspectPolicy(file).complaints).toEqual([])
  })

  it.each(files)('%s is accepted', (file) => {
    expect(inspectConfig(file).complaints).toEqual([])
  })

  it.each(blocks('yaml'))('$name is accepted', ({ text }) => {
    expect(complaints(text)).toEqual([])
  })

  it.each(blocks('yaml'))('$name would not be with a setting that is none', ({ text }) => {
    expect(complaints(`${text}colour: red\n`)).toEqual([
      { line: text.split('\n').length, text: 'the file: there is no setting called "colour"' },
    ])
  })

  it.each(blocks('yaml'))('$name would not be with a trust file that is none', ({ text }) => {
    expect(complaints(text.replace('trust: trust.yaml', 'trust: nowhere.yaml')).map((complaint) => complaint.text)).toEqual([
      'nowhere.yaml, line 1: there is no such file',
    ])
  })
})
