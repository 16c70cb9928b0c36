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

/** Rows of cells under each other; the last cell of a row is wrapped where there is no room for it. */
export const table = (rows: readonly (readonly string[])[], { columns, hang }: Space): string[] => {
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const widths = Array.from({ length: longest }, (_, i) => rows.reduce((most, row) => Math.max(most, widthOf(row[i] ?? '')), 0))
  return rows.map((row) => {
    let line = ' '.repeat(hang)
    row.forEach((cell, i) => {
      const taken = widthOf(line)
      if (i < row.length - 1) line += `${cell}${' '.repeat((widths[i] ?? 0) - widthOf(cell) + GAP)}`
      else line += wrapped(cell, { hang: taken, ...(columns === undefined ? {} : { columns }) })
    })
    return line.trimEnd()
  })
}

const GAP = 2
