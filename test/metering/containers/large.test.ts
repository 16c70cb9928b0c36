// Large JSON documents: the cost grows with their size and no faster, whatever repeats in them.
import { describe, expect, it } from 'vitest'
import { ask } from '../../transparency/support.ts'

describe('a large document', () => {
  it('is read in time, however it repeats itself', async () => {
    const many = (item: string, count: number): string => `[${Array(count).fill(item).join(',')}]`
    const texts = [
      many('{"signedMeterData":"x"}', 20_000),
      `{"placeInfo":${many('"x"', 50_000)},"signedMeterValues":${many('{"a":1}', 20_000)}}`,
      `{"chargingSessions":${many('{"EVSEId":"a"}', 15_000)},"publicKeys":${many('{"@id":"a","value":"b"}', 15_000)}}`,
      `{"public_key":"x","signed_values":${many('{"signed_data":"x"}', 15_000)}}`,
    ]
    const begun = performance.now()
    for (const text of texts) expect((await ask({ 'a.json': text })).verdict).toBe('unreadable')
    expect(performance.now() - begun).toBeLessThan(8000)
  })
})
