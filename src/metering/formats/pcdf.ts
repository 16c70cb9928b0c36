// PCDF, the Porsche Charging Data Format: one line of parenthesised members, a whole session, signed on P-256. docs/formats/pcdf.md.

import { unhex, utf8 } from '../../base/bytes.ts'
import { utcMilliseconds } from '../../base/calendar.ts'
import { parseDecimal } from '../../base/decimal.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { pieces } from '../../base/texts.ts'
import { derToRaw } from '../../crypto/der.ts'
import type { Format, ReadRecord } from '../format.ts'
import type { MeterRecord, Reading, ReadingTime, RecordSignature, SignedField, Source } from '../reading.ts'

export const pcdf: Format = {
  name: 'pcdf',
  recognise: ({ text }) => text !== undefined && begins(text.slice(0, 64)),
  *read({ text = '' }) {
    for (const line of pieces(unwrapped(text), /[\r\n]+/g)) {
      const bare = line.trim().replace(/^"(.*)"$/, '$1')
      if (bare !== '') yield readLine(bare)
    }
  },
}

const begins = (text: string): boolean => text.includes(START) && /^[\s"]*128\.8\.0\(/.test(unwrapped(text))

/** Lines, where the meter's own interface puts each record between a start and an end character (STX, ETX). */
const unwrapped = (text: string): string => text.replaceAll('\u0002', '\n').replaceAll('\u0003', '\n')

const START = '128.8.0'

/** The members in the one order in which they come; the last is not signed. No meaning where no public source tells it. */
const MEMBERS = {
  ST: { shape: /^[0-9]{12}$/, meaning: 'start of charging, local time (YYMMDDhhmmss)' },
  CT: { shape: /^[0-9]{12}$/, meaning: 'end of charging, local time (YYMMDDhhmmss)' },
  CD: { shape: /^[0-9]{6}$/, meaning: 'duration of charging (hhmmss)' },
  TV: { shape: /^[01]$/, meaning: '' },
  BV: { shape: /^[01]$/, meaning: '0: billing not possible' },
  CSC: { shape: /^[0-9]{1,10}$/, meaning: '' },
  SP: { shape: /^[0-9]{1,3}$/, meaning: 'must be 1' },
  RV: { shape: /^[0-9]{1,10}\.[0-9]{3}\*kWh$/, meaning: 'energy of the session' },
  SI: { shape: /^(?=[\x20-\x7e]*$).*\*[1-5]\*./, meaning: 'identification, its kind, and the transaction' },
  CS: { shape: /^[0-9a-fA-F]{8}$/, meaning: '' },
  HW: { shape: /^[\x21-\x7e]{11}$/, meaning: 'serial of the hardware' },
  DT: { shape: /^[0-9]{1,5}$/, meaning: 'type of device (0 is the PES DC meter for Europe)' },
  PK: { shape: /^04[0-9a-fA-F]{128}$/, meaning: 'public key of the meter' },
  SG: { shape: /^[0-9a-fA-F]*$/, meaning: 'signature' },
} as const satisfies Record<string, { shape: RegExp; meaning: string }>

type Member = keyof typeof MEMBERS
const NAMES = Object.keys(MEMBERS) as Member[]

interface Line {
  readonly signedText: string
  readonly value: (name: Member) => string
}

const readLine = (text: string): ReadRecord => {
  const found = new RegExp(`^128\\.8\\.0${NAMES.map((name) => `\\(${name}:([^()]*)\\)`).join('')}$`).exec(text)
  if (found === null) return new Fault('record-malformed', `expected ${START}(ST:)(CT:) … (SG:) in this order`)
  const values = new Map(NAMES.map((name, index) => [name, found[index + 1] ?? '']))
  return recordOf({ signedText: text.slice(0, text.lastIndexOf('(SG:')), value: (name) => values.get(name) ?? '' })
}

const recordOf = ({ signedText, value }: Line): MeterRecord => {
  const problems = NAMES.filter((name) => name !== 'SG' && !MEMBERS[name].shape.test(value(name))).map((name) => `${name} breaks its form`)
  if (value('SP') !== '1') problems.push('SP is not 1')
  const begin = timeOf(value('ST'))
  const end = overSeason(begin, timeOf(value('CT')), durationOf(value('CD')))
  if (begin === undefined || end === undefined) problems.push('ST or CT is no time since 2019')
  const [energy, unit = ''] = value('RV').split('*')
  const stated = energyOf(energy, unit)
  return {
    format: 'pcdf',
    signed: [{ name: 'text', bytes: utf8(signedText) }],
    signature: signatureOf(value('SG')),
    keys: MEMBERS.PK.shape.test(value('PK')) ? [unhex(value('PK'))] : [],
    source: sourceOf(value),
    session: value('SI').split('*').at(-1) ?? '',
    readings: [
      readingOf('begin', { value, time: begin }),
      { ...readingOf('end', { value, time: end }), ...(stated && { value: stated.value }) },
    ],
    problems,
    ...remarksOn({ value, begin, end }),
    ...(stated === undefined ? {} : { stated }),
    fields: () => fieldsOf(signedText),
  }
}

const energyOf = (text: string | undefined, unit: string): MeterRecord['stated'] => {
  try {
    return { value: parseDecimal(text ?? ''), unit }
  } catch (thrown) {
    if (asFault(thrown).code === 'internal') throw thrown
    // the member's form is among the problems already
    return undefined
  }
}

/** The energy counter starts at zero with each session, so only its end has a value. */
const readingOf = (marker: 'begin' | 'end', { value, time }: Pick<Line, 'value'> & { time: ReadingTime | undefined }): Reading => ({
  register: 'energy',
  purpose: 'billing',
  preference: 2,
  unit: 'kWh',
  current: 'DC',
  ...(time === undefined ? {} : { time }),
  marker,
  unusable: value('BV') === '1' ? [] : ['energy'],
})

const sourceOf = (value: Line['value']): Source => {
  const [, id = '', kind = ''] = /^(.*)\*([1-5])\*[^*]*$/.exec(value('SI')) ?? []
  const user = [USER_KINDS.get(kind) ?? '', id].filter((part) => part !== '').join(' ')
  return { meter: value('HW'), ...(user === '' ? {} : { user }) }
}

const USER_KINDS: ReadonlyMap<string, string> = new Map([
  ['1', 'RFID'],
  ['2', 'EMAID'],
  ['3', 'CARD'],
  ['4', 'REMOTE'],
  ['5', 'NFC'],
])

/** A real meter has been seen with a duration that is not the difference of its times, so this only warns. */
const remarksOn = ({ value, begin, end }: Pick<Line, 'value'> & { begin: ReadingTime | undefined; end: ReadingTime | undefined }) => {
  const duration = durationOf(value('CD'))
  if (begin === undefined || end === undefined || end.ms - begin.ms === duration) return {}
  return { remarks: [`CD says ${duration / 1000} s, between ST and CT lie ${(end.ms - begin.ms) / 1000} s`] }
}

/** Milliseconds. */
const durationOf = (text: string): number => {
  const [, hours, minutes, seconds] = (/^(..)(..)(..)$/.exec(text) ?? []).map(Number)
  return 1000 * (3600 * (hours ?? 0) + 60 * (minutes ?? 0) + (seconds ?? 0))
}

/** Where the signed duration is an hour more or less than lies between the two clocks, a season ended or began: it counts. */
const overSeason = (begin: ReadingTime | undefined, end: ReadingTime | undefined, duration: number): ReadingTime | undefined => {
  if (begin === undefined || end === undefined) return end
  return Math.abs(duration - (end.ms - begin.ms)) === HOUR ? { ...end, ms: begin.ms + duration } : end
}

const HOUR = 3_600_000

/** Local time of a place nobody names: without an offset. */
const timeOf = (text: string): ReadingTime | undefined => {
  if (!/^[0-9]{12}$/.test(text) || Number(text.slice(0, 2)) < 19) return undefined
  const [year, month, day, hour, minute, second] = text.match(/../g) ?? []
  const iso = `20${year}-${month}-${day}T${hour}:${minute}:${second}`
  const ms = utcMilliseconds(iso)
  return ms === undefined ? undefined : { iso, ms, clock: 'unstated' }
}

const signatureOf = (text: string): RecordSignature => {
  const algorithm = 'ECDSA-secp256r1-SHA256'
  if (text === '') return { state: 'absent', algorithm, detail: 'SG is empty' }
  try {
    const encoded = unhex(text)
    const raw = derToRaw(encoded, 'secp256r1')
    return { state: 'ready', algorithm, choices: [{ method: { curve: 'secp256r1', hash: 'SHA-256' }, raw }], encoded }
  } catch (thrown) {
    return { state: 'malformed', algorithm, detail: `SG: ${asFault(thrown).message}` }
  }
}

const fieldsOf = (signedText: string): SignedField[] =>
  [...signedText.matchAll(/\(([A-Z]+):([^()]*)\)/g)].map(({ 1: name = '', 2: value = '', index }) => {
    const { meaning } = MEMBERS[name as Member]
    const at = utf8(signedText.slice(0, index + name.length + 2)).length
    return { name, value, ...(meaning === '' ? {} : { meaning }), at, length: utf8(value).length }
  })
