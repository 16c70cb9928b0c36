// OCPP 1.6: what the station says, and how it reads the answers. Clauses are those of "OCPP 1.6 edition 2".
import type { OCPP16 } from 'typed-ocpp'
import { base64, unhex, utf8 } from '../../base/bytes.ts'
import type { Json } from '../../base/ports.ts'
import { COMMANDS_16 } from './commands-16.ts'
import {
  iso,
  type Sample,
  type Session,
  type SessionEvent,
  type SignedSample,
  type Speech,
  STOP_REASONS,
  speech,
  type Verdict,
} from './terms.ts'
import type { Vocabulary } from './vocabulary.ts'

/**
 * A session whose StartTransaction was never accepted has no number. Its StopTransaction must carry one all the same (§6.49),
 * so it says this one, which no back end hands out.
 */
const NO_NUMBER = -1

export const VOCABULARY_16: Vocabulary = {
  tokenLength: 20,
  commands: COMMANDS_16,
  reportsStation: true,
  boot: ({ vendor, model, serial, firmware }) =>
    speech('BootNotification', {
      chargePointVendor: vendor,
      chargePointModel: model,
      chargePointSerialNumber: serial,
      ...(firmware === undefined ? {} : { firmwareVersion: firmware }),
    } satisfies OCPP16.BootNotificationRequest),
  readBoot: (answer) => {
    const { status, interval } = answer as object as OCPP16.BootNotificationResponse
    return { status, intervalS: interval }
  },
  heartbeat: () => speech('Heartbeat', {}),
  statusWord: (status) => status,
  status: (evse, word, time) =>
    speech('StatusNotification', { connectorId: evse, errorCode: 'NoError', status: word, timestamp: iso(time) }),
  authorize: (token) => speech('Authorize', { idTag: token } satisfies OCPP16.AuthorizeRequest),
  readAuthorize: (answer) => verdictOf((answer as object as OCPP16.AuthorizeResponse).idTagInfo),
  event: (event, session) => EVENTS[event.kind](event, session),
  readEvent: (answer) => {
    const { idTagInfo, transactionId } = answer as object as Partial<OCPP16.StartTransactionResponse>
    return {
      ...(idTagInfo === undefined ? {} : { verdict: verdictOf(idTagInfo) }),
      ...(transactionId === undefined ? {} : { number: transactionId }),
    }
  },
  numbered,
  transactionId: (session) => session.number?.toString(),
  meterValues: (evse, sample, session) => {
    const { action, payload } = speech('MeterValues', meterValues(evse, [sample], session))
    return { action, payload: numbered(payload, session?.number) }
  },
}

function numbered(payload: Json, number: number | undefined): Json {
  const { transactionId, ...rest } = payload as { readonly [key: string]: Json }
  if (transactionId === undefined) return payload
  if (number !== undefined) return { ...rest, transactionId: number }
  // MeterValues may go without a transaction, StopTransaction may not
  return 'meterStop' in rest ? payload : rest
}

const EVENTS: Readonly<Record<SessionEvent['kind'], (event: SessionEvent, session: Session) => Speech[]>> = {
  // StartTransaction has no room for a signed value; with it at once, a driver can look at the session while it runs
  begin: ({ time }, session) => [
    speech('StartTransaction', {
      connectorId: session.evse,
      idTag: session.user.token,
      meterStart: session.begin.energyWh,
      timestamp: iso(time),
    } satisfies OCPP16.StartTransactionRequest),
    speech('MeterValues', meterValues(session.evse, [session.begin], session)),
  ],
  update: ({ samples }, session) => (samples.length === 0 ? [] : [speech('MeterValues', meterValues(session.evse, samples, session))]),
  end: ({ time, samples, reason, token }, session) => [
    speech('StopTransaction', {
      transactionId: session.number ?? NO_NUMBER,
      meterStop: samples.at(-1)?.energyWh ?? session.begin.energyWh,
      timestamp: iso(time),
      ...(reason === undefined ? {} : { reason: STOP_REASONS[reason].v16 }),
      ...(token === undefined ? {} : { idTag: token }),
      transactionData: [session.begin, ...samples].map(meterValue),
    } satisfies OCPP16.StopTransactionRequest),
  ],
}

const meterValues = (evse: number, samples: readonly Sample[], session: Session | undefined): OCPP16.MeterValuesRequest => ({
  connectorId: evse,
  ...(session === undefined ? {} : { transactionId: session.number ?? NO_NUMBER }),
  meterValue: samples.map(meterValue),
})

type MeterValue16 = OCPP16.MeterValuesRequest['meterValue'][number]

const meterValue = ({ time, context, energyWh, powerW, signed }: Sample): MeterValue16 => ({
  timestamp: iso(time),
  sampledValue: [
    { value: String(energyWh), context, measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
    ...(powerW === undefined ? [] : [{ value: String(powerW), context, measurand: 'Power.Active.Import' as const, unit: 'W' as const }]),
    ...(signed === undefined
      ? []
      : [{ value: signedValue(signed), context, format: 'SignedData' as const, measurand: 'Energy.Active.Import.Register' as const }]),
  ],
})

/** 1.6 has one text for a signed value; the field writes the object of 2.x into it (OCA application note "Signed meter values"). */
const signedValue = ({ text, method, publicKeyHex }: SignedSample): string =>
  JSON.stringify({
    signedMeterData: base64(utf8(text)),
    encodingMethod: 'OCMF',
    signingMethod: method,
    publicKey: base64(unhex(publicKeyHex)),
  })

const verdictOf = ({ status, parentIdTag, expiryDate }: OCPP16.AuthorizeResponse['idTagInfo']): Verdict => ({
  status,
  ...(parentIdTag === undefined ? {} : { group: parentIdTag }),
  ...(expiryDate === undefined ? {} : { expires: Date.parse(expiryDate) }),
})
