// What somebody says beside the records that a meter showed at the begin and the end of the session, unsigned. A part of told.ts: a bill rests
// on these numbers. They are of the signed register, or of another one that counted the same.
import { compareDecimal, type Decimal, formatDecimal, parseDecimal, roundsTo, scaleDecimal, subtractDecimal } from '../../base/decimal.ts'
import { onceFor } from '../../base/latest.ts'
import type { MeterRecord, Reading, ToldCount } from '../../metering/reading.ts'
import type { Judged } from '../trust.ts'
import type { Finding, Session } from './check.ts'

export const counts = (session: Session): Finding[] => {
  if (!session.records.some(isBesideSome) && session.copies.length === 0) return NOTHING
  const all = saidOnce([...session.records, ...session.copies.map(({ copy }) => copy)].flatMap(saidOf)).filter(
    ({ count: { place, elsewhere } }) => elsewhere === undefined || placesIn(session).has(place),
  )
  const others = all.filter(({ of, count }) => !signedAs(of.record, count, { agrees: isSame, session }))
  const far = others.filter((said) => !isNear(said, session))
  const wrong = new Set([...(isOtherRegister(far, session) ? [] : far), ...movedOtherwise(all, far, session)])
  return [...new Set([...others, ...wrong])].map((said) => {
    const { name, value, unit } = said.count
    const detail = `${name} is ${formatDecimal(value)} ${unit}, which is not what is signed`
    return wrong.has(said)
      ? { state: 'fail', code: 'told-mismatch', detail, records: [said.of] }
      : { state: 'warn', code: 'record-deviates', detail, records: [said.of] }
  })
}

const NOTHING: Finding[] = []
const isBesideSome = ({ record }: Judged): boolean => record.counts !== undefined

interface Said {
  readonly of: Judged
  readonly count: ToldCount
}

const saidOf = (of: Judged): Said[] => (of.record.counts ?? []).map((count) => ({ of, count }))

/** A message says its number beside each record that it carries: of those that are of another place in the session one is enough. */
const saidOnce = (all: readonly Said[]): Said[] => {
  const seen = new Set(all.filter(isOfItsPlace).map(textOf))
  return all.filter((said) => isOfItsPlace(said) || (!seen.has(textOf(said)) && seen.add(textOf(said))))
}

const isOfItsPlace = ({ of, count }: Said): boolean => of.record.readings.some(({ marker, label }) => (marker ?? label) === count.place)

const textOf = ({ count: { name, value, unit, place, since } }: Said): string =>
  JSON.stringify([name, formatDecimal(value), unit, place, since && formatDecimal(since)])

/** Wh between two moments a little apart: of one reading, and of what two of them differ by. */
export const ABOUT = { one: parseDecimal('100'), two: parseDecimal('200') } as const
const NONE = parseDecimal('0')

const isSame = (signed: Decimal, { value, unit }: ToldCount): boolean =>
  unit === 'kWh' ? roundsTo(scaleDecimal(signed, -3), value, 3) : roundsTo(signed, value, 0)

/** In whichever unit of the two: some stations write one and say the other. */
export const isAbout = (signed: Decimal, value: Decimal, distance: Decimal = ABOUT.one): boolean =>
  [value, scaleDecimal(value, 3)].some((each) => {
    const { digits, scale } = subtractDecimal(signed, each)
    return compareDecimal({ digits: digits < 0n ? -digits : digits, scale }, distance) <= 0
  })

/**
 * By a reading of the record that is of that place, or of its session: where several records stand together nobody says which is meant. Where
 * the session has none, a reading of no place may be it; one of the other place is not.
 */
const signedAs = ({ readings }: MeterRecord, count: ToldCount, { agrees, session }: Comparison): boolean => {
  const energies = readings.filter(isEnergy)
  const own = count.elsewhere ? [] : energies.filter(({ marker, label }) => (marker ?? label) === count.place)
  const placed = own.length > 0 ? own : (placesIn(session).get(count.place) ?? [])
  const compared = placed.length === 0 ? energies.filter(({ marker, label }) => (marker ?? label) === undefined) : placed
  return (
    compared.length === 0 ||
    compared.some(({ value, unit }) => value !== undefined && agrees(unit === 'kWh' ? scaleDecimal(value, 3) : value, count))
  )
}

interface Comparison {
  readonly agrees: (signed: Decimal, count: ToldCount) => boolean
  readonly session: Session
}

const isEnergy = ({ unit, value }: Reading): boolean => value !== undefined && (unit === 'Wh' || unit === 'kWh')

const placesIn = onceFor(({ readings }: Session) =>
  Map.groupBy(readings.map(({ reading }) => reading).filter(isEnergy), ({ marker }) => marker),
)

/** The same register a moment apart, or one that counts from the session's begin. */
const isNear = ({ of, count }: Said, session: Session): boolean =>
  signedAs(of.record, count, { agrees: (signed, { value }) => isAbout(signed, value), session }) ||
  isAbout(sinceBegin(session, count.place), count.value)

const sinceBegin = ({ energyWh }: Session, place: ToldCount['place']): Decimal =>
  place === 'begin' || energyWh === undefined ? NONE : parseDecimal(energyWh)

/**
 * What is told of the begin and the end differs by what was charged, whichever register it is of: each may be near something that is signed,
 * one of the session and one of the meter's whole life, and a bill made of the two would be of neither. The other way round nobody owes anything.
 */
const movedOtherwise = (all: readonly Said[], far: readonly Said[], session: Session): Said[] =>
  TOGETHER.flatMap((isOne) =>
    movedApart(
      all.filter(({ count }) => isOne(count)),
      far,
      session,
    ),
  )

/** Of which numbers a bill may be made: those beside the signed values; of others nobody takes a sample and what a message counts for itself. */
const TOGETHER: readonly ((count: ToldCount) => boolean)[] = [
  ({ elsewhere }) => elsewhere === undefined,
  ({ by }) => by === 'sample',
  ({ by }) => by === 'message',
]

const movedApart = (all: readonly Said[], far: readonly Said[], { energyWh }: Session): Said[] => {
  const first = (place: ToldCount['place']): Decimal | undefined => {
    const count = all.find((said) => said.count.place === place)?.count
    return count === undefined ? undefined : inWattHours(count)
  }
  const [begin, end] = [first('begin'), first('end')]
  const moved = (from: Decimal | undefined, to: Decimal | undefined): boolean => {
    if (energyWh === undefined || from === undefined || to === undefined) return true
    const by = subtractDecimal(to, from)
    return isAbout(parseDecimal(energyWh), by, ABOUT.two) || (by.digits < 0n && far.length === 0)
  }
  return all.filter(({ count }) =>
    count.place === 'begin'
      ? !moved(inWattHours(count), end)
      : !(moved(begin, inWattHours(count)) && moved(count.since, inWattHours(count))),
  )
}

const inWattHours = ({ value, unit }: ToldCount): Decimal => (unit === 'kWh' ? scaleDecimal(value, 3) : value)

/**
 * Where the signed register counts from the session's begin, stations tell beside it what the meter has counted since it was made (as in the
 * example of the OCA's application note on signed meter values, §5.2). The end is no less than what was charged.
 */
const isOtherRegister = (far: readonly Said[], session: Session): boolean => {
  const energy = session.energyWh === undefined ? NONE : parseDecimal(session.energyWh)
  const reaches = ({ count: { place, value, unit } }: Said): boolean =>
    place === 'begin' || compareDecimal(unit === 'kWh' ? scaleDecimal(value, 3) : value, energy) >= 0
  return startsAtZero(session) && far.every(reaches)
}

/** Also where the record gives no reading at the begin, but says how much was charged. */
const startsAtZero = ({ readings }: Session): boolean =>
  readings.every(({ reading: { purpose, marker, value } }) => purpose !== 'billing' || marker !== 'begin' || !value || value.digits === 0n)
