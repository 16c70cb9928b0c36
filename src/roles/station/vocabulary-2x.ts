// OCPP 2.0.1 and 2.1: what the station says, and how it reads the answers. What is said here is valid in both; Part 2 of 2.0.1.
import type { OCPP20 } from 'typed-ocpp'
import { base64, unhex, utf8 } from '../../base/bytes.ts'
import { COMMANDS_2X, COMMANDS_21 } from './commands-2x.ts'
import { isCardSerial, iso, type Sample, type Session, type SessionEvent, STOP_REASONS, speech, type Verdict } from './terms.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Connector states of 2.x by those of 1.6; a session's finer state is told by its TransactionEvents. */
const STATUS_WORDS = {
  Available: 'Available',
  Preparing: 'Occupied',
  Charging: 'Occupied',
  SuspendedEVSE: 'Occupied',
  SuspendedEV: 'Occupied',
  Finishing: 'Occupied',
  Unavailable: 'Unavailable',
} as const satisfies Record<string, OCPP20.StatusNotificationRequest['connectorStatus']>

const EVENT_TYPES = { begin: 'Started', update: 'Updated', end: 'Ended' } as const

export const VOCABULARY_2X: Vocabulary = {
  tokenLength: 36,
  commands: COMMANDS_2X,
  reportsStation: false,
  boot: ({ vendor, model, serial, firmware }, reason) =>
    speech('BootNotification', {
      reason,
      chargingStation: {
        vendorName: vendor,
        model,
        serialNumber: serial,
        ...(firmware === undefined ? {} : { firmwareVersion: firmware }),
      },
    } satisfies OCPP20.BootNotificationRequest),
  readBoot: (answer) => {
    const { status, interval } = answer as object as OCPP20.BootNotificationResponse
    return { status, intervalS: interval }
  },
  heartbeat: () => speech('Heartbeat', {}),
  // occupied is a connector with a cable in it; a card alone does not make it so (G01)
  statusWord: (status, plugged) => (status === 'Preparing' && !plugged ? 'Available' : STATUS_WORDS[status]),
  status: (evse, word, time) => speech('StatusNotification', { timestamp: iso(time), connectorStatus: word, evseId: evse, connectorId: 1 }),
  authorize: (token) => speech('Authorize', { idToken: idToken(token) } satisfies OCPP20.AuthorizeRequest),
  readAuthorize: (answer) => verdictOf((answer as object as OCPP20.AuthorizeResponse).idTokenInfo),
  event: (event, session) => [speech('TransactionEvent', transactionEvent(event, session))],
  readEvent: (answer) => {
    const { idTokenInfo } = answer as object as OCPP20.TransactionEventResponse
    return idTokenInfo === undefined ? {} : { verdict: verdictOf(idTokenInfo) }
  },
  numbered: (payload) => payload,
  transactionId: ({ id }) => id,
  meterValues: (evse, sample) =>
    speech('MeterValues', { evseId: evse, meterValue: [meterValue(sample)] } satisfies OCPP20.MeterValuesRequest),
}

/** 2.1 hears more, and says the same. */
export const VOCABULARY_21: Vocabulary = { ...VOCABULARY_2X, commands: COMMANDS_21 }

const transactionEvent = (event: SessionEvent, session: Session): OCPP20.TransactionEventRequest => {
  const { kind, trigger, time, offline, samples, reason, token } = event
  const [first, ...others] = samples.map(meterValue)
  // E01: the token stands in the first event, and in the one that a token caused
  const said = kind === 'begin' ? session.user.token : token
  return {
    eventType: EVENT_TYPES[kind],
    timestamp: iso(time),
    triggerReason: trigger,
    seqNo: session.seq,
    ...(offline ? { offline } : {}),
    transactionInfo: {
      transactionId: session.id,
      chargingState: kind !== 'end' ? session.state : reason === 'unplugged' ? 'Idle' : 'EVConnected',
      ...(reason === undefined ? {} : { stoppedReason: STOP_REASONS[reason].v2 }),
      ...(session.remoteStartId === undefined || kind !== 'begin' ? {} : { remoteStartId: session.remoteStartId }),
    },
    ...(kind === 'begin' ? { evse: { id: session.evse, connectorId: 1 } } : {}),
    ...(said === undefined ? {} : { idToken: idToken(said) }),
    ...(first === undefined ? {} : { meterValue: [first, ...others] }),
  }
}

type MeterValue = OCPP20.MeterValuesRequest['meterValue'][number]

const meterValue = ({ time, context, energyWh, powerW, signed }: Sample): MeterValue => ({
  timestamp: iso(time),
  sampledValue: [
    {
      value: energyWh,
      context,
      measurand: 'Energy.Active.Import.Register',
      unitOfMeasure: { unit: 'Wh' },
      ...(signed === undefined
        ? {}
        : {
            signedMeterValue: {
              signedMeterData: base64(utf8(signed.text)),
              signingMethod: signed.method,
              encodingMethod: 'OCMF',
              publicKey: base64(unhex(signed.publicKeyHex)),
            },
          }),
    },
    ...(powerW === undefined ? [] : [{ value: powerW, context, measurand: 'Power.Active.Import' as const, unitOfMeasure: { unit: 'W' } }]),
  ],
})

const idToken = (token: string): OCPP20.AuthorizeRequest['idToken'] => ({
  idToken: token,
  type: isCardSerial(token) ? 'ISO14443' : 'Central',
})

const verdictOf = ({ status, groupIdToken, cacheExpiryDateTime }: OCPP20.AuthorizeResponse['idTokenInfo']): Verdict => ({
  status,
  ...(groupIdToken === undefined ? {} : { group: groupIdToken.idToken }),
  ...(cacheExpiryDateTime === undefined ? {} : { expires: Date.parse(cacheExpiryDateTime) }),
})
