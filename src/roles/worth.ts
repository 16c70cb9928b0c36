// What a kept message is worth when the disk has no room for all: a table. Nothing that is paid for is ever given up.
import type { Json } from '../base/ports.ts'
import { CALL, type Envelope } from '../ocpp/frame.ts'

/** From what is given up first to what never is. */
export const WORTHS = ['superseded', 'telemetry', 'state', 'billing'] as const
/** `superseded`: a newer message of the same subject waits behind it. */
export type Worth = (typeof WORTHS)[number]

export interface Appraisal {
  readonly worth: Worth
  /** A newer message of the same subject makes this one superfluous. */
  readonly subject?: string
  /** It begins a session: refused first when room runs short, so that those that run can end. */
  readonly begins: boolean
}

type JsonObject = { readonly [key: string]: Json | undefined }

/** Judges a report of a station; what is not in the table is a state. */
export const appraise = ({ message }: Envelope): Appraisal => {
  if (message.type !== CALL) return { worth: 'state', begins: false }
  const payload = message.payload.value as JsonObject
  const row = Object.hasOwn(ROWS, message.action) ? ROWS[message.action] : undefined
  return row ? row(payload) : { worth: 'state', begins: false }
}

const always = (worth: Worth) => (): Appraisal => ({ worth, begins: false })

const ROWS: Readonly<Record<string, (payload: JsonObject) => Appraisal>> = {
  LogStatusNotification: always('telemetry'),
  DiagnosticsStatusNotification: always('telemetry'),
  // OCPP 1.6 bills by meter values of a transaction; in 2.x those are in TransactionEvent
  MeterValues: ({ transactionId }) => ({ worth: transactionId === undefined ? 'telemetry' : 'billing', begins: false }),
  NotifyEvent: always('telemetry'),
  NotifyMonitoringReport: always('telemetry'),
  NotifyReport: always('telemetry'),
  StartTransaction: () => ({ worth: 'billing', begins: true }),
  StatusNotification: ({ evseId, connectorId }) => ({ worth: 'state', begins: false, subject: `${evseId ?? ''}/${connectorId}` }),
  StopTransaction: always('billing'),
  TransactionEvent: ({ eventType }) => ({ worth: 'billing', begins: eventType === 'Started' }),
}
