// Answers the stations that asked the back end for a certificate: the authority signs, the back end sends it with CertificateSigned.
// A certificate whose last third has begun is renewed: the station is asked to ask (OCPP 2.1 Part 2 A02, A03).
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json } from '../base/ports.ts'
import { payloadOf } from '../ocpp/frame.ts'
import { isVersion, type Version } from '../ocpp/version.ts'
import { Bucket } from '../overlay/damping.ts'
import type { DeskEvent } from '../roles/behaviours/behaviour.ts'
import { CERTIFICATE_ASKED } from '../roles/behaviours/certificates.ts'
import type { CsmsDesk } from '../roles/csms-desk.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import type { Authority } from './authority.ts'

export interface CertificateDeskParts {
  readonly desk: Pick<CsmsDesk, 'onEvent'>
  readonly network: Pick<NetworkNode, 'ask' | 'overlay'>
  readonly authority: Pick<Authority, 'sign' | 'issued' | 'keyOf'>
  readonly clock: Clock
  /** Life of a certificate. */
  readonly days: number
  /** By station: the only key that it gets a certificate for, SHA-256, hex. */
  readonly release: Readonly<Record<string, string>>
  /** The serial number that a station gave when it booted. */
  readonly serialOf: (station: string) => string | undefined
  readonly failed: (fault: Fault, station: string) => void
}

const DAY_MS = 86_400_000
const LOOK_MS = 3_600_000
/** Like Let's Encrypt: a certificate is renewed when a third of its life is left. */
const RENEW_AT = 1 / 3
/** Certificates for one station: each stays on the list of what was issued for good. */
const RATE = { burst: 5, perSecond: 5 / 86_400 }
/** Requests of all whom nobody proved to be anybody: ids are many where anybody may connect. */
const UNPROVEN_RATE = { burst: 20, perSecond: 1 / 60 }

export const certificateDesk = (parts: CertificateDeskParts): { stop: Cancel } => {
  const { desk, clock } = parts
  const buckets = new Map<string, Bucket>()
  const unproven = new Bucket(UNPROVEN_RATE, clock.now())
  const unlisten = desk.onEvent((event) => {
    const asked = askedIn(event)
    if (!asked) return
    const { station, isProven } = asked
    if (!isProven && !unproven.take(clock.now())) return
    if (!isProven && !Object.hasOwn(parts.release, station)) return attempt(parts, station, () => refuse(parts, asked))
    const bucket = buckets.get(station) ?? new Bucket(RATE, clock.now())
    buckets.set(station, bucket)
    attempt(parts, station, () => (bucket.take(clock.now()) ? answerRequest(parts, asked) : Promise.reject(tooMany(station))))
  })
  const look = (): void => {
    for (const [station, bucket] of buckets) if (bucket.isFull(clock.now())) buckets.delete(station)
    for (const [station, version] of due(parts)) attempt(parts, station, () => trigger(parts, station, version))
    cancel = clock.after(LOOK_MS, look)
  }
  let cancel = clock.after(LOOK_MS, look)
  return {
    stop() {
      unlisten()
      cancel()
    },
  }
}

const tooMany = (station: string): Fault =>
  new Fault('limit-exceeded', `${station} asked for more than ${RATE.burst} certificates in a day: this one is not issued`)

const refuse = async ({ authority }: CertificateDeskParts, { station, csr }: Asked): Promise<never> => {
  const key = await authority.keyOf(csr)
  const how = key === undefined ? '' : `; an operator may release it: csms.authority.release, ${station}: ${key}`
  throw new Fault('refused', `refused by rule certificate-claim: nobody proved to be ${station}${how}`, { rule: 'certificate-claim' })
}

interface Asked {
  readonly station: string
  readonly isProven: boolean
  readonly version: Version
  readonly csr: string
  readonly requestId?: Json
}

const askedIn = ({ type, data }: DeskEvent): Asked | undefined => {
  const { kind, station, version, csr, requestId, isProven } = data as { readonly [member: string]: Json | undefined }
  if (type !== 'security' || kind !== CERTIFICATE_ASKED || !isVersion(version)) return undefined
  return { station: String(station), isProven: isProven === true, version, csr: String(csr), ...(requestId !== undefined && { requestId }) }
}

const attempt = (parts: CertificateDeskParts, station: string, work: () => Promise<void>): void => {
  work().catch((error) => parts.failed(asFault(error), station))
}

const answerRequest = async ({ network, authority, days, release, serialOf }: CertificateDeskParts, asked: Asked): Promise<void> => {
  const { station, version, csr, requestId, isProven } = asked
  const serial = serialOf(station)
  const onlyKey = isProven ? undefined : release[station]
  const order = {
    name: station,
    usage: 'client',
    days,
    ...(serial !== undefined && { serial }),
    ...(onlyKey !== undefined && { onlyKey }),
  } as const
  const chain = await authority.sign(csr, order)
  const use = version === 'ocpp1.6' ? {} : { certificateType: 'ChargingStationCertificate' }
  const payload = { certificateChain: chain, ...use, ...(version === 'ocpp2.1' && requestId !== undefined && { requestId }) }
  await network.ask(station, 'CertificateSigned', payloadOf(payload), { ocpp: version })
}

/** Stations that can be reached and whose newest certificate ends soon. */
const due = ({ authority, network, clock, days }: CertificateDeskParts): [string, Version][] => {
  const newest = new Map(authority.issued.filter(({ usage, revoked }) => usage === 'client' && !revoked).map((each) => [each.name, each]))
  return [...newest.values()].flatMap(({ name, until }): [string, Version][] => {
    const place = network.overlay.routes.place(name)
    const isDue = until - clock.now() < days * DAY_MS * RENEW_AT
    return isDue && place?.online && place.protocol ? [[name, place.protocol]] : []
  })
}

const trigger = async ({ network }: CertificateDeskParts, station: string, version: Version): Promise<void> => {
  const [action, requestedMessage] =
    version === 'ocpp1.6' ? ['ExtendedTriggerMessage', 'SignChargePointCertificate'] : ['TriggerMessage', 'SignChargingStationCertificate']
  await network.ask(station, action as string, payloadOf({ requestedMessage: requestedMessage as string }), { ocpp: version })
}
