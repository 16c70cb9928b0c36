// OCPP 2.0.1 and 2.1: what the back end may ask of the station. One row per action; what is not here is answered NotSupported.
// The requests are read as those of 2.1, which allows more; use cases are those of Part 2.
import type { OCPP20, OCPP21 } from 'typed-ocpp'
import { CERTIFICATE_COMMANDS_2X, certificateTrigger } from './certificate-commands.ts'
import { lookUp, reportOf } from './device-model.ts'
import { FIRMWARE_COMMANDS_2X, firmwareTrigger } from './firmware-commands.ts'
import { MONITOR_COMMANDS_21, MONITOR_COMMANDS_201 } from './monitor-commands.ts'
import { isPurpose, present, readProfile21, writePeriods } from './profile-mapping.ts'
import type { RemoteStart, Site, TriggeredMessage } from './site.ts'
import { iso, speech } from './terms.ts'
import { type Command, command } from './vocabulary.ts'

export const COMMANDS_2X: Readonly<Record<string, Command>> = {
  RequestStartTransaction: command<OCPP21.RequestStartTransactionRequest, OCPP20.RequestStartTransactionResponse>((request, site) => {
    const { evseId, idToken, remoteStartId, chargingProfile } = request
    const profile = chargingProfile === undefined ? undefined : readProfile21(chargingProfile)
    // F01: only a TxProfile may come along
    if (chargingProfile !== undefined && profile?.purpose !== 'TxProfile') return rejected('InvalidProfile')
    const order: RemoteStart = { token: idToken.idToken, remoteStartId, ...present({ evse: evseId, profile }) }
    return site.remoteStart(order) ? { status: 'Accepted' } : rejected('Occupied')
  }),
  RequestStopTransaction: command<OCPP21.RequestStopTransactionRequest, OCPP20.RequestStopTransactionResponse>((request, site) =>
    site.remoteStop(request.transactionId) ? { status: 'Accepted' } : rejected('TxNotFound'),
  ),
  SetChargingProfile: command<OCPP21.SetChargingProfileRequest, OCPP20.SetChargingProfileResponse>(async (request, site) => {
    const profile = readProfile21(request.chargingProfile)
    if (profile === undefined) return rejected('UnsupportedParam')
    return (await site.setProfile(request.evseId, profile)) ? { status: 'Accepted' } : rejected('InvalidProfile')
  }),
  ClearChargingProfile: command<OCPP21.ClearChargingProfileRequest, OCPP20.ClearChargingProfileResponse>(async (request, site) => {
    const { evseId, chargingProfilePurpose: name, stackLevel } = request.chargingProfileCriteria ?? {}
    const purpose = name !== undefined && isPurpose(name) ? name : undefined
    // a purpose that this station never installs matches nothing
    if (name !== purpose) return { status: 'Unknown' }
    const filter = present({ id: request.chargingProfileId, evse: evseId, purpose, stackLevel })
    return { status: (await site.clearProfiles(filter)) ? 'Accepted' : 'Unknown' }
  }),
  GetCompositeSchedule: command<OCPP21.GetCompositeScheduleRequest, OCPP20.GetCompositeScheduleResponse>((request, site) => {
    const { evseId, duration, chargingRateUnit = 'W' } = request
    const stretches = site.composite(evseId, duration)
    if (stretches === undefined) return rejected('UnknownEvse')
    const [first, ...others] = writePeriods(stretches, chargingRateUnit, site.supply)
    if (first === undefined) return rejected('NoSchedule')
    const scheduleStart = iso(site.now())
    return {
      status: 'Accepted',
      schedule: { evseId, duration, scheduleStart, chargingRateUnit, chargingSchedulePeriod: [first, ...others] },
    }
  }),
  Reset: command<OCPP21.ResetRequest, OCPP20.ResetResponse>(({ type, evseId }, site) => {
    // B11: a single EVSE cannot be reset here; 2.1 B13: nor can a session be resumed after it
    if (evseId !== undefined || type === 'ImmediateAndResume') return rejected('NotSupported')
    return { status: site.reset({ hard: true, whenIdle: type === 'OnIdle' }) }
  }),
  ChangeAvailability: command<OCPP21.ChangeAvailabilityRequest, OCPP20.ChangeAvailabilityResponse>(
    async ({ evse, operationalStatus }, site) => ({
      status: await site.changeAvailability(evse?.id ?? 0, operationalStatus === 'Operative'),
    }),
  ),
  UnlockConnector: command<OCPP21.UnlockConnectorRequest, OCPP20.UnlockConnectorResponse>(({ evseId, connectorId }, site) => ({
    status: connectorId === 1 ? UNLOCKED[site.unlock(evseId, false)] : 'UnknownConnector',
  })),
  TriggerMessage: command<OCPP21.TriggerMessageRequest, OCPP20.TriggerMessageResponse>(({ requestedMessage, evse }, site) => {
    if (evse !== undefined && !site.evses.some(({ id }) => id === evse.id)) return rejected('UnknownEvse')
    const other = certificateTrigger(site, requestedMessage) ?? firmwareTrigger(site, requestedMessage)
    if (other !== undefined) return { status: other }
    const message = TRIGGERS[requestedMessage]
    if (message === undefined) return { status: 'NotImplemented' }
    // F06: an accepted station does not boot again on demand
    if (message === 'boot' && site.accepted) return rejected('NotAllowed')
    if (typeof message === 'string') site.trigger(message, evse?.id)
    else site.soon(() => site.say(speech(requestedMessage, message)))
    return { status: 'Accepted' }
  }),
  GetVariables: command<OCPP20.GetVariablesRequest, OCPP20.GetVariablesResponse>(({ getVariableData }, site) => {
    const [first, ...others] = getVariableData.map((asked) => {
      const { component, variable, attributeType } = asked
      const answer = lookUp(site, asked)
      const status = 'found' in answer ? ('Accepted' as const) : answer.missing
      const value = 'found' in answer ? { attributeValue: answer.found.value } : {}
      return { attributeStatus: status, component, variable, ...present({ attributeType }), ...value }
    })
    return { getVariableResult: [first as NonNullable<typeof first>, ...others] }
  }),
  SetVariables: command<OCPP20.SetVariablesRequest, OCPP20.SetVariablesResponse>(async ({ setVariableData }, site) => {
    const results: OCPP20.SetVariablesResponse['setVariableResult'][number][] = []
    for (const asked of setVariableData) {
      const { component, variable, attributeType, attributeValue } = asked
      const answer = lookUp(site, asked)
      const done = 'found' in answer && ((await answer.found.set?.(attributeValue)) ?? false)
      const attributeStatus = 'missing' in answer ? answer.missing : done ? 'Accepted' : 'Rejected'
      results.push({ attributeStatus, component, variable, ...present({ attributeType }) })
    }
    return { setVariableResult: results as OCPP20.SetVariablesResponse['setVariableResult'] }
  }),
  ...CERTIFICATE_COMMANDS_2X,
  ...FIRMWARE_COMMANDS_2X,
  ...MONITOR_COMMANDS_201,
  GetBaseReport: command<OCPP20.GetBaseReportRequest, OCPP20.GetBaseReportResponse>(({ requestId, reportBase }, site) => {
    site.soon(() => sendReport(site, requestId, reportBase))
    return { status: 'Accepted' }
  }),
  ClearCache: command<OCPP20.ClearCacheRequest, OCPP20.ClearCacheResponse>(async (_request, site) => {
    // C11: without a cache there is nothing to clear
    if (!site.configuration.flag('cacheEnabled')) return rejected('NotEnabled')
    await site.forgetTokens()
    return { status: 'Accepted' }
  }),
  DataTransfer: command<OCPP20.DataTransferRequest, OCPP20.DataTransferResponse>(() => ({ status: 'UnknownVendorId' })),
  GetTransactionStatus: command<OCPP20.GetTransactionStatusRequest, OCPP20.GetTransactionStatusResponse>(({ transactionId }, site) => {
    if (transactionId === undefined) return { messagesInQueue: site.queued() }
    return { ongoingIndicator: site.session(transactionId) !== undefined, messagesInQueue: site.queued(transactionId) }
  }),
}

export const COMMANDS_21: Readonly<Record<string, Command>> = { ...COMMANDS_2X, ...MONITOR_COMMANDS_21 }

const rejected = (reasonCode: string): { status: 'Rejected'; statusInfo: { reasonCode: string } } => ({
  status: 'Rejected',
  statusInfo: { reasonCode },
})

/** L/F05: a session that somebody is authorised for is not broken by an order to unlock. */
const UNLOCKED = { unlocked: 'Unlocked', unknown: 'UnknownConnector', busy: 'OngoingAuthorizedTransaction' } as const

/** What a trigger makes the station say: one of its own words, or the idle payload of something it does not do. */
const TRIGGERS: Readonly<Record<string, TriggeredMessage | { readonly status: 'Idle' } | undefined>> = {
  BootNotification: 'boot',
  Heartbeat: 'heartbeat',
  MeterValues: 'meterValues',
  StatusNotification: 'status',
  TransactionEvent: 'transaction',
  FirmwareStatusNotification: { status: 'Idle' },
  LogStatusNotification: { status: 'Idle' },
}

/** B07, B08: in parts of at most ItemsPerMessage, all but the last saying that more is to come. */
const sendReport = (site: Site, requestId: number, base: OCPP20.GetBaseReportRequest['reportBase']): void => {
  const entries = reportOf(site, base)
  const size = site.configuration.number('itemsPerReport')
  const generatedAt = iso(site.now())
  for (let from = 0, seqNo = 0; from < entries.length; from += size, seqNo++) {
    const [first, ...others] = entries.slice(from, from + size)
    const reportData = first === undefined ? {} : { reportData: [first, ...others] as [typeof first, ...typeof others] }
    const part: OCPP20.NotifyReportRequest = { requestId, generatedAt, seqNo, tbc: from + size < entries.length, ...reportData }
    site.say(speech('NotifyReport', part))
  }
}
