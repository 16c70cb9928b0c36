// What a desktop starts by double click, written for this installation: `chargeproof` is in the path of a terminal at most.

/**
 * The entry with an `Exec` that starts these words, whatever characters they have.
 * https://specifications.freedesktop.org/desktop-entry-spec/ (Exec: quoting; field codes)
 * @param entry text of a `.desktop` file whose `Exec` begins with the name of the program
 */
export const entryFor = (entry: string, program: readonly string[]): string =>
  entry.replace(/^Exec=\S+/m, () => `Exec=${program.map(quoted).join(' ')}`)

/** Quoted as an argument, then escaped as a string of the file. A `%` alone begins a field code. */
const quoted = (word: string): string =>
  `"${word
    .replace(/["`$\\]/g, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')}"`
