// One valid request of each action that a station may send, by version; where a back end has a use case for it.
import type { JsonObject } from '../../../src/roles/behaviours/behaviour.ts'

export const T0 = Date.UTC(2026, 2, 1, 10)
export const iso = (minutes: number): string => new Date(T0 + minutes * 60_000).toISOString()

const idToken = { idToken: 'DEADBEEF', type: 'ISO14443' }
const component = { component: { name: 'Connector' }, variable: { name: 'Available' } }
const schedule = { id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 11000 }] }
const power = { timestamp: iso(1), sampledValue: [{ value: 1200.5, measurand: 'Power.Active.Import' }] }

export const REQUESTS_16: Readonly<Record<string, JsonObject>> = {
  Authorize: { idTag: 'DEADBEEF' },
  BootNotification: { chargePointVendor: 'V', chargePointModel: 'M', chargePointSerialNumber: 'S1', firmwareVersion: '1.2' },
  DataTransfer: { vendorId: 'example', messageId: 'x', data: 'y' },
  DiagnosticsStatusNotification: { status: 'Idle' },
  FirmwareStatusNotification: { status: 'Idle' },
  Heartbeat: {},
  LogStatusNotification: { status: 'Uploaded', requestId: 4 },
  MeterValues: {
    connectorId: 1,
    meterValue: [{ timestamp: iso(1), sampledValue: [{ value: '12.5', measurand: 'Power.Active.Import', unit: 'kW' }] }],
  },
  SecurityEventNotification: { type: 'InvalidFirmwareSignature', timestamp: iso(0) },
  SignCertificate: { csr: 'x' },
  SignedFirmwareStatusNotification: { status: 'Installed', requestId: 3 },
  StartTransaction: { connectorId: 1, idTag: 'DEADBEEF', meterStart: 1000, timestamp: iso(0) },
  StatusNotification: { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: iso(0) },
  StopTransaction: { transactionId: 77, idTag: 'DEADBEEF', meterStop: 2000, timestamp: iso(30) },
}

export const REQUESTS_201: Readonly<Record<string, JsonObject>> = {
  Authorize: { idToken },
  BootNotification: { reason: 'PowerUp', chargingStation: { model: 'M', vendorName: 'V', serialNumber: 'S1', firmwareVersion: '1.2' } },
  ClearedChargingLimit: { chargingLimitSource: 'EMS', evseId: 1 },
  DataTransfer: { vendorId: 'example', data: { any: 1 } },
  FirmwareStatusNotification: { status: 'Installed', requestId: 2 },
  Heartbeat: {},
  LogStatusNotification: { status: 'Uploading', requestId: 3 },
  MeterValues: { evseId: 0, meterValue: [power] },
  NotifyChargingLimit: { evseId: 1, chargingLimit: { chargingLimitSource: 'SO', isGridCritical: true } },
  NotifyCustomerInformation: { data: 'x', seqNo: 0, generatedAt: iso(0), requestId: 5 },
  NotifyDisplayMessages: { requestId: 6 },
  NotifyEVChargingNeeds: { evseId: 1, chargingNeeds: { requestedEnergyTransfer: 'DC' } },
  NotifyEVChargingSchedule: { evseId: 1, timeBase: iso(0), chargingSchedule: schedule },
  NotifyEvent: {
    generatedAt: iso(0),
    seqNo: 0,
    eventData: [
      { eventId: 1, timestamp: iso(0), trigger: 'Alerting', actualValue: 'true', eventNotificationType: 'CustomMonitor', ...component },
    ],
  },
  NotifyMonitoringReport: { requestId: 7, seqNo: 0, generatedAt: iso(0) },
  NotifyReport: { requestId: 8, seqNo: 0, generatedAt: iso(0), reportData: [{ ...component, variableAttribute: [{ value: '1' }] }] },
  PublishFirmwareStatusNotification: { status: 'Idle', requestId: 9 },
  ReportChargingProfiles: {
    requestId: 10,
    chargingLimitSource: 'CSO',
    evseId: 1,
    chargingProfile: [
      { id: 1, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', chargingSchedule: [schedule] },
    ],
  },
  ReservationStatusUpdate: { reservationId: 11, reservationUpdateStatus: 'Expired' },
  SecurityEventNotification: { type: 'SettingSystemTime', timestamp: iso(0), techInfo: 'x' },
  SignCertificate: { csr: 'x' },
  StatusNotification: { timestamp: iso(0), connectorStatus: 'Occupied', evseId: 1, connectorId: 1 },
  TransactionEvent: {
    eventType: 'Started',
    timestamp: iso(0),
    triggerReason: 'Authorized',
    seqNo: 0,
    transactionInfo: { transactionId: 'tx' },
    idToken,
  },
}

export const REQUESTS_21: Readonly<Record<string, JsonObject>> = {
  ...REQUESTS_201,
  BatterySwap: { batteryData: [{ evseId: 1, serialNumber: 'B', soC: 80, soH: 98 }], eventType: 'BatteryIn', idToken, requestId: 1 },
  ClosePeriodicEventStream: { id: 1 },
  NotifyDERAlarm: { controlType: 'VoltVar', timestamp: iso(0) },
  NotifyDERStartStop: { controlId: 'c', started: true, timestamp: iso(0) },
  NotifyEVChargingNeeds: { evseId: 1, chargingNeeds: { requestedEnergyTransfer: 'DC' } },
  NotifyPriorityCharging: { transactionId: 'tx', activated: true },
  NotifySettlement: { pspRef: 'p', status: 'Settled', settlementAmount: 12.5, settlementTime: iso(0) },
  OpenPeriodicEventStream: { constantStreamData: { id: 1, params: { interval: 60 }, variableMonitoringId: 2 } },
  PullDynamicScheduleUpdate: { chargingProfileId: 1 },
  ReportDERControl: { requestId: 12 },
  VatNumberValidation: { vatNumber: 'DE123456789', evseId: 1 },
}

/** Known to the version, sent by stations, and not done here. */
export const UNSUPPORTED = {
  'ocpp1.6': [],
  'ocpp2.0.1': ['Get15118EVCertificate', 'GetCertificateStatus'],
  'ocpp2.1': ['Get15118EVCertificate', 'GetCertificateChainStatus', 'GetCertificateStatus'],
} as const
