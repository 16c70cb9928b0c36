// The grid operator's orders, and what becomes of them when somebody else tries: every way an order can be wrong.

import { loadSigner } from '../../src/adapters/keys.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import type { Json } from '../../src/base/ports.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { type Envelope, ERROR, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import type { Version } from '../../src/ocpp/version.ts'
import { refusalOf } from '../../src/overlay/error-answer.ts'
import type { Identity } from '../../src/overlay/signature.ts'
import type { AskOptions, NetworkNode } from '../../src/roles/network-node.ts'

export interface OrderOutcome {
  readonly question: Envelope
  readonly answer: Envelope
  /** `Accepted`, `Rejected` … where the station answered. */
  readonly status?: string
  /** Who answered, or who refused. */
  readonly at: string
  readonly rule?: string
  readonly description: string
}

/** A limit for a whole station in watts, from now on, as a charging profile (OCPP 2.1 K01; 1.6 §5.16). */
export const limitProfile = (version: Version, watts: number, seconds = 900): Json => {
  const schedule = {
    startSchedule: new Date().toISOString(),
    duration: seconds,
    chargingRateUnit: 'W',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: watts }],
  }
  const profile = { stackLevel: 1, chargingProfileKind: 'Absolute' }
  return version === 'ocpp1.6'
    ? {
        connectorId: 0,
        csChargingProfiles: {
          ...profile,
          chargingProfileId: 14,
          chargingProfilePurpose: 'ChargePointMaxProfile',
          chargingSchedule: schedule,
        },
      }
    : {
        evseId: 0,
        chargingProfile: {
          ...profile,
          id: 14,
          chargingProfilePurpose: 'ChargingStationMaxProfile',
          chargingSchedule: [{ ...schedule, id: 1 }],
        },
      }
}

export interface Target {
  readonly id: string
  readonly version: Version
}

/** Asks a station to hold a limit, in the name of a node of the network. */
export const limit = (by: NetworkNode, station: Target, watts: number, sealing?: AskOptions['sealing']): Promise<OrderOutcome> =>
  order(by, station, {
    action: 'SetChargingProfile',
    payload: limitProfile(station.version, watts),
    ...(sealing !== undefined && { sealing }),
  })

export interface Order {
  readonly action: string
  readonly payload: Json
  readonly sealing?: AskOptions['sealing']
  /** 10 s if not given. */
  readonly timeoutMs?: number
}

export const order = async (
  by: NetworkNode,
  station: Target,
  { action, payload, sealing, timeoutMs = 10_000 }: Order,
): Promise<OrderOutcome> => {
  const { question, answer } = await by.ask(station.id, action, payloadOf(payload), {
    ocpp: station.version,
    timeoutMs,
    ...(sealing !== undefined && { sealing }),
  })
  return outcome(question, answer)
}

/** Sends a message once more, bit by bit the same: what someone does who listened on the line. */
export const replay = async (by: NetworkNode, question: Envelope): Promise<OrderOutcome> =>
  outcome(question, await by.overlay.ask(question))

/** A key pair that nobody trusts, in the name of somebody who is. */
export const forgedIdentity = (dataDir: string, pretending: string): Identity => {
  const signer = loadSigner(dataDir, 'stranger', 'node')
  return { node: pretending, kid: thumbprint(signer.publicKey, nodeEngine()), signer }
}

const outcome = (question: Envelope, answer: Envelope): OrderOutcome => {
  const { message } = answer
  const { at, rule } = refusalOf(answer)
  if (message.type === ERROR) return { question, answer, at, description: message.description, ...(rule !== undefined && { rule }) }
  const value = message.type === RESULT ? (message.payload.value as { readonly status?: unknown }) : {}
  return { question, answer, at, description: '', ...(typeof value.status === 'string' && { status: value.status }) }
}
