// Text for a terminal: lines that fit, tables whose columns stand under each other, and nothing that an input could steer it with.

/** Input must not steer the terminal, nor turn the direction of writing. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')

/** Cells of a terminal: marks take none, East Asian wide characters two (Unicode UAX #11, by script). */
export const widthOf = (text: string): number => {
  let width = 0
  for (const character of text) width += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

const WIDE = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uff01-\uff60]/u

export interface Space {
  /** Cells in a line; without it lines have any length. */
  readonly columns?: number
  /** Cells before every line but the first. */
  readonly hang: number
  /** Cells that are taken in the first line; `hang` if not given. */
  readonly taken?: number
}

/** One or more lines, broken at blanks, and inside a word only where the word is longer than a line. */
export const wrapped = (text: string, { columns, hang, taken = hang }: Space): string => {
  if (columns === undefined) return text
  const room = Math.max(columns - hang, NARROWEST)
  const lines: string[] = []
  let line = ''
  let left = Math.max(columns - taken, NARROWEST)
  for (const word of text.split(' ').flatMap((each) => pieces(each, room))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line === '' || widthOf(longer) <= left) line = longer
    else {
      lines.push(line)
      line = word
      left = room
    }
  }
  return [...lines, line].join(`\n${' '.repeat(hang)}`)
}

const NARROWEST = 20

const pieces = (word: string, room: number): string[] => {
  const found: string[] = []
  let piece = ''
  for (const character of word) {
    if (widthOf(piece) + widthOf(character) > room) {
      found.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...found, piece]
}

/**
 * Rows of cells under each other, in lines that fit: a cell takes several lines where it is longer than a third of one, and the last cell of a
 * row as many as it needs, or one of its own where nothing is left beside the others.
 */
export const table = (rows: readonly (readonly string[])[], { columns, hang }: Space): string[] => {
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const natural = Array.from({ length: longest }, (_, i) => rows.reduce((most, row) => Math.max(most, widthOf(row[i] ?? '')), 0))
  if (columns === undefined) return rows.map((row) => lineOf(row, natural, { hang, gap: GAP }))
  const frame = { hang, columns, gap: sumOf(natural, GAP) + hang > columns ? 1 : GAP }
  const widths = fitted(natural, columns - hang, frame.gap)
  return rows.flatMap((row) => linesOf(row, widths, frame))
}

/** The longest columns give way first, the last one before all others: it is wrapped. */
const fitted = (natural: readonly number[], room: number, gap: number): number[] => {
  const most = Math.max(WIDEST, Math.floor(room / 3))
  const widths = natural.map((width, i) => Math.min(width, i < natural.length - 1 ? most : NARROWEST))
  for (;;) {
    const longest = widths.slice(0, -1).reduce((found, width, i) => (width > (widths[found] ?? 0) ? i : found), 0)
    const before = widths.slice(0, -1).reduce((sum, width) => sum + width + gap, 0)
    if (before <= room || (widths[longest] ?? 0) <= NARROWEST) return widths
    widths[longest] = (widths[longest] ?? 0) - 1
  }
}

/** What columns take, the last one up to what it takes at least. */
const sumOf = (widths: readonly number[], gap: number): number =>
  widths.reduce((sum, width, i) => sum + (i < widths.length - 1 ? width : Math.min(width, NARROWEST)) + gap, -gap)

/** A time with its offset stays whole. */
const WIDEST = 30

interface Frame {
  readonly hang: number
  /** Cells between two columns. */
  readonly gap: number
}

const lineOf = (row: readonly string[], widths: readonly number[], { hang, gap }: Frame): string =>
  row.reduce((line, cell, i) => line + (i < row.length - 1 ? padded(cell, (widths[i] ?? 0) + gap) : cell), ' '.repeat(hang)).trimEnd()

const padded = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - widthOf(cell)))

const linesOf = (
  row: readonly string[],
  widths: readonly number[],
  { columns, ...frame }: Frame & { readonly columns: number },
): string[] => {
  const [last = '', before] = [row.at(-1), row.slice(0, -1)]
  const taken = before.reduce((sum, _, i) => sum + (widths[i] ?? 0) + frame.gap, frame.hang)
  const cells = before.map((cell, i) => wrapped(cell, { columns: widths[i] ?? 0, hang: 0 }).split('\n'))
  const hasRoom = columns - taken >= Math.min(widthOf(last), NARROWEST)
  const rest = hasRoom ? wrapped(last, { columns: columns - taken, hang: 0 }).split('\n') : []
  const height = Math.max(rest.length, ...cells.map((lines) => lines.length))
  const lines = Array.from({ length: height }, (_, at) => lineOf([...cells.map((each) => each[at] ?? ''), rest[at] ?? ''], widths, frame))
  const beside = ' '.repeat(frame.hang + INDENT)
  return hasRoom ? lines : [...lines, `${beside}${wrapped(last, { columns, hang: frame.hang + INDENT })}`]
}

/** Of a cell that stands on a line of its own. */
const INDENT = 4
const GAP = 2
