// The readings of an OCMF payload (member RD). A value left out is the one of the reading before (OCMF 1.4 §4.2.6).
import { type Decimal, isMeasurable, parseDecimal } from '../../../base/decimal.ts'
import { asFault, Fault } from '../../../base/fault.ts'
import { mapped } from '../../../base/lists.ts'
import type { JsonNode } from '../../json-text.ts'
import { LIMITS } from '../../limits.ts'
import { registerOf } from '../../obis.ts'
import type { Marker, Reading } from '../../reading.ts'
import { readOcmfTime } from './time.ts'

/** @param problems grows by a line for each thing that breaks the format */
export const readOcmfReadings = (list: JsonNode | undefined, problems: string[]): Reading[] => {
  if (list?.type !== 'array' || list.items.length === 0) {
    problems.push('RD is not a list of readings')
    return []
  }
  // before they are made: each costs many times what its text does
  if (list.items.length > LIMITS.readings) throw new Fault('limit-exceeded', `more than ${LIMITS.readings} readings`)
  let before: Values = {}
  const readings = mapped(list.items, (item, index) => {
    const complain = (what: string): void => void problems.push(`RD[${index}]${what}`)
    const values = valuesOf(item, before, complain)
    before = values
    return readingOf(values, complain)
  })
  return readings.some(isDirect) && readings.some(isAlternating) ? byCurrent(readings) : readings
}

const isDirect = ({ current }: Reading): boolean => current === 'DC'
const isAlternating = ({ current }: Reading): boolean => current === 'AC'

/** A station may measure before and behind its rectifier and name both alike: then the current tells the registers of its record apart. */
const byCurrent = (readings: readonly Reading[]): Reading[] => {
  const direct = new Set(readings.filter(isDirect).map(({ register }) => register))
  const both = new Set(readings.filter((each) => isAlternating(each) && direct.has(each.register)).map(({ register }) => register))
  return readings.map((reading) => {
    const { register, current } = reading
    return current !== undefined && both.has(register) ? { ...reading, register: `${register} ${current}` } : reading
  })
}

/** Members of a reading by name, as text. */
type Values = Partial<Record<Member, string | undefined>>

type Member = 'TM' | 'TX' | 'RI' | 'RU' | 'RT' | 'EF' | 'ST' | 'RV' | 'EI'

const valuesOf = (item: JsonNode, before: Values, complain: (what: string) => void): Values => {
  if (item.type !== 'object') {
    complain(' is not an object')
    return {}
  }
  const { members } = item
  const own = (name: Member): string | undefined => {
    const node = members.get(name)
    if (node === undefined) return undefined
    if (node.type === 'string' || node.type === 'number') {
      // told for every reading that leaves it out
      if (node.text.length > LONGEST) complain(`.${name} is longer than ${LONGEST} characters`)
      return node.text.slice(0, LONGEST)
    }
    if (node.type !== 'literal' || node.value !== null) complain(`.${name} is not a text`)
    return undefined
  }
  const inherited = (name: Member): string | undefined => (members.has(name) ? own(name) : before[name])
  const register = members.get('RI')
  // the number itself may be left out only where the register is the same: another register's value is never meant
  const current = members.get('RT')
  const sameRegister = isSame(register, before.RI) && (before.RT === undefined || isSame(current, before.RT))
  return {
    TM: inherited('TM'),
    TX: inherited('TX'),
    RI: inherited('RI'),
    RU: inherited('RU'),
    RT: inherited('RT'),
    EF: inherited('EF'),
    ST: inherited('ST'),
    RV: sameRegister ? inherited('RV') : own('RV'),
    EI: own('EI'),
  }
}

/** Of a member; those of the specification have 30. */
const LONGEST = 64

/** Left out, or as it was. */
const isSame = (node: JsonNode | undefined, before: string | undefined): boolean =>
  node === undefined || !('text' in node) || node.text.slice(0, LONGEST) === before

const readingOf = (values: Values, complain: (what: string) => void): Reading => {
  const { RU: unit = '', RT: current, TX: place = '', ST: status, EF: flags = '' } = values
  const isEvent = tellsEvent(values)
  if (unit === '' && !isEvent) complain('.RU is missing')
  const obis = values.RI || undefined
  const { name: register, purpose, preference } = registerOf(obis, unit)
  if (purpose !== 'billing' && unit !== '' && !OTHER_UNIT.test(unit) && registerOf(obis, 'kWh').purpose === 'billing')
    complain(`.RU is ${unit.slice(0, 20)}, and no unit of the energy that RI names`)
  const value = isEvent ? undefined : decimalOf(values.RV, complain)
  const time = readOcmfTime(values.TM ?? '')
  if (time === undefined) complain('.TM is not a time')
  const marker = MARKERS.get(place)
  if (marker === undefined && place !== '') complain('.TX is not a known letter')
  // every member, so that all readings have one shape, which is what makes reading them cheap
  return {
    obis,
    register,
    purpose,
    preference,
    value,
    unit,
    current: current === 'AC' || current === 'DC' ? current : undefined,
    time,
    marker,
    status: status === undefined ? undefined : { text: status, good: status === 'G' },
    // E and t; a flag of the other case is taken for the same, since whoever sets one means no good
    unusable: flags === '' ? [] : FLAGS.flatMap(([flag, kind]) => (flags.toLowerCase().includes(flag) ? [kind] : [])),
    logbook: values.EI,
  }
}

/** An error that the meter reports during the session, without a reading: RV, RI, RU and RT may be left out then (OCMF 1.4 §4.2.6). */
const tellsEvent = ({ RV, RI, RU, RT, TX: place = '', EF: flags = '', ST: status = 'G' }: Values): boolean => {
  const isBound = MARKERS.get(place) === 'begin' || MARKERS.get(place) === 'end'
  return !isBound && (flags !== '' || status !== 'G') && [RV, RI, RU, RT].every((value) => value === undefined)
}

/** Seconds and Ohm are in the field under the code of the energy beside them; what has a W in it, or a letter that looks like one, is meant for energy. */
const OTHER_UNIT = /^[a-vx-z]+$/i

// OCMF 1.4 table 7, EF
const FLAGS = [
  ['e', 'energy'],
  ['t', 'time'],
] as const

// OCMF 1.4 table 7, TX: E, and the four ways an end may come about: locally, from remote, by abortion, by power failure
const MARKERS: ReadonlyMap<string, Marker> = new Map([
  ['B', 'begin'],
  ['C', 'during'],
  ['S', 'during'],
  ['T', 'during'],
  ['X', 'exception'],
  ['E', 'end'],
  ['L', 'end'],
  ['R', 'end'],
  ['A', 'end'],
  ['P', 'end'],
])

/** A number, or the same as a text that some meters pad with blanks or zeros. */
const decimalOf = (text: string | undefined, complain: (what: string) => void): Decimal | undefined => {
  if (text === undefined) {
    complain('.RV is missing')
    return undefined
  }
  try {
    const value = parseDecimal(text.trim())
    if (isMeasurable(value)) return value
    throw new Fault('limit-exceeded', 'no meter counts so far')
  } catch (thrown) {
    complain(`.RV: ${asFault(thrown).message}`)
    return undefined
  }
}
