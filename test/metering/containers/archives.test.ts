// tar, gzip and bzip2: what comes out, what is named and not followed, and where unpacking stops.
import { gzipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../../src/base/bytes.ts'
import { innerName } from '../../../src/metering/container.ts'
import { bz2 } from '../../../src/metering/containers/bz2.ts'
import { gz } from '../../../src/metering/containers/gz.ts'
import { tar } from '../../../src/metering/containers/tar.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { paxPath, tarOf } from '../../../tools/transparency-vectors/archives.ts'
import { bzip2, bzip2Bomb } from '../../../tools/transparency-vectors/bzip2.ts'
import { loadedParts, partsOf, told } from './support.ts'

const file = (name: string, text: string) => ({ name, content: utf8(text) })
const damaged = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = bytes.slice()
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

describe('tar', () => {
  const whole = tarOf([{ name: 'd/', type: '5' }, file('d/a', 'one'), file('b', 'x'.repeat(512)), file('empty', '')])

  it('gives every file and no folder', () => {
    expect(tar.recognise(contentOf(whole))).toBe(true)
    expect(told(partsOf(tar, whole))).toEqual(['d/a=one', `b=${'x'.repeat(40)}`, 'empty='])
  })

  it.each([
    ['pax', { name: 'x', type: 'x', content: paxPath(`${'long/'.repeat(40)}ä`) }, `${'long/'.repeat(40)}ä=text`],
    ['pax of one hundred bytes', { name: 'x', type: 'x', content: paxPath('p'.repeat(93)) }, `${'p'.repeat(93)}=text`],
    ['GNU', { name: 'x', type: 'L', content: utf8(`${'long/'.repeat(40)}\0`) }, `${'long/'.repeat(40)}!record-malformed`],
  ])('takes a long name as %s', (_, announcement, expected) => {
    const parts = partsOf(tar, tarOf([announcement, file('short', 'text'), file('next', 'own name')]))
    // a folder's name on a file with content is named; the next file has its own name again
    expect(told(parts)).toEqual([expected, 'next=own name'])
  })

  it.each(['1', '2', '3', '4', '6', 'S', 'Z'])('names an entry of kind %s and does not follow it', (type) => {
    expect(told(partsOf(tar, tarOf([file('a', 'one'), { name: 'evil', type }])))).toEqual(['a=one', 'evil!input-unknown'])
  })

  it.each([
    ['a header that does not match its sum', damaged(whole, 512 + 3), ['!record-malformed']],
    ['a file that is cut off', whole.subarray(0, 512 * 4 + 100), ['d/a=one', '!record-malformed']],
    ['no end', whole.subarray(0, whole.length - 1024), ['d/a=one', `b=${'x'.repeat(40)}`, 'empty=', '!record-malformed']],
    [
      'an extended header that lies about its length',
      tarOf([{ name: 'x', type: 'x', content: utf8('99 path=a\n') }]),
      ['!record-malformed'],
    ],
    ['a name without end', tarOf([{ name: 'x', type: 'L', content: new Uint8Array(70_000).fill(97) }]), ['!limit-exceeded']],
  ])('says that there is %s', (_, bytes, expected) => {
    expect(told(partsOf(tar, bytes))).toEqual(expected)
  })

  it('keeps what came before the limit of entries', () => {
    const many = tarOf(['a', 'b', 'c'].map((name) => file(name, name)))
    expect(told(partsOf(tar, many, { entries: 2 }))).toEqual(['a=a', 'b=b', '!limit-exceeded'])
  })

  it('leaves the bytes as they are', () => {
    const given = Buffer.from(whole)
    expect([tar.recognise(contentOf(given)), tar.recognise(contentOf(given)), Buffer.compare(given, whole)]).toEqual([true, true, 0])
  })

  it('is not recognised by its name or its zeros', () => {
    expect(tar.recognise(contentOf(new Uint8Array(1024)))).toBe(false)
    expect(tar.recognise(contentOf(damaged(whole, 3)))).toBe(false)
  })
})

describe.each([
  ['gzip', gz, partsOf.bind(undefined, gz), (text: string) => gzipSync(utf8(text), { mtime: 0 })],
  ['bzip2', bz2, loadedParts.bind(undefined, bz2), (text: string) => bzip2(utf8(text))],
] as const)('%s', (_, container, parts, pack) => {
  const text = 'the quick brown fox jumps over the lazy dog'

  it('gives its one file, in one piece or several', async () => {
    expect(container.recognise(contentOf(pack(text)))).toBe(true)
    expect(told(await parts(pack(text)))).toEqual([`=${text.slice(0, 40)}`])
    expect(told(await parts(concat(pack('one '), pack('two'))))).toEqual(['=one two'])
  })

  it('says when it is cut off', async () => {
    const packed = pack(text)
    for (const length of [12, 20, packed.length - 12]) expect(told(await parts(packed.subarray(0, length)))).toEqual(['!record-malformed'])
  })

  it('says when something stands behind it', async () => {
    expect(told(await parts(concat(pack(text), utf8('more'))))).toEqual(['!record-malformed'])
  })
})

describe('bombs', () => {
  const zeros = gzipSync(new Uint8Array(20_000_000), { mtime: 0 })

  it('of gzip stop at the ratio and at the total', () => {
    expect(told(partsOf(gz, zeros))).toEqual(['!limit-exceeded'])
    expect(told(partsOf(gz, zeros, { ratio: 1e9, unpackedBytes: 1_000_000 }))).toEqual(['!limit-exceeded'])
    expect(told(partsOf(gz, zeros, { ratio: 1e9, inputBytes: 1_000_000 }))).toEqual(['!limit-exceeded'])
  })

  it('of bzip2 stop within the first block', async () => {
    const bomb = bzip2Bomb(40)
    expect(bomb.length).toBeLessThan(2000)
    expect(told(await loadedParts(bz2, bomb))).toEqual(['!limit-exceeded'])
    expect(told(await loadedParts(bz2, bomb, { ratio: 1e9, unpackedBytes: 1_000_000 }))).toEqual(['!limit-exceeded'])
  })
})

describe('the name of what has none', () => {
  it.each([
    ['a/session.tar.gz', 'session.tar'],
    ['session.TGZ', 'session.tar'],
    ['session.tbz2', 'session.tar'],
    ['CPM-0001.pem.bz2', 'CPM-0001.pem'],
    ['CPM-0001.png', 'CPM-0001'],
    ['download', 'content'],
    ['.gz', 'content'],
  ])('%s holds %s', (outer, inner) => {
    expect(innerName(outer)).toBe(inner)
  })
})
