import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/base/ports.ts'
import { actionsOf } from '../../src/ocpp/actions.ts'
import { wireCode } from '../../src/ocpp/error-code.ts'
import { type FlawKind, flawFault, validateRequest, validateResponse } from '../../src/ocpp/validate.ts'
import { VERSIONS, type Version } from '../../src/ocpp/version.ts'

const TIME = '2025-01-01T00:00:00Z'
const meterValue = [{ timestamp: TIME, sampledValue: [{ value: 12.5 }] }]
const boot16 = { chargePointVendor: 'v', chargePointModel: 'm' }
const boot2 = { reason: 'PowerUp', chargingStation: { vendorName: 'v', model: 'm' } }
const limit16 = (limit: number): Json => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Relative',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  },
})

const VALID: readonly [Version, string, Json][] = [
  ['ocpp1.6', 'BootNotification', boot16],
  ['ocpp1.6', 'Heartbeat', {}],
  ['ocpp1.6', 'SetChargingProfile', limit16(0.3)],
  ['ocpp1.6', 'SetChargingProfile', limit16(31.9)],
  ['ocpp1.6', 'GetDiagnostics', { location: 'ftp://user@host/' }],
  ['ocpp1.6', 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', info: 'i'.repeat(50), timestamp: TIME }],
  ['ocpp1.6', 'ChangeConfiguration', { key: 'k', value: 'v'.repeat(500) }],
  ['ocpp2.0.1', 'BootNotification', boot2],
  ['ocpp2.0.1', 'BootNotification', { ...boot2, customData: { vendorId: 'v', anything: { at: ['all'] } } }],
  ['ocpp2.0.1', 'MeterValues', { evseId: 1, meterValue }],
  ['ocpp2.1', 'BootNotification', boot2],
  ['ocpp2.1', 'MeterValues', { evseId: 1, meterValue }],
  ['ocpp2.1', 'NotifyPeriodicEventStream', { id: 1, pending: 0, basetime: TIME, data: [{ t: 0.5, v: '1' }] }],
]

/** Each payload is one of the above with one thing changed. */
const FLAWED: readonly [Version, string, Json, FlawKind, path: string, code: string][] = [
  ['ocpp1.6', 'BootNotification', { ...boot16, extra: 1 }, 'format', '', 'FormationViolation'],
  ['ocpp1.6', 'BootNotification', { chargePointVendor: 'v' }, 'occurrence', '', 'OccurenceConstraintViolation'],
  ['ocpp1.6', 'BootNotification', { ...boot16, chargePointModel: 7 }, 'type', '/chargePointModel', 'TypeConstraintViolation'],
  [
    'ocpp1.6',
    'BootNotification',
    { ...boot16, chargePointModel: 'm'.repeat(21) },
    'property',
    '/chargePointModel',
    'PropertyConstraintViolation',
  ],
  ['ocpp1.6', 'Heartbeat', [], 'type', '', 'TypeConstraintViolation'],
  [
    'ocpp1.6',
    'SetChargingProfile',
    limit16(0.35),
    'property',
    '/csChargingProfiles/chargingSchedule/chargingSchedulePeriod/0/limit',
    'PropertyConstraintViolation',
  ],
  ['ocpp1.6', 'GetDiagnostics', { location: 'no uri' }, 'property', '/location', 'PropertyConstraintViolation'],
  [
    'ocpp1.6',
    'StatusNotification',
    { connectorId: 1, errorCode: 'NoError', status: 'Available', info: 'i'.repeat(51) },
    'property',
    '/info',
    'PropertyConstraintViolation',
  ],
  [
    'ocpp1.6',
    'StatusNotification',
    { connectorId: 1, errorCode: 'NoError', status: 'Sleeping' },
    'property',
    '/status',
    'PropertyConstraintViolation',
  ],
  [
    'ocpp1.6',
    'StatusNotification',
    { connectorId: 1.5, errorCode: 'NoError', status: 'Available' },
    'type',
    '/connectorId',
    'TypeConstraintViolation',
  ],
  ['ocpp1.6', 'ChangeConfiguration', { key: 'k', value: 'v'.repeat(501) }, 'property', '/value', 'PropertyConstraintViolation'],
  ['ocpp1.6', 'TransactionEvent', {}, 'unknown-action', '', 'NotImplemented'],
  ['ocpp2.0.1', 'BootNotification', { ...boot2, extra: 1 }, 'format', '', 'FormatViolation'],
  [
    'ocpp2.0.1',
    'BootNotification',
    { ...boot2, chargingStation: { model: 'm' } },
    'occurrence',
    '/chargingStation',
    'OccurrenceConstraintViolation',
  ],
  ['ocpp2.0.1', 'MeterValues', { evseId: 1, meterValue: [] }, 'occurrence', '/meterValue', 'OccurrenceConstraintViolation'],
  ['ocpp2.1', 'MeterValues', { evseId: -1, meterValue }, 'property', '/evseId', 'PropertyConstraintViolation'],
  [
    'ocpp2.0.1',
    'MeterValues',
    { evseId: 1, meterValue: [{ ...meterValue[0], timestamp: '222222017-10-27T19:10:11Z' }] },
    'property',
    '/meterValue/0/timestamp',
    'PropertyConstraintViolation',
  ],
  ['ocpp2.0.1', 'NotifyPeriodicEventStream', {}, 'unknown-action', '', 'NotImplemented'],
  ['ocpp2.1', 'BootNotification', { ...boot2, reason: null }, 'type', '/reason', 'TypeConstraintViolation'],
  ['ocpp2.1', 'BootNotification', { ...boot2, reason: 'Boredom' }, 'property', '/reason', 'PropertyConstraintViolation'],
  [
    'ocpp2.1',
    'MeterValues',
    { evseId: 1, meterValue: [{ timestamp: TIME, sampledValue: [{ value: '12.5' }] }] },
    'type',
    '/meterValue/0/sampledValue/0/value',
    'TypeConstraintViolation',
  ],
  [
    'ocpp2.1',
    'NotifyPeriodicEventStream',
    { id: 1, pending: 0, basetime: TIME, data: [] },
    'occurrence',
    '/data',
    'OccurrenceConstraintViolation',
  ],
  ['ocpp2.1', 'StartTransaction', {}, 'unknown-action', '', 'NotImplemented'],
]

describe('requests', () => {
  it.each(VALID)('of %s: %s is valid', (version, action, payload) => {
    expect(validateRequest(version, action, payload)).toBeUndefined()
  })

  it.each(FLAWED)('of %s: a flawed %s is told exactly (%#)', (version, action, payload, kind, path, code) => {
    const flaw = validateRequest(version, action, payload)
    expect(flaw).toMatchObject({ kind, path })
    if (flaw === undefined) return
    expect(wireCode(version, flaw)).toBe(code)
    expect(wireCode(version, flawFault(flaw, action))).toBe(code)
  })

  it.each(VERSIONS)('of %s compile, every one', (version) => {
    for (const action of actionsOf(version)) {
      expect(validateRequest(version, action, [])).toMatchObject({ kind: 'type' })
      expect(validateResponse(version, action, [])?.kind).toBe(action === 'NotifyPeriodicEventStream' ? 'unknown-action' : 'type')
    }
  })

  it('refuse a number that is not finite', () => {
    const payload = JSON.parse(`{"evseId":1,"meterValue":[{"timestamp":"${TIME}","sampledValue":[{"value":1e400}]}]}`) as Json
    expect(validateRequest('ocpp2.1', 'MeterValues', payload)).toMatchObject({ kind: 'type', path: '/meterValue/0/sampledValue/0/value' })
  })
})

describe('responses', () => {
  it.each([
    [
      'ocpp1.6',
      'BootNotification',
      { currentTime: TIME, interval: 300, status: 'Accepted' },
      { currentTime: '1000000', interval: 300, status: 'Accepted' },
    ],
    [
      'ocpp1.6',
      'GetConfiguration',
      { configurationKey: [{ key: 'k', readonly: true, value: 'v'.repeat(500) }] },
      { configurationKey: [{ key: 'k', readonly: true, value: 'v'.repeat(501) }] },
    ],
    [
      'ocpp2.0.1',
      'Get15118EVCertificate',
      { status: 'Accepted', exiResponse: 'A'.repeat(7500) },
      { status: 'Accepted', exiResponse: 'A'.repeat(7501) },
    ],
    ['ocpp2.1', 'Heartbeat', { currentTime: TIME }, { currentTime: '2025-01-01T00:00:00' }],
  ] as const)('of %s: %s is valid, and with one thing changed is not', (version, action, good, bad) => {
    expect(validateResponse(version, action, good)).toBeUndefined()
    expect(validateResponse(version, action, bad)).toMatchObject({ kind: 'property' })
  })
})

describe('hostile names', () => {
  it.each(['__proto__', 'constructor', 'toString', 'valueOf', 'prototype', ''])('%j is no action', (action) => {
    for (const version of VERSIONS) {
      expect(validateRequest(version, action, {})).toMatchObject({ kind: 'unknown-action' })
      expect(validateResponse(version, action, {})).toMatchObject({ kind: 'unknown-action' })
    }
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%j is no member either', (name) => {
    const payload = JSON.parse(`{"chargePointVendor":"v","chargePointModel":"m","${name}":{}}`) as Json
    expect(validateRequest('ocpp1.6', 'BootNotification', payload)).toMatchObject({ kind: 'format', path: '' })
  })

  it('a member inherited does not stand for one that is missing', () => {
    const payload = JSON.parse('{"chargePointVendor":"v","__proto__":{"chargePointModel":"m"}}') as Json
    expect(validateRequest('ocpp1.6', 'BootNotification', payload)).toMatchObject({ kind: 'occurrence' })
  })
})

describe('details', () => {
  const SECRET = 'hunter2-hunter2-hunter2-hunter2'

  it.each([
    { key: 'AuthorizationKey', value: { secret: SECRET } },
    { key: SECRET.repeat(3), value: 'v' },
    { key: 'k', value: [SECRET] },
    SECRET,
  ])('never repeat a value: %j', (payload) => {
    const flaw = validateRequest('ocpp1.6', 'ChangeConfiguration', payload)
    expect(flaw?.detail).toBeTruthy()
    expect(JSON.stringify(flaw)).not.toContain('hunter2')
  })

  it('repeat of a name only a short and harmless beginning', () => {
    const flaw = validateRequest('ocpp1.6', 'Heartbeat', { [`<script>\r\n${'x'.repeat(500)}`]: 1 })
    expect(flaw?.detail).toBe(`the member "?script???${'x'.repeat(30)}" is not defined`)
  })

  it('say what was expected and what was found', () => {
    expect(validateRequest('ocpp1.6', 'Authorize', { idTag: 5 })?.detail).toBe('expected string, got number')
    expect(validateRequest('ocpp1.6', 'Authorize', { idTag: null })?.detail).toBe('expected string, got null')
    expect(validateRequest('ocpp1.6', 'Authorize', {})?.detail).toBe('the member "idTag" is missing')
    expect(validateRequest('ocpp1.6', 'Reset', { type: 'Warm' })?.detail).toBe('expected one of Hard, Soft')
    expect(validateRequest('ocpp1.6', 'Authorize', { idTag: 'x'.repeat(21) })?.detail).toBe('must NOT have more than 20 characters')
  })
})

it('any payload of any action is judged without an exception', () => {
  const question = fc.constantFrom(...VERSIONS).chain((version) => fc.tuple(fc.constant(version), fc.constantFrom(...actionsOf(version))))
  fc.assert(
    fc.property(question, fc.jsonValue(), ([version, action], payload) => {
      const flaw = validateRequest(version, action, payload as Json)
      expect(flaw === undefined || wireCode(version, flaw).length > 0).toBe(true)
    }),
    { numRuns: 500 },
  )
})
