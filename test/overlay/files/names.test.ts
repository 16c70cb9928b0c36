import { describe, expect, it } from 'vitest'
import { fileNameFlaw, foldedName } from '../../../src/overlay/files/names.ts'
import { HOSTILE } from './support.ts'

describe('names of files', () => {
  it.each(HOSTILE.map((name) => [JSON.stringify(name).slice(0, 60), name]))('%s is none', (_shown, name) => {
    expect(fileNameFlaw(name)).toBeTypeOf('string')
  })

  it.each([undefined, null, 7, ['a'], { name: 'a' }])('%j is none', (value) => {
    expect(fileNameFlaw(value)).toBeTypeOf('string')
  })

  it.each([
    'a',
    'firmware/cs-2.4.1+b7.bin',
    'Größe (1).txt',
    'ログ/一.txt',
    'a b/c=d@e_f',
    'console.txt',
    'x'.repeat(255),
    'a/b/c/d/e/f/g/h',
  ])('%s is one', (name) => {
    expect(fileNameFlaw(name)).toBeUndefined()
  })

  it('are one file where capitals are not told apart', () => {
    expect(foldedName('Straße.TXT')).toBe(foldedName('STRASSE.txt'))
    expect(foldedName('ﬁle')).toBe(foldedName('FILE'))
    expect(foldedName('a')).not.toBe(foldedName('b'))
  })
})
