// What can be made to happen in the park, each at the press of a button: the incident's events, for the dashboard and for
// anybody with the token. A button only starts something; the nodes decide what becomes of it.
import type { Json } from '../../src/base/ports.ts'
import { readingText, readMeter } from './modbus-client.ts'
import type { OrderOutcome } from './orders.ts'
import { forgedIdentity, limit, order, replay } from './orders.ts'
import { beginRollOut, resumeRollOut, rollOuts } from './rollout.ts'
import type { Site } from './site.ts'
import { alterEnergy } from './tamper.ts'

export interface ParkOutcome {
  readonly ok: boolean
  readonly message: string
}

interface ParkEvent {
  readonly title: { readonly en: string; readonly de: string }
  readonly description: { readonly en: string; readonly de: string }
  readonly active?: (park: Site) => boolean
  readonly run: (park: Site) => ParkOutcome | Promise<ParkOutcome>
}

/** The station that the grid operator's orders are for, and one that hears them by mistake. */
export const LIMITED = { id: 'cs-21-a', version: 'ocpp2.1' } as const
export const OTHER = { id: 'cs-21-b', version: 'ocpp2.1' } as const
export const FLOOR_W = 4_200
const FIRMWARE_BYTES = 2_000_000

const EVENTS = {
  'car-arrives': {
    title: { en: 'A car arrives', de: 'Ein Auto kommt' },
    description: { en: 'plugs in at a free station and shows a card', de: 'steckt an einer freien Säule ein und zeigt eine Karte' },
    run: carArrives,
  },
  'car-leaves': {
    title: { en: 'A car leaves', de: 'Ein Auto fährt weg' },
    description: { en: 'the session that runs longest ends', de: 'der älteste Ladevorgang endet' },
    run: carLeaves,
  },
  'uplink-cut': {
    title: { en: 'Cut the uplink of lc1', de: 'Leitung von lc1 trennen' },
    description: { en: 'press again to mend it; nothing may be lost', de: 'nochmals drücken verbindet wieder; nichts darf verloren gehen' },
    active: ({ wire }) => wire.isCut,
    run: ({ wire }) => {
      if (wire.isCut) wire.restore()
      else wire.cut()
      return { ok: true, message: wire.isCut ? 'lc1 is cut off; its stations go on charging' : 'lc1 may dial again' }
    },
  },
  'grid-limit': {
    title: { en: 'Grid limit 4.2 kW', de: 'Netzbetreiber: 4,2 kW' },
    description: { en: 'a signed order of the grid operator to cs-21-a', de: 'signierte Anweisung des Netzbetreibers an cs-21-a' },
    run: async (park) => obeyed(await limit(park.network('grid-operator'), LIMITED, FLOOR_W)),
  },
  'grid-release': {
    title: { en: 'Release the limit', de: 'Begrenzung aufheben' },
    description: { en: 'the grid operator takes its order back', de: 'der Netzbetreiber nimmt seine Anweisung zurück' },
    run: async (park) =>
      obeyed(await order(park.network('grid-operator'), LIMITED, { action: 'ClearChargingProfile', payload: { chargingProfileId: 14 } })),
  },
  'stranger-order': {
    title: { en: 'A stranger gives the order', de: 'Ein Fremder gibt die Anweisung' },
    description: { en: 'same order, a key nobody trusts', de: 'gleiche Anweisung, ein Schlüssel, dem niemand traut' },
    run: async (park) =>
      refused(await limit(park.network('grid-operator'), LIMITED, FLOOR_W, { identity: forgedIdentity(park.dataDir, 'grid-operator') })),
  },
  'replayed-order': {
    title: { en: 'Replay the order', de: 'Anweisung wiederholen' },
    description: { en: 'a recorded order, sent once more', de: 'eine mitgeschnittene Anweisung, noch einmal gesendet' },
    run: async (park) => {
      const by = park.network('grid-operator')
      return refused(await replay(by, (await limit(by, LIMITED, FLOOR_W)).question))
    },
  },
  'order-outside-role': {
    title: { en: 'Order outside the role', de: 'Anweisung außerhalb der Rolle' },
    description: { en: 'the grid operator tries to switch the station off', de: 'der Netzbetreiber will die Säule abschalten' },
    run: async (park) => refused(await limit(park.network('grid-operator'), LIMITED, 0)),
  },
  'alter-values': {
    title: { en: 'Alter values on the line', de: 'Werte auf der Leitung ändern' },
    description: {
      en: 'the box between lc1 and the gateway changes meter values; press again to stop',
      de: 'die Box zwischen lc1 und Gateway ändert Zählerwerte; nochmals drücken beendet es',
    },
    active: ({ wire }) => wire.alter !== undefined,
    run: ({ wire }) => {
      wire.alter = wire.alter ? undefined : alterEnergy
      return { ok: true, message: wire.alter ? 'meter values are altered now; watch who notices' : 'the line is honest again' }
    },
  },
  'read-meter': {
    title: { en: 'Read the meter of the building', de: 'Gebäudezähler ablesen' },
    description: {
      en: 'Modbus/TCP from the back end, through a tunnel, to the meter behind lc2',
      de: 'Modbus/TCP vom Backend durch einen Tunnel zum Zähler hinter lc2',
    },
    run: async ({ meterDoor }) => ({ ok: true, message: readingText(await readMeter({ host: '127.0.0.1', port: meterDoor })) }),
  },
  'firmware-roll-out': {
    title: { en: 'Roll out firmware', de: 'Firmware ausrollen' },
    description: {
      en: 'a signed release for the three stations at lc2, one first; one that stopped is resumed',
      de: 'eine signierte Version für die drei Säulen an lc2, erst für eine; ein angehaltener Rollout geht weiter',
    },
    run: firmwareRollOut,
  },
  'alter-firmware': {
    title: { en: 'Alter firmware on the last metre', de: 'Firmware auf dem letzten Meter ändern' },
    description: {
      en: 'the cable between lc2 and its stations changes a byte; press again to stop',
      de: 'das Kabel zwischen lc2 und seinen Säulen ändert ein Byte; nochmals drücken beendet es',
    },
    active: ({ lastMetre }) => lastMetre.alters,
    run: ({ lastMetre }) => {
      lastMetre.alters = !lastMetre.alters
      return { ok: true, message: lastMetre.alters ? 'files are altered now; roll out firmware and watch' : 'the cable is honest again' }
    },
  },
} as const satisfies Record<string, ParkEvent>

export class ParkEvents {
  readonly #park: Site

  constructor(park: Site) {
    this.#park = park
  }

  events(): Json[] {
    return Object.entries<ParkEvent>(EVENTS).map(([name, { title, description, active }]) => ({
      name,
      title,
      description,
      ...(active && { active: active(this.#park) }),
    }))
  }

  async run(name: string): Promise<ParkOutcome> {
    if (!Object.hasOwn(EVENTS, name)) return { ok: false, message: 'there is no such event' }
    const event: ParkEvent = EVENTS[name as keyof typeof EVENTS]
    return event.run(this.#park)
  }

  stop(): void {
    this.#park.wire.alter = undefined
    this.#park.lastMetre.alters = false
  }
}

async function carArrives(park: Site): Promise<ParkOutcome> {
  const free = park.stations.find((station) =>
    station.state.every(({ transactionId, status }) => transactionId === undefined && status === 'Available'),
  )
  if (!free) return { ok: false, message: 'every station is taken' }
  free.plugIn(1)
  await free.present(1, 'DEADBEEF')
  return { ok: true, message: `a car charges at ${free.settings.id}` }
}

async function firmwareRollOut(park: Site): Promise<ParkOutcome> {
  const stopped = (await rollOuts(park)).find(({ state }) => state === 'stopped')
  const { id } = stopped ? await resumeRollOut(park, stopped.id) : await beginRollOut(park, FIRMWARE_BYTES)
  return { ok: true, message: stopped ? `${id} goes on` : `${id} is on its way to three stations` }
}

async function carLeaves(park: Site): Promise<ParkOutcome> {
  const busy = park.stations.find((station) => station.state.some(({ transactionId }) => transactionId !== undefined))
  if (!busy) return { ok: false, message: 'no car is charging' }
  await busy.present(1, 'DEADBEEF')
  busy.unplug(1)
  return { ok: true, message: `the car at ${busy.settings.id} leaves` }
}

const obeyed = (outcome: OrderOutcome): ParkOutcome =>
  outcome.status === 'Accepted'
    ? { ok: true, message: `${outcome.at} obeys` }
    : { ok: false, message: outcome.description || `${outcome.at} answered ${outcome.status}` }

/** These orders must not get through: a refusal is the good outcome. */
const refused = (outcome: OrderOutcome): ParkOutcome =>
  outcome.rule === undefined
    ? { ok: false, message: `not refused: ${outcome.at} answered ${outcome.status ?? outcome.description}` }
    : { ok: true, message: `${outcome.at} refused: ${outcome.description}` }
