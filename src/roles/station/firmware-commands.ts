// Orders about firmware and logs as each version of OCPP words them. A station without these parts answers that it cannot do that.
import type { OCPP16, OCPP20, OCPP21 } from 'typed-ocpp'
import { Fault } from '../../base/fault.ts'
import type { FirmwareStatus } from '../firmware/status.ts'
import type { Firmware, UpdateOrder } from './firmware.ts'
import type { LogKind, LogOrder, Logs } from './logs.ts'
import { present } from './profile-mapping.ts'
import type { Site } from './site.ts'
import { type Speech, speech } from './terms.ts'
import { type Command, command } from './vocabulary.ts'

type LogRequest = OCPP16.GetLogRequest | OCPP21.GetLogRequest

/** 2.x L01, N01. */
export const FIRMWARE_COMMANDS_2X: Readonly<Record<string, Command>> = {
  UpdateFirmware: command<OCPP21.UpdateFirmwareRequest, OCPP20.UpdateFirmwareResponse>(async (request, site) => {
    const firmware = firmwareOf(site)
    if (!isOfHttp(request.firmware.location)) return { status: 'Rejected', statusInfo: OTHER_PROTOCOL }
    return { status: await firmware.order(signedOrder(request)) }
  }),
  GetLog: command<OCPP21.GetLogRequest, OCPP20.GetLogResponse>(async (request, site) => {
    const logs = logsOf(site)
    if (!isOfHttp(request.log.remoteLocation)) return { status: 'Rejected', statusInfo: OTHER_PROTOCOL }
    return logs.order(logOrder(request))
  }),
}

/** §6.19, §6.25; security whitepaper §5.9, §5.20. A station that knows its manufacturer's key takes no order without a signature. */
export const FIRMWARE_COMMANDS_16: Readonly<Record<string, Command>> = {
  UpdateFirmware: command<OCPP16.UpdateFirmwareRequest, OCPP16.UpdateFirmwareResponse>(async (request, site) => {
    const { location, retrieveDate, retries = 0, retryInterval = 30 } = request
    const firmware = firmwareOf(site)
    if (firmware.isSigned) throw notSupported()
    if (!isOfHttp(location)) throw notSupported(OTHER_PROTOCOL.additionalInfo)
    await firmware.order({ location, retrieveAt: Date.parse(retrieveDate), retries, intervalMs: retryInterval * 1000 })
    return {}
  }),
  SignedUpdateFirmware: command<OCPP16.SignedUpdateFirmwareRequest, OCPP16.SignedUpdateFirmwareResponse>(async (request, site) => {
    const firmware = firmwareOf(site)
    if (!firmware.isSigned) throw notSupported()
    return { status: isOfHttp(request.firmware.location) ? await firmware.order(signedOrder(request)) : 'Rejected' }
  }),
  GetDiagnostics: command<OCPP16.GetDiagnosticsRequest, OCPP16.GetDiagnosticsResponse>(async (request, site) => {
    const { location, startTime, stopTime, retries = 0, retryInterval = 30 } = request
    const times = present({ from: timeOf(startTime), to: timeOf(stopTime) })
    const logs = logsOf(site)
    if (!isOfHttp(location)) throw notSupported(OTHER_PROTOCOL.additionalInfo)
    const { filename } = await logs.order({ location, kind: 'diagnostics', ...times, retries, intervalMs: retryInterval * 1000 })
    return { fileName: filename }
  }),
  GetLog: command<OCPP16.GetLogRequest, OCPP16.GetLogResponse>(async (request, site) => {
    const logs = logsOf(site)
    return isOfHttp(request.log.remoteLocation) ? logs.order(logOrder(request)) : { status: 'Rejected' }
  }),
}

/** What the trigger of a status is answered with; undefined where it is about something else, or there is nothing to tell of. */
export const firmwareTrigger = (site: Site, requested: string): 'Accepted' | undefined => {
  const tell = Object.hasOwn(TRIGGERS, requested) ? TRIGGERS[requested as keyof typeof TRIGGERS](site) : undefined
  if (tell === undefined) return undefined
  site.soon(tell)
  return 'Accepted'
}

const TRIGGERS = {
  FirmwareStatusNotification: ({ firmware }) => (firmware ? () => firmware.tell() : undefined),
  LogStatusNotification: ({ logs }) => (logs ? () => logs.tell('log') : undefined),
  DiagnosticsStatusNotification: ({ logs }) => (logs ? () => logs.tell('diagnostics') : undefined),
} as const satisfies Record<string, (site: Site) => (() => void) | undefined>

/** How a status of firmware is said: 1.6 has a message for orders without a number, and one for the others. */
export const firmwareSpeech = (version: Site['settings']['version'], status: FirmwareStatus, order: UpdateOrder | undefined): Speech => {
  const number = order?.requestId === undefined ? {} : { requestId: order.requestId }
  if (version !== 'ocpp1.6') return speech('FirmwareStatusNotification', { status, ...number })
  if (order?.requestId !== undefined) return speech('SignedFirmwareStatusNotification', { status, ...number })
  return speech('FirmwareStatusNotification', { status })
}

/** The same of a log. */
export const logSpeech = (kind: LogKind, status: string, requestId: number | undefined): Speech =>
  kind === 'diagnostics'
    ? speech('DiagnosticsStatusNotification', { status })
    : speech('LogStatusNotification', { status, ...(requestId !== undefined && { requestId }) })

const logOrder = ({ log, requestId, retries = 0, retryInterval = 30 }: LogRequest): LogOrder => {
  const times = present({ from: timeOf(log.oldestTimestamp), to: timeOf(log.latestTimestamp) })
  return { location: log.remoteLocation, kind: 'log', requestId, ...times, retries, intervalMs: retryInterval * 1000 }
}

/** As the station's setting says: whoever orders otherwise is told at once, and not by a download that fails. */
const isOfHttp = (location: string): boolean => /^https?:\/\/[^/]/i.test(location)
const OTHER_PROTOCOL = { reasonCode: 'UnsupportedParam', additionalInfo: 'files come and go by HTTP and HTTPS alone' }

const signedOrder = ({
  requestId,
  firmware,
  retries = 0,
  retryInterval = 30,
}: OCPP16.SignedUpdateFirmwareRequest | OCPP21.UpdateFirmwareRequest): UpdateOrder => ({
  requestId,
  location: firmware.location,
  retrieveAt: Date.parse(firmware.retrieveDateTime),
  retries,
  intervalMs: retryInterval * 1000,
  ...present({ installAt: timeOf(firmware.installDateTime), signature: firmware.signature, certificate: firmware.signingCertificate }),
})

const timeOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text))

const firmwareOf = ({ firmware }: Site): Firmware => {
  if (firmware) return firmware
  throw notSupported()
}

const logsOf = ({ logs }: Site): Logs => {
  if (logs) return logs
  throw notSupported()
}

const notSupported = (why = 'this station cannot do that'): Fault => new Fault('remote-error', why, { code: 'NotSupported' })
