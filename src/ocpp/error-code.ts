// The error codes that go on the wire, and which one each of our faults becomes. OCPP-J 1.6 §4.2.3 and OCPP 2.1 Part 4 §4.3
// (2.0.1 has the same list) spell two of them differently and 1.6 lacks two.
import { Fault, type FaultCode } from '../base/fault.ts'
import type { Flaw, FlawKind } from './validate.ts'
import type { Version } from './version.ts'

/** Every code as 2.x spells it, with what 1.6 says for it. */
const IN_1_6 = {
  FormatViolation: 'FormationViolation',
  GenericError: 'GenericError',
  InternalError: 'InternalError',
  // 1.6 ignores what it does not know (OCPP-J 1.6 §4.1.3); where it must answer, no code is nearer
  MessageTypeNotSupported: 'GenericError',
  NotImplemented: 'NotImplemented',
  NotSupported: 'NotSupported',
  // 1.6 prints it with one r
  OccurrenceConstraintViolation: 'OccurenceConstraintViolation',
  PropertyConstraintViolation: 'PropertyConstraintViolation',
  ProtocolError: 'ProtocolError',
  // 1.6's ProtocolError is "payload for action is incomplete", the nearest to a frame that lacks its parts
  RpcFrameworkError: 'ProtocolError',
  SecurityError: 'SecurityError',
  TypeConstraintViolation: 'TypeConstraintViolation',
} as const satisfies Record<string, string>

/** An error code in the spelling of OCPP 2.x. */
export type WireCode = keyof typeof IN_1_6

/** The code to answer with, in the version's exact spelling. */
export const wireCode = (version: Version, cause: Flaw | Fault): string =>
  spelled(version, cause instanceof Fault ? codeOfFault(cause) : OF_FLAW[cause.kind])

/** A code in the version's spelling, whichever version's it comes in. A code of no version is left as it is. */
export const spelled = (version: Version, code: string): string => {
  const general = FROM_1_6.get(code) ?? code
  return version === 'ocpp1.6' ? (TO_1_6.get(general) ?? general) : general
}

const TO_1_6 = new Map<string, string>(Object.entries(IN_1_6))

const FROM_1_6 = new Map<string, WireCode>([
  ['FormationViolation', 'FormatViolation'],
  ['OccurenceConstraintViolation', 'OccurrenceConstraintViolation'],
])

/**
 * Part 4 §4.3 by its wording. A member that the schema does not have makes the payload "syntactically incorrect" (2.x) or "not conform the
 * PDU structure" (1.6), so Format(ion)Violation; a missing one and an array's length break "occurrence constraints"; a wrong JSON type breaks
 * "data type constraints"; all else (enum, length, range, format) is "a field that contains an invalid value".
 */
const OF_FLAW = {
  'unknown-action': 'NotImplemented',
  format: 'FormatViolation',
  property: 'PropertyConstraintViolation',
  occurrence: 'OccurrenceConstraintViolation',
  type: 'TypeConstraintViolation',
} as const satisfies Record<FlawKind, WireCode>

/** What is not listed is our own trouble: InternalError. */
const OF_FAULT: Readonly<Partial<Record<FaultCode, WireCode>>> = {
  'json-malformed': 'FormatViolation',
  'limit-exceeded': 'RpcFrameworkError',
  'frame-malformed': 'RpcFrameworkError',
  'payload-invalid': 'FormatViolation',
  'action-unknown': 'NotImplemented',
  unreachable: 'GenericError',
  'hop-limit': 'GenericError',
  timeout: 'GenericError',
  'queue-full': 'GenericError',
  'link-lost': 'GenericError',
  refused: 'SecurityError',
  'remote-error': 'GenericError',
}

/** A fault that names the flaw's kind or the far side's own code (`data.kind`, `data.code`) is told more exactly than its class. */
const codeOfFault = ({ code, data }: Fault): string => {
  if (code === 'payload-invalid' && isFlawKind(data.kind)) return OF_FLAW[data.kind]
  if (code === 'remote-error' && typeof data.code === 'string' && (TO_1_6.has(data.code) || FROM_1_6.has(data.code))) return data.code
  return OF_FAULT[code] ?? 'InternalError'
}

const isFlawKind = (kind: unknown): kind is FlawKind => typeof kind === 'string' && Object.hasOwn(OF_FLAW, kind)
