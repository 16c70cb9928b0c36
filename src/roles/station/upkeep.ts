// What a station lets be done to itself: new firmware, and its log sent away. Present where it can fetch and send files at all.
import { Firmware } from './firmware.ts'
import { firmwareSpeech, logSpeech } from './firmware-commands.ts'
import { Logs } from './logs.ts'
import type { Log, StationParts, StationSettings } from './parts.ts'
import { iso, type Speech, speech } from './terms.ts'

/** What the station does for it. */
export interface UpkeepHost {
  request(speech: Speech): Promise<unknown>
  isCharging(): boolean
  reboot(): void
}

export interface Upkeep {
  readonly firmware?: Firmware
  readonly logs?: Logs
}

/** Of a station that was delivered with no version anybody knows. */
const UNKNOWN_VERSION = '0'

export const upkeepOf = (settings: StationSettings, parts: StationParts, host: UpkeepHost & { readonly log: Log }): Upkeep => {
  const { upkeep, clock, store } = parts
  if (!upkeep) return {}
  const { id: station, version: ocpp, vendor, model, firmware = UNKNOWN_VERSION } = settings
  const say = (words: Speech): Promise<unknown> => host.request(words)
  const alarm = (type: string): void => {
    say(speech('SecurityEventNotification', { type, timestamp: iso(clock.now()) })).catch(() =>
      host.log('warn', 'a security event was not taken', { type }),
    )
  }
  const common = { clock, station, files: upkeep.files, log: host.log }
  return {
    firmware: new Firmware({
      ...{ ...common, store, vendor, model, version: firmware, alarm, isCharging: host.isCharging, reboot: host.reboot },
      ...(upkeep.manufacturer && { manufacturer: upkeep.manufacturer }),
      say: (status, order) => say(firmwareSpeech(ocpp, status, order)),
    }),
    logs: new Logs({ ...common, say: (kind, status, requestId) => say(logSpeech(kind, status, requestId)) }),
  }
}

/** The nameplate with the version that is installed now. */
export const withFirmware = (settings: StationSettings, { firmware }: Upkeep): StationSettings =>
  firmware ? Object.defineProperty({ ...settings, firmware: '' }, 'firmware', { enumerable: true, get: () => firmware.version }) : settings
