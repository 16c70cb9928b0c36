// A controller with two ways up joins the park: the one in use is cut in the middle of a session, and comes back.
import { getTransaction, listTransactions } from '../../../src/roles/csms-views.ts'
import type { Park } from '../park.ts'
import type { Wire } from '../wire.ts'
import { countEvents, msUntilAnswered, type Scene, until } from './scene.ts'

const STATION = { id: 'cs-21-c', version: 'ocpp2.1' } as const
const PREFERRED = 'gateway'
const OTHER = 'gateway2'
const MAX_GAP_MS = 3_000

export const failover: Scene = async (park, tell) => {
  const preferred = await dualHomed(park)
  const csms = park.store('csms')
  const inUse = (): string => park.network('lc3').overlay.routes.next('csms', undefined, STATION.id)?.id ?? 'nothing'
  const id = (): string => listTransactions(csms, STATION.id)[0]?.id ?? ''
  const events = (): number => countEvents(park, id()).events
  park.station(STATION.id).plugIn(1)
  await park.station(STATION.id).present(1, 'DEADBEEF')
  await until(() => events() >= 2, 5_000)

  const [before, first] = [events(), inUse()]
  preferred.cut()
  const [called, told] = await Promise.all([msUntilAnswered(park, STATION), until(() => events() > before, 2 * MAX_GAP_MS)])
  tell({
    claim: 'a controller loses the uplink in use: its session and its calls go on over the other one',
    expected: `${PREFERRED}, then ${OTHER}; a call and an event within ${MAX_GAP_MS} ms`,
    observed: `${first}, then ${inUse()}; a call after ${called} ms, an event after ${told} ms`,
    ok: first === PREFERRED && inUse() === OTHER && called <= MAX_GAP_MS && told <= MAX_GAP_MS && events() > before,
  })

  preferred.restore()
  await until(() => inUse() === PREFERRED, 10_000)
  const back = inUse()
  await park.station(STATION.id).present(1, 'DEADBEEF')
  park.station(STATION.id).unplug(1)
  await until(() => getTransaction(csms, id())?.state === 'ended', 5_000)
  const { lost, doubled } = countEvents(park, id())
  const state = getTransaction(csms, id())?.state
  tell({
    claim: 'the preferred uplink is used again once it is back: nothing was lost, nothing came twice',
    expected: `over ${PREFERRED}, session ended, 0 events lost, 0 doubled`,
    observed: `over ${back}, session ${state}, ${events()} events, ${lost} lost, ${doubled} doubled`,
    ok: back === PREFERRED && state === 'ended' && lost === 0 && doubled === 0,
  })
}

/** A second gateway, a controller that dials both, a station behind it; resolves with the line to the gateway that is preferred. */
const dualHomed = async (park: Park): Promise<Wire> => {
  const preferred = await park.line(PREFERRED)
  await park.join('spare/gateway2.yaml')
  await park.join('spare/lc3.yaml', [preferred, await park.line(OTHER)])
  const isOnline = (id: string): boolean => park.network('csms').overlay.routes.place(id)?.online === true
  await until(() => park.network('lc3').overlay.routes.uplinks.length === 2 && isOnline('lc3'), 10_000)
  await park.join('spare/cs-21-c.yaml')
  await until(() => isOnline(STATION.id) && park.station(STATION.id).online, 10_000)
  return preferred
}
