// The rows of a table in a text (RFC 4180). Records stand in cells that nobody quoted, too: what their own signs enclose is not cut at a
// delimiter. What the cells mean is said in csv.ts.

export interface Row {
  readonly cells: readonly string[]
  /** A quoted cell that does not end, or goes on behind its end, or more cells than a table has: nobody can say what is in this row, and behind it. */
  readonly torn: boolean
}

/** Rows that are not empty, one by one. */
export function* rowsIn(text: string, delimiter: string): Generator<Row> {
  let cells: string[] = []
  let at = 0
  while (at < text.length) {
    const { cell, end, torn } = text[at] === '"' ? quoted(text, at) : bare(text, at, delimiter)
    cells.push(cell)
    const next = text[end]
    const isBroken = torn || cells.length > MOST_CELLS || !(next === undefined || next === delimiter || next === '\r' || next === '\n')
    if (isBroken) {
      yield { cells, torn: true }
      return
    }
    at = end + 1
    if (next === delimiter && at < text.length) continue
    if (cells.some((each) => each.trim() !== '')) yield { cells, torn: false }
    cells = []
  }
}

const MOST_CELLS = 1000

interface Cell {
  readonly cell: string
  /** Where the character behind it is. */
  readonly end: number
  readonly torn: boolean
}

/** Two quotes are one. */
const quoted = (text: string, from: number): Cell => {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return { cell: text.slice(from + 1, at).replaceAll('""', '"'), end: at + 1, torn: false }
  return { cell: text.slice(from + 1), end: text.length, torn: true }
}

const bare = (text: string, from: number, delimiter: string): Cell => {
  const end = endOf(text, from, delimiter)
  return { cell: text.slice(from, end), end, torn: false }
}

/** Records that hold delimiters: JSON between braces, and the fields of an Alfen line, of which the last ends in a semicolon of its own. */
const BRACED = /OCMF\||\{/y
const LINE = /AP;[012];[^;,\t\r\n]*;[^;,\t\r\n]*;[^;,\t\r\n]*;[^;,\t\r\n]*;?/y

const endOf = (text: string, from: number, delimiter: string): number => {
  LINE.lastIndex = from
  if (LINE.test(text)) return LINE.lastIndex - (delimiter === ';' && text[LINE.lastIndex - 1] === ';' ? 1 : 0)
  BRACED.lastIndex = from
  const isBraced = BRACED.test(text)
  let depth = 0
  let inText = false
  for (let at = from; at < text.length; at++) {
    const sign = text[at]
    if (sign === '\r' || sign === '\n' || (sign === delimiter && depth === 0)) return at
    if (!isBraced) continue
    if (inText && sign === '\\') at++
    else if (sign === '"' && depth > 0) inText = !inText
    else if (!inText && sign === '{') depth++
    else if (!inText && sign === '}') depth--
  }
  return text.length
}
