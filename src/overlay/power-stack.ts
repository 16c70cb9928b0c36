// Which of several charging profiles counts: when one was replaced or cleared, and when another stands above it (OCPP 2.0.1 K01, 1.6 §5.16). Knows
// the orders that journals hold; a profile that was set in another way it does not know.
import type { Json } from '../base/ports.ts'
import { allowedAt } from './power-limit.ts'
import { LIMITING, type Members, membersOf } from './power-report.ts'

/** An order that its station took, or may have taken. */
export interface Taken {
  readonly at: number
  readonly station: string
  readonly evse?: number | undefined
  readonly action: string
  /** As it can be read; undefined where nobody here can. */
  readonly payload?: Json | undefined
}

/** The profile that an order sets; nothing where it sets none. */
export const profileOf = ({ action, payload = null }: Pick<Taken, 'action' | 'payload'>): Members | undefined => {
  const { chargingProfile, csChargingProfiles } = membersOf(payload)
  const profile = chargingProfile ?? csChargingProfiles
  return action === 'SetChargingProfile' && profile !== undefined ? membersOf(profile) : undefined
}

/** Whether a profile is a limit by itself, whatever else is set: of all that count the lowest is drawn, but for these. */
export const isLimit = ({ chargingProfilePurpose }: Members): boolean =>
  chargingProfilePurpose !== 'LocalGeneration' && chargingProfilePurpose !== 'PriorityCharging'

/** Limits of the whole station, and not of each EVSE. */
export const isOfStation = ({ chargingProfilePurpose: purpose }: Members, evse: number | undefined): boolean =>
  evse === undefined &&
  (purpose === 'ChargingStationMaxProfile' || purpose === 'ChargePointMaxProfile' || purpose === 'ChargingStationExternalConstraints')

/** When an order ended: the first after it that took its place, cleared it, or may have. */
export const endOf = (order: Taken, others: readonly Taken[]): number =>
  Math.min(...others.filter((other) => other.station === order.station && other.at > order.at && ends(other, order)).map(({ at }) => at))

/** Tells whether another profile stood in the place of this one at a moment, or added to it. */
export const overriding = (order: Taken, others: readonly Taken[]): ((at: number) => boolean) => {
  const mine = profileOf(order)
  const rivals = others.flatMap((other) => {
    const its = other === order || other.station !== order.station ? undefined : profileOf(other)
    const isRival = mine && its && overlaps(order.evse, other.evse) && isAbove(its, mine)
    return isRival ? [{ its, from: other.at, to: endOf(other, others) }] : []
  })
  return (at) =>
    rivals.some(({ its, from, to }) => from <= at && at < to && (!isLimit(its) || allowedAt(its, { at, orderedAt: from }) !== undefined))
}

const ends = (later: Taken, order: Taken): boolean => {
  if (!LIMITING.includes(later.action)) return false
  const [mine, its] = [profileOf(order), profileOf(later)]
  // what cannot be read may have ended it
  if (!mine || later.payload === undefined) return true
  return its ? replaces(its, later.evse, { mine, evse: order.evse }) : clears(membersOf(later.payload), { mine, evse: order.evse })
}

interface Held {
  readonly mine: Members
  readonly evse: number | undefined
}

const replaces = (its: Members, at: number | undefined, { mine, evse }: Held): boolean =>
  idOf(its) === idOf(mine) ||
  (its.chargingProfilePurpose === mine.chargingProfilePurpose && its.stackLevel === mine.stackLevel && overlaps(at, evse))

const clears = (payload: Members, { mine, evse }: Held): boolean => {
  const id = payload.chargingProfileId ?? payload.id
  if (id !== undefined) return id === idOf(mine)
  const { chargingProfilePurpose: purpose, stackLevel, evseId, connectorId } = { ...payload, ...membersOf(payload.chargingProfileCriteria) }
  const place = evseId ?? connectorId
  return (
    (purpose === undefined || purpose === mine.chargingProfilePurpose) &&
    (stackLevel === undefined || stackLevel === mine.stackLevel) &&
    (typeof place !== 'number' || place === (evse ?? 0))
  )
}

/** Of one purpose the higher `stackLevel` counts; a profile of the session stands above the default for sessions. */
const isAbove = (its: Members, mine: Members): boolean => {
  if (!isLimit(its)) return true
  const [above, below] = [its.chargingProfilePurpose, mine.chargingProfilePurpose]
  if (above === 'TxProfile' && below === 'TxDefaultProfile') return true
  return above === below && Number(its.stackLevel) > Number(mine.stackLevel)
}

const idOf = ({ id, chargingProfileId }: Members): Json | undefined => id ?? chargingProfileId
const overlaps = (one: number | undefined, other: number | undefined): boolean => one === undefined || other === undefined || one === other
