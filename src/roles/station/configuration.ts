// The station's settings: one table for the configuration keys of OCPP 1.6 (§9) and the device model of 2.x (Part 2, referenced components).
import type { Store } from '../../base/ports.ts'

export interface Setting {
  /** The configuration key of OCPP 1.6. */
  readonly key16?: string
  /** Component, variable and instance of OCPP 2.x. */
  readonly at?: readonly [component: string, variable: string, instance?: string]
  readonly type: 'integer' | 'boolean' | 'string' | 'OptionList' | 'MemberList'
  readonly writable?: true
  readonly initial: string
  readonly unit?: string
  readonly min?: number
}

export const SETTINGS = {
  heartbeatInterval: {
    key16: 'HeartbeatInterval',
    at: ['OCPPCommCtrlr', 'HeartbeatInterval'],
    type: 'integer',
    writable: true,
    initial: '300',
    unit: 's',
    min: 1,
  },
  // ours: a station that signs says so often at least how far it has come (docs/protocol.md §4.14)
  wordInterval: { at: ['ChargeproofCtrlr', 'WordInterval'], type: 'integer', writable: true, initial: '5', unit: 's', min: 1 },
  sampleInterval: {
    key16: 'MeterValueSampleInterval',
    at: ['SampledDataCtrlr', 'TxUpdatedInterval'],
    type: 'integer',
    writable: true,
    initial: '10',
    unit: 's',
    min: 0,
  },
  messageAttempts: {
    key16: 'TransactionMessageAttempts',
    at: ['OCPPCommCtrlr', 'MessageAttempts', 'TransactionEvent'],
    type: 'integer',
    writable: true,
    initial: '3',
    min: 1,
  },
  messageAttemptInterval: {
    key16: 'TransactionMessageRetryInterval',
    at: ['OCPPCommCtrlr', 'MessageAttemptInterval', 'TransactionEvent'],
    type: 'integer',
    writable: true,
    initial: '10',
    unit: 's',
    min: 1,
  },
  messageTimeout: { at: ['OCPPCommCtrlr', 'MessageTimeout', 'Default'], type: 'integer', writable: true, initial: '30', unit: 's', min: 1 },
  offlineThreshold: { at: ['OCPPCommCtrlr', 'OfflineThreshold'], type: 'integer', writable: true, initial: '60', unit: 's', min: 0 },
  connectionTimeout: {
    key16: 'ConnectionTimeOut',
    at: ['TxCtrlr', 'EVConnectionTimeOut'],
    type: 'integer',
    writable: true,
    initial: '60',
    unit: 's',
    min: 1,
  },
  authorizeRemote: {
    key16: 'AuthorizeRemoteTxRequests',
    at: ['AuthCtrlr', 'AuthorizeRemoteStart'],
    type: 'boolean',
    writable: true,
    initial: 'false',
  },
  authorizeOffline: {
    key16: 'LocalAuthorizeOffline',
    at: ['AuthCtrlr', 'LocalAuthorizeOffline'],
    type: 'boolean',
    writable: true,
    initial: 'true',
  },
  unknownOffline: {
    key16: 'AllowOfflineTxForUnknownId',
    at: ['AuthCtrlr', 'OfflineTxForUnknownIdEnabled'],
    type: 'boolean',
    writable: true,
    initial: 'false',
  },
  cacheEnabled: { key16: 'AuthorizationCacheEnabled', at: ['AuthCacheCtrlr', 'Enabled'], type: 'boolean', writable: true, initial: 'true' },
  stopOnInvalid: {
    key16: 'StopTransactionOnInvalidId',
    at: ['TxCtrlr', 'StopTxOnInvalidId'],
    type: 'boolean',
    writable: true,
    initial: 'true',
  },
  stopOnUnplug: {
    key16: 'StopTransactionOnEVSideDisconnect',
    at: ['TxCtrlr', 'StopTxOnEVSideDisconnect'],
    type: 'boolean',
    initial: 'true',
  },
  unlockOnUnplug: {
    key16: 'UnlockConnectorOnEVSideDisconnect',
    at: ['OCPPCommCtrlr', 'UnlockOnEVSideDisconnect'],
    type: 'boolean',
    initial: 'true',
  },
  authorizeBefore: { key16: 'LocalPreAuthorize', at: ['AuthCtrlr', 'LocalPreAuthorize'], type: 'boolean', initial: 'false' },
  resetRetries: { key16: 'ResetRetries', at: ['OCPPCommCtrlr', 'ResetRetries'], type: 'integer', initial: '0' },
  alignedInterval: { key16: 'ClockAlignedDataInterval', at: ['AlignedDataCtrlr', 'Interval'], type: 'integer', initial: '0', unit: 's' },
  alignedMeasurands: { key16: 'MeterValuesAlignedData', at: ['AlignedDataCtrlr', 'Measurands'], type: 'MemberList', initial: '' },
  alignedAtStop: { key16: 'StopTxnAlignedData', at: ['AlignedDataCtrlr', 'TxEndedMeasurands'], type: 'MemberList', initial: '' },
  phaseRotation: { key16: 'ConnectorPhaseRotation', type: 'string', initial: 'NotApplicable' },
  startMeasurands: {
    at: ['SampledDataCtrlr', 'TxStartedMeasurands'],
    type: 'MemberList',
    initial: 'Energy.Active.Import.Register',
  },
  startPoint: { at: ['TxCtrlr', 'TxStartPoint'], type: 'MemberList', initial: 'PowerPathClosed' },
  stopPoint: { at: ['TxCtrlr', 'TxStopPoint'], type: 'MemberList', initial: 'Authorized,EVConnected' },
  sampledMeasurands: {
    key16: 'MeterValuesSampledData',
    at: ['SampledDataCtrlr', 'TxUpdatedMeasurands'],
    type: 'MemberList',
    initial: 'Energy.Active.Import.Register,Power.Active.Import',
  },
  stopMeasurands: {
    key16: 'StopTxnSampledData',
    at: ['SampledDataCtrlr', 'TxEndedMeasurands'],
    type: 'MemberList',
    initial: 'Energy.Active.Import.Register',
  },
  signReadings: { at: ['SampledDataCtrlr', 'SignReadings'], type: 'boolean', initial: 'true' },
  publicKeySent: {
    key16: 'PublicKeyWithSignedMeterValue',
    at: ['OCPPCommCtrlr', 'PublicKeyWithSignedMeterValue'],
    type: 'OptionList',
    initial: 'EveryMeterValue',
  },
  featureProfiles: { key16: 'SupportedFeatureProfiles', type: 'string', initial: 'Core,RemoteTrigger,SmartCharging' },
  stackLevels: { key16: 'ChargeProfileMaxStackLevel', at: ['SmartChargingCtrlr', 'ProfileStackLevel'], type: 'integer', initial: '9' },
  rateUnits: { key16: 'ChargingScheduleAllowedChargingRateUnit', type: 'string', initial: 'Current,Power' },
  rateUnits2: { at: ['SmartChargingCtrlr', 'RateUnit'], type: 'MemberList', initial: 'A,W' },
  schedulePeriods: {
    key16: 'ChargingScheduleMaxPeriods',
    at: ['SmartChargingCtrlr', 'PeriodsPerSchedule'],
    type: 'integer',
    initial: '96',
  },
  profilesInstalled: {
    key16: 'MaxChargingProfilesInstalled',
    at: ['SmartChargingCtrlr', 'Entries', 'ChargingProfiles'],
    type: 'integer',
    initial: '20',
  },
  // no FTP: passwords in clear, and a second connection through every firewall
  transferProtocols: {
    key16: 'SupportedFileTransferProtocols',
    at: ['OCPPCommCtrlr', 'FileTransferProtocols'],
    type: 'MemberList',
    initial: 'HTTP,HTTPS',
  },
  itemsPerReport: { at: ['DeviceDataCtrlr', 'ItemsPerMessage', 'GetReport'], type: 'integer', initial: '20' },
  itemsPerGet: {
    key16: 'GetConfigurationMaxKeys',
    at: ['DeviceDataCtrlr', 'ItemsPerMessage', 'GetVariables'],
    type: 'integer',
    initial: '50',
  },
  itemsPerSet: { at: ['DeviceDataCtrlr', 'ItemsPerMessage', 'SetVariables'], type: 'integer', initial: '50' },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[]
export const settingOf = (name: SettingName): Setting => SETTINGS[name]

const COLLECTION = 'station-settings'

/** The settings of one station, kept in the store. */
export class Configuration {
  readonly #store: Store
  readonly #station: string
  readonly #values = new Map<SettingName, string>()
  /** Told after a value changed. */
  onChange: (name: SettingName) => void = () => undefined

  constructor(store: Store, station: string, first: Readonly<Partial<Record<SettingName, string>>> = {}) {
    this.#store = store
    this.#station = station
    for (const name of SETTING_NAMES) {
      const kept = store.get(COLLECTION, `${station}/${name}`)
      this.#values.set(name, typeof kept === 'string' ? kept : (first[name] ?? settingOf(name).initial))
    }
  }

  text(name: SettingName): string {
    return this.#values.get(name) ?? settingOf(name).initial
  }

  number(name: SettingName): number {
    return Number(this.text(name))
  }

  flag(name: SettingName): boolean {
    return this.text(name) === 'true'
  }

  /** False where the setting is read-only or the value is not one of its type. Throws Fault `store-failed`. */
  async set(name: SettingName, value: string): Promise<boolean> {
    const setting = settingOf(name)
    if (setting.writable !== true || !fits(setting, value)) return false
    await this.#store.commit([{ collection: COLLECTION, key: `${this.#station}/${name}`, value }])
    this.#values.set(name, value)
    this.onChange(name)
    return true
  }
}

const fits = (setting: Setting, value: string): boolean => {
  if (setting.type === 'boolean') return value === 'true' || value === 'false'
  return /^\d{1,9}$/.test(value) && Number(value) >= (setting.min ?? 0)
}
