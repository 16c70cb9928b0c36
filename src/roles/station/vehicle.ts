// The simulated vehicle at the other end of the cable: how much power it would take.
import type { Random } from '../../base/ports.ts'

export interface Vehicle {
  readonly capacityWh: number
  /** State of charge when it was plugged in, 0 to 1. */
  readonly arrivedAt: number
  readonly maxPowerW: number
}

/** A car as one meets them: 50 to 82 kWh, arriving with 15 to 60 %. */
export const someVehicle = (random: Random, supply: 'AC' | 'DC'): Vehicle => {
  const [size = 0, charge = 0, power = 0] = random.bytes(3)
  return {
    capacityWh: 50_000 + size * 125,
    arrivedAt: 0.15 + (charge / 255) * 0.45,
    maxPowerW: supply === 'AC' ? 11_000 + (power > 170 ? 11_000 : 0) : 80_000 + power * 400,
  }
}

/** Full power up to 80 %, then falling in a straight line to 6 % of it; nothing when full. */
export const demandW = (vehicle: Vehicle, chargedWh: number): number => {
  const charge = vehicle.arrivedAt + chargedWh / vehicle.capacityWh
  if (charge >= 1) return 0
  return charge <= 0.8 ? vehicle.maxPowerW : vehicle.maxPowerW * Math.max(0.06, (1 - charge) / 0.2)
}

/** What really flows: a little under what was agreed, never over it. */
export const drawnW = (agreedW: number, random: Random): number => {
  const [noise = 0] = random.bytes(1)
  return Math.floor(agreedW * (1 - noise / 25_500))
}
