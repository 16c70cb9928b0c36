// What to ask a station about an order whose answer was lost: a table. The question changes nothing; the order itself is never
// repeated, because a second one could do twice what was meant once.
import type { Json } from '../base/ports.ts'
import type { Version } from '../ocpp/version.ts'

type JsonObject = { readonly [key: string]: Json }

/** `asked`: the station's next report tells it, not its answer. `untold`: what it answered does not decide. */
export type Finding = 'done' | 'not-done' | 'asked' | 'untold'

export interface Question {
  readonly action: string
  readonly payload: JsonObject
  readonly read: (answer: JsonObject) => Finding
}

/** The question that settles an order; undefined where OCPP has none. */
export const questionAbout = (version: Version, { action, payload }: { action: string; payload: JsonObject }): Question | undefined => {
  const rows: Readonly<Record<string, Row>> = version === 'ocpp1.6' ? ROWS_16 : ROWS_2X
  return Object.hasOwn(rows, action) ? rows[action]?.(payload) : undefined
}

/** An action that only asks: if its answer is lost, nothing but knowledge is. */
export const isHarmless = (action: string): boolean => action.startsWith('Get') || action === 'TriggerMessage'

type Row = (payload: JsonObject) => Question | undefined

const question = (action: string, payload: JsonObject, read: Question['read']): Question => ({ action, payload, read })
const object = (value: Json | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {}
const list = (value: Json | undefined): readonly JsonObject[] => (Array.isArray(value) ? value.map(object) : [])
const holds = (is: boolean): Finding => (is ? 'done' : 'not-done')
const accepted = ({ status }: JsonObject): Finding => (status === 'Accepted' ? 'asked' : 'untold')

/** The station tells its state, and what was ordered shows in it. */
const trigger = (requestedMessage: string, place: JsonObject = {}): Question =>
  question('TriggerMessage', { requestedMessage, ...place }, accepted)

const connector16 = ({ connectorId }: JsonObject): JsonObject => (typeof connectorId === 'number' && connectorId > 0 ? { connectorId } : {})
const status16: Row = (payload) => trigger('StatusNotification', connector16(payload))

/** OCPP 2.x asks by EVSE and connector; the whole station answers for each (F06.FR.12). */
const status2x: Row = ({ evse, evseId }) => {
  const { id = evseId, connectorId = 1 } = object(evse)
  return trigger('StatusNotification', typeof id === 'number' && id > 0 ? { evse: { id, connectorId } } : {})
}

const composite: Row = ({ connectorId = 0, csChargingProfiles }) => {
  const { chargingSchedule } = object(csChargingProfiles)
  const { chargingRateUnit, chargingSchedulePeriod } = object(chargingSchedule)
  const limits = list(chargingSchedulePeriod).map(({ limit }) => limit)
  // another profile may hide this one in the sum of all, so its absence proves nothing
  const read = ({ chargingSchedule: told }: JsonObject): Finding =>
    list(object(told).chargingSchedulePeriod).some(({ limit }) => limits.includes(limit as Json)) ? 'done' : 'untold'
  const unit = chargingRateUnit === undefined ? {} : { chargingRateUnit }
  return question('GetCompositeSchedule', { connectorId, duration: 60, ...unit }, read)
}

const hasProfile = (id: Json | undefined, expected: boolean): Question | undefined =>
  typeof id === 'number'
    ? question('GetChargingProfiles', { requestId: id, chargingProfile: { chargingProfileId: [id] } }, ({ status }) =>
        holds((status === 'Accepted') === expected),
      )
    : undefined

const localList =
  (member: string) =>
  (payload: JsonObject): Question =>
    question('GetLocalListVersion', {}, (answer) => holds(answer[member] === (payload.listVersion ?? payload.versionNumber)))

const ROWS_16 = {
  CancelReservation: () => trigger('StatusNotification'),
  ChangeAvailability: status16,
  ChangeConfiguration: ({ key = '', value }) =>
    question('GetConfiguration', { key: [key] }, ({ configurationKey }) =>
      holds(list(configurationKey).some((told) => told.key === key && told.value === value)),
    ),
  RemoteStartTransaction: status16,
  RemoteStopTransaction: () => trigger('StatusNotification'),
  ReserveNow: status16,
  Reset: () => trigger('StatusNotification'),
  SendLocalList: localList('listVersion'),
  SetChargingProfile: composite,
  // the trigger of the security whitepaper (§5.3): who knows the order knows it too
  SignedUpdateFirmware: () => question('ExtendedTriggerMessage', { requestedMessage: 'FirmwareStatusNotification' }, accepted),
  UnlockConnector: status16,
  UpdateFirmware: () => trigger('FirmwareStatusNotification'),
} as const satisfies Record<string, Row>

const ROWS_2X = {
  CancelReservation: status2x,
  ChangeAvailability: status2x,
  ClearChargingProfile: ({ chargingProfileId }) => hasProfile(chargingProfileId, false),
  PublishFirmware: () => trigger('PublishFirmwareStatusNotification'),
  RequestStartTransaction: ({ evseId }) =>
    trigger('TransactionEvent', typeof evseId === 'number' && evseId > 0 ? { evse: { id: evseId } } : {}),
  RequestStopTransaction: ({ transactionId = '' }) =>
    question('GetTransactionStatus', { transactionId }, ({ ongoingIndicator }) =>
      typeof ongoingIndicator === 'boolean' ? holds(!ongoingIndicator) : 'untold',
    ),
  ReserveNow: status2x,
  Reset: status2x,
  SendLocalList: localList('versionNumber'),
  SetChargingProfile: ({ chargingProfile }) => hasProfile(object(chargingProfile).id, true),
  SetVariables: ({ setVariableData }) => {
    const wanted = list(setVariableData)
    const asked = wanted.map(({ component = {}, variable = {}, attributeType }) => ({
      component,
      variable,
      ...(attributeType !== undefined && { attributeType }),
    }))
    return question('GetVariables', { getVariableData: asked }, ({ getVariableResult }) => {
      const told = list(getVariableResult)
      return holds(wanted.every(({ attributeValue }, i) => told[i]?.attributeValue === attributeValue))
    })
  },
  UnlockConnector: ({ evseId, connectorId }) => status2x({ evse: { id: evseId ?? 0, connectorId: connectorId ?? 1 } }),
  UpdateFirmware: () => trigger('FirmwareStatusNotification'),
} as const satisfies Record<string, Row>
