// The table of answers a local controller may give in its back end's name while that cannot be reached, and what it must
// remember to be able to. An action without a row is never answered offline.
import type { Change, Json, Random, Store } from '../base/ports.ts'
import { CALL, type Envelope, RESULT } from '../ocpp/frame.ts'
import type { Version } from '../ocpp/version.ts'

type JsonObject = { readonly [key: string]: Json | undefined }

export interface OfflineWorld {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly random: Random
  readonly store: Store
}

export interface OfflineRow {
  /** Kept on disk and delivered later. Without it the answer is all that ever happens. */
  readonly keep: boolean
  /** The answer's payload, or undefined where nothing known allows one. */
  readonly answer: (request: JsonObject, station: string, world: OfflineWorld) => Json | undefined
}

export const offlineRow = (version: Version, action: string): OfflineRow | undefined => {
  const rows: Readonly<Record<string, OfflineRow>> = version === 'ocpp1.6' ? ROWS_16 : ROWS_2X
  return Object.hasOwn(rows, action) ? rows[action] : undefined
}

/** What an answer of the back end teaches for later: stations and identifiers it accepted. Undefined when that is known already. */
export const lesson = (question: Envelope, answer: Envelope, world: OfflineWorld): Change | undefined => {
  if (question.message.type !== CALL || answer.message.type !== RESULT) return undefined
  const { action, payload } = question.message
  if (!LESSONS.includes(action)) return undefined
  const asked = payload.value as JsonObject
  const told = answer.message.payload.value as JsonObject
  const fact =
    action === 'BootNotification' ? { collection: STATIONS, key: question.path[0] as string, status: told.status } : tokenFact(asked, told)
  if (!fact || fact.status === undefined || world.store.get(fact.collection, fact.key) === fact.status) return undefined
  return { collection: fact.collection, key: fact.key, value: fact.status }
}

const STATIONS = 'known-stations'
const TOKENS = 'known-tokens'
const LESSONS: readonly string[] = ['BootNotification', 'Authorize', 'StartTransaction', 'TransactionEvent']

const tokenFact = (asked: JsonObject, told: JsonObject): { collection: string; key: string; status: Json | undefined } | undefined => {
  const info = (told.idTagInfo ?? told.idTokenInfo) as JsonObject | undefined
  const key = tokenOf(asked)
  return info && key !== undefined ? { collection: TOKENS, key, status: info.status } : undefined
}

const tokenOf = (asked: JsonObject): string | undefined => {
  const token = asked.idTag ?? (asked.idToken as JsonObject | undefined)?.idToken
  return typeof token === 'string' ? token.toUpperCase() : undefined
}

const time = (world: OfflineWorld): string => new Date(world.now).toISOString()
const kept = (answer: OfflineRow['answer']): OfflineRow => ({ keep: true, answer })
const report = kept(() => ({}))
const heartbeat: OfflineRow = { keep: false, answer: (_request, _station, world) => ({ currentTime: time(world) }) }

/** A station that the back end accepted before may go on; a stranger must wait until it can be asked. */
const boot = kept((_request, station, world) =>
  world.store.get(STATIONS, station) === 'Accepted' ? { status: 'Accepted', currentTime: time(world), interval: 300 } : undefined,
)

const tokenStatus = (request: JsonObject, world: OfflineWorld): Json | undefined => {
  const token = tokenOf(request)
  const status = token === undefined ? undefined : world.store.get(TOKENS, token)
  return status === undefined ? undefined : { status }
}

/** OCPP 1.6 §4.8: the answer must carry a transaction id. The back end honours the one given here (header `answered`), so it is drawn from where it never counts itself. */
const startTransaction = kept((request, _station, world) => {
  const idTagInfo = tokenStatus(request, world)
  const [a = 0, b = 0, c = 0, d = 0] = world.random.bytes(4)
  return idTagInfo === undefined
    ? undefined
    : { idTagInfo, transactionId: 0x4000_0000 + (((a << 24) | (b << 16) | (c << 8) | d) & 0x3fff_ffff) }
})

const authorize16: OfflineRow = {
  keep: false,
  answer: (request, _station, world) => {
    const idTagInfo = tokenStatus(request, world)
    return idTagInfo === undefined ? undefined : { idTagInfo }
  },
}
const authorize2x: OfflineRow = {
  keep: false,
  answer: (request, _station, world) => {
    const idTokenInfo = tokenStatus(request, world)
    return idTokenInfo === undefined ? undefined : { idTokenInfo }
  },
}

const ROWS_16 = {
  Authorize: authorize16,
  BootNotification: boot,
  DiagnosticsStatusNotification: report,
  FirmwareStatusNotification: report,
  Heartbeat: heartbeat,
  LogStatusNotification: report,
  MeterValues: report,
  SecurityEventNotification: report,
  SignedFirmwareStatusNotification: report,
  StartTransaction: startTransaction,
  StatusNotification: report,
  StopTransaction: report,
} as const satisfies Record<string, OfflineRow>

const ROWS_2X = {
  Authorize: authorize2x,
  BootNotification: boot,
  ClearedChargingLimit: report,
  FirmwareStatusNotification: report,
  Heartbeat: heartbeat,
  LogStatusNotification: report,
  MeterValues: report,
  NotifyChargingLimit: report,
  NotifyEvent: report,
  NotifyMonitoringReport: report,
  NotifyReport: report,
  PublishFirmwareStatusNotification: report,
  ReservationStatusUpdate: report,
  SecurityEventNotification: report,
  StatusNotification: report,
  TransactionEvent: report,
} as const satisfies Record<string, OfflineRow>
