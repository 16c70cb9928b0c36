import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundaryOf, FormFile } from '../../src/adapters/form-file.ts'

const FORM = [
  'what goes before is nobody’s\r\n--b\r\nContent-Disposition: form-data; name="station"\r\n\r\ncs-1\r\n',
  '--b\r\ncontent-disposition: form-data; name="file"; filename="log 1.txt"\r\nContent-Type: text/plain\r\n\r\n',
  'line\r\n--bb\r\n--\r\n\r\n--a\r\n--b--\r\nwhat comes after, too',
].join('')
const FILE = 'line\r\n--bb\r\n--\r\n\r\n--a'

/** As it comes over a socket, in parts of any length. */
const read = async (
  text: string,
  lengths: readonly number[] = [],
  boundary = 'b',
): Promise<{ name: string | undefined; bytes: string }> => {
  const form = new FormFile(boundary)
  const bytes = Buffer.from(text)
  const body = async function* (): AsyncGenerator<Uint8Array> {
    let at = 0
    for (const length of lengths) {
      yield bytes.subarray(at, at + length)
      at += length
    }
    yield bytes.subarray(at)
  }
  const parts: Uint8Array[] = []
  for await (const part of form.in(body())) parts.push(part)
  return { name: form.name, bytes: Buffer.concat(parts).toString() }
}

describe('a form with a file', () => {
  // a delimiter that is the beginning of another line is none (RFC 2046 §5.1.1), which a sender must avoid
  const sound = FORM.replace('--bb', '--ab')
  const file = FILE.replace('--bb', '--ab')

  it('gives it as it was, wherever the body is cut', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(cuts, async (lengths) => {
        expect(await read(sound, lengths)).toEqual({ name: 'log 1.txt', bytes: file })
      }),
    )
    expect(await read(sound, Array(sound.length).fill(1))).toEqual({ name: 'log 1.txt', bytes: file })
  })

  it('may be empty', async () => {
    expect(await read('--b\r\nContent-Disposition: form-data; filename=x\r\n\r\n\r\n--b--')).toEqual({ name: 'x', bytes: '' })
  })

  it.each([
    ['that has none', '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--b--'],
    ['that has two', sound.replace('; name="station"', '; filename="other"')],
    ['that does not end', sound.slice(0, sound.indexOf('\r\n--b--'))],
    ['of another boundary', sound.replaceAll('--b', '--c')],
    ['whose delimiter goes on', FORM],
    ['with a head without end', `--b\r\n${'x'.repeat(5_000)}\r\n\r\n\r\n--b--`],
    ['that is nothing', ''],
  ])('%s is refused', async (_what, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'payload-invalid' })
  })
})

it.each([
  ['multipart/form-data; boundary=abc', 'abc'],
  ['Multipart/Form-Data; charset=utf-8; boundary="a b"', 'a b'],
  ['multipart/form-data', undefined],
  ['multipart/mixed; boundary=abc', undefined],
  ['text/plain', undefined],
  [undefined, undefined],
])('the boundary of %s is %s', (type, boundary) => {
  expect(boundaryOf(type)).toBe(boundary)
})
