// What a running session has come to: told only while it runs, and only by what is signed and whole.
import { describe, expect, it } from 'vitest'
import { beginRecord, END, type Fields, ocmfText, payload, present, reading } from '../../tools/transparency-vectors/maker.ts'
import { askAbout } from './support.ts'

const DURING: Fields = { ...END, TX: 'C' }
const session = async (fields: Fields, ...readings: readonly Fields[]) =>
  (await askAbout(ocmfText(payload({ ...fields, RD: readings.map((over) => present(reading(over))) })))).sessions[0]

describe('a session that runs', () => {
  it('has come to its latest reading, and to what the signed tariff makes of it', async () => {
    const running = await session({ TT: '003;EUR;100;10' }, {}, { ...DURING, RV: '#11', TM: '2026-03-01T08:10:00,000+0100 S' }, DURING)
    expect(running).toMatchObject({
      verdict: 'incomplete',
      soFar: { time: '2026-03-01T09:00:00.000+01:00', energyWh: '10500', cost: { amount: '7.00' } },
    })
    expect(running).not.toHaveProperty('energyWh')
    expect(running).not.toHaveProperty('cost')
  })

  it('has come to nothing at its begin', async () => {
    expect((await askAbout(ocmfText(beginRecord()))).sessions[0]).not.toHaveProperty('soFar')
  })

  it.each([
    ['has ended', [{}, END]],
    ['goes backwards', [{}, { ...DURING, RV: '#9' }]],
    ['has no begin', [DURING, { ...DURING, RV: '#21' }]],
    ['begins twice', [{}, { TM: '2026-03-01T08:10:00,000+0100 S', RV: '#10.5' }, DURING]],
  ])('is not told where it %s', async (_, readings) => {
    expect(await session({}, ...(readings as Fields[]))).not.toHaveProperty('soFar')
  })
})
