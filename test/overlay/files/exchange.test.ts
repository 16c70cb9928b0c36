// Content over hops: who asked gets what was published, whatever a hop or a link does; and a link carries it once.
import { describe, expect, it } from 'vitest'
import { concat } from '../../../src/base/bytes.ts'
import { Fault } from '../../../src/base/fault.ts'
import { chunkCount, listText } from '../../../src/overlay/files/content.ts'
import type { ChunkSource } from '../../../src/overlay/files/content-store.ts'
import { CONTENT, contentDetails } from '../../../src/overlay/files/request.ts'
import type { Transfer } from '../../../src/overlay/files/transfer.ts'
import { bytesOf, row, sourceOf } from './support.ts'

const SIZE = 40_000
const bytes = bytesOf(SIZE)
const source = sourceOf(bytes)
const wanted = { content: source.id, source: 'csms' }

const read = async (transfer: Transfer): Promise<Uint8Array> => allOf(await transfer.done)
const allOf = async (whole: ChunkSource): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  for (let i = 0; i < chunkCount(whole.content); i++) chunks.push((await whole.read(i)) as Uint8Array)
  return concat(...chunks)
}
/** Its list, and the length of that. */
const LIST = 4 + listText(source.content).length

describe('content', () => {
  it('comes over hops as it was published, and each keeps it', async () => {
    const { at, store } = row('csms', 'gateway', 'lc')
    at('csms').publish(source)
    const transfer = at('lc').open(wanted)
    expect(await read(transfer)).toEqual(bytes)
    expect(transfer.progress).toEqual({ done: SIZE, total: SIZE })
    expect(store('gateway').kept.has(source.id)).toBe(true)
  })

  it('can be read while it comes', async () => {
    const { at } = row('csms', 'lc')
    at('csms').publish(source)
    const transfer = at('lc').open(wanted)
    expect(await transfer.chunk(0)).toEqual(bytes.slice(0, 1_024))
    expect(transfer.progress.done).toBeLessThan(SIZE)
    expect(await transfer.chunk(39)).toEqual(bytes.slice(39 * 1_024))
    await expect(transfer.chunk(40)).rejects.toMatchObject({ code: 'payload-invalid' })
  })

  it('crosses the uplink once for a hundred stations', async () => {
    const stations = Array.from({ length: 100 }, (_, i) => `lc.cs-${i}`)
    const { at, net } = row('csms', 'lc', ...stations)
    at('csms').publish(source)
    const got = await Promise.all(stations.map((station) => read(at(station).open(wanted))))
    expect(got.filter((each) => Buffer.compare(each, bytes) === 0)).toHaveLength(100)
    expect(net.carried.get('csms>lc')).toBe(LIST + SIZE)
    expect(net.opened.get('lc>csms')).toBe(1)
    expect([...net.carried.keys()].filter((way) => way.startsWith('csms>'))).toEqual(['csms>lc'])
  })

  it('is answered so often at once to one node that does not read, and to others all the same', async () => {
    const large = sourceOf(bytesOf(200_000))
    const { at, net } = row('csms', 'lc', 'lc.other')
    at('lc').publish(large)
    const details = contentDetails({ content: large.id, source: 'lc', list: true, via: [] })
    const ask = () => net.of('lc.greedy').open('lc', { purpose: CONTENT, class: 'files', details })
    const streams = await Promise.all(Array.from({ length: 32 }, ask))
    await expect(ask()).rejects.toMatchObject({ code: 'queue-full' })
    expect(chunkCount((await at('lc.other').open({ content: large.id, source: 'lc' }).done).content)).toBe(196)
    for (const stream of streams) stream.reset(new Fault('refused', 'enough'))
    await new Promise((go) => setImmediate(go))
    await expect(ask()).resolves.toBeDefined()
  })

  it('is not asked for upstream by a station that comes later', async () => {
    const { at, net } = row('csms', 'lc', 'lc.a', 'lc.b')
    const withdraw = at('csms').publish(source)
    const first = at('lc.a').open(wanted)
    await first.done
    first.release()
    withdraw()
    const before = net.carried.get('csms>lc')
    expect(await read(at('lc.b').open(wanted))).toEqual(bytes)
    expect(net.carried.get('csms>lc')).toBe(before)
  })

  it('is refused from a hop that altered it, which is named, and the altered chunk alone comes from the source', async () => {
    const { at, net, altered } = row('csms', 'lc', 'lc.a')
    at('csms').publish(source)
    let seen = 0
    net.tamper = (from, to, piece) => {
      if (from !== 'lc' || to !== 'lc.a') return piece
      const at = LIST + 20 * 1_024 - seen
      seen += piece.length
      return at < 0 || at >= piece.length ? piece : piece.map((byte, i) => (i === at ? byte ^ 1 : byte))
    }
    expect(await read(at('lc.a').open(wanted))).toEqual(bytes)
    expect(altered.map(({ by, at: where, fault }) => [by, where, fault.data])).toEqual([
      ['lc', 'lc.a', { rule: 'content-chunk', index: 20 }],
    ])
    expect(net.carried.get('csms>lc.a')).toBe(1_024)
    expect(at('lc.a').figures.altered).toBe(1)
  })

  it('is fetched again by a hop whose disk changed it, so that nobody behind it gets the change', async () => {
    const { at, net, store, altered } = row('csms', 'lc', 'lc.a')
    at('csms').publish(source)
    const first = at('lc').open(wanted)
    await first.done
    first.release()
    const kept = store('lc').kept.get(source.id)?.chunks[7] as Uint8Array
    kept[3] = (kept[3] as number) ^ 128
    expect(await read(at('lc.a').open(wanted))).toEqual(bytes)
    expect(net.carried.get('csms>lc')).toBe(LIST + SIZE + 1_024)
    expect(altered).toEqual([])
  })

  it('is not taken at all where the list is altered', async () => {
    const { at, net, store } = row('csms', 'lc')
    at('csms').publish(source)
    net.tamper = (_from, _to, piece) => piece.map((byte, i) => (i === 40 ? byte ^ 1 : byte))
    await expect(at('lc').open(wanted).done).rejects.toMatchObject({ code: 'refused', data: { rule: 'content-list' } })
    expect(store('lc').kept.size).toBe(0)
  })

  it('is given up where every source alters it', async () => {
    const { at, net, altered } = row('csms', 'lc')
    at('csms').publish(source)
    net.tamper = (_from, _to, piece) => (piece.length === 1_024 ? piece.map((byte) => byte ^ 1) : piece)
    await expect(at('lc').open(wanted).done).rejects.toMatchObject({ code: 'refused', data: { rule: 'content-chunk' } })
    expect(altered).toHaveLength(16)
  })

  it('goes on after breaks with what is missing alone', async () => {
    const { at, net, clock } = row('csms', 'gateway', 'lc')
    at('csms').publish(source)
    let [seen, breaks] = [0, 0]
    net.tamper = (from, _to, piece) => {
      if (from !== 'csms') return piece
      seen += piece.length
      if (seen > 12_000 * (breaks + 1) && breaks < 3) {
        breaks++
        queueMicrotask(net.breakAll)
      }
      return piece
    }
    const transfer = at('lc').open(wanted)
    for (let i = 0; i < 40; i++) await clock.advance(250)
    expect(await read(transfer)).toEqual(bytes)
    expect(breaks).toBe(3)
    // of each break what was on its way may be lost: here a window of the streams at most
    expect(net.carried.get('csms>gateway')).toBeLessThanOrEqual(LIST + SIZE + 3 * 66_560)
  })

  it('is got past a hop that keeps none', async () => {
    const { at, net } = row('csms', 'hop', 'lc')
    at('csms').publish(source)
    net.of('hop').offer('content', () => Promise.reject(new Fault('remote-error', 'this node keeps no content')))
    expect(await read(at('lc').open(wanted))).toEqual(bytes)
  })

  it('is asked for in no circle', async () => {
    const { at } = row('lc', 'lc.a')
    const asked = { purpose: 'content', class: 'files', details: { content: source.id, source: 'csms', list: true, via: ['lc'] } } as const
    await expect(at('lc').offered(asked, 'lc.a')).rejects.toMatchObject({ code: 'hop-limit' })
    await expect(at('lc').offered({ ...asked, details: { ...asked.details, via: [], source: 'lc' } }, 'lc.a')).rejects.toMatchObject({
      code: 'input-missing',
    })
    await expect(at('lc').offered({ ...asked, details: { ...asked.details, content: '../x' } }, 'lc.a')).rejects.toMatchObject({
      code: 'payload-invalid',
    })
  })

  it('fails for all who wait where nobody has it, and can be asked for again', async () => {
    const { at } = row('csms', 'lc')
    const [one, other] = [at('lc').open(wanted), at('lc').open(wanted)]
    await expect(one.done).rejects.toMatchObject({ code: 'input-missing' })
    await expect(other.chunk(3)).rejects.toMatchObject({ code: 'input-missing' })
    at('csms').publish(source)
    expect(await read(at('lc').open(wanted))).toEqual(bytes)
  })

  it('ends when nobody wants it any more', async () => {
    const { at, net } = row('csms', 'lc')
    at('csms').publish(sourceOf(bytesOf(400_000)))
    const transfer = at('lc').open({ ...wanted, content: sourceOf(bytesOf(400_000)).id })
    await transfer.chunk(3)
    transfer.release()
    await expect(transfer.done).rejects.toMatchObject({ code: 'link-lost' })
    expect(net.carried.get('csms>lc')).toBeLessThan(400_000)
  })

  it('may be nothing', async () => {
    const { at } = row('csms', 'lc')
    const nothing = sourceOf(new Uint8Array(0))
    at('csms').publish(nothing)
    expect(await read(at('lc').open({ ...wanted, content: nothing.id }))).toEqual(new Uint8Array(0))
  })
})
