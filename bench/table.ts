// The rows of a benchmark as text for people.
import type { Row } from './part.ts'

export const table = (rows: readonly Row[]): string => {
  const cells = [HEAD, ...rows.map(cellsOf)]
  const widths = HEAD.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const lines = cells.map((line) =>
    line
      .map((cell, column) => (NUMBERS.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  return lines.join('\n')
}

const HEAD = ['part', 'what', 'value', 'unit', 'yardstick', 'its value', 'ratio', 'target', 'ok']
/** Columns of numbers. */
const NUMBERS: readonly number[] = [2, 5, 6, 7]

const cellsOf = ({ part, what, value, unit, yardstick, ratio, target, ok }: Row): string[] => [
  part,
  what,
  figure(value),
  unit,
  yardstick?.what ?? '',
  yardstick === undefined ? '' : figure(yardstick.value),
  ratio === undefined ? '' : `${ratio.toFixed(2)}x`,
  target === undefined ? '' : `<= ${Number(target.most.toFixed(2))}${target.of === 'ratio' ? 'x' : ''}`,
  ok === undefined ? '' : ok ? 'ok' : 'MISSED',
]

/** Three digits that count. */
const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
