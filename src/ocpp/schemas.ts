// The JSON schemas of every message, as the typed-ocpp package carries them, with the places where it departs from the
// Open Charge Alliance's own files put right. Nothing is compiled here, and the package's objects are never changed.
//
// The schema modules are imported by path: the package's main module compiles all 387 schemas as it loads, most of which a node never meets.
import * as ocpp16 from 'typed-ocpp/dist/ocpp16/schemas.js'
import * as ocpp20 from 'typed-ocpp/dist/ocpp20/schemas.js'
import * as ocpp21 from 'typed-ocpp/dist/ocpp21/schemas.js'
import { VERSIONS, type Version } from './version.ts'

export type Schema = Readonly<Record<string, unknown>>

export interface ActionSchemas {
  readonly request: Schema
  /** Absent where the message is a SEND: it is never answered (OCPP 2.1 Part 4 §4.2.4). */
  readonly response?: Schema
}

/** The schemas of one version by action, in the order of the alphabet. */
export const schemasOf = (version: Version): ReadonlyMap<string, ActionSchemas> => SCHEMAS[version]

interface Override {
  readonly version: Version
  /** The schema's name in the package. */
  readonly schema: string
  /** Where in the schema, key by key. */
  readonly at: readonly string[]
  readonly value: number
}

/** Where the package is laxer or stricter than the official schema; the value is the official one. */
export const OVERRIDES: readonly Override[] = [
  // OCPP 1.6 §6.9 (ChangeConfiguration.req) and §7.29 (KeyValue): CiString500Type
  { version: 'ocpp1.6', schema: 'ChangeConfigurationRequest', at: ['properties', 'value', 'maxLength'], value: 500 },
  {
    version: 'ocpp1.6',
    schema: 'GetConfigurationResponse',
    at: ['properties', 'configurationKey', 'items', 'properties', 'value', 'maxLength'],
    value: 500,
  },
  // OCPP 1.6 §6.47 (StatusNotification.req): CiString50Type
  { version: 'ocpp1.6', schema: 'StatusNotificationRequest', at: ['properties', 'info', 'maxLength'], value: 50 },
  // later editions of OCPP 2.0.1, Get15118EVCertificateResponse: 5600 was too short for a certificate chain
  { version: 'ocpp2.0.1', schema: 'Get15118EVCertificateResponse', at: ['properties', 'exiResponse', 'maxLength'], value: 7500 },
]

const PACKAGE: Readonly<Record<Version, Readonly<Record<string, Schema>>>> = {
  'ocpp2.1': ocpp21,
  'ocpp2.0.1': ocpp20,
  'ocpp1.6': ocpp16,
}

const official = (version: Version, name: string): Schema | undefined => {
  const schema = PACKAGE[version][name]
  if (schema === undefined) return undefined
  return OVERRIDES.filter((override) => override.version === version && override.schema === name).reduce(
    (changed, { at, value }) => withValue(changed, at, value),
    schema,
  )
}

/** A copy of the object with one value deep inside replaced; what lies beside the way there is shared, not copied. */
const withValue = (object: Schema, [key, ...rest]: readonly string[], value: number): Schema =>
  key === undefined ? object : { ...object, [key]: rest.length === 0 ? value : withValue(object[key] as Schema, rest, value) }

/** Schemas are named `<Action>Request` and `<Action>Response`; the one that is a SEND goes by its bare name. */
const byAction = (version: Version): ReadonlyMap<string, ActionSchemas> => {
  const actions = new Map<string, ActionSchemas>()
  for (const name of Object.keys(PACKAGE[version]).sort()) {
    const request = official(version, name)
    if (name.endsWith('Response') || request === undefined) continue
    const action = name.replace(/Request$/, '')
    const response = official(version, `${action}Response`)
    actions.set(action, response === undefined ? { request } : { request, response })
  }
  return actions
}

const SCHEMAS = Object.fromEntries(VERSIONS.map((version) => [version, byAction(version)])) as Record<
  Version,
  ReadonlyMap<string, ActionSchemas>
>
