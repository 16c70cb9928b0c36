import { describe, expect, it } from 'vitest'
import { FAULTS, Fault, type FaultCode } from '../../src/base/fault.ts'
import { spelled, wireCode } from '../../src/ocpp/error-code.ts'
import { VERSIONS } from '../../src/ocpp/version.ts'

const TABLE: readonly [FaultCode, in2x: string, in16: string][] = [
  ['payload-invalid', 'FormatViolation', 'FormationViolation'],
  ['json-malformed', 'FormatViolation', 'FormationViolation'],
  ['action-unknown', 'NotImplemented', 'NotImplemented'],
  ['refused', 'SecurityError', 'SecurityError'],
  ['unreachable', 'GenericError', 'GenericError'],
  ['hop-limit', 'GenericError', 'GenericError'],
  ['timeout', 'GenericError', 'GenericError'],
  ['link-lost', 'GenericError', 'GenericError'],
  ['queue-full', 'GenericError', 'GenericError'],
  ['internal', 'InternalError', 'InternalError'],
  ['store-failed', 'InternalError', 'InternalError'],
  ['frame-malformed', 'RpcFrameworkError', 'ProtocolError'],
  ['limit-exceeded', 'RpcFrameworkError', 'ProtocolError'],
]

/** OCPP-J 1.6 §4.2.3. */
const CODES_16 = [
  'NotImplemented',
  'NotSupported',
  'InternalError',
  'ProtocolError',
  'SecurityError',
  'FormationViolation',
  'PropertyConstraintViolation',
  'OccurenceConstraintViolation',
  'TypeConstraintViolation',
  'GenericError',
]

/** OCPP 2.1 Part 4 §4.3. */
const CODES_2 = [
  'FormatViolation',
  'GenericError',
  'InternalError',
  'MessageTypeNotSupported',
  'NotImplemented',
  'NotSupported',
  'OccurrenceConstraintViolation',
  'PropertyConstraintViolation',
  'ProtocolError',
  'RpcFrameworkError',
  'SecurityError',
  'TypeConstraintViolation',
]

describe('wire codes', () => {
  it.each(TABLE)('%s is %s in 2.x and %s in 1.6', (code, in2x, in16) => {
    expect(wireCode('ocpp2.1', new Fault(code, ''))).toBe(in2x)
    expect(wireCode('ocpp2.0.1', new Fault(code, ''))).toBe(in2x)
    expect(wireCode('ocpp1.6', new Fault(code, ''))).toBe(in16)
  })

  it('are codes of the version, whatever the fault', () => {
    for (const code of Object.keys(FAULTS) as FaultCode[]) {
      expect(CODES_16).toContain(wireCode('ocpp1.6', new Fault(code, '')))
      expect(CODES_2).toContain(wireCode('ocpp2.1', new Fault(code, '')))
    }
  })

  it('follow the kind of flaw that a fault carries, but no other word', () => {
    expect(wireCode('ocpp1.6', new Fault('payload-invalid', '', { kind: 'occurrence' }))).toBe('OccurenceConstraintViolation')
    expect(wireCode('ocpp2.1', new Fault('payload-invalid', '', { kind: 'type' }))).toBe('TypeConstraintViolation')
    expect(wireCode('ocpp2.1', new Fault('payload-invalid', '', { kind: 'constructor' }))).toBe('FormatViolation')
  })

  it("pass on the far side's code in the version's spelling, but no code of no version", () => {
    expect(wireCode('ocpp1.6', new Fault('remote-error', '', { code: 'OccurrenceConstraintViolation' }))).toBe(
      'OccurenceConstraintViolation',
    )
    expect(wireCode('ocpp2.1', new Fault('remote-error', '', { code: 'NotSupported' }))).toBe('NotSupported')
    expect(wireCode('ocpp2.1', new Fault('remote-error', '', { code: 'Filtered' }))).toBe('GenericError')
  })
})

describe('spelling', () => {
  it('of 2.x codes in 1.6 is one that 1.6 has', () => {
    for (const code of CODES_2) expect(CODES_16).toContain(spelled('ocpp1.6', code))
  })

  it('of 1.6 codes in 2.x is one that 2.x has, and leads back', () => {
    for (const code of CODES_16) {
      expect(CODES_2).toContain(spelled('ocpp2.0.1', code))
      expect(spelled('ocpp1.6', spelled('ocpp2.1', code))).toBe(code)
    }
  })

  it('leaves a code of no version, and names that every object has', () => {
    for (const version of VERSIONS) {
      for (const code of ['Filtered', '__proto__', 'constructor', '']) expect(spelled(version, code)).toBe(code)
    }
  })
})
