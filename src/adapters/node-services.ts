// What a node does besides carrying messages, where its file asks for it: tunnels, a door for stations that know only HTTP, firmware, live
// feeds, the meter of a site; and it keeps its journal in segments.
import { join } from 'node:path'
import type { Fault } from '../base/fault.ts'
import { payloadOf } from '../ocpp/frame.ts'
import type { CsmsDesk } from '../roles/csms-desk.ts'
import { Door } from '../roles/door.ts'
import { Publisher } from '../roles/firmware/publisher.ts'
import { GridMeter } from '../roles/grid-meter.ts'
import { type LiveFeeds, tellLive } from '../roles/live-feeds.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import type { DoorSection } from './config-door.ts'
import type { DoorWorld } from './door.ts'
import { hasher } from './file-contents.ts'
import { FirmwareDesk } from './firmware-desk.ts'
import { keepSegments } from './journal-segments.ts'
import { nodeRandom } from './node-crypto.ts'
import type { NodeFiles } from './node-files.ts'
import { tunnelsOf } from './tunnels.ts'
import type { Foundation } from './world.ts'

export interface NodeServices {
  readonly door?: DoorWorld
  readonly publisher?: Publisher
  readonly firmware?: FirmwareDesk
  /** From where a station is connected. */
  readonly addresses: Map<string, string>
  readonly live: LiveFeeds
  stop(): Promise<void>
}

export interface ServiceParts {
  readonly foundation: Foundation
  readonly network: NetworkNode
  readonly desk?: CsmsDesk | undefined
  readonly files?: NodeFiles | undefined
}

const DEFAULTS = { minutes: 1_440, megabytes: 64 } as const
const MEGABYTE = 1024 * 1024
const MINUTE_MS = 60_000

/** Throws Fault `port-taken`. */
export const openServices = async (parts: ServiceParts): Promise<NodeServices> => {
  const { foundation, network, desk, files } = parts
  const { config } = foundation
  const addresses = new Map<string, string>()
  const { clock, world } = foundation
  const failed = (fault: Fault): void => world.log.warn({ node: config.node }, fault.message)
  const tunnels = await tunnelsOf(foundation, network)
  const door = config.door && files && doorOf(config.door, { ...parts, files }, addresses)
  const live = tellLive({ network, desk, clock })
  const stopSegments = keepSegments(network, { folder: join(world.dataDir, config.node), failed })
  const gridMeter = config.role === 'energy-meter' && new GridMeter({ network, clock, powerW: world.sitePowerW ?? (() => 1_200) })
  const publisher = door && files && publisherOf({ ...parts, files }, door.door, failed)
  const firmware = desk && files && new FirmwareDesk({ foundation, network, desk, exchange: files.exchange, door: door?.door })
  return {
    ...{ addresses, live },
    ...(door && { door }),
    ...(publisher && { publisher }),
    ...(firmware && { firmware }),
    async stop() {
      if (gridMeter) gridMeter.stop()
      stopSegments()
      live.stop()
      files?.desk.stop()
      firmware?.stop()
      await tunnels.close()
    },
  }
}

const ORDER_MS = 30_000

const publisherOf = (
  { foundation, network, files }: ServiceParts & { readonly files: NodeFiles },
  door: Door,
  failed: (fault: Fault) => void,
): Publisher =>
  new Publisher({
    ...{ self: foundation.config.node, guard: network.guard, exchange: files.exchange, door, failed },
    md5: () => hasher('md5'),
    say: (node, payload) =>
      network.ask(node, 'PublishFirmwareStatusNotification', payloadOf(payload), { ocpp: 'ocpp2.1', timeoutMs: ORDER_MS }),
  })

const doorOf = (
  { url, minutes = DEFAULTS.minutes, megabytes = DEFAULTS.megabytes }: DoorSection,
  { foundation, network, files }: ServiceParts & { readonly files: NodeFiles },
  addresses: ReadonlyMap<string, string>,
): DoorWorld => {
  const { config, world, store, clock, engine } = foundation
  const isHere = (station: string): boolean => network.overlay.routes.direct(station) !== undefined
  const door = new Door({
    ...{ self: config.node, store, clock, engine, random: nodeRandom, guard: network.guard, url, lifeMs: minutes * MINUTE_MS },
    isHere,
  })
  const failed = (fault: Fault): void => world.log.warn({ node: config.node }, fault.message)
  return {
    ...{ door, engine, failed, exchange: files.exchange, service: files.service, coming: new Set<string>(), most: megabytes * MEGABYTE },
    folder: join(world.dataDir, config.node, 'uploads'),
    isFrom: (address, station) =>
      station !== undefined ? addresses.get(station) === address : [...addresses].some(([id, at]) => at === address && isHere(id)),
  }
}
