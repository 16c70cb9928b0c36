// Orders about firmware and logs as each version of OCPP words them. A station without these parts answers that it cannot do that.
import type { OCPP16, OCPP20, OCPP21 } from 'typed-ocpp'
import { Fault } from '../../base/fault.ts'
import type { FirmwareStatus } from '../firmware/status.ts'
import type { Firmware, UpdateOrder } from './firmware.ts'
import type { LogKind, Logs } from './logs.ts'
import { present } from './profile-mapping.ts'
import type { Site } from './site.ts'
import { type Speech, speech } from './terms.ts'
import { type Command, command } from './vocabulary.ts'

type LogRequest = OCPP16.GetLogRequest | OCPP21.GetLogRequest

/** 2.x L01, N01. */
export const FIRMWARE_COMMANDS_2X: Readonly<Record<string, Command>> = {
  UpdateFirmware: command<OCPP21.UpdateFirmwareRequest, OCPP20.UpdateFirmwareResponse>(async (request, site) => ({
    status: await firmwareOf(site).order(signedOrder(request)),
  })),
  GetLog: command<OCPP21.GetLogRequest, OCPP20.GetLogResponse>((request, site) => getLog(request, site)),
}

/** §6.19, §6.25; security whitepaper §5.9, §5.20. A station that knows its manufacturer's key takes no order without a signature. */
export const FIRMWARE_COMMANDS_16: Readonly<Record<string, Command>> = {
  UpdateFirmware: command<OCPP16.UpdateFirmwareRequest, OCPP16.UpdateFirmwareResponse>(async (request, site) => {
    const { location, retrieveDate, retries = 0, retryInterval = 30 } = request
    const firmware = firmwareOf(site)
    if (firmware.isSigned) throw notSupported()
    await firmware.order({ location, retrieveAt: Date.parse(retrieveDate), retries, intervalMs: retryInterval * 1000 })
    return {}
  }),
  SignedUpdateFirmware: command<OCPP16.SignedUpdateFirmwareRequest, OCPP16.SignedUpdateFirmwareResponse>(async (request, site) => {
    const firmware = firmwareOf(site)
    if (!firmware.isSigned) throw notSupported()
    return { status: await firmware.order(signedOrder(request)) }
  }),
  GetDiagnostics: command<OCPP16.GetDiagnosticsRequest, OCPP16.GetDiagnosticsResponse>(async (request, site) => {
    const { location, startTime, stopTime, retries = 0, retryInterval = 30 } = request
    const times = present({ from: timeOf(startTime), to: timeOf(stopTime) })
    const { filename } = await logsOf(site).order({ location, kind: 'diagnostics', ...times, retries, intervalMs: retryInterval * 1000 })
    return { fileName: filename }
  }),
  GetLog: command<OCPP16.GetLogRequest, OCPP16.GetLogResponse>((request, site) => getLog(request, site)),
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

const getLog = async (request: LogRequest, site: Site): Promise<{ status: 'Accepted' | 'AcceptedCanceled'; filename: string }> => {
  const { log, requestId, retries = 0, retryInterval = 30 } = request
  const times = present({ from: timeOf(log.oldestTimestamp), to: timeOf(log.latestTimestamp) })
  const about = { location: log.remoteLocation, kind: 'log' as const, requestId, ...times }
  return logsOf(site).order({ ...about, retries, intervalMs: retryInterval * 1000 })
}

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

const notSupported = (): Fault => new Fault('remote-error', 'this station cannot do that', { code: 'NotSupported' })
