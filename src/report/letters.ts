// Text in the letters that the fonts of every PDF reader have (Windows-1252): what they lack is written in Latin letters where a rule says how, and the
// writer is told that it is not as it came. Nothing is embedded: fonts for every script are larger than all the rest of a report.

export interface Written {
  readonly text: string
  /** Whether anything else stands there than was given; blanks for line breaks do not count. */
  readonly changed: boolean
}

/** @param known code points that the fonts can show */
export const inLetters = (given: string, known: ReadonlySet<number>): Written => {
  let changed = false
  const shows = (text: string): boolean => Array.from(text).every((letter) => known.has(letter.codePointAt(0) ?? 0))
  const letters = Array.from(given.normalize('NFC'), (letter) => {
    if (shows(letter)) return letter
    if (/[\s\p{Zs}]/u.test(letter)) return ' '
    changed = true
    const written = latin(letter)
    return written !== undefined && shows(written) ? written : '?'
  })
  return { text: letters.join(''), changed }
}

/** By the table, or else without its marks: `č` is `c`. Undefined where no rule is known. */
const latin = (letter: string): string | undefined => {
  const small = letter.toLowerCase()
  const found = LETTERS.get(letter) ?? capital(LETTERS.get(small), letter !== small)
  if (found !== undefined) return found
  const bare = letter.normalize('NFD').replace(/\p{M}/gu, '')
  if (bare === '' || bare === letter) return undefined
  return /^\p{Script=Latin}+$/u.test(bare) ? bare : latin(bare)
}

const capital = (text: string | undefined, wanted: boolean): string | undefined =>
  text === undefined || !wanted ? text : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

const pairs = (letters: string, written: string): [string, string][] => {
  const ways = written.split(' ')
  return Array.from(letters, (letter, i) => [letter, ways[i] ?? '?'])
}

/** Small letters; a capital is written with one at its beginning. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  // Latin letters that are no letter with a mark (Unicode has no decomposition for them)
  ...pairs('łđħıĸŋŧſ', 'l d h i k ng t s'),
  // Greek: ISO 843 without its marks
  ...pairs('αβγδεζηθικλμνξοπρστυφχψως', 'a v g d e z i th i k l m n x o p r s t y f ch ps o s'),
  // Cyrillic: as passports have it (ICAO Doc 9303-3 §6 B), where the soft sign is not written
  ...pairs('абвгдеёжзийклмнопрстуфхцчшщъыэюя', 'a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y e iu ia'),
  ...pairs('ґєіїђјљњћџѓќѕў', 'g ie i i d j lj nj c dz g k dz u'),
  ['ь', ''],
])
