// The park: a whole charging site and its back end, every node from its own file in examples/park, over real sockets.
// Nothing here is a short cut: what the nodes do, they do as they would each on a machine of its own.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type NodeConfig, readConfig, type TrustEntry } from '../../src/adapters/config.ts'
import { openDataFolder } from '../../src/adapters/data-folder.ts'
import type { KeyOffice } from '../../src/adapters/key-office.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import { ownToken } from '../../src/adapters/token.ts'
import type { RunningNode, World } from '../../src/adapters/world.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Store } from '../../src/base/ports.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import type { Station } from '../../src/roles/station.ts'
import { ParkEvents } from './events.ts'
import { LastMetre } from './last-metre.ts'
import { type MeterReading, startMeter } from './modbus.ts'
import { openOffice, PARK_KEYS } from './operator.ts'
import type { Site } from './site.ts'
import { openVendor } from './vendor.ts'
import { Wire } from './wire.ts'

/** The port of the dashboard in the files of examples/park; all others follow it. */
const DEFAULT_BASE = 8080
const EXAMPLES = fileURLToPath(new URL('../../examples/park/', import.meta.url))
/** The energy meter of the building, behind lc2. */
const METER_PORT = 8088
/** Where the back end's file has the way to it begin. */
const METER_DOOR = 8089
/** Nodes that others dial start first. */
const ORDER = ['csms', 'gateway', 'local-controller', 'grid-operator', 'energy-meter', 'station']

export interface ParkOptions {
  readonly basePort: number
  readonly dataDir: string
  /** Made and kept in the data directory when not given. */
  readonly token?: string
  readonly log: World['log']
  readonly webFolder?: string
  /** Seconds between meter values; the files' own when not given. */
  readonly meterIntervalSeconds?: number
  /** How long a station needs to start again, milliseconds. */
  readonly rebootMs?: number
}

type Config = NodeConfig & { trust: TrustEntry[] }

export class Park implements Site {
  readonly token: string
  readonly url: string
  readonly nodes = new Map<string, RunningNode>()
  readonly wire: Wire
  readonly lastMetre: LastMetre
  readonly events: ParkEvents
  readonly dataDir: string
  /** Whoever runs the park's keys. */
  readonly office: KeyOffice
  readonly #options: ParkOptions
  readonly #configs = new Map<string, Config>()
  readonly #lines: { close(): Promise<void> }[] = []

  private constructor(options: ParkOptions, { wire, lastMetre }: Pick<Park, 'wire' | 'lastMetre'>, office: KeyOffice) {
    this.#options = options
    this.office = office
    this.dataDir = options.dataDir
    this.token = options.token ?? ownToken(options.dataDir)
    this.url = `http://127.0.0.1:${options.basePort}/${options.token === undefined ? `#token=${this.token}` : ''}`
    this.wire = wire
    this.lastMetre = lastMetre
    this.#lines.push(wire, lastMetre)
    this.events = new ParkEvents(this)
  }

  /** Starts everything and resolves when all stations have booted. Throws Fault `port-taken`, `config-invalid`, `store-failed`. */
  static async start(options: ParkOptions): Promise<Park> {
    openDataFolder(options.dataDir)
    const configs = parkConfigs(options.dataDir)
    const [office] = await Promise.all([openOffice(options.dataDir), openVendor(options.dataDir)])
    const wire = await Wire.open(`ws://127.0.0.1:${options.basePort + 2}`)
    const park = new Park(options, { wire, lastMetre: await LastMetre.open(options.basePort + 4) }, office)
    try {
      park.#lines.push(await startMeter(() => park.siteMeter(), METER_PORT + options.basePort - DEFAULT_BASE))
      // a station whose first boot finds nobody at home tries again only ten seconds later
      for (const isStation of [false, true]) {
        for (const config of configs.filter(({ role }) => (role === 'station') === isStation))
          await park.#add(park.#moved(config, config.node === 'lc1' ? [wire] : []))
        await park.#settled()
      }
      return park
    } catch (error) {
      await park.stop()
      throw error
    }
  }

  /**
   * Starts one more node while the park runs.
   * @param file below examples/park
   * @param lines what its uplinks lead over, in their order
   */
  async join(file: string, lines: readonly Wire[] = []): Promise<void> {
    await this.#add(this.#moved(readConfig(join(EXAMPLES, file)), lines))
  }

  /** A piece of network that leads to a node of the park, and ends with the park. */
  async line(to: string): Promise<Wire> {
    const line = await Wire.open(`ws://127.0.0.1:${this.#port(to)}`)
    this.#lines.push(line)
    return line
  }

  /** Pulls a station's plug and puts it in at another node: its keys and its store stay, what it dials is another. */
  async replug(station: string, to: string): Promise<void> {
    await found(this.nodes.get(station), station).stop()
    const config = found(this.#configs.get(station), station)
    await this.#add({ ...config, uplinks: [{ node: to, url: `ws://127.0.0.1:${this.#port(to)}/ocpp` }] })
  }

  network(id: string): NetworkNode {
    return found(this.nodes.get(id)?.network, id)
  }

  station(id: string): Station {
    return found(this.nodes.get(id)?.station, id)
  }

  get stations(): readonly Station[] {
    return [...this.nodes.values()].flatMap(({ station }) => (station ? [station] : []))
  }

  store(id: string): Store {
    return found(this.nodes.get(id)?.store, id)
  }

  /** What the site draws at this moment: its stations and its house, in watts. */
  sitePowerW(): number {
    const charging = this.stations.flatMap((station) => station.state.map(({ powerW }) => powerW))
    return charging.reduce((sum, watts) => sum + watts, 850)
  }

  /** What the energy meter of the building shows. */
  siteMeter(): MeterReading {
    const registers = this.stations.flatMap((station) => station.state.map(({ registerWh }) => registerWh))
    return { powerW: this.sitePowerW(), energyWh: registers.reduce((sum, wh) => sum + wh, 0), volts: 230 }
  }

  get meterDoor(): number {
    return METER_DOOR + this.#options.basePort - DEFAULT_BASE
  }

  async stop(): Promise<void> {
    this.events.stop()
    const nodes = [...this.nodes.values()].reverse()
    await Promise.all(nodes.filter(({ role }) => role === 'station').map((node) => node.stop()))
    await Promise.all(nodes.filter(({ role }) => role !== 'station').map((node) => node.stop()))
    await Promise.all(this.#lines.map((line) => line.close()))
  }

  async #add(config: Config): Promise<void> {
    this.#configs.set(config.node, config)
    this.nodes.set(config.node, await startNode(config, this.#world()))
  }

  #port(node: string): number {
    return found(this.#configs.get(node)?.listen?.[0], node).port
  }

  #world(): World {
    const { dataDir, log, webFolder, rebootMs } = this.#options
    return {
      dataDir,
      log,
      token: this.token,
      park: this.events,
      sitePowerW: () => this.sitePowerW(),
      ...(webFolder !== undefined && { webFolder }),
      ...(rebootMs !== undefined && { rebootMs }),
    }
  }

  /** A file with the operator's root, its ports moved to the base port; its uplinks lead over the lines, where there are any, and the door of lc2 over the last metre. */
  #moved(config: Config, lines: readonly Wire[]): Config {
    const { basePort, meterIntervalSeconds } = this.#options
    const by = basePort - DEFAULT_BASE
    const port = (url: string, line?: { readonly port: number }): string =>
      url.replace(/:(\d+)(?=\/|$)/, (_, number) => `:${line?.port ?? Number(number) + by}`)
    const { station, listen, uplinks, downlinks, door, tunnel, ...rest } = config
    return {
      ...rest,
      keys: PARK_KEYS,
      ...(listen && { listen: listen.map((entry) => ({ ...entry, port: entry.port + by })) }),
      ...(uplinks && { uplinks: uplinks.map((uplink, at) => ({ ...uplink, url: port(uplink.url, lines[at]) })) }),
      ...(downlinks && { downlinks: downlinks.map((downlink) => ({ ...downlink, url: port(downlink.url) })) }),
      ...(door && { door: { ...door, url: port(door.url, config.node === 'lc2' ? this.lastMetre : undefined) } }),
      ...(tunnel && { tunnel: movedTunnel(tunnel, by) }),
      ...(station && { station: meterIntervalSeconds === undefined ? station : { ...station, meterIntervalSeconds } }),
    }
  }

  /** Waits until the back end reaches every node, and every station's boot was accepted. */
  async #settled(): Promise<void> {
    const { routes } = this.network('csms').overlay
    const isSettled = (id: string): boolean =>
      id === 'csms' || (routes.place(id)?.online === true && this.nodes.get(id)?.station?.online !== false)
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 50))) {
      if ([...this.nodes.keys()].every(isSettled)) return
    }
    const missing = [...this.nodes.keys()].filter((id) => !isSettled(id))
    throw new Fault('unreachable', `not every node answered within 30 s: ${missing.join(', ')}`)
  }
}

const movedTunnel = ({ allow, forward, ...bounds }: NonNullable<Config['tunnel']>, by: number): NonNullable<Config['tunnel']> => ({
  ...bounds,
  ...(allow && { allow: allow.map((entry) => ({ ...entry, port: entry.port + by })) }),
  ...(forward && { forward: forward.map((entry) => ({ ...entry, listen: entry.listen + by, port: entry.port + by })) }),
})

/** The files of the park, those first whom others dial; every public key lies where the trust file names it before anybody looks. */
const parkConfigs = (dataDir: string): Config[] => {
  const configs = readdirSync(EXAMPLES)
    .filter((file) => file.endsWith('.yaml') && file !== 'trust.yaml')
    .map((file) => readConfig(join(EXAMPLES, file)))
    .sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role))
  const engine = nodeEngine()
  const listed = configs.flatMap(({ node, trust }) => [node, ...trust.map((entry) => entry.node)])
  for (const node of new Set(listed)) loadIdentity(dataDir, node, engine)
  return configs
}

const found = <T>(value: T | undefined, id: string): T => {
  if (value === undefined) throw new Fault('internal', `the park has no such part at ${id}`)
  return value
}
