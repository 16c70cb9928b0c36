// One EVSE as the station shows it to whoever stands in front of it, and to the screens of the park.
import type { Evse } from './evse.ts'
import type { EvseState } from './parts.ts'
import type { Vocabulary } from './vocabulary.ts'

/** @param limitW what profiles leave of `maxPowerW` */
export const stateOf = (evse: Evse, vocabulary: Vocabulary, { limitW, maxPowerW }: { limitW: number; maxPowerW: number }): EvseState => {
  const { energyWh, powerW } = evse.meter.reading()
  const { session } = evse
  const transactionId = session === undefined ? undefined : vocabulary.transactionId(session)
  return {
    evse: evse.id,
    status: evse.status,
    plugged: evse.plugged,
    ...(transactionId === undefined ? {} : { transactionId }),
    powerW,
    energyWh: session === undefined ? 0 : energyWh - session.begin.energyWh,
    registerWh: energyWh,
    ...(limitW < maxPowerW ? { limitW } : {}),
  }
}
