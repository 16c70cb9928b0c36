// The line between a controller and the gateway is cut and mended while cars charge.
import { getTransaction } from '../../../src/roles/csms-views.ts'
import { countEvents, type Scene, sessionsOf, until } from './scene.ts'

export const cutAndMended: Scene = async (park, tell) => {
  const controller = park.network('lc1')
  park.wire.cut()
  await until(() => !controller.overlay.routes.hasUplink, 5_000)
  await until(() => (controller.autonomy?.waiting ?? 0) >= 6, 15_000)
  // one session ends while nobody upstream can hear it
  await park.station('cs-201-a').present(1, 'DEADBEEF')
  park.station('cs-201-a').unplug(1)
  await until(() => park.station('cs-201-a').state[0]?.transactionId === undefined && park.station('cs-201-a').queued === 0, 5_000)
  const kept = controller.autonomy?.waiting ?? 0
  park.wire.restore()
  await until(() => controller.overlay.routes.hasUplink && controller.autonomy?.waiting === 0, 15_000)
  const ended = sessionsOf(park).find(({ stationId }) => stationId === 'cs-201-a')?.id ?? ''
  await until(() => getTransaction(park.store('csms'), ended)?.state === 'ended', 5_000)
  const { lost, doubled, events } = countEvents(park, ended)
  tell({
    claim: 'the upstream is cut and comes back: nothing is lost, nothing comes twice',
    expected: 'messages kept on disk, 0 events lost, 0 doubled, session ended',
    observed: `${kept} kept, ${events} events, ${lost} lost, ${doubled} doubled, session ${getTransaction(park.store('csms'), ended)?.state}`,
    ok: kept > 0 && events > 0 && lost === 0 && doubled === 0 && getTransaction(park.store('csms'), ended)?.state === 'ended',
  })
}
