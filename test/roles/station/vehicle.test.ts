import fc from 'fast-check'
import { expect, it } from 'vitest'
import { demandW, drawnW, someVehicle } from '../../../src/roles/station/vehicle.ts'
import { fixedRandom } from '../../support/fixed-random.ts'

const CAR = { capacityWh: 60_000, arrivedAt: 0.5, maxPowerW: 100_000 }

it('takes full power to 80 %, tapers, and stops when full', () => {
  expect([0, 18_000, 24_000, 29_990, 30_000].map((charged) => Math.round(demandW(CAR, charged)))).toEqual([
    100_000, 100_000, 50_000, 6000, 0,
  ])
})

it('never draws more than was agreed, and nearly all of it', () => {
  const random = fixedRandom()
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 150_000 }), (agreed) => {
      const drawn = drawnW(agreed, random)
      return drawn <= agreed && drawn >= agreed * 0.99 - 1
    }),
  )
})

it('comes in sizes that exist', () => {
  for (let seed = 1; seed < 50; seed++) {
    const { capacityWh, arrivedAt, maxPowerW } = someVehicle(fixedRandom(seed), seed % 2 === 0 ? 'AC' : 'DC')
    expect(capacityWh).toBeGreaterThanOrEqual(50_000)
    expect(capacityWh).toBeLessThanOrEqual(82_000)
    expect(arrivedAt).toBeLessThanOrEqual(0.6)
    expect(seed % 2 === 0 ? [11_000, 22_000].includes(maxPowerW) : maxPowerW >= 80_000).toBe(true)
  }
})
