import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ServerEvent, sseParser } from '../../apps/web/dashboard/sse.ts'

const read = (...chunks: string[]): ServerEvent[] => {
  const events: ServerEvent[] = []
  const push = sseParser((event) => events.push(event))
  for (const chunk of chunks) push(chunk)
  return events
}

describe('server-sent events', () => {
  it('reads type, data and id', () => {
    expect(read('event: link\nid: 7\ndata: {"up":true}\n\n')).toEqual([{ type: 'link', data: '{"up":true}', id: '7' }])
  })

  it('joins several data lines and keeps the last id', () => {
    expect(read('id: 1\ndata: a\ndata:b\n\ndata:  c\n\n')).toEqual([
      { type: 'message', data: 'a\nb', id: '1' },
      { type: 'message', data: ' c', id: '1' },
    ])
  })

  it('skips comments, unknown fields, a byte order mark and events without data', () => {
    expect(read('\uFEFF: keep-alive\n\nretry: 10\nevent: link\n\nfoo: bar\ndata\n\n')).toEqual([{ type: 'message', data: '', id: '' }])
  })

  it('does not hand out an event whose end has not come', () => {
    expect(read('data: half\n')).toEqual([])
    expect(read('data: half\n', '\n')).toHaveLength(1)
  })

  it('gives the same events wherever the stream is cut, with every line ending', () => {
    const line = fc.stringMatching(/^[a-z {}":]{0,12}$/)
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('\n', '\r', '\r\n'),
        fc.array(fc.nat(60)),
        (lines, end, cuts) => {
          const whole = lines.map((text) => `event: e${end}data: ${text}${end}${end}`).join('')
          const at = [...new Set(cuts.filter((cut) => cut < whole.length))].sort((a, b) => a - b)
          const chunks = [0, ...at].map((from, i, all) => whole.slice(from, all[i + 1]))
          // a stream of lone CRs ends with one that might still become a CRLF: the next byte settles it
          expect(read(...chunks, ':').map((event) => event.data)).toEqual(lines)
        },
      ),
    )
  })
})
