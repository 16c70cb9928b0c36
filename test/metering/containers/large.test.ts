// Large JSON documents: the cost grows with their size and no faster, whatever repeats in them.
import { describe, expect, it } from 'vitest'
import { nodeOpeners } from '../../../src/adapters/node-openers.ts'
import { utf8 } from '../../../src/base/bytes.ts'
import type { Json } from '../../../src/base/ports.ts'
import { type Input, verify } from '../../../src/transparency/index.ts'
import { month } from '../../../tools/limits/cases.ts'
import { beginRecord, ocmfText } from '../../../tools/transparency-vectors/maker.ts'
import { ask, ENGINE, PEM } from '../../transparency/support.ts'

describe('a large document', () => {
  it('of a month of charge detail records is valid, and four times as many take four times as long', async () => {
    const cost = async (count: number): Promise<number> => {
      const text = month(count)
      const begun = process.cpuUsage()
      const verdict = await ask({ 'cdrs.json': text })
      const { user, system } = process.cpuUsage(begun)
      expect([verdict.verdict, verdict.sessions.length]).toEqual(['valid', count])
      return user + system
    }
    await cost(50)
    const [one, four] = [await cost(250), await cost(1000)]
    // sixteen times would be a square
    expect(four).toBeLessThan(10 * one)
  })

  it('is bounded by its values and not by its length', async () => {
    const fault = async (text: string) => (await ask({ 'a.json': text })).inputs[0]?.fault?.code
    const before = process.memoryUsage().rss
    expect(await fault(`[${'0,'.repeat(12_000_000)}0]`)).toBe('limit-exceeded')
    expect(await fault(`[${'{},'.repeat(8_000_000)}0]`)).toBe('limit-exceeded')
    expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1_048_576)
  })

  it('holds no more readings, and no more text, than its limits', async () => {
    const { RD = [] } = beginRecord()
    const record = ocmfText({ ...beginRecord(), RD: [...(RD as Json[]), ...Array<Json>(100_000).fill({ RV: 1 })] })
    expect((await ask({ 'r.ocmf': record })).inputs[0]?.fault?.detail).toBe('more than 100000 readings')
    const files = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`${i}.ocmf`, ocmfText(beginRecord()).padEnd(1000)]))
    const { inputs } = await ask(files, { limits: { heldBytes: 1500 } })
    expect(inputs.map(({ fault }) => fault?.code)).toEqual([undefined, undefined, 'limit-exceeded', 'limit-exceeded'])
  })

  it('does not even read what it may not hold, but for the keys that it was given', async () => {
    const read: string[] = []
    const lazy = (name: string, text: string): Input => ({
      name,
      bytes: () => {
        read.push(name)
        return Promise.resolve(utf8(text))
      },
    })
    const records = ['a', 'b', 'c', 'd'].map((name) => lazy(name, ocmfText(beginRecord()).padEnd(1000)))
    const options = { engine: ENGINE, openers: nodeOpeners, limits: { heldBytes: 1500 }, keys: [lazy('key', PEM)] }
    expect((await verify(records, options)).inputs.map(({ fault }) => fault?.code)).toEqual([
      undefined,
      undefined,
      'limit-exceeded',
      'limit-exceeded',
      undefined,
    ])
    expect(read).toEqual(['a', 'b', 'key'])
  })

  it('is read in time, however it repeats itself', async () => {
    const many = (item: string, count: number): string => `[${Array(count).fill(item).join(',')}]`
    const texts = [
      many('{"signedMeterData":"x"}', 20_000),
      `{"placeInfo":${many('"x"', 50_000)},"signedMeterValues":${many('{"a":1}', 20_000)}}`,
      `{"chargingSessions":${many('{"EVSEId":"a"}', 15_000)},"publicKeys":${many('{"@id":"a","value":"b"}', 15_000)}}`,
      `{"public_key":"x","signed_values":${many('{"signed_data":"x"}', 15_000)}}`,
    ]
    const begun = process.cpuUsage()
    for (const text of texts) expect((await ask({ 'a.json': text })).verdict).toBe('unreadable')
    const { user, system } = process.cpuUsage(begun)
    expect((user + system) / 1000).toBeLessThan(8000)
  })
})
