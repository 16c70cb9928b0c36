import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/transparency/checks.ts'
import * as transparency from '../../src/transparency/index.ts'
import { expectedVerdict, storedVectors } from '../support/vectors.ts'

const { CHECK_SENTENCES, LANGUAGES, sentence } = transparency

const tables = Object.entries(transparency).filter(([name]) => /_(SENTENCES|WORDS)$/.test(name))

describe('sentences', () => {
  it.each(tables)('%s: each in every language, none twice the same', (_, table) => {
    for (const texts of Object.values(table as Record<string, transparency.Sentence>)) {
      expect(Object.keys(texts).sort()).toEqual([...LANGUAGES].sort())
      expect(texts.de).not.toBe(texts.en)
      expect(Math.min(texts.de.length, texts.en.length)).toBeGreaterThan(2)
    }
  })

  it('there is one for every check', () => {
    expect(Object.keys(CHECK_SENTENCES)).toEqual(CHECKS.map(({ id }) => id))
  })

  it('there is one for every fault that an input has in the vectors', () => {
    const codes = new Set(storedVectors().flatMap(({ name }) => expectedVerdict(name).inputs.flatMap(({ fault }) => fault?.code ?? [])))
    expect(codes.size).toBeGreaterThan(5)
    expect([...codes].filter((code) => !Object.hasOwn(transparency.INPUT_FAULT_SENTENCES, code))).toEqual([])
  })

  it('there is one for every meaning of a signed field in the vectors', () => {
    const fields = storedVectors().flatMap(({ name }) =>
      expectedVerdict(name).sessions.flatMap(({ records }) => records.flatMap(({ evidence }) => evidence?.fields ?? [])),
    )
    const meanings = new Set(fields.flatMap(({ meaning }) => (meaning ? [meaning] : [])))
    expect(meanings.size).toBeGreaterThan(80)
    expect([...meanings].filter((meaning) => !Object.hasOwn(transparency.FIELD_WORDS, meaning))).toEqual([])
  })

  it('an unknown key is its own sentence', () => {
    expect(sentence(CHECK_SENTENCES, 'time', 'de')).toBe(CHECK_SENTENCES.time.de)
    expect(sentence(CHECK_SENTENCES, 'constructor', 'de')).toBe('constructor')
  })
})
