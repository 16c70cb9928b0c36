// Configuration files: YAML read once at start, checked against one schema, every complaint with its line. Nothing of a
// file that has a fault is used.
import { dirname, resolve } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { Fault } from '../base/fault.ts'
import type { Policy } from '../overlay/policy.ts'
import { DoorSection, doorSense } from './config-door.ts'
import { FilesSection, filesSense } from './config-files.ts'
import { AuthoritySection, KeysSection } from './config-keys.ts'
import { ChannelBinding, Downlink, NodeId, PingSeconds, Tls, Uplink } from './config-links.ts'
import { CONDITION, Condition, Countersign, FirewallSection, firewallSense } from './config-rules.ts'
import { EncryptionSection, encryptionSense } from './config-secrecy.ts'
import { TimeSection, timeSense } from './config-time.ts'
import { TunnelSection, tunnelSense } from './config-tunnel.ts'
import { foreignSense } from './foreign-sense.ts'
import { PolicyFile, policySense, Rule, unreadable } from './policy-file.ts'
import { type Check, checkOf } from './schema-check.ts'
import { type Complaint, load } from './yaml-file.ts'

const strict = { additionalProperties: false }
const GroupName = Type.String({ pattern: '^(?!\\.{1,2}$)[A-Za-z0-9_=.|@+\\-]{1,32}$' })
/** As a Host header names it: a name, an IPv4 address, or an IPv6 address in brackets; never a port. */
const HOST = '^([A-Za-z0-9]([A-Za-z0-9.\\-]{0,251}[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]{2,45}\\])$'
const Port = Type.Integer({ minimum: 0, maximum: 65_535 })

/** A colon stands in the roles of links, `uplink:csms`: no key may claim one. */
const KeyRole = Type.String({ minLength: 1, maxLength: 32, pattern: '^[^:]*$' })
/** An id, or the beginning of ids. */
const StationIds = Type.Array(Type.String({ pattern: '^[A-Za-z0-9_=.|@+\\-]{0,48}\\*?$', minLength: 1, maxLength: 48 }))
const homes = { stations: Type.Optional(StationIds), homes: Type.Optional(Type.Array(NodeId, { minItems: 1 })) }
/** A key that the node reads with is an entry of its own, and never signs; so is one that only publishes, or signs nothing but firmware. */
const use = Type.Optional(Type.Union([Type.Literal('encryption'), Type.Literal('publisher'), Type.Literal('firmware')]))
const Trust = Type.Object({ node: NodeId, role: KeyRole, key: Type.String({ minLength: 1 }), use, ...homes }, strict)

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
    tls: Type.Optional(Type.Object({ ...Tls.properties, crl: Type.Optional(Type.String()) }, strict)),
  },
  strict,
)
const Stations = Type.Object(
  {
    registration: Type.Union([Type.Literal('open'), Type.Literal('listed')]),
    /** Who shows nothing that counts learns nothing of who is listed. */
    conceal: Type.Optional(Type.Boolean()),
    /** Stations are spoken to in signed messages of OCPP Part 4 chapter 7. */
    signedActions: Type.Optional(Type.Boolean()),
    listed: Type.Optional(Type.Record(NodeId, Type.Object({ password: Type.Optional(Type.String()) }, strict))),
  },
  strict,
)
const { signedActions: _, ...door } = Stations.properties
const Nodes = Type.Object(
  {
    ...door,
    pingSeconds: PingSeconds,
    channelBinding: ChannelBinding,
    stationWord: Type.Optional(Type.Union([Type.Literal('required'), Type.Literal('optional')])),
    groupAccess: Type.Optional(Type.Record(GroupName, Type.Array(Type.String({ minLength: 1 })))),
  },
  strict,
)
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
    /** What it was delivered with. */
    firmware: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
    /** The public key of its manufacturer, PEM, in the data directory: then it takes nothing unsigned. */
    firmwareKey: Type.Optional(Type.String({ minLength: 1 })),
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
    /** What is sent to these groups is for this node too. */
    groups: Type.Optional(Type.Array(GroupName, { maxItems: 64, uniqueItems: true })),
    /** The node that stations' messages are for. */
    backend: Type.Optional(NodeId),
    stations: Type.Optional(Stations),
    nodes: Type.Optional(Nodes),
    trust: Type.Optional(Type.Union([Type.String(), Type.Array(Trust)])),
    keys: Type.Optional(KeysSection),
    encryption: Type.Optional(EncryptionSection),
    time: Type.Optional(TimeSection),
    policy: Type.Optional(Type.Array(Rule)),
    policyFile: Type.Optional(Type.String({ minLength: 1 })),
    countersign: Type.Optional(Type.Array(Countersign)),
    autonomy: Type.Optional(Autonomy),
    files: Type.Optional(FilesSection),
    firewall: Type.Optional(FirewallSection),
    tunnel: Type.Optional(TunnelSection),
    door: Type.Optional(DoorSection),
    csms: Type.Optional(Csms),
    station: Type.Optional(Station),
  },
  strict,
)
export type NodeConfig = Static<typeof NodeConfig>
export type TrustEntry = Static<typeof Trust>
export type ListenConfig = Static<typeof Listen>
export type UplinkConfig = Static<typeof Uplink>

const WHOLE = { allErrors: true, useDefaults: true, allowUnionTypes: true, schemas: { [CONDITION]: Condition } }
const checkNode = checkOf<NodeConfig>(NodeConfig, WHOLE)
const checkTrust = checkOf<TrustEntry[]>(Type.Array(Trust), WHOLE)
const checkPolicy = checkOf<PolicyFile>(PolicyFile, WHOLE)

/** A file with the files that it names. */
export type LoadedConfig = NodeConfig & { readonly trust: TrustEntry[]; readonly policyDocument?: PolicyFile }

/** What the node begins with, until a signed document takes its place. */
export const policyOf = ({ policy: rules = [], policyDocument }: LoadedConfig): Policy => policyDocument ?? { rules }

/** Reads a node's file, and the files that it names. Throws Fault `config-invalid` with every complaint in its message. */
export const readConfig = (path: string): LoadedConfig => {
  const { value, complaints } = inspectConfig(path)
  if (complaints.length > 0 || !value) {
    const list = complaints.map(({ line, text }) => `  ${path}:${line}: ${text}`).join('\n')
    throw new Fault('config-invalid', `${path} cannot be used:\n${list}`, { file: path })
  }
  return value
}

/** Everything that is wrong with a node's file, by line. */
export const inspectConfig = (path: string): { value?: LoadedConfig; complaints: Complaint[] } => {
  const { value: written, complaints: found, lineOf } = load(path, checkNode)
  if (!written) return { complaints: found }
  const value = besideFile(written, path)
  const { trust: keys = [], policyFile } = value
  const named = <T>(setting: string, file: string, check: Check<T>): T | undefined => {
    const { value: content, complaints } = load(resolve(dirname(path), file), check)
    for (const { line, text } of complaints) found.push({ line: lineOf(setting), text: `${file}, line ${line}: ${text}` })
    return content
  }
  const trust = typeof keys === 'string' ? (named('/trust', keys, checkTrust) ?? []) : keys
  const policyDocument = policyFile === undefined ? undefined : named('/policyFile', policyFile, checkPolicy)
  const loaded = { ...value, trust, ...(policyDocument && { policyDocument }) }
  for (const { pointer, text } of sense(loaded)) found.push({ line: lineOf(pointer), text })
  return { value: loaded, complaints: found }
}

/** A policy by itself: a file that `policyFile` names. */
export const inspectPolicy = (path: string): { value?: PolicyFile; complaints: Complaint[] } => {
  const { value, complaints, lineOf } = load(path, checkPolicy)
  if (!value) return { complaints }
  return { value, complaints: policySense(value).map(({ pointer, text }) => ({ line: lineOf(pointer), text })) }
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

/** What sections know of themselves. */
const SENSES = [foreignSense, encryptionSense, timeSense, filesSense, tunnelSense, doorSense]

/** What the schema cannot say: parts that a role needs. */
const sense = (config: LoadedConfig): { pointer: string; text: string }[] => {
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
  const { policy } = config
  if (config.stations && config.role !== 'csms')
    needs(policy ?? config.policyFile, '/stations', 'a node with stations needs a "policy": what nobody allows is refused')
  needs(!policy || !config.policyFile, '/policyFile', 'there is a "policy" already: one of the two')
  found.push(...rulesSense(config), ...SENSES.flatMap((sense) => sense({ ...config, policy: policy ?? [] })))
  if (config.firewall) {
    needs(config.role !== 'station', '/firewall', 'a station is no hop: its "policy" decides what it obeys')
    found.push(
      ...firewallSense(
        config.firewall,
        policyOf(config).rules.map(({ id }) => id),
      ),
    )
  }
  return found
}

/** Of a list of rules in the file itself only whether they can be read: names of actions were never looked at there. */
const rulesSense = ({ policy: rules = [], policyDocument }: LoadedConfig): { pointer: string; text: string }[] =>
  policyDocument
    ? policySense(policyDocument).map(({ pointer, text }) => ({ pointer: '/policyFile', text: `${pointer.slice(1)}: ${text}` }))
    : unreadable({ rules }).map((text) => ({ pointer: '/policy', text }))
