// Tables as back ends export them (RFC 4180): a session in each row, and a record or a whole document in one of its cells or several. What
// stands beside it in the row is shown and not signed. docs/formats/csv.md.
import { asFault, Fault } from '../../base/fault.ts'
import { readMeterKey } from '../../crypto/meter-key.ts'
import { withBeside } from '../beside.ts'
import { type Container, type Part, unreadable } from '../container.ts'
import { type Content, firstOf } from '../content.ts'
import { fewKeys, publicKeyOf } from '../key-text.ts'
import type { Budget } from '../limits.ts'
import { heldIn } from '../places.ts'
import type { UnsignedDetail } from '../reading.ts'
import { type Row, rowsIn } from './csv-rows.ts'
import { contentsOf } from './safe-xml.ts'

export const csv: Container = {
  name: 'csv',
  recognise: (content) => delimiterOf(content) !== undefined,
  open: (content, budget) => {
    const delimiter = delimiterOf(content) ?? ','
    const rows = [...rowsIn(content.text ?? '', delimiter)]
    // said to spreadsheets, and no row
    if (/^sep=.?$/i.test(rows[0]?.cells[0] ?? '')) rows.shift()
    const [first, ...others] = rows
    if (first === undefined) return []
    // a long cell is no name: it may be a record that nobody knows
    const isHead = first.cells.every((cell) => cell.length <= LONG && !holdsRecord(cell))
    const names = isHead ? first.cells.map((cell) => cell.trim()) : []
    return partsOf(isHead ? others : [first, ...others], names, budget)
  },
}

const DELIMITERS = [';', ',', '\t'] as const
/** What other readers know by its first characters, and go through themselves. */
const OTHERS = /^\s*(?:[{[<]|OCMF\||"?AP;|"?128\.8\.0|-----)/
/** Longer texts are no tables by hand. */
const LONGEST = 4_194_304
/** Rows in which a record has to come. */
const LOOK = 200

/** The one with which a record stands in a cell; undefined where the text is no such table. */
const delimiterOf = ({ text }: Content): (typeof DELIMITERS)[number] | undefined => {
  if (text === undefined || text.length > LONGEST || OTHERS.test(text)) return undefined
  const end = text.search(/[\r\n]/)
  const line = end < 0 ? text : text.slice(0, end)
  const isQuoted = firstOf(text) === '"'
  return DELIMITERS.find((delimiter) => {
    if (!isQuoted && !line.includes(delimiter)) return false
    let count = 0
    for (const { cells, torn } of rowsIn(text, delimiter)) {
      if (torn || ++count > LOOK) return false
      if (cells.some(holdsRecord)) return true
    }
    return false
  })
}

/** Shorter cells are numbers and names. */
const SHORTEST = 64

const holdsRecord = (cell: string): boolean =>
  cell.length >= SHORTEST && heldIn({ contents: contentsOf({ text: cell, encoding: '' }) }) !== undefined

const partsOf = (rows: readonly Row[], names: readonly string[], budget: Budget): Part[] => {
  if (rows.length > budget.limits.records) throw new Fault('limit-exceeded', `more than ${budget.limits.records} rows in a table`)
  let without = 0
  const parts = rows.flatMap(({ cells, torn }, index): Part[] => {
    budget.checkTime()
    const name = `[${index}]`
    if (torn) return [unreadable(name, TORN)]
    const found = cells.flatMap((cell, column) => (holdsRecord(cell) ? [column] : []))
    if (found.length === 0) without++
    const others = cells.flatMap((cell, column) => (found.includes(column) || cell.trim() === '' ? [] : [{ cell, column }]))
    const keys = fewKeys(others.flatMap(({ cell, column }) => (isKey(cell, nameOf(names, column)) ? [publicKeyOf(cell)] : [])))
    const unsigned = others
      .slice(0, MOST)
      .map(({ cell, column }): UnsignedDetail => ({ name: nameOf(names, column), value: cell.slice(0, LONG) }))
    return found.map((column) => ({
      kind: 'slot',
      name: `${name}.${nameOf(names, column)}`,
      contents: contentsOf({ text: cells[column] ?? '', encoding: '' }),
      keys,
      annotate: (record) => withBeside(record, { unsigned }),
    }))
  })
  return without === 0 ? parts : [...parts, emptyRows(without, rows.length)]
}

const TORN = 'a cell that does not end, or too many of them; nothing from here on was read'
/** Of what is shown beside a record. */
const MOST = 24
const LONG = 250

const emptyRows = (without: number, all: number): Part => ({
  kind: 'missing',
  name: undefined,
  fault: new Fault('input-unknown', `${without} of ${all} rows hold no record`),
})

const nameOf = (names: readonly string[], column: number): string => names[column]?.slice(0, LONG) || `column ${column + 1}`

/** By the name of its column, or by what every key begins with: a hash may look like a bare point. */
const isKey = (cell: string, name: string): boolean => {
  if (cell.length < SHORTEST || !(/key|schl(?:ü|ue)ssel/i.test(name) || /^\s*(?:30|M[A-P]|oca:|-----BEGIN)/.test(cell))) return false
  try {
    readMeterKey(publicKeyOf(cell))
    return true
  } catch (thrown) {
    if (asFault(thrown).code === 'internal') throw thrown
    return false
  }
}
