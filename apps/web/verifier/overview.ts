// What stands above many sessions: their order (the bad ones first), their sums, and which of them a reader looks for. No verdict is made here.
import { addDecimal, formatDecimal, parseDecimal } from '../../../src/base/decimal.ts'
import type { Language as Notation, SessionReport, SessionState } from '../../../src/transparency/index.ts'
import { kilowattHours, meterTime } from '../format.ts'
import { placeOf } from './place.ts'

/** What somebody must look at comes first. */
export const WORST_FIRST = ['invalid', 'incomplete', 'unproven', 'valid'] as const satisfies readonly SessionState[]

/** Sessions of one state stay in the order of the verdict. */
export const worstFirst = (sessions: readonly SessionReport[]): readonly SessionReport[] =>
  WORST_FIRST.flatMap((state) => sessions.filter(({ verdict }) => verdict === state))

export interface Totals {
  readonly counts: Readonly<Record<SessionState, number>>
  /** Of the valid sessions, exact, in Wh. */
  readonly energyWh: string
  /** Of the valid sessions with a signed tariff: an exact sum for each currency. */
  readonly costs: readonly { readonly currency: string; readonly amount: string }[]
}

export const totalsOf = (sessions: readonly SessionReport[]): Totals => {
  const valid = sessions.filter(({ verdict }) => verdict === 'valid')
  const count = (state: SessionState): number => sessions.filter(({ verdict }) => verdict === state).length
  const amounts = Map.groupBy(
    valid.flatMap(({ cost }) => cost ?? []),
    ({ currency }) => currency,
  )
  return {
    counts: { valid: valid.length, invalid: count('invalid'), incomplete: count('incomplete'), unproven: count('unproven') },
    energyWh: sum(valid.flatMap(({ energyWh }) => energyWh ?? [])),
    costs: [...amounts].map(([currency, costs]) => ({ currency, amount: sum(costs.map(({ amount }) => amount)) })),
  }
}

const sum = (numbers: readonly string[]): string => formatDecimal(numbers.map(parseDecimal).reduce(addDecimal, { digits: 0n, scale: 0 }))

export interface Filter {
  /** Absent: all states. */
  readonly state?: SessionState
  /** Every word of it must be found, in whatever case. */
  readonly text: string
}

export const matching = (sessions: readonly SessionReport[], { state, text }: Filter, language: Notation): readonly SessionReport[] => {
  const words = text.toLowerCase().split(/\s+/)
  const isWanted = (session: SessionReport): boolean => {
    if (state !== undefined && session.verdict !== state) return false
    const shown = wordsOf(session, language)
    return words.every((word) => shown.includes(word))
  }
  return sessions.filter(isWanted)
}

/** What a reader may look for: meter, times and energy as they are shown, place, and the files it came from. */
const wordsOf = (session: SessionReport, language: Notation): string => {
  const { id, meter, begin = '', end = '', energyWh, records } = session
  const times = [begin, end].map((time) => meterTime(time, language))
  const energy = energyWh === undefined ? '' : kilowattHours(energyWh, language)
  const files = new Set(records.map(({ input }) => input))
  return [id, meter.id ?? '', ...times, energy, placeOf(session)?.address ?? '', ...files].join('\n').toLowerCase()
}
