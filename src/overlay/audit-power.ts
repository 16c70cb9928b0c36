// Whether an order to limit power was obeyed: what it allowed (power-limit.ts), while no other stood above it (power-stack.ts), against what was
// measured (audit-readings.ts). An answer says that an order was taken; this says what flowed, and why it cannot be said where it cannot.
import type { OrderDecision, OrderFound } from './audit-orders.ts'
import type { FoundReading, Measured } from './audit-readings.ts'
import { TAKES_EFFECT_MS } from './power-keeper.ts'
import { type Assumption, allowedAt, type Comparison, compare } from './power-limit.ts'
import { LIMITING, type PowerReading } from './power-report.ts'
import { endOf, isLimit, isOfStation, overriding, profileOf, type Taken } from './power-stack.ts'

/** Why an order stays `answered`. */
export const UNSAID = ['encrypted', 'no-limit', 'not-measured', 'overridden', 'between', 'several-evses'] as const
export type Unsaid = (typeof UNSAID)[number]

export interface OrderPower {
  /** The last reading before the order. */
  readonly before?: Measured
  /** The highest after it should have taken effect, for as long as the order counts. */
  readonly after?: Measured
  /** The first above the limit, and the limit at that time in `unit`. */
  readonly exceeded?: Measured & { readonly limit: number; readonly unit: 'W' | 'A' }
  /** What the comparison takes for true and nobody signed. */
  readonly assumed: readonly Assumption[]
  /** What the meters of the site showed then. */
  readonly site: readonly { readonly meter: string; readonly before?: Measured; readonly after?: Measured }[]
}

export interface OrderReport extends OrderDecision {
  /** What was measured around an order that limits what may be drawn. */
  readonly power?: OrderPower
  /** Why nothing that was measured shows whether it was obeyed. */
  readonly unsaid?: Unsaid
}

/** The orders with what was measured around each. `obeyed` is what the meter says, where it says anything. */
export const withPower = (orders: readonly OrderFound[], readings: readonly FoundReading[]): OrderReport[] => {
  const limiting = orders.filter(({ report }) => LIMITING.includes(report.action) && report.obeyed !== 'no')
  const taken = Map.groupBy(limiting, ({ report }) => report.station)
  return orders.map((order) =>
    limiting.includes(order) && order.report.action === 'SetChargingProfile'
      ? measuredOrder(order, { readings, others: (taken.get(order.report.station) ?? []).map((each) => each.taken) })
      : order.report,
  )
}

interface Around {
  readonly readings: readonly FoundReading[]
  readonly others: readonly Taken[]
}

interface Judged extends Comparison {
  readonly reading: FoundReading
}

const measuredOrder = (order: OrderFound, around: Around): OrderReport => {
  const { report, taken } = order
  const profile = profileOf(taken)
  if (!profile || !isLimit(profile)) return unsaidOf(report, report.read === 'unread' ? 'encrypted' : 'no-limit')
  const { station, evse, at } = report
  const here = around.readings.filter(
    (each) => each.origin === station && (evse === undefined || each.evse === undefined || each.evse === evse),
  )
  const { judged, isCovered, isSilent } = judgedReadings(order, { ...around, readings: here })
  const over = judged.filter(({ verdict }) => verdict === 'over').toSorted((a, b) => a.reading.at - b.reading.at)[0]
  const power: OrderPower = {
    ...named('before', latest(here.filter((each) => each.at <= at))),
    ...named('after', highest(judged.map(({ reading }) => reading))),
    ...(over && { exceeded: { ...measured(over.reading), limit: over.limit, unit: over.unit } }),
    assumed: [...new Set(judged.flatMap(({ assumed }) => assumed))],
    site: siteOf(around.readings, { station, at, until: endOf(taken, around.others), ways: new Set(here.map(({ way }) => way)) }),
  }
  if (report.obeyed !== 'answered') return { ...report, power }
  if (over) return { ...report, power, obeyed: 'no' }
  // what a node says that it read is its own word: it may convict it, and cannot clear it
  const unsaid = report.read === 'claimed' ? 'encrypted' : isSilent ? 'no-limit' : whyUnsaid(judged, isCovered, isOfStation(profile, evse))
  return unsaid ? { ...unsaidOf(report, unsaid), power } : { ...report, power, obeyed: 'measured' }
}

const unsaidOf = (report: OrderDecision, unsaid: Unsaid): OrderReport => (report.obeyed === 'answered' ? { ...report, unsaid } : report)

const whyUnsaid = (judged: readonly Judged[], isCovered: boolean, isTogether: boolean): Unsaid | undefined => {
  if (judged.length === 0) return isCovered ? 'overridden' : 'not-measured'
  if (judged.some(({ verdict }) => verdict === 'unclear')) return 'between'
  return isTogether && !fitsTogether(judged) ? 'several-evses' : undefined
}

/** Kept of each EVSE is its highest: where these together are within the limit, the station was at any time. */
const fitsTogether = (judged: readonly Judged[]): boolean => {
  const places = [...Map.groupBy(judged, ({ reading }) => reading.evse ?? reading.transaction).values()]
  // a reading of the grid connection is that of all of them
  if (places.length < 2 || judged.some(({ reading }) => reading.evse === 0)) return true
  const sum = (of: 'watts' | 'amperes'): number =>
    places.reduce((all, place) => all + Math.max(...place.map(({ reading }) => reading[of] ?? Number.POSITIVE_INFINITY)), 0)
  const least = (unit: 'W' | 'A'): number => Math.min(...judged.filter((each) => each.unit === unit).map(({ low }) => low))
  return judged.every(({ unit }) => unit === 'W') ? sum('watts') <= least('W') : sum('amperes') <= least('A')
}

/** The readings that show whether an order was kept; of the others, whether another order counted, or the order says nothing for any of them. */
const judgedReadings = ({ report, taken }: OrderFound, { readings, others }: Around) => {
  const profile = profileOf(taken) ?? {}
  const [until, isOverridden] = [endOf(taken, others), overriding(taken, others)]
  const { transactionId } = profile
  const meant = readings.filter(
    (each) =>
      each.at >= report.at + TAKES_EFFECT_MS &&
      each.at < until &&
      (transactionId === undefined || each.transaction === String(transactionId)),
  )
  const own = meant.filter(({ at }) => !isOverridden(at))
  const allowed = own.flatMap((reading) => {
    const found = allowedAt(profile, { at: reading.at, orderedAt: report.at, since: reading.began })
    return found ? [{ reading, found }] : []
  })
  const judged = allowed.flatMap(({ reading, found }): Judged[] => {
    const comparison = compare(reading, found)
    return comparison ? [{ ...comparison, reading }] : []
  })
  return { judged, isCovered: own.length < meant.length, isSilent: own.length > 0 && allowed.length === 0 }
}

interface Site {
  readonly station: string
  readonly at: number
  readonly until: number
  readonly ways: ReadonlySet<string>
}

const siteOf = (readings: readonly FoundReading[], { station, at, until, ways }: Site): OrderPower['site'] => {
  const meters = Map.groupBy(
    readings.filter((each) => each.origin !== station && each.evse === 0 && ways.has(each.way)),
    ({ origin }) => origin,
  )
  const isAfter = (each: PowerReading): boolean => each.at >= at + TAKES_EFFECT_MS && each.at < until
  return [...meters].map(([meter, list]) => ({
    meter,
    ...named('before', latest(list.filter((each) => each.at <= at))),
    ...named('after', list.filter(isAfter).toSorted((a, b) => a.at - b.at)[0]),
  }))
}

const measured = ({ at, watts, amperes, volts, receipt }: FoundReading): Measured => ({
  ...{ at, receipt },
  ...(watts !== undefined && { watts }),
  ...(amperes !== undefined && { amperes }),
  ...(volts !== undefined && { volts }),
})
const named = (name: string, found: FoundReading | undefined): object => (found ? { [name]: measured(found) } : {})
const latest = (list: readonly FoundReading[]): FoundReading | undefined => list.toSorted((a, b) => b.at - a.at)[0]
const highest = (list: readonly FoundReading[]): FoundReading | undefined =>
  list.toSorted((a, b) => (b.watts ?? 0) - (a.watts ?? 0) || (b.amperes ?? 0) - (a.amperes ?? 0))[0]
