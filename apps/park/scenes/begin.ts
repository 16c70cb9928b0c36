// The park comes to life: stations of every version boot over one socket, cars charge at three of them, and every node knows
// that its neighbours are who they say.
import { getTransaction } from '../../../src/roles/csms-views.ts'
import { CHARGING, type Scene, sessionsOf, until } from './scene.ts'

const VERSIONS_WANTED = 'ocpp1.6, ocpp2.0.1, ocpp2.1'

export const bootedThroughOneSocket: Scene = async (park, tell) => {
  const { routes } = park.network('csms').overlay
  const behind = routes.places().filter(({ role, online, path }) => role === 'station' && online && path[0] === 'gateway')
  const versions = [...new Set(behind.map(({ protocol }) => protocol))].sort().join(', ')
  const sockets = routes.peers.filter(({ id }) => id !== 'grid-operator').length
  tell({
    claim: 'stations of three OCPP versions boot through one upstream socket',
    expected: `6 stations, ${VERSIONS_WANTED}, 1 socket`,
    observed: `${behind.length} stations, ${versions}, ${sockets} socket${sockets === 1 ? '' : 's'}`,
    ok: behind.length === 6 && versions === VERSIONS_WANTED && sockets === 1,
  })
}

export const sessionsBegin: Scene = async (park, tell) => {
  for (const id of CHARGING) {
    park.station(id).plugIn(1)
    await park.station(id).present(1, 'DEADBEEF')
  }
  const csms = park.store('csms')
  const signed = (): number => sessionsOf(park).filter(({ id }) => (getTransaction(csms, id)?.signedRecords.length ?? 0) > 0).length
  const metered = (): number => sessionsOf(park).filter(({ energyWh }) => Number(energyWh ?? 0) > 0).length
  await until(() => metered() === 3 && signed() === 3, 15_000)
  tell({
    claim: 'a session is metered and signed, in each OCPP version',
    expected: '3 sessions with energy, each with a record that its meter signed',
    observed: `${sessionsOf(park)
      .map(({ stationId, energyWh }) => `${stationId} ${energyWh} Wh`)
      .join(', ')}, ${signed()} signed`,
    ok: metered() === 3 && signed() === 3,
  })
}

/** Each end of a link says whether the other proved a key that is listed for it. */
export const neighboursProven: Scene = async (park, tell) => {
  const nodes = [...park.nodes.values()].flatMap(({ network }) => (network ? [network] : []))
  const ends = nodes.flatMap(({ id, links }) => links.all().filter(({ node, kind }) => node === id && kind !== 'station'))
  const proven = ends.filter((end) => end.proven === true).length
  // the site is a tree: one link less than nodes
  const wanted = 2 * (nodes.length - 1)
  tell({
    claim: 'every node of the park has proven its key to its neighbours',
    expected: `${wanted} ends of links, ${wanted} of them proven`,
    observed: `${ends.length} ends of links, ${proven} of them proven`,
    ok: ends.length === wanted && proven === wanted,
  })
}
