// Content, cut and put together again: what it is does not depend on how its bytes came; and what is no list is none.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../../src/base/bytes.ts'
import { parseJsonStrict } from '../../../src/base/canonical-json.ts'
import type { Json } from '../../../src/base/ports.ts'
import { Chunker, chunkCount, chunkLength, contentId, isChunk, listText, readList, readListOf } from '../../../src/overlay/files/content.ts'
import { indicesOf, runsOf } from '../../../src/overlay/files/request.ts'
import { bytesOf, contentOf, engine, row, sha256, sourceOf } from './support.ts'

describe('content', () => {
  it('is the same however its bytes came', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6_000 }), fc.array(fc.nat(6_000), { maxLength: 8 }), (bytes, cuts) => {
        const chunker = new Chunker({ engine, whole: sha256(), chunkSize: 1_024 })
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
        const chunks = places.slice(1).flatMap((to, i) => [...chunker.push(bytes.subarray(places[i], to))])
        const { last, content } = chunker.end()
        const all = [...chunks, ...(last ? [last] : [])]
        expect(concat(...all)).toEqual(bytes)
        expect(all).toHaveLength(chunkCount(content))
        expect(all.every((chunk, i) => isChunk(content, i, chunk, engine))).toBe(true)
        expect(content).toEqual(contentOf(bytes))
        expect(readListOf(contentId(content, engine), utf8(listText(content)), engine)).toEqual(content)
      }),
    )
  })

  it('has no chunk that differs in a bit, or in length', () => {
    const bytes = bytesOf(3_000)
    const content = contentOf(bytes)
    const first = bytes.slice(0, 1_024)
    expect(isChunk(content, 0, first, engine)).toBe(true)
    expect(isChunk(content, 1, first, engine)).toBe(false)
    expect(isChunk(content, 0, first.subarray(1), engine)).toBe(false)
    expect(isChunk(content, 3, new Uint8Array(0), engine)).toBe(false)
    for (const at of [0, 511, 1_023])
      expect(
        isChunk(
          content,
          0,
          first.map((byte, i) => (i === at ? byte ^ 1 : byte)),
          engine,
        ),
      ).toBe(false)
    expect(chunkLength(content, 2)).toBe(3_000 - 2_048)
  })

  const list = parseJsonStrict(listText(contentOf(bytesOf(3_000)))) as { readonly [member: string]: Json }
  it.each<[string, Json]>([
    ['nothing', null],
    ['a list', []],
    ['one more member', { ...list, extra: 1 }],
    ['no size', { ...list, size: -1 }],
    ['a size of a part', { ...list, size: 2_999.5 }],
    ['chunks too small', { ...list, chunkSize: 512 }],
    ['chunks too large', { ...list, chunkSize: 2_097_152 }],
    ['more chunks than said', { ...list, size: 1_000 }],
    ['fewer chunks than said', { ...list, size: 9_000 }],
    ['no hash of the whole', { ...list, sha256: 'A'.repeat(64) }],
  ])('is not read from %s', (_name, value) => {
    expect(() => readList(value)).toThrow(expect.objectContaining({ code: 'frame-malformed' }))
  })

  it('has no more than 65,536 chunks', () => {
    expect(() => readList({ ...list, chunkSize: 1_024, size: 1_024 * 65_537 })).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
  })

  it('is asked for in runs that name each missing chunk once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500), { maxLength: 200 }), (numbers) => {
        const sorted = numbers.sort((a, b) => a - b)
        expect([...indicesOf(runsOf(sorted))]).toEqual(sorted)
      }),
    )
  })

  it('is whole after any chunks were there before, and those are not sent again', async () => {
    const bytes = bytesOf(20_000)
    const source = sourceOf(bytes)
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(19)), async (before) => {
        const { at, net, store } = row('csms', 'lc')
        at('csms').publish(source)
        const held = await store('lc').begin(source.content, 'lc')
        for (const index of before) await held.put(index, (await source.read(index)) as Uint8Array)
        const whole = await at('lc').open({ content: source.id, source: 'csms' }).done
        for (let i = 0; i < 20; i++) expect(await whole.read(i)).toEqual(await source.read(i))
        const there = before.reduce((sum, index) => sum + chunkLength(source.content, index), 0)
        expect(net.carried.get('csms>lc') ?? 0).toBe(20_000 - there)
      }),
      { numRuns: 30 },
    )
  })
})
