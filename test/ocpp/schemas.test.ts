// Our schemas against a second set that others made from the same source: equal in meaning, but for the differences listed.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { OVERRIDES, type Schema, schemasOf } from '../../src/ocpp/schemas.ts'
import { VERSIONS, type Version } from '../../src/ocpp/version.ts'

const FILES = { 'ocpp1.6': 'ocpp1_6', 'ocpp2.0.1': 'ocpp2_0_1', 'ocpp2.1': 'ocpp2_1' } as const satisfies Record<Version, string>

/** What says nothing about which payloads are valid. */
const ANNOTATIONS = new Set(['$schema', '$id', 'id', 'title', 'description', 'comment', '$comment', 'javaType', 'default', 'definitions'])

type Other = Schema & { readonly $id: string }

const others = (version: Version): ReadonlyMap<string, Schema> => {
  const list = JSON.parse(readFileSync(`node_modules/ocpp-rpc/lib/schemas/${FILES[version]}.json`, 'utf8')) as Other[]
  return new Map(
    list.map((schema) => [
      schema.$id
        .replace(/^urn:/, '')
        .replace(/\.req$/, 'Request')
        .replace(/\.conf$/, 'Response'),
      schema,
    ]),
  )
}

const ours = (version: Version): ReadonlyMap<string, Schema> => {
  const all = new Map<string, Schema>()
  for (const [action, { request, response }] of schemasOf(version)) {
    all.set(response === undefined ? action : `${action}Request`, request)
    if (response !== undefined) all.set(`${action}Response`, response)
  }
  return all
}

/** The schema's meaning: references put in place, annotations and keywords without effect gone, lists without an order sorted. */
const meaning = (schema: unknown, root: Schema, named = false): unknown => {
  if (Array.isArray(schema)) return schema.map((item) => meaning(item, root))
  if (schema === null || typeof schema !== 'object') return schema
  const { $ref, ...rest } = schema as Schema
  if (typeof $ref === 'string') {
    const definitions = root.definitions as Record<string, unknown>
    return meaning({ ...(definitions[$ref.replace('#/definitions/', '')] as Schema), ...rest }, root)
  }
  const idle = (key: string): boolean =>
    ANNOTATIONS.has(key) || key === 'additionalItems' || (key === 'additionalProperties' && rest.type !== 'object')
  const kept = Object.entries(rest).filter(([key]) => named || !idle(key))
  const sorted = kept.map(([key, value]) => {
    const list =
      !named && (key === 'enum' || key === 'required')
        ? [...new Set(value as string[])].sort()
        : meaning(value, root, !named && key === 'properties')
    return [key, list] as const
  })
  return Object.fromEntries(sorted.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const EXPECTED: Readonly<Record<Version, readonly string[]>> = {
  // the official value is ours (OVERRIDES); the other set still has 5600
  'ocpp2.0.1': ['Get15118EVCertificateResponse'],
  'ocpp2.1': [],
  'ocpp1.6': [],
}

describe.each(VERSIONS)('schemas of %s', (version) => {
  it('are the same messages', () => {
    expect([...ours(version).keys()].sort()).toEqual([...others(version).keys()].sort())
  })

  it('mean the same, but for the listed differences', () => {
    const theirs = others(version)
    const different = [...ours(version)].filter(([name, schema]) => {
      const other = theirs.get(name) ?? {}
      return JSON.stringify(meaning(schema, schema)) !== JSON.stringify(meaning(other, other))
    })
    expect(different.map(([name]) => name)).toEqual(EXPECTED[version])
  })

  it('name no format but the two that are checked, and no member that every object inherits', () => {
    const formats = new Set<unknown>()
    const members = new Set<string>()
    const walk = (schema: unknown): void => {
      if (schema === null || typeof schema !== 'object') return
      if ('format' in schema && typeof schema.format === 'string') formats.add(schema.format)
      if ('properties' in schema) for (const name of Object.keys(schema.properties as Schema)) members.add(name)
      Object.values(schema).forEach(walk)
    }
    for (const schema of ours(version).values()) walk(schema)
    expect([...formats].filter((format) => format !== 'date-time' && format !== 'uri')).toEqual([])
    expect(Object.getOwnPropertyNames(Object.prototype).filter((name) => members.has(name))).toEqual([])
    expect(members.size).toBeGreaterThan(50)
  })
})

describe('overrides', () => {
  const at = (schema: unknown, path: readonly string[]): unknown => path.reduce((value, key) => (value as Schema)[key], schema)

  it.each(OVERRIDES)('$version $schema has $value, and the package is as it was', async ({ version, schema, at: path, value }) => {
    const folder = { 'ocpp1.6': 'ocpp16', 'ocpp2.0.1': 'ocpp20', 'ocpp2.1': 'ocpp21' }[version]
    const original = ((await import(`../../node_modules/typed-ocpp/dist/${folder}/schemas.js`)) as Record<string, Schema>)[schema]
    expect(at(ours(version).get(schema), path)).toBe(value)
    expect(at(original, path)).toBeTypeOf('number')
    expect(at(original, path)).not.toBe(value)
  })
})
