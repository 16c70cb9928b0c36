import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csv } from '../../src/base/csv.ts'

/** RFC 4180, read the slow way. */
const read = (text: string): string[][] => {
  const rows: string[][] = [['']]
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const row = rows.at(-1) as string[]
    const at = text[i] as string
    const add = (more: string): void => void row.push(`${row.pop()}${more}`)
    if (quoted && at === '"' && text[i + 1] === '"') {
      add('"')
      i++
    } else if (at === '"') quoted = !quoted
    else if (!quoted && at === ',') row.push('')
    else if (!quoted && text.startsWith('\r\n', i)) {
      rows.push([''])
      i++
    } else add(at)
  }
  return rows.slice(0, -1)
}

describe('csv', () => {
  it('has a head, and an empty cell where nothing is', () => {
    expect(csv(['a', 'b'], [{ a: '1' }, { b: 'x' }], true)).toBe('a,b\r\n1,\r\n,x\r\n')
    expect(csv(['a'], [{ a: '1' }], false)).toBe('1\r\n')
  })

  it.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '\r=1'])('keeps %j from being computed', (text) => {
    expect(read(csv(['a'], [{ a: text }], false))).toEqual([[`'${text}`]])
  })

  it.each(['-5', '+7.25', '0'])('leaves the number %s a number', (text) => {
    expect(csv(['a'], [{ a: text }], false)).toBe(`${text}\r\n`)
  })

  it('says the same to whoever reads it', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\r', '\n', ' ', 'ü') }).filter((one) => !one.startsWith('\r'))
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), (rows) => {
        const table = rows.map(([a, b]) => ({ a, b }))
        expect(read(csv(['a', 'b'], table, false))).toEqual(rows)
      }),
    )
  })
})
