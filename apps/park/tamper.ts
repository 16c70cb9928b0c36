// What the dishonest box on the wire does: it adds a little energy to every meter value of a signing station.
import type { WireFrame } from './wire.ts'

/** Adds 100 kWh to the energy register in TransactionEvents on their way up, and touches nothing else. */
export const alterEnergy = ({ direction, text }: WireFrame): string => {
  if (direction !== 'up' || !text.includes('"TransactionEvent"')) return text
  return text.replace(
    /("sampledValue":\[\{"value":)(\d+(?:\.\d+)?)/g,
    (_, before: string, value: string) => `${before}${Number(value) + 100_000}`,
  )
}
