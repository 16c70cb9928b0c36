import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/base/bytes.ts'
import type { Part } from '../../../src/metering/container.ts'
import { zip } from '../../../src/metering/containers/zip.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { Budget, LIMITS, type Limits } from '../../../src/metering/limits.ts'

const open = (bytes: Uint8Array, limits: Partial<Limits> = {}): readonly Part[] =>
  zip.open(contentOf(bytes), new Budget({ ...LIMITS, ...limits }, () => 0))

const codes = (parts: readonly Part[]) => parts.map((part) => (part.kind === 'missing' ? part.fault.code : part.name))

describe('zip', () => {
  it('gives every member, stored or deflated, but no folder', () => {
    const archive = zipSync({ 'a.txt': utf8('a'.repeat(100)), b: { 'c.txt': [utf8('stored'), { level: 0 }] }, d: {} })
    expect(zip.recognise(contentOf(archive))).toBe(true)
    const texts = open(archive).map((part) => (part.kind === 'member' ? [part.name, Buffer.from(part.bytes).toString()] : part))
    expect(texts).toEqual([
      ['a.txt', 'a'.repeat(100)],
      ['b/c.txt', 'stored'],
    ])
  })

  it('gives members of one name both, and one called __proto__', () => {
    const archive = zipSync({ 'a.txt': utf8('one'), 'b.txt': utf8('two'), _________: utf8('three') })
    const text = Buffer.from(archive).toString('latin1').replaceAll('b.txt', 'a.txt').replaceAll('_________', '__proto__')
    expect(codes(open(Buffer.from(text, 'latin1')))).toEqual(['a.txt', 'a.txt', '__proto__'])
  })

  it('unpacks no bomb', () => {
    const bomb = zipSync({ 'bomb.txt': new Uint8Array(20_000_000) })
    expect(codes(open(bomb))).toEqual(['limit-exceeded'])
    expect(codes(open(bomb, { ratio: 1e9, unpackedBytes: 1_000_000 }))).toEqual(['limit-exceeded'])
    expect(codes(open(bomb, { ratio: 1e9 }))).toEqual(['bomb.txt'])
  })

  it('does not believe the sizes an archive states', () => {
    const bomb = Buffer.from(zipSync({ 'bomb.txt': new Uint8Array(20_000_000) }))
    const size = Buffer.alloc(4)
    size.writeUInt32LE(20_000_000)
    for (let at = bomb.indexOf(size); at >= 0; at = bomb.indexOf(size)) bomb.writeUInt32LE(10, at)
    expect(codes(open(bomb))).toEqual(['limit-exceeded'])
  })

  it('keeps what came before the limit', () => {
    const archive = zipSync(Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`${i}.txt`, utf8(String(i))])))
    expect(codes(open(archive, { entries: 3 }))).toEqual(['0.txt', '1.txt', '2.txt', 'limit-exceeded'])
  })

  it('says when an archive is damaged', () => {
    const archive = zipSync({ 'a.txt': utf8('a'.repeat(5000)), 'b.txt': utf8('b') })
    expect(() => open(archive.subarray(0, 60))).toThrow(expect.objectContaining({ code: 'record-malformed' }))
    const broken = archive.slice()
    broken.fill(0xff, 35, 45)
    expect(codes(open(broken))).toContain('record-malformed')
  })

  it('says when directory and body disagree', () => {
    const archive = zipSync({ 'a.txt': utf8('one'), 'b.txt': utf8('two') })
    // the first member's own header is made unrecognisable; the directory still names it
    archive[2] = 0x07
    expect(codes(open(archive))).toEqual(['b.txt', 'record-malformed'])
  })

  const stored = (members: Record<string, string>): Buffer =>
    Buffer.from(zipSync(Object.fromEntries(Object.entries(members).map(([name, text]) => [name, [utf8(text), { level: 0 }]] as const))))

  it.each([
    ['another name', (archive: Buffer) => archive.write('c', archive.lastIndexOf('b.txt'))],
    ['another size', (archive: Buffer) => archive.writeUInt32LE(2, archive.lastIndexOf('PK\u0001\u0002', undefined, 'latin1') + 24)],
    // a member that only those find who go by the directory: both entries lead to the first
    ['another content', (archive: Buffer) => archive.writeUInt32LE(0, archive.lastIndexOf('PK\u0001\u0002', undefined, 'latin1') + 42)],
    [
      'another content of two of one name',
      (archive: Buffer) => {
        archive.write('b', archive.indexOf('a.txt'))
        archive.write('b', archive.lastIndexOf('a.txt'))
        archive.writeUInt32LE(0, archive.lastIndexOf('PK\u0001\u0002', undefined, 'latin1') + 42)
      },
    ],
  ])('says where a member has %s by the directory', (_, alter) => {
    const archive = stored({ 'a.txt': 'one', 'b.txt': 'two' })
    expect(codes(open(archive))).toEqual(['a.txt', 'b.txt'])
    alter(archive)
    expect(codes(open(archive)).slice(2)).toEqual(['record-malformed'])
  })

  it('names a folder that has content', () => {
    expect(codes(open(zipSync({ 'a.txt': utf8('one'), 'b/': utf8('a record') })))).toEqual(['a.txt', 'record-malformed'])
  })

  it('believes no number of entries', () => {
    const archive = zipSync(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i}/`, new Uint8Array()])))
    expect(open(archive)).toEqual([])
    expect(() => open(archive, { entries: 4 })).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
  })
})
