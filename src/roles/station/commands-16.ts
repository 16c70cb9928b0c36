// OCPP 1.6: what the back end may ask of the station. One row per action; what is not here is answered NotSupported.
// Clauses are those of "OCPP 1.6 edition 2".
import type { OCPP16 } from 'typed-ocpp'
import { CERTIFICATE_COMMANDS_16 } from './certificate-commands.ts'
import { SETTING_NAMES, type SettingName, settingOf } from './configuration.ts'
import { FIRMWARE_COMMANDS_16, firmwareTrigger } from './firmware-commands.ts'
import { PURPOSE_16, present, readProfile16, writePeriods } from './profile-mapping.ts'
import type { RemoteStart, Site, TriggeredMessage } from './site.ts'
import { iso, speech } from './terms.ts'
import { type Command, command } from './vocabulary.ts'

export const COMMANDS_16: Readonly<Record<string, Command>> = {
  RemoteStartTransaction: command<OCPP16.RemoteStartTransactionRequest, OCPP16.RemoteStartTransactionResponse>((request, site) => {
    const { idTag, connectorId, chargingProfile } = request
    const profile = chargingProfile === undefined ? undefined : readProfile16(chargingProfile)
    // §5.16.2: only a TxProfile may come along
    if (profile !== undefined && profile.purpose !== 'TxProfile') return { status: 'Rejected' }
    const order: RemoteStart = { token: idTag, ...present({ evse: connectorId, profile }) }
    return { status: site.remoteStart(order) ? 'Accepted' : 'Rejected' }
  }),
  RemoteStopTransaction: command<OCPP16.RemoteStopTransactionRequest, OCPP16.RemoteStopTransactionResponse>((request, site) => ({
    status: site.remoteStop(String(request.transactionId)) ? 'Accepted' : 'Rejected',
  })),
  SetChargingProfile: command<OCPP16.SetChargingProfileRequest, OCPP16.SetChargingProfileResponse>(async (request, site) => ({
    status: (await site.setProfile(request.connectorId, readProfile16(request.csChargingProfiles))) ? 'Accepted' : 'Rejected',
  })),
  ClearChargingProfile: command<OCPP16.ClearChargingProfileRequest, OCPP16.ClearChargingProfileResponse>(async (request, site) => {
    const { id, connectorId, chargingProfilePurpose, stackLevel } = request
    const purpose = chargingProfilePurpose === undefined ? undefined : PURPOSE_16[chargingProfilePurpose]
    return { status: (await site.clearProfiles(present({ id, evse: connectorId, purpose, stackLevel }))) ? 'Accepted' : 'Unknown' }
  }),
  GetCompositeSchedule: command<OCPP16.GetCompositeScheduleRequest, OCPP16.GetCompositeScheduleResponse>((request, site) => {
    const { connectorId, duration, chargingRateUnit = 'W' } = request
    const stretches = site.composite(connectorId, duration)
    if (stretches === undefined) return { status: 'Rejected' }
    const start = iso(site.now())
    const chargingSchedulePeriod = writePeriods(stretches, chargingRateUnit, site.supply)
    const chargingSchedule = { duration, startSchedule: start, chargingRateUnit, chargingSchedulePeriod }
    return { status: 'Accepted', connectorId, scheduleStart: start, chargingSchedule }
  }),
  // §5.14: both kinds end running sessions; only the reason differs
  Reset: command<OCPP16.ResetRequest, OCPP16.ResetResponse>(({ type }, site) => {
    site.reset({ hard: type === 'Hard', whenIdle: false })
    return { status: 'Accepted' }
  }),
  ChangeAvailability: command<OCPP16.ChangeAvailabilityRequest, OCPP16.ChangeAvailabilityResponse>(async ({ connectorId, type }, site) => ({
    status: await site.changeAvailability(connectorId, type === 'Operative'),
  })),
  // §5.18: a session on that connector is ended first
  UnlockConnector: command<OCPP16.UnlockConnectorRequest, OCPP16.UnlockConnectorResponse>(({ connectorId }, site) => ({
    status: site.unlock(connectorId, true) === 'unlocked' ? 'Unlocked' : 'NotSupported',
  })),
  TriggerMessage: command<OCPP16.TriggerMessageRequest, OCPP16.TriggerMessageResponse>(({ requestedMessage, connectorId }, site) => {
    if (connectorId !== undefined && connectorId !== 0 && !site.evses.some(({ id }) => id === connectorId)) return { status: 'Rejected' }
    const told = firmwareTrigger(site, requestedMessage)
    if (told !== undefined) return { status: told }
    const message = TRIGGERS[requestedMessage]
    if (message === undefined) return { status: 'NotImplemented' }
    if (typeof message === 'string') site.trigger(message, connectorId || undefined)
    else site.soon(() => site.say(speech(requestedMessage, message)))
    return { status: 'Accepted' }
  }),
  GetConfiguration: command<OCPP16.GetConfigurationRequest, OCPP16.GetConfigurationResponse>(({ key: asked }, site) => {
    const wanted = asked === undefined || asked.length === 0 ? [...KEYS.keys()] : asked
    const known = wanted.flatMap((key) => {
      const value = readKey(site, key)
      return value === undefined ? [] : [{ key, readonly: !isWritable(key), value }]
    })
    const unknownKey = wanted.filter((key) => readKey(site, key) === undefined)
    return { configurationKey: known, ...(unknownKey.length === 0 ? {} : { unknownKey }) }
  }),
  ChangeConfiguration: command<OCPP16.ChangeConfigurationRequest, OCPP16.ChangeConfigurationResponse>(async ({ key, value }, site) => {
    const name = KEYS.get(key)
    if (name === undefined) return { status: 'NotSupported' }
    return { status: name !== COUNT && (await site.configuration.set(name, value)) ? 'Accepted' : 'Rejected' }
  }),
  ...CERTIFICATE_COMMANDS_16,
  ...FIRMWARE_COMMANDS_16,
  ClearCache: command<OCPP16.ClearCacheRequest, OCPP16.ClearCacheResponse>(async (_request, site) => {
    await site.forgetTokens()
    return { status: 'Accepted' }
  }),
  DataTransfer: command<OCPP16.DataTransferRequest, OCPP16.DataTransferResponse>(() => ({ status: 'UnknownVendorId' })),
}

/** What a trigger makes the station say: one of its own words, or the idle payload of something it does not do. */
const TRIGGERS: Readonly<Record<string, TriggeredMessage | { readonly status: 'Idle' } | undefined>> = {
  BootNotification: 'boot',
  Heartbeat: 'heartbeat',
  MeterValues: 'meterValues',
  StatusNotification: 'status',
  DiagnosticsStatusNotification: { status: 'Idle' },
  FirmwareStatusNotification: { status: 'Idle' },
}

/** §9.1.20: the one key that is no setting but a fact. */
const COUNT = 'NumberOfConnectors'

const KEYS: ReadonlyMap<string, SettingName | typeof COUNT> = new Map<string, SettingName | typeof COUNT>([
  ...SETTING_NAMES.flatMap((name): [string, SettingName][] => {
    const { key16 } = settingOf(name)
    return key16 === undefined ? [] : [[key16, name]]
  }),
  [COUNT, COUNT],
])

const readKey = (site: Site, key: string): string | undefined => {
  const name = KEYS.get(key)
  if (name === undefined) return undefined
  return name === COUNT ? String(site.evses.length) : site.configuration.text(name)
}

const isWritable = (key: string): boolean => {
  const name = KEYS.get(key)
  return name !== undefined && name !== COUNT && settingOf(name).writable === true
}
