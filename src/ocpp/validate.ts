// Payloads against the schema of their action. Says what is wrong in words that never repeat what the payload held,
// so that a flaw may be logged and sent to the peer. What follows from a flaw is decided elsewhere.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { type ActionSchemas, schemasOf } from './schemas.ts'
import { isDateTime, isUri } from './string-formats.ts'
import type { Version } from './version.ts'

/**
 * What a payload can have wrong, by the classes of OCPP 2.1 Part 4 §4.3: an unknown action; a member that the action does not have;
 * a value outside its range, list or format; a member missing or an array too short or long; a value of the wrong JSON type.
 */
export type FlawKind = 'unknown-action' | 'format' | 'property' | 'occurrence' | 'type'

export interface Flaw {
  readonly kind: FlawKind
  /** JSON pointer (RFC 6901) to the value, or to the object in which a member is missing or too many. */
  readonly path: string
  readonly detail: string
}

/** The first flaw of a CALL's or SEND's payload. */
export const validateRequest = (version: Version, action: string, payload: Json): Flaw | undefined => {
  const entry = entryOf(version, action)
  if (entry === undefined) return unknownAction(version)
  entry.request ??= ajv.compile(entry.schemas.request)
  return check(entry.request, payload)
}

/** The first flaw of a CALLRESULT's payload; a message that is never answered has no valid one. */
export const validateResponse = (version: Version, action: string, payload: Json): Flaw | undefined => {
  const entry = entryOf(version, action)
  if (entry?.schemas.response === undefined) return unknownAction(version)
  entry.response ??= ajv.compile(entry.schemas.response)
  return check(entry.response, payload)
}

/** The flaw as a Fault to throw or to answer with; `wireCode` reads its kind from `data.kind`. */
export const flawFault = (flaw: Flaw, action: string): Fault => {
  const code = flaw.kind === 'unknown-action' ? 'action-unknown' : 'payload-invalid'
  return new Fault(code, flaw.detail, { kind: flaw.kind, path: flaw.path, action })
}

interface Entry {
  readonly schemas: ActionSchemas
  request?: ValidateFunction
  response?: ValidateFunction
}

const ajv = new Ajv({
  // the official schemas put additionalProperties beside enums, and additionalItems where nothing is a tuple
  strictTypes: false,
  strictSchema: false,
  // the schemas are ours: test/ocpp/schemas.test.ts compares them, so checking each against the meta-schema at run time buys nothing
  validateSchema: false,
  meta: false,
  // 1.6 has `multipleOf: 0.1`, and 0.3 / 0.1 is not whole in binary
  multipleOfPrecision: 6,
  // errors carry the value, from which only its JSON type is told
  verbose: true,
  formats: { 'date-time': isDateTime, uri: isUri },
  // half of the time of compiling; a message is validated as fast without
  code: { optimize: false },
})

/** Compiled on first use: all schemas at once would cost a second and more at start. A Map, because an action may be called `constructor`. */
const entries = new Map<Version, Map<string, Entry>>()

const entryOf = (version: Version, action: string): Entry | undefined => {
  let known = entries.get(version)
  if (known === undefined) {
    known = new Map(Array.from(schemasOf(version), ([name, schemas]) => [name, { schemas }]))
    entries.set(version, known)
  }
  return known.get(action)
}

const unknownAction = (version: Version): Flaw => ({ kind: 'unknown-action', path: '', detail: `the action is not part of ${version}` })

const check = (validate: ValidateFunction, payload: Json): Flaw | undefined => {
  if (validate(payload)) return undefined
  const error = validate.errors?.[0]
  if (error === undefined) throw new Fault('internal', 'the validator refused without a reason')
  return { kind: KINDS[error.keyword] ?? 'property', path: error.instancePath, detail: detailOf(error) }
}

/** Class of flaw by JSON schema keyword; every keyword not named here restricts a value. */
const KINDS: Readonly<Record<string, FlawKind | undefined>> = {
  additionalProperties: 'format',
  required: 'occurrence',
  minItems: 'occurrence',
  maxItems: 'occurrence',
  type: 'type',
}

const detailOf = ({ keyword, params, data, message }: ErrorObject): string => {
  switch (keyword) {
    case 'additionalProperties':
      return `the member "${excerpt(String(params.additionalProperty))}" is not defined`
    case 'required':
      return `the member "${params.missingProperty}" is missing`
    case 'type':
      return `expected ${params.type}, got ${jsonType(data)}`
    case 'enum':
      return `expected one of ${(params.allowedValues as readonly string[]).join(', ').slice(0, 160)}`
    default:
      // ajv's own words name the limit, never the value: "must NOT have more than 20 characters"
      return message ?? keyword
  }
}

/** A member's name comes from the peer: only its harmless beginning is repeated. */
const excerpt = (name: string): string => name.slice(0, 40).replace(/[^\w.-]/g, '?')

const jsonType = (data: unknown): string => {
  if (data === null) return 'null'
  return Array.isArray(data) ? 'array' : typeof data
}
