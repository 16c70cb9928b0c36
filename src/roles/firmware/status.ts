// What a station says of its update: the words of every version of OCPP as a table, and what each means for a roll-out.

/** `under way`: more will be said. `installed`: a boot with the new version is all that is missing. `idle`: it has no such order. */
export type Meaning = 'under way' | 'failed' | 'installed' | 'idle'

/** 1.6 §7.25, security whitepaper §6.8, 2.x FirmwareStatusEnumType. */
export const FIRMWARE_STATUS = {
  Idle: 'idle',
  Downloading: 'under way',
  DownloadScheduled: 'under way',
  DownloadPaused: 'under way',
  Downloaded: 'under way',
  DownloadFailed: 'failed',
  SignatureVerified: 'under way',
  InvalidSignature: 'failed',
  InstallScheduled: 'under way',
  Installing: 'under way',
  InstallRebooting: 'under way',
  InstallationFailed: 'failed',
  InstallVerificationFailed: 'failed',
  Installed: 'installed',
} as const satisfies Record<string, Meaning>

export type FirmwareStatus = keyof typeof FIRMWARE_STATUS

export const isFirmwareStatus = (word: unknown): word is FirmwareStatus => typeof word === 'string' && Object.hasOwn(FIRMWARE_STATUS, word)

/** The messages that carry one. */
export const STATUS_ACTIONS: readonly string[] = ['FirmwareStatusNotification', 'SignedFirmwareStatusNotification']
