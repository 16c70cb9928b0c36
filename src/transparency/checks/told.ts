// What the document around the records repeats of them, unsigned, is what is signed: the times of the session, its readings and its price;
// and numbers beside single records (counts.ts). Its energy is asked in total.ts.
import { type Decimal, formatDecimal, parseDecimal, roundsTo, scaleDecimal, subtractDecimal } from '../../base/decimal.ts'
import { onceFor } from '../../base/latest.ts'
import type { Reading, ReadingTime, Told, ToldTime, ToldValue } from '../../metering/reading.ts'
import { costOf } from '../cost.ts'
import type { Check, Finding, Session, ToldTogether } from './check.ts'
import { ABOUT, counts, isAbout } from './counts.ts'

export const told: Check = {
  id: 'told',
  judge: (session) => {
    const found = counts(session)
    return found.length === 0 ? documents(session) : [...found, ...documents(session)]
  },
}

const documents = (session: Session): Finding[] => {
  const { told } = session
  if (told.length === 0) return []
  const lines = told.length > MOST_DOCUMENTS ? [`${told.length} documents tell of it`] : told.flatMap((each) => linesOf(each, session))
  const detail = lines.slice(0, MOST).join('; ')
  return lines.length === 0 ? [] : [{ state: 'fail', code: 'told-mismatch', detail, records: session.records }]
}

const linesOf = (told: ToldTogether, session: Session): string[] => [...period(told.said, session), ...(told.whole ? together(told) : [])]

/** More are nobody's bills. Each is compared with all of the session. */
export const MOST_DOCUMENTS = 16

/** What it says of all its sessions. */
const together = onceFor((told: ToldTogether): readonly string[] => [...values(told), ...price(told)])

/** Contradictions that are told. */
const MOST = 10

/** Milliseconds. Back ends keep their own time, and count from the plug to the plug; of a reading they have the meter's own time. */
const TOLERANCE = { session: 15 * 60_000, reading: 60_000 } as const

/** Charging lies within what is told: it may have begun earlier and ended later. */
const period = ({ begin, end }: Told, { readings }: Session): string[] => {
  const times = readings.flatMap(({ reading: { marker, time } }) => (marker === undefined || !isComparable(time) ? [] : [time]))
  const early = begin && times.find(({ ms }) => ms < begin.ms - TOLERANCE.session)
  const late = end && times.find(({ ms }) => ms > end.ms + TOLERANCE.session)
  return [
    ...(early === undefined ? [] : [`${begin?.name} is ${begin?.text}, and a reading is of ${early.iso}`]),
    ...(late === undefined ? [] : [`${end?.name} is ${end?.text}, and a reading is of ${late.iso}`]),
    ...(begin !== undefined && end !== undefined && end.ms < begin.ms ? [`${end.name} is before ${begin.name}`] : []),
  ]
}

/** A clock that the meter itself does not vouch for, or that shows the time of a place nobody names, says nothing against anybody. */
const isComparable = (time: ReadingTime | undefined): time is ReadingTime =>
  time !== undefined && (time.clock === 'synchronised' || time.clock === 'unstated') && /(?:Z|[+-]\d\d:\d\d)$/.test(time.iso)

/** Each is a reading of energy that is signed, and they come in the same order where they are of one session. */
const values = ({ said: { values: all = [] }, sessions }: ToldTogether): string[] => {
  const signed = sessions.flatMap(readingsOf).filter(({ value, unit }) => value !== undefined && ENERGY.test(unit))
  const lines: string[] = []
  const row = new Row(signed, sessions.length > 1)
  for (const value of all) {
    if (!row.holds(value)) lines.push(`${value.name}: ${formatDecimal(value.value)}${atTime(value.time)} is not signed`)
    // each of them looks at all that is left: a few tell as much as all
    if (lines.length >= MOST) break
  }
  // a record without a reading at its begin says the difference alone
  return signed.length < 2 ? moved(all, sessions) : lines
}

/** With their places, where nobody signed any; and those that a record tells again: the document may have them as often. */
const readingsOf = ({ records, readings }: Session): readonly Reading[] => {
  const found = Map.groupBy(readings, ({ of }) => of)
  return records.flatMap((judged) => {
    const own = found.get(judged) ?? []
    return own.length < judged.record.readings.length ? judged.record.readings : own.map(({ reading }) => reading)
  })
}

/** What the first and the last value differ by is what was charged, to two readings of a moment apart. */
const moved = (all: readonly ToldValue[], [session, second]: ToldTogether['sessions']): string[] => {
  const [begin, end] = (['begin', 'end'] as const).map((place) => all.find((value) => value.place === place))
  if (begin === undefined || end === undefined || session?.energyWh === undefined || second !== undefined) return []
  const [charged, by] = [parseDecimal(session.energyWh), subtractDecimal(end.value, begin.value)]
  if (end.powers.some((power) => isAbout(charged, scaleDecimal(by, power), ABOUT.two))) return []
  return [`${end.name} less ${begin.name} is not what is signed`]
}

/** Looks for one value after the other, each from where the last was found: documents that repeat their records do so in order. */
class Row {
  readonly #signed: readonly Reading[]
  readonly #anew: boolean
  /** Those that some reading has. */
  readonly #places: ReadonlySet<Reading['marker']>
  #from = 0
  #looks = 0

  /** @param anew whether what is not found until the end may stand before: nobody orders several sessions */
  constructor(signed: readonly Reading[], anew: boolean) {
    this.#signed = signed
    this.#anew = anew
    this.#places = new Set(signed.map(({ marker }) => marker))
  }

  holds(value: ToldValue): boolean {
    const { length } = this.#signed
    // of several sessions each has its begin and its end
    const place = this.#anew ? undefined : value.place
    // a session that lost its begin or its end is incomplete, and says nothing of it
    if (place !== undefined && !this.#places.has(place)) return true
    const all = this.#anew ? length : length - this.#from
    for (let passed = 0; passed < all && ++this.#looks <= MOST_LOOKS; passed++) {
      const at = (this.#from + passed) % length
      const reading = this.#signed[at]
      if (reading === undefined || (place ?? reading.marker) !== reading.marker || !repeats(value, reading)) continue
      this.#from = at
      return true
    }
    return false
  }
}

/** Some seconds; beyond them nothing is found, and the document contradicts its records. Ten values that are not signed look at all. */
const MOST_LOOKS = 1_000_000

const ENERGY = /^k?Wh$/

const atTime = (time: ToldTime | undefined): string => (time === undefined ? '' : ` at ${time.text}`)

const repeats = ({ value, powers, time }: ToldValue, reading: Reading): boolean => {
  const exact = wattHoursOf(reading)
  const sameTime = time === undefined || !isComparable(reading.time) || Math.abs(reading.time.ms - time.ms) <= TOLERANCE.reading
  return sameTime && exact !== undefined && powers.some((power) => roundsTo(scaleDecimal(exact, -power), value, Math.max(power, 0)))
}

const wattHoursOf = ({ value, unit }: Reading): Decimal | undefined =>
  value === undefined ? undefined : unit === 'kWh' ? scaleDecimal(value, 3) : value

/** Of the tariff that the records carry under signature, where they carry one; how several sessions are rounded together nobody says. */
const price = ({ said: { price: said }, sessions: [session, second] }: ToldTogether): string[] => {
  const cost = said === undefined || session === undefined || second !== undefined ? undefined : costOf(session)
  if (said === undefined || cost === undefined || cost.unknown !== undefined) return []
  const same = cost.currency === said.currency && roundsTo(parseDecimal(cost.amount), said.value, 2)
  return same
    ? []
    : [`${said.name} is ${formatDecimal(said.value)} ${said.currency}, and the signed tariff makes ${cost.amount} ${cost.currency}`]
}
