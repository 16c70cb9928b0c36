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
  readonly authority: Pick<Authority, 'sign' | 'issued'>
  readonly clock: Clock
  /** Life of a certificate. */
  readonly days: number
  readonly failed: (fault: Fault, station: string) => void
}

const DAY_MS = 86_400_000
const LOOK_MS = 3_600_000
/** Like Let's Encrypt: a certificate is renewed when a third of its life is left. */
const RENEW_AT = 1 / 3
/** Certificates for one station: each stays on the list of what was issued for good. */
const RATE = { burst: 5, perSecond: 5 / 86_400 }

export const certificateDesk = (parts: CertificateDeskParts): { stop: Cancel } => {
  const { desk, clock } = parts
  const buckets = new Map<string, Bucket>()
  const unlisten = desk.onEvent((event) => {
    const asked = askedIn(event)
    if (!asked) return
    const { station } = asked
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

interface Asked {
  readonly station: string
  readonly version: Version
  readonly csr: string
  readonly requestId?: Json
}

const askedIn = ({ type, data }: DeskEvent): Asked | undefined => {
  const { kind, station, version, csr, requestId } = data as { readonly [member: string]: Json | undefined }
  if (type !== 'security' || kind !== CERTIFICATE_ASKED || !isVersion(version)) return undefined
  return { station: String(station), version, csr: String(csr), ...(requestId !== undefined && { requestId }) }
}

const attempt = (parts: CertificateDeskParts, station: string, work: () => Promise<void>): void => {
  work().catch((error) => parts.failed(asFault(error), station))
}

const answerRequest = async ({ network, authority, days }: CertificateDeskParts, asked: Asked): Promise<void> => {
  const { station, version, csr, requestId } = asked
  const chain = await authority.sign(csr, { name: station, usage: 'client', days })
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
