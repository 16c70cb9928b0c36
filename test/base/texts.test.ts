import { describe, expect, it } from 'vitest'
import { pieces, stripped, uncommented } from '../../src/base/texts.ts'

describe('a text', () => {
  it.each([
    ['--a-b__ ', 'a-b'],
    ['-_ ', ''],
    ['', ''],
    ['a', 'a'],
  ])('%j stripped is %j', (text, expected) => {
    expect(stripped(text, '-_ ')).toBe(expected)
  })

  it('loses the lines of comments, and no other', () => {
    expect(uncommented('# one\r\nkey # no comment\n \t# two\nend')).toBe('\r\nkey # no comment\n\nend')
  })

  it.each([/,/g, /,|(?<=;)/g, /[,;]+/g])('is cut into pieces as split cuts it, by %s', (between) => {
    for (const text of ['a,b;c', ',', '', 'a;', ';;a,,', 'a'])
      expect([...pieces(text, between)].filter((piece) => piece !== '')).toEqual(text.split(between).filter((piece) => piece !== ''))
  })
})
