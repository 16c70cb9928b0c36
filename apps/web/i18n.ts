// Fixed text of both pages in the reader's language. Text that comes from a node or a record is not here: it is shown as it came.
import { type Language as Notation, type Sentence, sentence } from '../../src/transparency/index.ts'
import { LANGUAGES, type Language, type TextKey } from './languages.ts'

export { LANGUAGES, type Language, type TextKey } from './languages.ts'

export type Values = Readonly<Record<string, string | number>>
export type Translate = (key: TextKey, values?: Values) => string
/** A sentence of the verifier's, from one of its tables. */
export type Say = (table: Readonly<Record<string, Sentence>>, key: string) => string

export const translator =
  (language: Language): Translate =>
  (key, values = {}) =>
    fill(LANGUAGES[language].texts[key], values)

export const sayer = (language: Language): Say => {
  const { notation, sentences }: { notation: Notation; sentences: Readonly<Record<string, string>> } = LANGUAGES[language]
  return (table, key) => {
    const english = sentence(table, key, 'en')
    return Object.hasOwn(sentences, english) ? (sentences[english] ?? english) : sentence(table, key, notation)
  }
}

/** Puts values where their names stand in braces; a name without a value stays as it is. */
export const fill = (text: string, values: Values): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))

/** The language a reader gets: the one chosen before, else the first of the browser's that we speak, else English. */
export const chooseLanguage = (stored: string | null, preferred: readonly string[]): Language => {
  const spoken = (tag: string): tag is Language => Object.hasOwn(LANGUAGES, tag)
  if (stored !== null && spoken(stored)) return stored
  return preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find(spoken) ?? 'en'
}
