// Configuration files: YAML read once at start, checked against one schema, every complaint with its line. Nothing of a
// file that has a fault is used.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { Ajv, type ErrorObject } from 'ajv'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { Fault } from '../base/fault.ts'
import { AuthoritySection, KeysSection } from './config-keys.ts'
import { Condition, FirewallSection, firewallSense } from './config-rules.ts'
import { foreignSense } from './foreign-sense.ts'

const strict = { additionalProperties: false }
const NodeId = Type.String({ pattern: '^[A-Za-z0-9_=.|@+\\-]{1,48}$' })
/** As a Host header names it: a name, an IPv4 address, or an IPv6 address in brackets; never a port. */
const HOST = '^([A-Za-z0-9]([A-Za-z0-9.\\-]{0,251}[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]{2,45}\\])$'
const Port = Type.Integer({ minimum: 0, maximum: 65_535 })

const Rule = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 64 }),
    role: Type.String({ minLength: 1, maxLength: 56 }),
    actions: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    where: Type.Optional(Type.Array(Condition)),
    maxAgeSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
  },
  strict,
)
/** A colon stands in the roles of links, `uplink:csms`: no key may claim one. */
const KeyRole = Type.String({ minLength: 1, maxLength: 32, pattern: '^[^:]*$' })
const Trust = Type.Object({ node: NodeId, role: KeyRole, key: Type.String({ minLength: 1 }) }, strict)
const PemFile = Type.Optional(Type.String())
const Tls = Type.Object({ cert: PemFile, key: PemFile, ca: PemFile }, strict)

const Listen = Type.Object(
  {
    host: Type.Optional(Type.String({ default: '127.0.0.1' })),
    port: Port,
    serve: Type.Array(Type.Union([Type.Literal('ocpp'), Type.Literal('overlay'), Type.Literal('api'), Type.Literal('dashboard')]), {
      minItems: 1,
    }),
    /** Names by which the management API may be asked, besides loopback. */
    hosts: Type.Optional(Type.Array(Type.String({ pattern: HOST }), { maxItems: 64 })),
    profile: Type.Optional(Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2), Type.Literal(3)])),
    tls: Type.Optional(Type.Object({ ...Tls.properties, crl: PemFile }, strict)),
  },
  strict,
)
const Url = Type.String({ pattern: '^wss?://' })
const PingSeconds = Type.Optional(Type.Number({ minimum: 0.1, maximum: 300 }))
const dialled = { node: NodeId, url: Url, password: Type.Optional(Type.String()), tls: Type.Optional(Tls) }
const Downlink = Type.Object(dialled, strict)
const Uplink = Type.Object(
  {
    ...dialled,
    urls: Type.Optional(Type.Array(Url)),
    mode: Type.Optional(Type.Union([Type.Literal('overlay'), Type.Literal('standard'), Type.Literal('mirror')])),
    /** `overlay`: which of several is used. */
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    weight: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    stableSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 86_400 })),
    pingSeconds: PingSeconds,
    /** `standard` and `mirror`: a station's own password is shown to the back end. */
    passPassword: Type.Optional(Type.Boolean()),
    /** `standard`: whether payloads are held against their schemas. */
    validate: Type.Optional(Type.Union([Type.Literal('strict'), Type.Literal('pass')])),
    /** `mirror`: messages kept on disk. */
    outbox: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  },
  strict,
)

const Stations = Type.Object(
  {
    registration: Type.Union([Type.Literal('open'), Type.Literal('listed')]),
    listed: Type.Optional(Type.Record(NodeId, Type.Object({ password: Type.Optional(Type.String()) }, strict))),
  },
  strict,
)
const Nodes = Type.Object({ ...Stations.properties, pingSeconds: PingSeconds }, strict)
const Autonomy = Type.Object(
  {
    stationMessages: Type.Optional(Type.Integer({ minimum: 1 })),
    stationMegabytes: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    nodeMegabytes: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  strict,
)
const TokenStatus = Type.Union([Type.Literal('Accepted'), Type.Literal('Blocked'), Type.Literal('Expired'), Type.Literal('Invalid')])
const Csms = Type.Object(
  {
    heartbeatSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
    tokens: Type.Optional(Type.Record(Type.String(), TokenStatus)),
    authority: Type.Optional(AuthoritySection),
  },
  strict,
)
const Station = Type.Object(
  {
    version: Type.Union([Type.Literal('ocpp1.6'), Type.Literal('ocpp2.0.1'), Type.Literal('ocpp2.1')]),
    vendor: Type.String({ maxLength: 20 }),
    model: Type.String({ maxLength: 20 }),
    serial: Type.String({ maxLength: 25 }),
    evses: Type.Integer({ minimum: 1, maximum: 16 }),
    maxPowerW: Type.Integer({ minimum: 1_000, maximum: 1_000_000 }),
    meterIntervalSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
)

export const NodeConfig = Type.Object(
  {
    node: NodeId,
    role: Type.Union(['csms', 'gateway', 'local-controller', 'station', 'grid-operator', 'energy-meter'].map((role) => Type.Literal(role))),
    listen: Type.Optional(Type.Array(Listen)),
    uplinks: Type.Optional(Type.Array(Uplink)),
    /** Nodes below this one that it dials, because they cannot dial it. */
    downlinks: Type.Optional(Type.Array(Downlink)),
    /** Nodes above this one that dial it. */
    awaits: Type.Optional(Type.Array(NodeId)),
    /** The node that stations' messages are for. */
    backend: Type.Optional(NodeId),
    stations: Type.Optional(Stations),
    nodes: Type.Optional(Nodes),
    trust: Type.Optional(Type.Union([Type.String(), Type.Array(Trust)])),
    keys: Type.Optional(KeysSection),
    policy: Type.Optional(Type.Array(Rule)),
    autonomy: Type.Optional(Autonomy),
    firewall: Type.Optional(FirewallSection),
    csms: Type.Optional(Csms),
    station: Type.Optional(Station),
  },
  strict,
)
export type NodeConfig = Static<typeof NodeConfig>
export type TrustEntry = Static<typeof Trust>
export type ListenConfig = Static<typeof Listen>
export type UplinkConfig = Static<typeof Uplink>

/** One thing wrong with a configuration file. */
export interface Complaint {
  /** First line is 1. */
  readonly line: number
  readonly text: string
}

const ajv = new Ajv({ allErrors: true, useDefaults: true, allowUnionTypes: true })
const checkNode = ajv.compile<NodeConfig>(NodeConfig)
const checkTrust = ajv.compile<TrustEntry[]>(Type.Array(Trust))

/** Reads a node's file. A `trust` that names another file is read too. Throws Fault `config-invalid` with every complaint in its message. */
export const readConfig = (path: string): NodeConfig & { trust: TrustEntry[] } => {
  const { value, complaints } = inspectConfig(path)
  if (complaints.length > 0 || !value) {
    const list = complaints.map(({ line, text }) => `  ${path}:${line}: ${text}`).join('\n')
    throw new Fault('config-invalid', `${path} cannot be used:\n${list}`, { file: path })
  }
  return value
}

/** Everything that is wrong with a node's file, by line. */
export const inspectConfig = (path: string): { value?: NodeConfig & { trust: TrustEntry[] }; complaints: Complaint[] } => {
  const { value: written, complaints, lineOf } = load(path, checkNode)
  if (!written) return { complaints }
  const value = besideFile(written, path)
  const found = [...complaints, ...sense(value).map(({ pointer, text }) => ({ line: lineOf(pointer), text }))]
  if (typeof value.trust !== 'string') return { value: { ...value, trust: value.trust ?? [] }, complaints: found }
  const trustPath = resolve(dirname(path), value.trust)
  const trust = load(trustPath, checkTrust)
  for (const { line, text } of trust.complaints) found.push({ line: lineOf('/trust'), text: `${value.trust}, line ${line}: ${text}` })
  return { value: { ...value, trust: trust.value ?? [] }, complaints: found }
}

/** Certificate and key files are named as seen from the configuration file, like the trust file. */
const besideFile = (config: NodeConfig, path: string): NodeConfig => {
  const at = (file: string): string => resolve(dirname(path), file)
  const moved = <T extends { readonly tls?: Static<typeof Tls> }>(entry: T): T =>
    entry.tls ? { ...entry, tls: Object.fromEntries(Object.entries(entry.tls).map(([name, file]) => [name, at(file)])) } : entry
  return {
    ...config,
    ...(config.listen && { listen: config.listen.map(moved) }),
    ...(config.uplinks && { uplinks: config.uplinks.map(moved) }),
    ...(config.downlinks && { downlinks: config.downlinks.map(moved) }),
  }
}

/** What the schema cannot say: parts that a role needs. */
const sense = (config: NodeConfig): { pointer: string; text: string }[] => {
  const found: { pointer: string; text: string }[] = []
  const needs = (holds: unknown, pointer: string, text: string): void => {
    if (!holds) found.push({ pointer, text })
  }
  if (config.role === 'station') {
    needs(config.station, '/role', 'a station needs the section "station"')
    needs(config.uplinks?.length, '/role', 'a station needs an entry in "uplinks": the OCPP endpoint it dials')
  }
  if (config.role !== 'csms' && config.role !== 'station')
    needs(config.uplinks?.length || config.awaits?.length, '/role', `a ${config.role} needs an entry in "uplinks" or "awaits"`)
  const dialled = new Set([...(config.uplinks ?? []), ...(config.downlinks ?? [])].map(({ node }) => node))
  for (const [i, node] of (config.awaits ?? []).entries())
    needs(!dialled.has(node), `/awaits/${i}`, `${node} is dialled by this node already: one of the two dials`)
  for (const [i, listen] of (config.listen ?? []).entries()) {
    if (listen.serve.includes('ocpp')) needs(config.stations, `/listen/${i}/serve`, 'serving ocpp needs the section "stations"')
    if (listen.serve.includes('overlay')) needs(config.nodes, `/listen/${i}/serve`, 'serving overlay needs the section "nodes"')
    if ((listen.profile ?? 0) >= 2)
      needs(listen.tls?.cert && listen.tls.key, `/listen/${i}/profile`, `security profile ${listen.profile} needs tls.cert and tls.key`)
    if (listen.profile === 3)
      needs(listen.tls?.ca, `/listen/${i}/profile`, 'security profile 3 needs tls.ca: who signs the stations’ certificates')
  }
  found.push(...foreignSense(config))
  if (config.stations && config.role !== 'csms')
    needs(config.policy, '/stations', 'a node with stations needs a "policy": what nobody allows is refused')
  if (config.firewall) {
    needs(config.role !== 'station', '/firewall', 'a station is no hop: its "policy" decides what it obeys')
    found.push(...firewallSense(config.firewall, config.policy?.map(({ id }) => id) ?? []))
  }
  return found
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'this is a folder; name a file',
  EACCES: 'nobody but its owner may read the file (EACCES)',
}

/** The first ones; what follows is mostly their consequence. */
const SYNTAX_ERRORS = 3

interface Loaded<T> {
  readonly value?: T
  readonly complaints: Complaint[]
  readonly lineOf: (pointer: string) => number
}

const load = <T>(path: string, check: { (value: unknown): value is T; errors?: ErrorObject[] | null }): Loaded<T> => {
  const lines = new LineCounter()
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    return { complaints: [{ line: 1, text: UNREADABLE[code] ?? `the file cannot be read (${code})` }], lineOf: () => 1 }
  }
  if (text.length > 1_000_000) return { complaints: [{ line: 1, text: 'the file is larger than 1 MB' }], lineOf: () => 1 }
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true })
  const lineOf = (pointer: string): number => lineAt(document, lines, pointer)
  if (document.errors.length > 0)
    return {
      complaints: document.errors.slice(0, SYNTAX_ERRORS).map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        // the parser names line and column too, and quotes what it found
        text: `this is not YAML: ${error.message.split(/ at line \d/)[0]}`,
      })),
      lineOf,
    }
  const value: unknown = document.toJS({ maxAliasCount: 0 })
  if (check(value)) return { value, complaints: [], lineOf }
  return { complaints: dedupe((check.errors ?? []).map((error) => ({ line: lineOf(placeOf(error)), text: sentence(error) }))), lineOf }
}

/** A setting that does not exist stands on a line of its own; what is missing, on its parent's. */
const placeOf = ({ instancePath, keyword, params }: ErrorObject): string =>
  keyword === 'additionalProperties' ? `${instancePath}/${String(params.additionalProperty)}` : instancePath

const FORMS: Readonly<Record<string, string>> = {
  object: 'the settings of a node, such as "node: lc1"; a trust list is checked together with the file that names it',
  array: 'a list of keys, each with node, role and key',
}

const sentence = ({ instancePath, keyword, params, message }: ErrorObject): string => {
  const where = instancePath === '' ? 'the file' : instancePath.slice(1).replaceAll('/', '.')
  if (keyword === 'type' && instancePath === '') return `expected ${FORMS[String(params.type)] ?? String(params.type)}`
  if (keyword === 'additionalProperties') return `${where}: there is no setting called "${String(params.additionalProperty)}"`
  if (keyword === 'required') return `${where}: "${String(params.missingProperty)}" is missing`
  if (keyword === 'const') return `${where}: "${String(params.allowedValue)}" would be possible`
  return `${where}: ${message}`
}

const dedupe = (complaints: Complaint[]): Complaint[] =>
  [...new Map(complaints.map((c) => [`${c.line} ${c.text}`, c])).values()].sort((a, b) => a.line - b.line)

/** The line of the deepest node that exists on the way to a JSON pointer. */
const lineAt = (document: Document, lines: LineCounter, pointer: string): number => {
  let at: unknown = document.contents
  let offset = isNode(at) ? (at.range?.[0] ?? 0) : 0
  for (const segment of pointer.split('/').slice(1)) {
    if (isMap(at)) {
      const pair = at.items.find(({ key }) => isScalar(key) && String(key.value) === segment)
      if (!pair) break
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
      at = pair.value
    } else {
      const next = at && typeof at === 'object' && 'get' in at && typeof at.get === 'function' ? at.get(Number(segment), true) : undefined
      if (!isNode(next)) break
      offset = next.range?.[0] ?? offset
      at = next
    }
  }
  return lines.linePos(offset).line
}
