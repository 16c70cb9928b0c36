// What a station says from its boot to the end of a session, by OCPP version: payloads for peers that nobody here wrote.
import { systemClock } from '../../src/adapters/clock.ts'
import { generateSigner } from '../../src/adapters/node-crypto.ts'
import { base64, utf8 } from '../../src/base/bytes.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { createMeter, type SignedReading } from '../../src/roles/meter.ts'

type JsonObject = { readonly [key: string]: Json }
export interface Step {
  readonly action: string
  readonly payload: JsonObject
}

const at = (second: number): string => new Date(Date.UTC(2026, 10, 2, 8, 0, second)).toISOString()

/** Begin and end of one session, signed by a meter of its own. */
const signedReadings = (): readonly [SignedReading, SignedReading] => {
  let now = Date.UTC(2026, 10, 2, 8)
  const meter = createMeter({
    serial: 'PEER-M1',
    signer: generateSigner('secp256r1'),
    clock: { ...systemClock, now: () => now },
    store: memoryStore(),
    gateway: { id: 'peer', serial: 'P1', version: '1' },
    startWh: 5_000,
  })
  const stamp = { idType: 'ISO14443', id: 'DEADBEEF', level: 'VERIFIED', flags: [] } as const
  const begin = meter.signedReading({ ...stamp, tx: 'B' })
  meter.setPower(11_000)
  now += 3_600_000
  return [begin, meter.signedReading({ ...stamp, tx: 'E' })]
}

const TOKENS = ['DEADBEEF', 'BLOCKED01', 'NOBODY']

const session16 = (): Step[] => {
  const [begin, end] = signedReadings()
  const signed = ({ text }: SignedReading, context: string): JsonObject => ({ value: text, format: 'SignedData', context })
  return [
    { action: 'BootNotification', payload: { chargePointVendor: 'Peer', chargePointModel: 'One' } },
    { action: 'Heartbeat', payload: {} },
    { action: 'StatusNotification', payload: { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: at(1) } },
    ...TOKENS.map((idTag) => ({ action: 'Authorize', payload: { idTag } })),
    { action: 'StartTransaction', payload: { connectorId: 1, idTag: 'DEADBEEF', meterStart: 5_000, timestamp: at(2) } },
    {
      action: 'MeterValues',
      payload: {
        connectorId: 1,
        transactionId: '$transactionId',
        meterValue: [
          { timestamp: at(2), sampledValue: [signed(begin, 'Transaction.Begin')] },
          { timestamp: at(3), sampledValue: [{ value: '9000', measurand: 'Energy.Active.Import.Register', unit: 'Wh' }] },
        ],
      },
    },
    {
      action: 'StopTransaction',
      payload: {
        transactionId: '$transactionId',
        idTag: 'DEADBEEF',
        meterStop: 16_000,
        timestamp: at(4),
        transactionData: [{ timestamp: at(4), sampledValue: [signed(end, 'Transaction.End')] }],
      },
    },
    { action: 'DataTransfer', payload: { vendorId: 'org.example', messageId: 'x', data: 'y' } },
    { action: 'SecurityEventNotification', payload: { type: 'SettingSystemTime', timestamp: at(5) } },
    { action: 'FirmwareStatusNotification', payload: { status: 'Idle' } },
  ]
}

const session2x = (): Step[] => {
  const [begin, end] = signedReadings()
  const idToken = (text: string): JsonObject => ({ idToken: text, type: 'ISO14443' })
  const signedMeterValue = ({ text, method, publicKeyHex }: SignedReading): JsonObject => ({
    signedMeterData: base64(utf8(text)),
    signingMethod: method,
    encodingMethod: 'OCMF',
    publicKey: base64(utf8(`oca:base16:asn1:${publicKeyHex}`)),
  })
  const sample = (value: number, context: string, signed?: SignedReading): JsonObject => ({
    value,
    context,
    measurand: 'Energy.Active.Import.Register',
    unitOfMeasure: { unit: 'Wh' },
    ...(signed && { signedMeterValue: signedMeterValue(signed) }),
  })
  const event = (eventType: string, seqNo: number, triggerReason: string, reading: JsonObject): JsonObject => ({
    eventType,
    seqNo,
    triggerReason,
    timestamp: at(2 + seqNo),
    transactionInfo: { transactionId: '$station-tx' },
    evse: { id: 1, connectorId: 1 },
    meterValue: [{ timestamp: at(2 + seqNo), sampledValue: [reading] }],
  })
  const component = { component: { name: 'Connector' }, variable: { name: 'Available' } }
  return [
    { action: 'BootNotification', payload: { reason: 'PowerUp', chargingStation: { vendorName: 'Peer', model: 'Two' } } },
    { action: 'Heartbeat', payload: {} },
    { action: 'StatusNotification', payload: { timestamp: at(1), connectorStatus: 'Available', evseId: 1, connectorId: 1 } },
    ...TOKENS.map((token) => ({ action: 'Authorize', payload: { idToken: idToken(token) } })),
    {
      action: 'TransactionEvent',
      payload: { ...event('Started', 0, 'Authorized', sample(5_000, 'Transaction.Begin', begin)), idToken: idToken('DEADBEEF') },
    },
    { action: 'TransactionEvent', payload: event('Updated', 1, 'MeterValuePeriodic', sample(9_000, 'Sample.Periodic')) },
    { action: 'TransactionEvent', payload: event('Ended', 2, 'StopAuthorized', sample(16_000, 'Transaction.End', end)) },
    { action: 'DataTransfer', payload: { vendorId: 'org.example', data: { any: 1 } } },
    { action: 'SecurityEventNotification', payload: { type: 'SettingSystemTime', timestamp: at(5) } },
    {
      action: 'NotifyReport',
      payload: { requestId: 8, seqNo: 0, generatedAt: at(6), reportData: [{ ...component, variableAttribute: [{ value: '1' }] }] },
    },
  ]
}

/** The steps of a whole session. Where a step says `$transactionId`, what the back end called the transaction stands in its place. */
export const sessionOf = (version: Version): Step[] => (version === 'ocpp1.6' ? session16() : session2x())

/** What a back end asks, and what the peer answers; `undefined`: the peer answers with an error. */
export interface Command extends Step {
  readonly answer?: JsonObject
}

const COMMANDS_16: readonly Command[] = [
  { action: 'ChangeAvailability', payload: { connectorId: 1, type: 'Operative' }, answer: { status: 'Accepted' } },
  { action: 'GetConfiguration', payload: { key: ['HeartbeatInterval'] }, answer: { unknownKey: ['HeartbeatInterval'] } },
  { action: 'RemoteStartTransaction', payload: { idTag: 'DEADBEEF', connectorId: 1 }, answer: { status: 'Rejected' } },
  { action: 'TriggerMessage', payload: { requestedMessage: 'Heartbeat' }, answer: { status: 'Accepted' } },
  { action: 'Reset', payload: { type: 'Soft' } },
]

const COMMANDS_2X: readonly Command[] = [
  { action: 'ChangeAvailability', payload: { operationalStatus: 'Operative', evse: { id: 1 } }, answer: { status: 'Accepted' } },
  { action: 'GetBaseReport', payload: { requestId: 8, reportBase: 'FullInventory' }, answer: { status: 'NotSupported' } },
  {
    action: 'GetVariables',
    payload: { getVariableData: [{ component: { name: 'OCPPCommCtrlr' }, variable: { name: 'HeartbeatInterval' } }] },
    answer: {
      getVariableResult: [
        {
          attributeStatus: 'Accepted',
          attributeValue: '60',
          component: { name: 'OCPPCommCtrlr' },
          variable: { name: 'HeartbeatInterval' },
        },
      ],
    },
  },
  { action: 'TriggerMessage', payload: { requestedMessage: 'Heartbeat' }, answer: { status: 'Accepted' } },
  { action: 'Reset', payload: { type: 'OnIdle' } },
]

export const commandsOf = (version: Version): readonly Command[] => (version === 'ocpp1.6' ? COMMANDS_16 : COMMANDS_2X)
