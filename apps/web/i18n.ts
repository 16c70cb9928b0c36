// Fixed text of both pages in every language. A key without its German or English text is a type error, and so is a key
// that nobody wrote. Text that comes from a node or a record is not here: it is shown as it came.
import { COMMON } from './texts/common.ts'
import { DASHBOARD } from './texts/dashboard.ts'
import { LANGUAGES, type Language, type Row } from './texts/language.ts'
import { STREAMS } from './texts/streams.ts'
import { TRUST } from './texts/trust.ts'
import { VERIFIER } from './texts/verifier.ts'

export { LANGUAGES, type Language } from './texts/language.ts'

export const TEXTS = { ...COMMON, ...DASHBOARD, ...STREAMS, ...TRUST, ...VERIFIER } as const satisfies Record<string, Row>
export type TextKey = keyof typeof TEXTS

export type Values = Readonly<Record<string, string | number>>
export type Translate = (key: TextKey, values?: Values) => string

export const translator =
  (language: Language): Translate =>
  (key, values = {}) =>
    fill(TEXTS[key][language], values)

/** Puts values where their names stand in braces; a name without a value stays as it is. */
export const fill = (text: string, values: Values): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))

/** The language a reader gets: the one chosen before, else the first of the browser's that we speak, else English. */
export const chooseLanguage = (stored: string | null, preferred: readonly string[]): Language => {
  const spoken = (tag: string): tag is Language => Object.hasOwn(LANGUAGES, tag)
  if (stored !== null && spoken(stored)) return stored
  return preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find(spoken) ?? 'en'
}
