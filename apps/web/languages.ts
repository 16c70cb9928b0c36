// The languages the pages speak, in the one place that lists them. What is said stands in one file each, `texts/<tag>.json`, which only who speaks the
// language loads. A text that a file lacks is a type error here; docs/translating.md says how to add one.
import type { Language as Notation } from '../../src/transparency/index.ts'
import type english from './texts/en.json'

export type TextKey = keyof (typeof english)['texts']

/** What a file holds. */
export interface Translation {
  /** `{name}` stands for a value. */
  readonly texts: Readonly<Record<TextKey, string>>
  /** The verifier's own sentences by their English. Empty for the languages that they are written in (src/transparency/sentences.ts). */
  readonly sentences: Readonly<Record<string, string>>
}

export interface Entry {
  /** Of the language, in itself. */
  readonly name: string
  /** Whose way of writing numbers and times that were signed it takes. */
  readonly notation: Notation
  /** In whose words reports are made, until it has its own (src/report/words.ts). */
  readonly paper: Notation
  /** Rejects where the file cannot be had. */
  load(): Promise<{ readonly default: Translation }>
}

export const LANGUAGES = {
  en: { name: 'English', notation: 'en', paper: 'en', load: () => import('./texts/en.json', { with: { type: 'json' } }) },
  de: { name: 'Deutsch', notation: 'de', paper: 'de', load: () => import('./texts/de.json', { with: { type: 'json' } }) },
  fr: { name: 'Français', notation: 'de', paper: 'en', load: () => import('./texts/fr.json', { with: { type: 'json' } }) },
} as const satisfies Record<string, Entry>
export type Language = keyof typeof LANGUAGES
