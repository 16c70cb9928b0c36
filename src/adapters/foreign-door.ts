// The way to a foreign back end over real sockets: each station's connection as the station itself would have made it.
import { asFault } from '../base/fault.ts'
import type { ForeignSettings } from '../roles/foreign-backends.ts'
import type { ForeignDoor } from '../roles/foreign-door.ts'
import type { UplinkConfig } from './config.ts'
import { credentials } from './world.ts'
import { connectStation } from './ws-client.ts'

/** The back ends among a node's uplinks that are none of ours. Throws Fault `config-invalid` for a file that cannot be read. */
export const foreignSettings = (uplinks: readonly UplinkConfig[]): ForeignSettings => {
  const standard = uplinks.find(({ mode }) => mode === 'standard')
  const mirrors = uplinks.filter(({ mode }) => mode === 'mirror')
  return {
    ...(standard && { standard: { door: foreignDoor(standard), validate: standard.validate ?? 'strict' } }),
    mirrors: mirrors.map((mirror) => ({ door: foreignDoor(mirror), outbox: mirror.outbox ?? 10_000 })),
  }
}

/** One entry of `uplinks` as a door. */
export const foreignDoor = (uplink: UplinkConfig): ForeignDoor => {
  const fixed = credentials(uplink)
  return {
    name: uplink.node,
    dial({ id: stationId, version, password }, { up, failed }) {
      const abort = new AbortController()
      const { signal } = abort
      const own = uplink.passPassword && password ? { password } : {}
      connectStation(uplink.url, { stationId, versions: [version], signal, ...fixed, ...own }).then(
        ({ link }) => (signal.aborted ? link.close(1001, 'going away') : up(link)),
        (error) => signal.aborted || failed(asFault(error)),
      )
      return () => abort.abort()
    },
  }
}
