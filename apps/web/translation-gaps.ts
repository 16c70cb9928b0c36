// What a language's file lacks, for who translates and for the test; no page loads it.
import { FIELD_WORDS, LANGUAGES as NOTATIONS, type Sentence } from '../../src/transparency/index.ts'
import * as tables from '../../src/transparency/sentences.ts'
import type { Translation } from './languages.ts'
import en from './texts/en.json' with { type: 'json' }

/** What a file still lacks, or has too much, one line each; for who translates, and for the test. */
export const gapsIn = (tag: string, { texts, sentences }: Translation): string[] => {
  const own = (NOTATIONS as readonly string[]).includes(tag)
  const wanted = own ? [] : allSentences()
  return [
    ...gapsBetween(Object.entries(en.texts), texts, { where: 'texts', tag }),
    ...gapsBetween(
      wanted.map((text) => [text, text] as const),
      sentences,
      { where: 'sentences', tag },
    ),
  ]
}

interface Place {
  readonly where: string
  readonly tag: string
}

const gapsBetween = (
  wanted: readonly (readonly [string, string])[],
  found: Readonly<Record<string, string>>,
  { where, tag }: Place,
): string[] => {
  const known = new Set(wanted.map(([key]) => key))
  const missing = wanted.flatMap(([key, english]) => {
    const text = Object.hasOwn(found, key) ? (found[key] ?? '') : ''
    if (text.trim() === '') return [`${where}: "${key}" is missing`]
    // a single word may be the same in two languages; a file begins as a copy of the English
    if (tag !== 'en' && text === english && text.trim().includes(' ')) return [`${where}: "${key}" is still the English`]
    return valuesIn(text) === valuesIn(english) ? [] : [`${where}: "${key}" has other values in braces than the English`]
  })
  return [...missing, ...Object.keys(found).flatMap((key) => (known.has(key) ? [] : [`${where}: nobody asks for "${key}"`]))]
}

const valuesIn = (text: string): string =>
  [...text.matchAll(/\{(\w+)\}/g)]
    .map(([, name]) => name)
    .sort()
    .join()

/** The English of every sentence that a view may show. */
const allSentences = (): string[] => {
  const isTable = (value: unknown): value is Readonly<Record<string, Sentence>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  return [
    ...new Set(
      [...Object.values(tables), FIELD_WORDS].filter(isTable).flatMap((table) => Object.values(table).map(({ en: english }) => english)),
    ),
  ]
}
