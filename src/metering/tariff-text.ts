// Tariffs as OCMF's member TT carries them under signature, in the three profiles agreed at the Bonner Eichrechtstage: `001;EUR;W;X;Y;Z`
// W ct to start, X ct a kWh, Y ct a minute after minute Z; `002;EUR;W;X;Y` Y ct a minute after charging has ended; `003;EUR;W;X`
// X ct a minute. Other texts are free and no tariff to us. What a session costs is computed in transparency/cost.ts.
import { type Decimal, parseDecimal } from '../base/decimal.ts'

export interface TariffText {
  readonly text: string
  readonly profile: '001' | '002' | '003'
  /** ISO 4217. */
  readonly currency: string
  /** Prices in hundredths of the currency; zero where the profile has no such price. */
  readonly start: Decimal
  readonly perKwh: Decimal
  readonly perMinute: Decimal
  /** Whole minutes that cost nothing. */
  readonly freeMinutes: number
  /** A price for minutes after charging, whose number the record does not tell. */
  readonly perMinuteAfterCharging?: Decimal
}

/** Undefined for a free text; `malformed` for one that begins like a profile and breaks it. */
export const readTariffText = (text: string): TariffText | 'malformed' | undefined => {
  const [profile = '', currency = '', ...numbers] = text.split(';')
  const count = COUNTS.get(profile)
  if (count === undefined || currency === '') return undefined
  if (!/^[A-Z]{3}$/.test(currency) || numbers.length !== count || !numbers.every((number) => PRICE.test(number))) return 'malformed'
  const [start, second, third, fourth] = numbers.map(parseDecimal)
  const common = { text, currency, start: start ?? NONE, perKwh: second ?? NONE, perMinute: NONE, freeMinutes: 0 }
  if (profile === '003') return { ...common, profile, perKwh: NONE, perMinute: second ?? NONE }
  if (profile === '002') return { ...common, profile, perMinuteAfterCharging: third ?? NONE }
  if (fourth?.scale !== 0) return 'malformed'
  return { ...common, profile: '001', perMinute: third ?? NONE, freeMinutes: Number(fourth.digits) }
}

const NONE: Decimal = { digits: 0n, scale: 0 }
const COUNTS: ReadonlyMap<string, number> = new Map([
  ['001', 4],
  ['002', 3],
  ['003', 2],
])
/** Not negative, no leading zero. */
const PRICE = /^(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?$/
