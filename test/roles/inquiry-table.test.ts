// The questions about orders whose answer was lost: each fits its schema, and what the station says is read right.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/base/ports.ts'
import { validateRequest } from '../../src/ocpp/validate.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { isHarmless, questionAbout } from '../../src/roles/inquiry-table.ts'

type JsonObject = { readonly [key: string]: Json }
const PROFILE = { id: 7, chargingSchedule: [{ chargingSchedulePeriod: [{ limit: 5000 }] }] }
const PROFILE_16 = {
  connectorId: 1,
  csChargingProfiles: { chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ limit: 5000 }] } },
}
const composite = (limit: number): JsonObject => ({
  status: 'Accepted',
  chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
})
const SET = { setVariableData: [{ component: { name: 'C' }, variable: { name: 'V' }, attributeValue: '1' }] }
const variable = (attributeValue: string): JsonObject => ({ getVariableResult: [{ attributeStatus: 'Accepted', attributeValue }] })

const ROWS: readonly [Version, string, JsonObject, string, readonly (readonly [JsonObject, string])[]][] = [
  [
    'ocpp1.6',
    'ChangeConfiguration',
    { key: 'K', value: '1' },
    'GetConfiguration',
    [
      [{ configurationKey: [{ key: 'K', readonly: false, value: '1' }] }, 'done'],
      [{ configurationKey: [{ key: 'K', readonly: false, value: '2' }] }, 'not-done'],
      [{ unknownKey: ['K'] }, 'not-done'],
    ],
  ],
  [
    'ocpp1.6',
    'SetChargingProfile',
    PROFILE_16,
    'GetCompositeSchedule',
    [
      [composite(5000), 'done'],
      [composite(1), 'untold'],
      [{ status: 'Rejected' }, 'untold'],
    ],
  ],
  [
    'ocpp1.6',
    'ChangeAvailability',
    { connectorId: 2, type: 'Inoperative' },
    'TriggerMessage',
    [
      [{ status: 'Accepted' }, 'asked'],
      [{ status: 'NotImplemented' }, 'untold'],
    ],
  ],
  ['ocpp1.6', 'Reset', { type: 'Hard' }, 'TriggerMessage', [[{ status: 'Accepted' }, 'asked']]],
  ['ocpp1.6', 'RemoteStartTransaction', { idTag: 'X' }, 'TriggerMessage', [[{ status: 'Accepted' }, 'asked']]],
  [
    'ocpp1.6',
    'SendLocalList',
    { listVersion: 3, updateType: 'Full' },
    'GetLocalListVersion',
    [
      [{ listVersion: 3 }, 'done'],
      [{ listVersion: 2 }, 'not-done'],
    ],
  ],
  ['ocpp1.6', 'UpdateFirmware', {}, 'TriggerMessage', [[{ status: 'Accepted' }, 'asked']]],
  [
    'ocpp2.1',
    'SetChargingProfile',
    { evseId: 1, chargingProfile: PROFILE },
    'GetChargingProfiles',
    [
      [{ status: 'Accepted' }, 'done'],
      [{ status: 'NoProfiles' }, 'not-done'],
    ],
  ],
  [
    'ocpp2.0.1',
    'ClearChargingProfile',
    { chargingProfileId: 7 },
    'GetChargingProfiles',
    [
      [{ status: 'NoProfiles' }, 'done'],
      [{ status: 'Accepted' }, 'not-done'],
    ],
  ],
  [
    'ocpp2.1',
    'RequestStopTransaction',
    { transactionId: 't' },
    'GetTransactionStatus',
    [
      [{ ongoingIndicator: false, messagesInQueue: false }, 'done'],
      [{ ongoingIndicator: true, messagesInQueue: false }, 'not-done'],
      [{ messagesInQueue: false }, 'untold'],
    ],
  ],
  [
    'ocpp2.1',
    'RequestStartTransaction',
    { evseId: 1, remoteStartId: 1, idToken: {} },
    'TriggerMessage',
    [[{ status: 'Accepted' }, 'asked']],
  ],
  [
    'ocpp2.1',
    'SetVariables',
    SET,
    'GetVariables',
    [
      [variable('1'), 'done'],
      [variable('2'), 'not-done'],
      [{}, 'not-done'],
    ],
  ],
  [
    'ocpp2.0.1',
    'ChangeAvailability',
    { operationalStatus: 'Inoperative', evse: { id: 1 } },
    'TriggerMessage',
    [[{ status: 'Accepted' }, 'asked']],
  ],
  ['ocpp2.1', 'Reset', { type: 'Immediate' }, 'TriggerMessage', [[{ status: 'Rejected' }, 'untold']]],
  ['ocpp2.1', 'UnlockConnector', { evseId: 1, connectorId: 2 }, 'TriggerMessage', [[{ status: 'Accepted' }, 'asked']]],
  ['ocpp2.1', 'SendLocalList', { versionNumber: 3, updateType: 'Full' }, 'GetLocalListVersion', [[{ versionNumber: 3 }, 'done']]],
]

describe('an order whose answer was lost', () => {
  it.each(ROWS)('%s %s %j is asked about with %s', (version, action, payload, asked, answers) => {
    const question = questionAbout(version, { action, payload })
    expect(question?.action).toBe(asked)
    expect(validateRequest(version, asked, question?.payload ?? null)).toBeUndefined()
    for (const [answer, finding] of answers) expect([answer, question?.read(answer)]).toEqual([answer, finding])
  })

  it('has no question where OCPP has none, whatever its name and payload', () => {
    for (const action of ['DataTransfer', 'ClearCache', 'constructor', '__proto__'])
      expect(questionAbout('ocpp2.1', { action, payload: {} })).toBeUndefined()
    expect(questionAbout('ocpp2.1', { action: 'ClearChargingProfile', payload: {} })).toBeUndefined()
    expect([isHarmless('GetVariables'), isHarmless('TriggerMessage'), isHarmless('Reset')]).toEqual([true, true, false])
  })
})
