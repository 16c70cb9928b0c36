// The one model of a transaction behind 1.6 and 2.x. It is folded from events such that neither their order nor their
// repetition changes the result: every field is a smallest, a largest or a union. Prices are not known here.
import { compareDecimal, formatDecimal, parseDecimal, subtractDecimal } from '../../base/decimal.ts'
import type { Version } from '../../ocpp/version.ts'
import { isoTime } from './time.ts'

/** What the register showed. */
export interface Mark {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Decimal text. */
  readonly wh: string
  /** 2: StartTransaction or StopTransaction itself says it, 1: a sample with context Transaction.Begin or .End, 0: any other sample. */
  readonly rank: 0 | 1 | 2
  /** Of the event that brought it; set when it is folded. */
  readonly order?: number
}

export interface Power {
  readonly at: number
  readonly w: number
}

/** One message about a transaction, of any version. */
export interface SessionEvent {
  readonly kind: 'start' | 'update' | 'end'
  /** seqNo in 2.x; 1.6 has none: 0 for the start, 1 for all else. */
  readonly order: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly begins: readonly Mark[]
  readonly ends: readonly Mark[]
  readonly between: readonly Mark[]
  readonly power?: Power | undefined
  readonly signed: boolean
  readonly evseId?: number | undefined
  readonly connectorId?: number | undefined
  readonly idToken?: string | undefined
  readonly reservationId?: number | undefined
  readonly remoteStartId?: number | undefined
  readonly chargingState?: string | undefined
  readonly stopReason?: string | undefined
  readonly notes: readonly string[]
}

/** Row of the collection `transactions`. */
export interface Transaction {
  /** For people and the API, unique here: the transaction id, with `@station` behind it where another station used the same. */
  readonly id: string
  /** As station and back end call it, unique per station. */
  readonly transactionId: string
  readonly stationId: string
  readonly protocol: Version
  /** The connector in 1.6, which knows no EVSE. */
  readonly evseId?: number | undefined
  readonly connectorId?: number | undefined
  readonly idToken?: string | undefined
  /** The token that ended it. */
  readonly stoppedBy?: string | undefined
  readonly reservationId?: number | undefined
  readonly remoteStartId?: number | undefined
  readonly state: 'running' | 'ended'
  readonly chargingState?: string | undefined
  readonly stopReason?: string | undefined
  /** RFC 3339 in UTC, as `endedAt`. */
  readonly startedAt: string
  readonly endedAt?: string | undefined
  /** `lastWh` - `startWh`, decimal text; `0` as long as there are no two readings, negative where the station says so, and then flagged. */
  readonly energyWh: string
  readonly startWh?: string | undefined
  readonly lastWh?: string | undefined
  /** The last value, while it is running. */
  readonly powerW?: number | undefined
  /** Whether signed records came with it. */
  readonly signed: boolean
  /** Doubts: see `doubts` below, readings.ts, time.ts, and what the handlers note. */
  readonly flags: readonly string[]
  readonly basis: Basis
}

/** As it is shown: what it was computed from is left out, and so are members without a value. */
export type TransactionView = { readonly [K in keyof Omit<Transaction, 'basis'>]: Exclude<Transaction[K], undefined> }

/** What the fields above are computed from. */
interface Basis {
  readonly startAt?: number | undefined
  readonly earliest?: number | undefined
  readonly endAt?: number | undefined
  readonly begin?: Mark | undefined
  /** The earliest reading that is neither begin nor end. */
  readonly first?: Mark | undefined
  readonly last?: Mark | undefined
  readonly power?: Power | undefined
  readonly token?: Ordered<string> | undefined
  readonly place?: Ordered<{ readonly evseId?: number | undefined; readonly connectorId?: number | undefined }> | undefined
  readonly charging?: Ordered<string> | undefined
  /** How many events, and their lowest and highest order. */
  readonly events: number
  readonly lowest: number
  readonly highest: number
  readonly notes: readonly string[]
}

interface Ordered<T> {
  readonly order: number
  readonly value: T
}

export const emptyTransaction = (identity: Pick<Transaction, 'id' | 'transactionId' | 'stationId' | 'protocol'>): Transaction => ({
  ...identity,
  state: 'running',
  startedAt: '',
  energyWh: '0',
  signed: false,
  flags: [],
  basis: { events: 0, lowest: Number.MAX_SAFE_INTEGER, highest: 0, notes: [] },
})

/** The transaction after one more event, which must not be one it has had already. */
export const foldEvent = (before: Transaction, event: SessionEvent): Transaction => {
  const basis = foldBasis(before.basis, event)
  const isEnd = event.kind === 'end'
  const stoppedBy = isEnd ? (event.idToken ?? before.stoppedBy) : before.stoppedBy
  return {
    ...before,
    ...basis.place?.value,
    idToken: basis.token?.value ?? stoppedBy,
    stoppedBy,
    reservationId: event.reservationId ?? before.reservationId,
    remoteStartId: event.remoteStartId ?? before.remoteStartId,
    state: basis.endAt === undefined ? 'running' : 'ended',
    chargingState: basis.charging?.value,
    stopReason: event.stopReason ?? before.stopReason,
    startedAt: begunAt(basis) === begunAt(before.basis) ? before.startedAt : isoTime(begunAt(basis) ?? event.at),
    endedAt: basis.endAt === undefined ? undefined : isoTime(basis.endAt),
    ...energy(basis),
    powerW: basis.endAt === undefined ? basis.power?.w : undefined,
    signed: before.signed || event.signed,
    flags: [...basis.notes, ...doubts(basis)],
    basis,
  }
}

/** As long as the start itself is not known, the earliest that is. */
const begunAt = ({ startAt, earliest }: Basis): number | undefined => startAt ?? earliest

/** Adds a doubt that comes from outside the events. */
export const noteDoubt = (before: Transaction, note: string): Transaction => {
  const basis = { ...before.basis, notes: union(before.basis.notes, [note]) }
  return { ...before, basis, flags: [...basis.notes, ...doubts(basis)] }
}

export const viewOf = ({ basis: _, ...shown }: Transaction): TransactionView =>
  // a document from the store has no undefined members, and one that is on its way there loses them as JSON
  shown as TransactionView

export const hasStart = ({ basis }: Transaction): boolean => basis.startAt !== undefined

const foldBasis = (before: Basis, event: SessionEvent): Basis => {
  const { kind, order, at, idToken, evseId, connectorId, chargingState } = event
  const hasPlace = evseId !== undefined || connectorId !== undefined
  const ordered = (marks: readonly Mark[]): readonly Mark[] => marks.map((mark) => ({ ...mark, order }))
  const [begins, between, ends] = [ordered(event.begins), ordered(event.between), ordered(event.ends)]
  return {
    startAt: kind === 'start' ? smaller(before.startAt, at) : before.startAt,
    earliest: smaller(before.earliest, at),
    endAt: kind === 'end' ? larger(before.endAt, at) : before.endAt,
    begin: begins.reduce(betterBegin, between.reduce(betterBegin, before.begin)),
    first: between.reduce(betterBegin, before.first),
    last: ends.reduce(betterEnd, between.reduce(betterEnd, before.last)),
    power: event.power !== undefined && (before.power === undefined || before.power.at <= event.power.at) ? event.power : before.power,
    token: kind !== 'end' && idToken !== undefined ? earlier(before.token, order, idToken) : before.token,
    place: hasPlace ? earlier(before.place, order, { evseId, connectorId }) : before.place,
    charging:
      chargingState !== undefined && !(before.charging !== undefined && before.charging.order > order)
        ? { order, value: chargingState }
        : before.charging,
    events: before.events + 1,
    lowest: Math.min(before.lowest, order),
    highest: Math.max(before.highest, order),
    notes: union(before.notes, event.notes),
  }
}

const smaller = (a: number | undefined, b: number): number => (a === undefined || b < a ? b : a)
const larger = (a: number | undefined, b: number): number => (a === undefined || b > a ? b : a)
const earlier = <T>(before: Ordered<T> | undefined, order: number, value: T): Ordered<T> =>
  before === undefined || order < before.order ? { order, value } : before
const union = (a: readonly string[], b: readonly string[]): readonly string[] =>
  b.every((note) => a.includes(note)) ? a : [...new Set([...a, ...b])].sort()

/** A mark that an older release put into the store has none: it was there first. */
const orderOf = ({ order = 0 }: Mark): number => order

/** The higher rank, then the lower seqNo, whatever the clock of the station did in between; then the earlier, then the smaller. */
const betterBegin = (a: Mark | undefined, b: Mark): Mark => {
  if (a === undefined) return b
  if (a.rank !== b.rank) return a.rank > b.rank ? a : b
  if (orderOf(a) !== orderOf(b)) return orderOf(a) < orderOf(b) ? a : b
  if (a.at !== b.at) return a.at < b.at ? a : b
  return compareDecimal(parseDecimal(a.wh), parseDecimal(b.wh)) <= 0 ? a : b
}

/** The higher rank, then the higher seqNo, then the later, then the larger. */
const betterEnd = (a: Mark | undefined, b: Mark): Mark => {
  if (a === undefined) return b
  if (a.rank !== b.rank) return a.rank > b.rank ? a : b
  if (orderOf(a) !== orderOf(b)) return orderOf(a) > orderOf(b) ? a : b
  if (a.at !== b.at) return a.at > b.at ? a : b
  return compareDecimal(parseDecimal(a.wh), parseDecimal(b.wh)) >= 0 ? a : b
}

const energy = ({ begin, last }: Basis): Pick<Transaction, 'startWh' | 'lastWh' | 'energyWh'> => ({
  startWh: begin?.wh,
  lastWh: last?.wh,
  energyWh: begin && last ? formatDecimal(subtractDecimal(parseDecimal(last.wh), parseDecimal(begin.wh))) : '0',
})

/** More than any station can deliver: a megawatt charger has 3.75 MW (IEC TS 63379). */
const MOST_WATTS = 4_000_000
const HOUR = 3_600_000
const SHORTEST = 60_000

/**
 * `start-missing`: heard of, but not that it began; `events-missing`: ended, and a seqNo was left out; `energy-unknown`: ended without readings;
 * `meter-backwards`: the register shows less than before; `energy-implausible`: more than `MOST_WATTS` in the time given, as when a station
 * fills in 0 for the begin.
 */
const doubts = ({ startAt, endAt, begin, first, last, events, lowest, highest }: Basis): string[] => {
  const flags: string[] = []
  if (startAt === undefined) flags.push('start-missing')
  if (endAt !== undefined && highest - lowest + 1 > events) flags.push('events-missing')
  if (endAt !== undefined && (begin === undefined || last === undefined)) flags.push('energy-unknown')
  const steps = [step(begin, first), step(first, last), step(begin, last)]
  if (Math.min(...steps) < 0) flags.push('meter-backwards')
  if (Math.max(...steps) > MOST_WATTS) flags.push('energy-implausible')
  return flags
}

/** Mean power between two marks, in W; a float is good enough for a doubt. */
const step = (from: Mark | undefined, to: Mark | undefined): number => {
  if (from === undefined || to === undefined || from === to) return 0
  return ((Number(to.wh) - Number(from.wh)) * HOUR) / Math.max(SHORTEST, to.at - from.at)
}
