// Messages whose whole use case is "acknowledge and keep": one row each. Parts of a report are kept one by one and counted
// until the station says that none is to come. What a part means is for the reader of the rows.
import type { Change, Json } from '../../base/ports.ts'
import type { Behaviour, Handler, Outcome, Received } from './behaviour.ts'
import { documentOf, integerOf, type JsonObject, keyPart, objectOf, timeKey } from './fields.ts'
import { isoTime } from './time.ts'

/** `latest`: the last one per value of `by` is kept, `log`: each one for `NOTICE_DAYS`, `report`: parts by request id. */
interface Rule {
  readonly keep: 'latest' | 'log' | 'report'
  /** The member of the payload that tells subjects apart. */
  readonly by?: string
  readonly answer?: (payload: JsonObject) => JsonObject
}

export const NOTICE_DAYS = 90

const unsupported = { status: 'Rejected', statusInfo: { reasonCode: 'UnsupportedRequest' } }

/** OCPP 1.6 §4.4, §4.5 and security whitepaper §5. */
const RULES_16 = {
  DiagnosticsStatusNotification: { keep: 'latest' },
  FirmwareStatusNotification: { keep: 'latest' },
  LogStatusNotification: { keep: 'latest', by: 'requestId' },
  SignedFirmwareStatusNotification: { keep: 'latest', by: 'requestId' },
} as const satisfies Record<string, Rule>

const RULES_201 = {
  ClearedChargingLimit: { keep: 'latest', by: 'evseId' },
  FirmwareStatusNotification: { keep: 'latest', by: 'requestId' },
  LogStatusNotification: { keep: 'latest', by: 'requestId' },
  NotifyChargingLimit: { keep: 'latest', by: 'evseId' },
  NotifyCustomerInformation: { keep: 'report' },
  NotifyDisplayMessages: { keep: 'report' },
  // K15: no schedule will come from here
  NotifyEVChargingNeeds: { keep: 'latest', by: 'evseId', answer: () => unsupported },
  NotifyEVChargingSchedule: { keep: 'latest', by: 'evseId', answer: () => ({ status: 'Accepted' }) },
  NotifyEvent: { keep: 'log' },
  NotifyMonitoringReport: { keep: 'report' },
  NotifyReport: { keep: 'report' },
  PublishFirmwareStatusNotification: { keep: 'latest', by: 'requestId' },
  ReportChargingProfiles: { keep: 'report' },
  ReservationStatusUpdate: { keep: 'latest', by: 'reservationId' },
} as const satisfies Record<string, Rule>

const RULES_21 = {
  ...RULES_201,
  BatterySwap: { keep: 'log' },
  ClosePeriodicEventStream: { keep: 'latest', by: 'id' },
  NotifyDERAlarm: { keep: 'log' },
  NotifyDERStartStop: { keep: 'latest', by: 'controlId' },
  // a SEND: its answer is never sent
  NotifyPeriodicEventStream: { keep: 'latest', by: 'id' },
  NotifyPriorityCharging: { keep: 'latest', by: 'transactionId' },
  NotifySettlement: { keep: 'log' },
  // N11: every stream is taken; whoever wants its values reads the feed (roles/live-feeds.ts)
  OpenPeriodicEventStream: { keep: 'latest', answer: () => ({ status: 'Accepted' }) },
  PullDynamicScheduleUpdate: { keep: 'latest', by: 'chargingProfileId', answer: () => unsupported },
  ReportDERControl: { keep: 'report' },
  VatNumberValidation: {
    keep: 'latest',
    by: 'evseId',
    answer: ({ vatNumber = '', evseId }) => ({ ...unsupported, vatNumber, ...(evseId !== undefined && { evseId }) }),
  },
} as const satisfies Record<string, Rule>

const handlersOf = (rules: Readonly<Record<string, Rule>>): Readonly<Record<string, Handler>> =>
  Object.fromEntries(
    Object.entries(rules).map(([action, rule]): [string, Handler] => [
      action,
      (received, desk) => KEEPERS[rule.keep](received, rule, desk.store),
    ]),
  )

/** Row of the collection `notices`; its key begins with the time, so that the oldest are found without a search. */
export const noticeOf = ({ station, action, print, at, payload }: Received): Change => ({
  collection: 'notices',
  key: `${timeKey(at)}/${station}/${print}`,
  value: { station, action, at: isoTime(at), payload },
})

/** Row of the collection `reports` that counts the parts; the parts' own keys lie below it. */
export interface ReportHead {
  readonly parts: number
  readonly complete: boolean
  readonly at: string
}

export const reportKey = (station: string, action: string, requestId: number): string => `${station}/${action}/${requestId}`

const told = ({ station, action, payload }: Received, { answer }: Rule, changes: readonly Change[]): Outcome => ({
  answer: answer?.(payload) ?? {},
  changes,
  events: [{ type: 'notice', data: { station, action, payload } }],
})

const latest = (received: Received, rule: Rule): Outcome => {
  const { station, action, at, payload } = received
  const subject = rule.by === undefined ? undefined : payload[rule.by]
  const key = `${station}/${action}${subject === undefined ? '' : `/${keyPart(String(subject))}`}`
  return told(received, rule, [{ collection: 'latest', key, value: { station, action, at: isoTime(at), payload } }])
}

type Rows = {
  get(collection: string, key: string): Json | undefined
  list(collection: string, range: { prefix: string }): { key: string }[]
}

/** A first part, and any part after the last one, begins a new report in place of the old. */
const reportPart = (received: Received, rule: Rule, store: Rows): Outcome => {
  const { station, action, at, payload } = received
  const key = reportKey(station, action, integerOf(payload.requestId) ?? 0)
  const head = store.get('reports', key) as ReportHead | undefined
  const isFirst = head === undefined || head.complete
  const parts = isFirst ? 1 : head.parts + 1
  const complete = payload.tbc !== true
  const stale = isFirst && head !== undefined ? store.list('reports', { prefix: `${key}/` }) : []
  const outcome = told(received, rule, [
    ...stale.map((row) => ({ collection: 'reports', key: row.key, value: undefined })),
    { collection: 'reports', key, value: documentOf({ parts, complete, at: isoTime(at) } satisfies ReportHead) },
    { collection: 'reports', key: `${key}/${String(integerOf(payload.seqNo) ?? parts - 1).padStart(9, '0')}`, value: payload },
  ])
  const events = outcome.events.map(({ type, data }) => ({ type, data: { ...objectOf(data), complete, parts } }))
  return { ...outcome, events }
}

const KEEPERS = {
  latest,
  log: (received: Received, rule: Rule): Outcome => told(received, rule, [noticeOf(received)]),
  report: reportPart,
} as const satisfies Record<Rule['keep'], (received: Received, rule: Rule, store: Rows) => Outcome>

export const notify: Behaviour = {
  once: true,
  handlers: { 'ocpp1.6': handlersOf(RULES_16), 'ocpp2.0.1': handlersOf(RULES_201), 'ocpp2.1': handlersOf(RULES_21) },
}
