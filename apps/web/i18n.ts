// Fixed text of both pages in the reader's language. Text that comes from a node or a record is not here: it is shown as it came.
import { type Language as Notation, type Sentence, sentence } from '../../src/transparency/index.ts'
import { LANGUAGES, type Language, type TextKey, type Translation } from './languages.ts'

export { LANGUAGES, type Language, type TextKey } from './languages.ts'

export type Values = Readonly<Record<string, string | number>>
export type Translate = (key: TextKey, values?: Values) => string
/** A sentence of the verifier's, from one of its tables. */
export type Say = (table: Readonly<Record<string, Sentence>>, key: string) => string

export interface Speech {
  /** Also of what the browser writes itself: clock times, spans, figures that are live. */
  readonly language: Language
  /** Whose way of writing numbers and times that were signed. */
  readonly notation: Notation
  /** Whose words on paper. */
  readonly paper: Notation
  readonly t: Translate
  readonly say: Say
}

/** Rejects where the language's file cannot be had. */
export const speechIn = async (language: Language): Promise<Speech> => {
  const { notation, paper, load } = LANGUAGES[language]
  const { default: translation } = await load()
  return { language, notation, paper, t: translator(translation), say: sayer(translation, paper) }
}

const translator =
  ({ texts }: Translation): Translate =>
  (key, values = {}) =>
    fill(texts[key], values)

const sayer =
  ({ sentences }: Translation, own: Notation): Say =>
  (table, key) => {
    const english = sentence(table, key, 'en')
    return Object.hasOwn(sentences, english) ? (sentences[english] ?? english) : sentence(table, key, own)
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
