// Comma-separated values as RFC 4180 has them, in UTF-8, for people's spreadsheets: what a stranger wrote is text there, and no formula.

/** One line for each row, with CR LF. @param head whether the first line names the columns */
export const csv = <C extends string>(
  columns: readonly C[],
  rows: readonly Readonly<Partial<Record<C, string>>>[],
  head: boolean,
): string =>
  [...(head ? [columns.join(',')] : []), ...rows.map((row) => columns.map((column) => cell(row[column] ?? '')).join(','))]
    .map((line) => `${line}\r\n`)
    .join('')

/** Spreadsheets compute what begins with one of these (https://owasp.org/www-community/attacks/CSV_Injection). A number stays one. */
const FORMULA = /^[=+\-@\t\r]/
const NUMBER = /^[+-]?\d+(\.\d+)?$/

const cell = (text: string): string => {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
