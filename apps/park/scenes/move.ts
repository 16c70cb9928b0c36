// A station moves from one controller to another; nobody configures anything.
import { msUntilAnswered, type Scene, until } from './scene.ts'

const STATION = { id: 'cs-201-a', version: 'ocpp2.0.1' } as const
const MAX_MS = 2_000

export const stationMoves: Scene = async (park, tell) => {
  const way = (node: string): string => {
    const place = park.network(node).overlay.routes.place(STATION.id)
    return place?.online ? place.path.join(' > ') : 'none'
  }
  const before = way('csms')
  const pulled = performance.now()
  await park.replug(STATION.id, 'lc2')
  await until(() => way('csms').includes('lc2'), 2 * MAX_MS)
  await msUntilAnswered(park, STATION)
  const ms = Math.round(performance.now() - pulled)
  await until(() => way('lc1') === 'none', MAX_MS)
  tell({
    claim: 'a station moves to another controller: the back end reaches it there without configuration, the old way is withdrawn',
    expected: `gateway > lc1 > ${STATION.id}, then gateway > lc2 > ${STATION.id}; a call answered within ${MAX_MS} ms; lc1 knows no way`,
    observed: `${before}, then ${way('csms')}; a call answered after ${ms} ms; lc1 knows ${way('lc1')}`,
    ok:
      before === `gateway > lc1 > ${STATION.id}` &&
      way('csms') === `gateway > lc2 > ${STATION.id}` &&
      way('gateway') === `lc2 > ${STATION.id}` &&
      way('lc1') === 'none' &&
      ms <= MAX_MS,
  })
}
