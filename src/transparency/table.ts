// A verdict as rows, for spreadsheets and for programs that want no tree: one row for each session, or one for each measured value.
// Nothing is judged here; what could not be used has a row too.
import { csv } from '../base/csv.ts'
import type { CheckReport, SessionReport, Verdict } from './verdict.ts'

/** One line of a monthly bill. Empty where it does not apply. */
export const SESSION_COLUMNS = [
  ...['question', 'inputs', 'session', 'verdict', 'codes', 'begin', 'end', 'energyWh', 'meter', 'keyFingerprint', 'keyTrust', 'records'],
  ...['fault', 'detail'],
] as const

export const VALUE_COLUMNS = [
  ...['input', 'session', 'verdict', 'meter', 'record', 'format', 'time', 'obis', 'value', 'unit', 'signature', 'keyTrust'],
] as const

export type SessionRow = Readonly<Partial<Record<(typeof SESSION_COLUMNS)[number], string>>>
export type ValueRow = Readonly<Partial<Record<(typeof VALUE_COLUMNS)[number], string>>>

/**
 * Every session, and every input that could not be used; a question of which nothing is left to say, such as a key alone, has a row too.
 * Numbers are decimal strings, times ISO 8601 with the meter's offset.
 */
export const sessionRows = (question: string, { verdict, inputs, sessions }: Verdict): SessionRow[] => {
  const unused = inputs.flatMap(({ name, fault }) =>
    fault === undefined ? [] : [{ question, inputs: name, verdict: 'unused', fault: fault.code, detail: fault.detail }],
  )
  if (sessions.length + unused.length === 0) return [{ question, inputs: inputs.map(({ name }) => name).join(' '), verdict }]
  return [...sessions.map((session) => ({ question, ...sessionRow(session) })), ...unused]
}

const sessionRow = ({ id, verdict, begin, end, energyWh, meter, keyTrust, records, checks }: SessionReport): SessionRow => ({
  inputs: [...new Set(records.map(({ input }) => input))].join(' '),
  session: id,
  verdict,
  codes: [...new Set(checks.filter(isNoted).map(({ code, id: rule }) => code ?? rule))].join(' '),
  ...given({ begin, end, energyWh, meter: meter.id, keyFingerprint: meter.keyFingerprint }),
  keyTrust,
  records: String(records.length),
})

const isNoted = ({ state }: CheckReport): boolean => state === 'fail' || state === 'warn'

/** Every measured value, in the order of the verdict; a record without values has a row of its own. */
export const valueRows = ({ sessions }: Verdict): ValueRow[] =>
  sessions.flatMap(({ id, verdict, meter, keyTrust, records }) =>
    records.flatMap((record): ValueRow[] => {
      const about = { input: record.input, session: id, verdict, ...given({ meter: meter.id }), record: record.id, format: record.format }
      const proof = { signature: record.signature.state, keyTrust }
      if (record.values.length === 0) return [{ ...about, ...given({ time: record.time }), ...proof }]
      return record.values.map(({ obis, value, unit, time = record.time }) => ({
        ...about,
        ...given({ time, obis }),
        value,
        unit,
        ...proof,
      }))
    }),
  )

const given = (members: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

/** @param head whether the first line names the columns */
export const sessionCsv = (rows: readonly SessionRow[], head = true): string => csv(SESSION_COLUMNS, rows, head)

export const valueCsv = (rows: readonly ValueRow[]): string => csv(VALUE_COLUMNS, rows, true)
