import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../../src/base/bytes.ts'
import { qr } from '../../../src/metering/containers/qr.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { Budget, LIMITS } from '../../../src/metering/limits.ts'
import { beside, codeOf, enlarged } from '../../../tools/transparency-vectors/archive-cases.ts'
import { pngOf } from '../../../tools/transparency-vectors/archives.ts'
import { loadedParts, told } from './support.ts'

const stored = (name: string): Uint8Array => readFileSync(`vectors/transparency/qr/${name}`)
const fault = (code: string) => expect.objectContaining({ code })
const picture = (...head: readonly number[]): Uint8Array => Uint8Array.from([...head, ...Array(64).fill(0)])

/** The header of a WebP with a number in its first chunk, `at` bytes behind the tenth. */
const webpHead = (chunk: string, at: number, number: number): Uint8Array => {
  const bytes = Uint8Array.from([...utf8('RIFF'), 0, 0, 0, 0, ...utf8(`WEBP${chunk}`), ...Array(30).fill(0)])
  const view = new DataView(bytes.buffer)
  view.setUint32(26, chunk === 'VP8 ' ? 0x0010_0010 : 0, true)
  view.setUint32(10 + at, number, true)
  return bytes
}

afterEach(() => void vi.restoreAllMocks())

describe('qr', () => {
  it('gives each code of a picture, and asks no network for what reads it', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch')
    expect(told(await loadedParts(qr, stored('link/question/receipt.png')))).toEqual(['=https://example.com/receipt?id=1'])
    expect(told(await loadedParts(qr, stored('two-codes/question/receipt.png'))).map((each) => each.slice(0, 8))).toEqual([
      'code[1]=',
      'code[2]=',
    ])
    expect(fetched).not.toHaveBeenCalled()
  })

  it('says when a picture has more codes than are read', async () => {
    const code = enlarged(await codeOf(utf8('x')))
    const picture = (rows: number) =>
      pngOf(
        Array<Uint8Array[]>(rows)
          .fill(beside(...Array<Uint8Array[]>(8).fill(code)))
          .flat(),
      )
    expect(told(await loadedParts(qr, picture(4)))).toHaveLength(32)
    expect(told(await loadedParts(qr, picture(5))).slice(32)).toEqual(['!limit-exceeded'])
  })

  it.each([
    [
      'png',
      picture(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff),
    ],
    ['gif', picture(0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0xff, 0xff, 0xff, 0xff)],
    ['jpeg', picture(0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 0xff, 0xff, 0xff, 0xff)],
    ['bmp', picture(0x42, 0x4d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0xff, 0xff)],
  ])('refuses a %s of too many pixels before it is decoded', async (_, bytes) => {
    expect(qr.recognise(contentOf(bytes))).toBe(true)
    await expect(loadedParts(qr, bytes)).rejects.toThrow(fault('limit-exceeded'))
  })

  it('refuses a PNG that unpacks to more than it shows', async () => {
    const rows = Array.from({ length: 300 }, () => new Uint8Array(300))
    await expect(loadedParts(qr, pngOf(rows, { width: 10, height: 10 }), { pixels: 1000 })).rejects.toThrow(fault('limit-exceeded'))
  })

  it.each([
    ['no code', stored('no-code/question/receipt.png'), 'input-unknown'],
    ['half a picture', stored('cut-off/question/receipt.png'), 'input-unknown'],
    ['a JPEG without a frame', picture(0xff, 0xd8, 0xff, 0xd9), 'record-malformed'],
    ['a WebP that ends', Uint8Array.from([...utf8('RIFF'), 0, 0, 0, 0, ...utf8('WEBPVP8 ')]), 'record-malformed'],
    ['a WebP of an unknown kind', webpHead('VPXX', 0, 0), 'record-malformed'],
    ['a WebP without a picture', webpHead('VP8 ', 10, 0), 'record-malformed'],
    ['curves', utf8('<svg viewBox="0 0 9 9"><path d="M0 0c1 1 2 2 3 3z"/></svg>'), 'record-malformed'],
    ['a drawing without a size', utf8('<svg><path d="M0 0h1v1h-1z"/></svg>'), 'record-malformed'],
    ['a drawing without a code', utf8('<svg viewBox="0 0 9 9"><rect width="3" height="3"/></svg>'), 'input-unknown'],
    ['a huge drawing', utf8('<svg viewBox="0 0 60000 60000"/>'), 'limit-exceeded'],
    ['an entity', utf8('<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 9 9">&a;</svg>'), 'record-malformed'],
  ])('says of %s why it gives nothing', async (_, bytes, code) => {
    await expect(loadedParts(qr, bytes)).rejects.toThrow(fault(code))
  })

  it.each([
    ['with loss', webpHead('VP8 ', 16, 0x3fff_3fff)],
    ['without loss', webpHead('VP8L', 21 - 10, 0xfff_ffff)],
    ['of parts', webpHead('VP8X', 24 - 10, 0xffff_ffff)],
  ])('refuses a WebP %s of too many pixels before it is decoded', async (_, bytes) => {
    await expect(loadedParts(qr, bytes)).rejects.toThrow(fault('limit-exceeded'))
  })

  it('says where nothing reads pictures', async () => {
    const load = qr.load(contentOf(stored('whole/question/receipt.png')), new Budget(LIMITS, () => 0), {})
    await expect(load).rejects.toThrow(fault('input-unknown'))
  })
})
