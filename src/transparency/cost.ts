// What a session costs by the tariff that its records carry under signature: exact, and rounded once, at the end. Energy counts by the
// started Wh and time by the started minute, as the profiles have it.
import { addDecimal, compareDecimal, type Decimal, formatDecimal, parseDecimal, scaleDecimal } from '../base/decimal.ts'
import type { ReadingTime } from '../metering/reading.ts'
import type { TariffText } from '../metering/tariff-text.ts'
import type { Session } from './checks/check.ts'
import type { CostPart, CostReport } from './verdict.ts'

/**
 * Undefined where no record carries a tariff, where two carry different ones, or where the meter does not vouch for what the tariff
 * counts: energy, or time under a clock that a bill may rest on.
 */
export const costOf = (session: Session): CostReport | undefined => {
  const tariffs = session.records.flatMap(({ record }) => record.tariff ?? [])
  const [tariff] = tariffs
  if (tariff === undefined || tariff === 'other') return undefined
  if (tariffs.some((other) => other === 'other' || other.text !== tariff.text)) return undefined
  const parts = partsOf(tariff, session)
  if (parts === undefined) return undefined
  const exact = parts.reduce<Decimal>((sum, { cents }) => addDecimal(sum, parseDecimal(cents)), NONE)
  return {
    tariff: tariff.text,
    currency: tariff.currency,
    parts,
    exactCents: formatDecimal(exact),
    amount: formatDecimal(scaleDecimal(halfUp(exact), -2)),
    ...(tariff.perMinuteAfterCharging === undefined || isZero(tariff.perMinuteAfterCharging) ? {} : { unknown: 'time-after-charging' }),
  }
}

const NONE: Decimal = { digits: 0n, scale: 0 }
const isZero = (price: Decimal): boolean => compareDecimal(price, NONE) === 0

const partsOf = (tariff: TariffText, session: Session): CostPart[] | undefined => {
  const parts = [part('start', '1', tariff.start)]
  if (!isZero(tariff.perKwh)) {
    const { energyWh } = session
    if (energyWh === undefined) return undefined
    parts.push(part('kWh', formatDecimal(scaleDecimal(ceiling(parseDecimal(energyWh)), -3)), tariff.perKwh))
  }
  if (!isZero(tariff.perMinute)) {
    const minutes = minutesOf(session)
    if (minutes === undefined) return undefined
    parts.push(part('min', String(Math.max(0, minutes - tariff.freeMinutes)), tariff.perMinute))
  }
  return parts
}

const part = (unit: CostPart['unit'], quantity: string, price: Decimal): CostPart => {
  const count = parseDecimal(quantity)
  const cents = { digits: count.digits * price.digits, scale: count.scale + price.scale }
  return { unit, quantity, centsEach: formatDecimal(price), cents: formatDecimal(cents) }
}

/** Started minutes from begin to end. */
const minutesOf = ({ readings }: Session): number | undefined => {
  const bounds = readings.filter(({ reading: { marker } }) => marker === 'begin' || marker === 'end').map(({ reading }) => reading)
  const begin = bounds.find(({ marker }) => marker === 'begin')?.time
  const end = bounds.findLast(({ marker }) => marker === 'end')?.time
  if (begin === undefined || end === undefined || !billable(begin) || end.clock !== begin.clock) return undefined
  if (bounds.some(({ unusable }) => unusable.includes('time')) || end.ms < begin.ms) return undefined
  return Math.ceil((end.ms - begin.ms) / 60_000)
}

/** A relative clock stands on one that only informs, so from it to a synchronised one no time is measured (OCMF 1.4 table 19). */
const billable = ({ clock }: ReadingTime): boolean => clock === 'synchronised' || clock === 'relative'

const ceiling = ({ digits, scale }: Decimal): Decimal => {
  const unit = 10n ** BigInt(scale)
  return { digits: digits <= 0n ? digits / unit : (digits + unit - 1n) / unit, scale: 0 }
}

/** To the whole; nothing here is negative. */
const halfUp = ({ digits, scale }: Decimal): Decimal => {
  const unit = 10n ** BigInt(scale)
  return { digits: (2n * digits + unit) / (2n * unit), scale: 0 }
}
