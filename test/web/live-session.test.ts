// A session that runs, opened in the dashboard: energy and price are those that the meter signed, and no sum of the back end, which may say what it likes.
import { describe, expect, it } from 'vitest'
import { hexKeyOf, ocmfText, payload, present, reading, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'
import { browserFor } from '../support/browser.ts'
import { stage } from './stage.ts'

const values = [0, 0.9, 2.35].map((kwh, n) =>
  present(reading({ TM: `2026-03-01T08:${n}0:00,000+0100 S`, TX: n === 0 ? 'B' : 'C', RV: `#${(100 + kwh).toFixed(3)}` })),
)
// 2.50 EUR, 0.79 EUR a kilowatt-hour, 0.15 EUR a minute after the first: the meter signed the tariff too
const SIGNED = ocmfText(payload({ RD: values, TT: '001;EUR;250;79;15;1' }))
const record = safeXml([{ data: SIGNED, key: hexKeyOf(SIGNER) }])

const available = browserFor('a session that runs')

describe.skipIf(!available).each([
  { state: 'good', record, energy: '2,350 kWh' },
  { state: 'altered on its way', record: record.replace('102.350', '109.350'), energy: 'unbekannt' },
])('a running session whose record is $state', ({ record, energy }) => {
  const on = stage({ record })

  it(`has the energy ${energy}, whatever the back end adds up`, async () => {
    const { page } = await on.open('/#token=secret', { locale: 'de-DE' })
    const first = page.locator('.rows li', { has: page.locator('button[aria-pressed]') }).first()
    const theirs = /([\d,]+) kWh/.exec((await first.textContent()) ?? '')?.[1]
    await first.locator('button[aria-pressed]').click()
    const facts = page.locator('.live-session .facts')
    await facts.waitFor()
    const said = await facts.textContent()
    expect(said).toContain(energy)
    expect(said).not.toContain(theirs)
    // 250 + 2.35 × 79 + 19 × 15 = 720.65 hundredths
    expect(/Kosten bis dahin7,21 EUR/.test(said ?? '')).toBe(energy !== 'unbekannt')
  })
})
