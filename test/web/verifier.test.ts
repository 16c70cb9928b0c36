import { describe, expect, it } from 'vitest'
import { copiesIn } from '../../apps/web/verifier/copies.ts'
import { added, recordAddress, recordName } from '../../apps/web/verifier/inputs.ts'
import { utf8 } from '../../src/base/bytes.ts'

describe('copies', () => {
  const input = (name: string, text: string) => ({ name, bytes: utf8(text) })
  const reports = (...names: string[]) =>
    names.map((name) => ({ name, kind: name.endsWith('.pem') ? ('key' as const) : ('record' as const) }))

  it('are what has the content of one before, whatever it is called', () => {
    const inputs = [input('a.xml', 'x'), input('b.xml', 'y'), input('a (1).xml', 'x'), input('b.bak', 'y'), input('a (2).xml', 'x')]
    expect(copiesIn(inputs, reports('a.xml', 'b.xml'))).toEqual({ 'a (1).xml': 'a.xml', 'b.bak': 'b.xml', 'a (2).xml': 'a.xml' })
  })

  it('are no keys, whose names speak of meters, and no empty files', () => {
    const inputs = [input('A.pem', 'k'), input('B.pem', 'k'), input('c', ''), input('d', '')]
    expect(copiesIn(inputs, reports('A.pem', 'B.pem'))).toEqual({})
  })
})

describe('the inputs of a question', () => {
  const input = (name: string, text: string) => ({ name, bytes: utf8(text) })

  it('are the same file once, and another file of the same name under a name of its own', () => {
    const one = added([], [input('a.key', 'x')])
    expect(added(one, [input('a.key', 'x')])).toEqual(one)
    const three = added(added(one, [input('a.key', 'y')]), [input('a.key', 'z'), input('b', 'x')])
    expect(three.map((each) => each.name)).toEqual(['a.key', '2/a.key', '3/a.key', 'b'])
    expect(added(three, [input('a.key', 'y')])).toHaveLength(4)
  })

  it('may be a record of this server, and no other address', () => {
    expect(recordAddress('#record=%2Fapi%2Fv1%2Ftransactions%2Ftx-1%2Frecord')).toBe('/api/v1/transactions/tx-1/record')
    expect(recordAddress('#record=/api/v1/transactions/tx%252F1/record')).toBe('/api/v1/transactions/tx%2F1/record')
    for (const other of [
      'https://evil.example/',
      '//evil.example/record',
      '/api/v1/nodes',
      '/api/v1/transactions/../record',
      '/api/v1/transactions/a/b/record',
      '/api/v1/transactions/a/record?x',
    ])
      expect(recordAddress(`#record=${encodeURIComponent(other)}`)).toBeUndefined()
    expect(recordAddress('')).toBeUndefined()
    expect(recordName('/api/v1/transactions/tx%2F1/record')).toBe('tx_1.record')
  })
})
