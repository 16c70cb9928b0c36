// The plan of a roll-out: which release, for whom, in which stages, when, and when to stop. A document; what becomes of it is in roll-out.ts.
import type { Json } from '../../base/ports.ts'
import { type JsonObject, objectOf } from '../behaviours/fields.ts'

export interface Plan {
  readonly id: string
  /** `id` of the release. */
  readonly release: string
  /** In this order they are taken. */
  readonly stations: readonly string[]
  /** How far each stage goes: a number of stations, `10 %` of them, or `all`. The last one goes to all. */
  readonly stages: readonly (number | string)[]
  /** Nothing is ordered before; milliseconds since 1970. */
  readonly startAt?: number
  /** Orders are given between these times of day alone, `HH:MM` in UTC; over midnight where `to` is before `from`. */
  readonly window?: { readonly from: string; readonly to: string }
  /** Stations install no sooner; milliseconds since 1970. */
  readonly installAt?: number
  /** Between the end of a stage and the next. */
  readonly waitMs?: number
  /** How many stations of the stages so far may fail, or go silent, before the roll-out stops. Nothing given: none may. */
  readonly stop?: { readonly failures?: number; readonly percent?: number }
  /** A station that has said nothing for so long has failed. */
  readonly silentMs?: number
  /** How many stations may be under way at the same time. */
  readonly atOnce?: number
  /** Whether stations of OCPP 1.6 that know no signed order are given the plain one. */
  readonly plain?: boolean
}

export const DEFAULTS = { waitMs: 0, silentMs: 30 * 60_000, atOnce: 20 } as const
/** Stations of one roll-out. */
export const MOST_STATIONS = 20_000
const MOST_STAGES = 20

/** How many stations are in the stages up to this one. */
export const reach = ({ stages, stations }: Plan, stage: number): number => {
  const last = stages.length - 1
  if (stage >= last) return stations.length
  return Math.max(...stages.slice(0, stage + 1).map((size) => sizeOf(size, stations.length) ?? 0))
}

/** How many of a stage's stations may fail. */
export const mayFail = ({ stop = {} }: Plan, stations: number): number => {
  const { failures, percent } = stop
  if (failures === undefined && percent === undefined) return 0
  const share = percent === undefined ? stations : Math.floor((stations * percent) / 100)
  return Math.min(failures ?? stations, share)
}

/** When orders may be given next: `now` itself inside the window. */
export const nextOpening = ({ window, startAt = 0 }: Plan, now: number): number => {
  const begin = Math.max(now, startAt)
  if (!window) return begin
  const [from, to] = [minuteOf(window.from), minuteOf(window.to)]
  if (from === undefined || to === undefined) return begin
  const day = Math.floor(begin / DAY_MS) * DAY_MS
  const minute = (begin - day) / MINUTE_MS
  const isOpen = from <= to ? minute >= from && minute < to : minute >= from || minute < to
  if (isOpen) return begin
  return day + from * MINUTE_MS + (minute >= from ? DAY_MS : 0)
}

/** Why a value is no plan, or nothing. */
export const planMisfit = (value: Json): string | undefined => {
  const plan = objectOf(value)
  const strange = Object.keys(plan).find((name) => !Object.hasOwn(RULES, name))
  if (strange !== undefined) return `a plan has no member ${strange.slice(0, 40)}`
  const wrong = (Object.keys(RULES) as (keyof Plan)[]).find((name) => !RULES[name](plan[name]))
  return wrong === undefined ? undefined : `${wrong} is missing, or not as it should be`
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Rounded up, so that a tenth of five stations is one. */
const sizeOf = (size: Json | undefined, all: number): number | undefined => {
  if (size === 'all') return all
  if (typeof size === 'number') return Number.isSafeInteger(size) && size > 0 ? Math.min(size, all) : undefined
  const percent = typeof size === 'string' ? /^(\d{1,3}) ?%$/.exec(size)?.[1] : undefined
  if (percent === undefined || Number(percent) < 1 || Number(percent) > 100) return undefined
  return Math.ceil((all * Number(percent)) / 100)
}

const minuteOf = (text: Json | undefined): number | undefined => {
  const [, hours, minutes] = (typeof text === 'string' && /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text)) || []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}

type Rule = (value: Json | undefined) => boolean
const isName: Rule = (value) => typeof value === 'string' && /^[A-Za-z0-9][\w.-]{0,63}$/.test(value)
const isStation: Rule = (value) => typeof value === 'string' && /^[A-Za-z0-9_=.|@+-]{1,48}$/.test(value)
const isTime = (value: Json | undefined): boolean => value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0)
const isShort =
  (least: number): Rule =>
  (value) =>
    value === undefined || (Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= 30 * DAY_MS)

const isWindow: Rule = (value) => {
  const { from, to } = objectOf(value)
  return value === undefined || (minuteOf(from) !== undefined && minuteOf(to) !== undefined && from !== to)
}

const isStop: Rule = (value) => {
  const { failures, percent }: JsonObject = objectOf(value)
  const isIn = (number: Json | undefined, most: number): boolean =>
    number === undefined || (Number.isFinite(number) && Number(number) >= 0 && Number(number) <= most)
  return value === undefined || (isIn(failures, MOST_STATIONS) && isIn(percent, 100))
}

const RULES: Readonly<Record<keyof Plan, Rule>> = {
  id: isName,
  release: isName,
  stations: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MOST_STATIONS &&
    value.every(isStation) &&
    new Set(value).size === value.length,
  stages: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= MOST_STAGES && value.every((size) => sizeOf(size, 1) !== undefined),
  startAt: isTime,
  window: isWindow,
  installAt: isTime,
  waitMs: isShort(0),
  stop: isStop,
  silentMs: isShort(1_000),
  atOnce: isShort(1),
  plain: (value) => value === undefined || typeof value === 'boolean',
}
