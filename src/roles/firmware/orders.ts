// The order for one station, in the words of its version of OCPP, and what the station's answer means.
import type { Json } from '../../base/ports.ts'
import type { Version } from '../../ocpp/version.ts'
import { type JsonObject, objectOf, textOf } from '../behaviours/fields.ts'
import type { Release } from './release.ts'

export interface Order {
  readonly action: string
  readonly payload: JsonObject
}

export interface OrderFacts {
  readonly version: Version
  readonly release: Release
  readonly requestId: number
  /** From where the station fetches the file. */
  readonly location: string
  readonly now: number
  readonly installAt?: number | undefined
  /** 1.6 without the security whitepaper. */
  readonly plain?: boolean | undefined
}

/** How often and how far apart a station tries to fetch the file, seconds. */
const RETRIES = { retries: 3, retryInterval: 30 }

/** 1.6 §6.19 and security whitepaper §5.20; 2.x L01. */
export const orderOf = (facts: OrderFacts): Order => {
  const { version, release, requestId, location, now, installAt, plain = false } = facts
  const at = iso(now)
  if (version === 'ocpp1.6' && (plain || release.signature === undefined))
    return { action: 'UpdateFirmware', payload: { location, retrieveDate: at, ...RETRIES } }
  const { signature, signingCertificate } = release
  const firmware = {
    location,
    retrieveDateTime: at,
    ...(installAt !== undefined && installAt > now && { installDateTime: iso(installAt) }),
    ...(signature !== undefined && signingCertificate !== undefined && { signature, signingCertificate }),
  }
  return { action: version === 'ocpp1.6' ? 'SignedUpdateFirmware' : 'UpdateFirmware', payload: { requestId, firmware, ...RETRIES } }
}

/** Asks a station how far it is; what it does then is to say so, which its answer does not (2.x F06, 1.6 §6.18). */
export const questionOf = (version: Version, plain: boolean): Order => ({
  action: version === 'ocpp1.6' && !plain ? 'ExtendedTriggerMessage' : 'TriggerMessage',
  payload: { requestedMessage: 'FirmwareStatusNotification' },
})

/** Why an order was not taken, or nothing. 1.6 has no word for it: whoever answers has taken it. */
export const refusalIn = (answer: Json): string | undefined => {
  const status = textOf(objectOf(answer).status)
  return status === undefined || status === 'Accepted' || status === 'AcceptedCanceled' ? undefined : status
}

const iso = (ms: number): string => new Date(ms).toISOString()
