// The meter at a site's grid connection: a node that reports the whole site's power to the back end, signed with its own key.
import type { Cancel, Clock } from '../base/ports.ts'
import { payloadOf } from '../ocpp/frame.ts'
import type { NetworkNode } from './network-node.ts'

const INTERVAL_MS = 5_000
/** Nothing here is said twice, so there are no numbers; but it speaks again soon, and who does not hear it knows that (docs/protocol.md §4.14). */
const WORD = { low: 1, top: 0, due: INTERVAL_MS / 1000 }

export interface GridMeterParts {
  readonly network: NetworkNode
  readonly clock: Clock
  /** What the site draws now, in watts. */
  readonly powerW: () => number
}

export class GridMeter {
  readonly #parts: GridMeterParts
  #timer: Cancel
  #energyWh = 0

  constructor(parts: GridMeterParts) {
    this.#parts = parts
    this.#timer = parts.clock.after(INTERVAL_MS, () => this.#report())
  }

  stop(): void {
    this.#timer()
  }

  #report(): void {
    const { network, clock, powerW } = this.#parts
    this.#timer = clock.after(INTERVAL_MS, () => this.#report())
    const watts = Math.round(powerW())
    this.#energyWh += (watts * INTERVAL_MS) / 3_600_000
    if (!network.overlay.routes.hasUplink) return
    // OCPP 2.1 J01: evseId 0 is the grid connection of the whole installation
    const sample = (measurand: string, value: number, unit: string) => ({
      value: Math.round(value),
      measurand,
      location: 'Inlet',
      unitOfMeasure: { unit },
    })
    const meterValue = [
      {
        timestamp: new Date(clock.now()).toISOString(),
        sampledValue: [sample('Power.Active.Import', watts, 'W'), sample('Energy.Active.Import.Register', this.#energyWh, 'Wh')],
      },
    ]
    // telemetry: the next report makes up for one that was lost, so nobody waits for this one
    network
      .ask(network.settings.backend, 'MeterValues', payloadOf({ evseId: 0, meterValue }), { ocpp: 'ocpp2.1', sealing: { cnt: WORD } })
      .catch((error) => network.overlay.flaw(error, { id: network.settings.backend }))
  }
}
