// Starts one node from its configuration: opens its store and keys, puts its role together, serves its endpoints and dials
// its neighbours. Everything that runs was asked for in the file.
import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Cancel, Machine } from '../base/ports.ts'
import type { Envelope } from '../ocpp/frame.ts'
import { Journal } from '../overlay/journal.ts'
import type { Vouched } from '../overlay/key-document.ts'
import { KeyLedger } from '../overlay/key-ledger.ts'
import type { Local } from '../overlay/node.ts'
import { type Identity, isOfCurve } from '../overlay/signature.ts'
import { SteeredClock } from '../overlay/steered-clock.ts'
import { TrustStore } from '../overlay/trust.ts'
import { csmsLocal, isByOrigin, noLocal } from '../roles/csms.ts'
import type { CsmsDesk } from '../roles/csms-desk.ts'
import { servingDoor } from '../roles/door.ts'
import { servingPublisher } from '../roles/firmware/publisher.ts'
import { NetworkNode, type NetworkParts, type NetworkSettings } from '../roles/network-node.ts'
import type { Quota } from '../roles/outbox.ts'
import { certificateDesk } from './certificate-desk.ts'
import { systemClock } from './clock.ts'
import { type LoadedConfig, type NodeConfig, policyOf, type UplinkConfig } from './config.ts'
import { type KeysSection, maxAgeMs } from './config-keys.ts'
import { type Served, serve } from './endpoints.ts'
import { lagMeter } from './event-loop.ts'
import { foreignSettings } from './foreign-door.ts'
import { liveIdentity, ownKeys } from './key-ring.ts'
import { loadFacts, loadIdentity, loadTrust } from './keys.ts'
import type { Meters } from './metrics.ts'
import { nodeEngine, nodeRandom } from './node-crypto.ts'
import { type NodeFiles, openFiles, withFiles } from './node-files.ts'
import { type NodeServices, openServices } from './node-services.ts'
import { operationsOf } from './operations.ts'
import { policyFlaw } from './policy-file.ts'
import { secrecyOf } from './reading-keys.ts'
import { openStore } from './sqlite-store.ts'
import { StoreMeter } from './store-meter.ts'
import { dialDownlinks, dialUplinks, preferencesOf } from './uplink-dialler.ts'
import type { Foundation, RunningNode, World } from './world.ts'

export const startNode = async (config: LoadedConfig, world: World): Promise<RunningNode> => {
  const engine = nodeEngine()
  const timing = timeOf(config, world.clock ?? systemClock)
  const { clock } = timing
  const trust = new TrustStore(engine, clock)
  const identity = liveIdentity(loadIdentity(world.dataDir, config.node, engine), trust, () => ownKeys(world.dataDir, config.node, engine))
  const folder = join(world.dataDir, config.node, 'store.sqlite')
  const meter = new StoreMeter(folder)
  const store = openStore(folder, { ...world.store, committed: (seconds, isSafe) => meter.committed(seconds, isSafe) })
  const failed = warnsOf({ config, world })
  let stopTrust: Cancel = () => undefined
  try {
    limitClaims(config, trust)
    stopTrust = loadTrust(config.trust, trust, { dataDir: world.dataDir, clock, failed })
    const ledger = config.keys && (await openLedger(config.keys, { ...{ config, world, clock, engine, store, trust } }))
    const secrecy = secrecyOf({ config, world, engine, trust })
    const parts = { config, world, ...timing, engine, store, meter, trust, identity }
    const foundation: Foundation = { ...parts, ...(ledger && { ledger }), ...(secrecy && { secrecy }) }
    checkActions(config, identity)
    const running = config.role === 'station' ? await startStation(foundation) : await startNetworkNode(foundation)
    const stop = async (): Promise<void> => {
      stopTrust()
      await running.stop()
      await running.network?.journal.flush()
      await store.close()
    }
    return { ...running, stop }
  } catch (error) {
    stopTrust()
    await store.close()
    throw error
  }
}

/** Which claims of others wait for proof, and who may be in which group. */
export const limitClaims = ({ nodes }: Pick<NodeConfig, 'nodes'>, { homes, groups }: TrustStore): void => {
  homes.wordRequired = nodes?.stationWord !== 'optional'
  for (const [name, who] of Object.entries(nodes?.groupAccess ?? {})) groups.limit(name, who)
}

/** The clock that the node reads, and who vouches for it. */
const timeOf = ({ time }: NodeConfig, machine: Machine): Pick<Foundation, 'clock' | 'source' | 'time'> => {
  const { from, everySeconds, machineBoundMs, agree } = time ?? {}
  if (!from) return { clock: machine, ...(machineBoundMs !== undefined && { source: { bound: machineBoundMs } }) }
  const clock = new SteeredClock(machine)
  return {
    clock,
    source: clock,
    time: { clock, from, ...(agree !== undefined && { agree }), ...(everySeconds !== undefined && { everySeconds }) },
  }
}

/** The file is where a node begins; what it was told since lies in its store. */
const openLedger = async (keys: KeysSection, { config, world, ...parts }: Omit<Foundation, 'meter' | 'identity'>): Promise<KeyLedger> => {
  const [root, ...facts] = loadFacts(world.dataDir, keys.root)
  const ledger = new KeyLedger(root as Vouched, { ...parts, maxAgeMs: maxAgeMs(keys, config.role) })
  const journal = new Journal({ node: config.node, ...parts })
  for (const { key, why } of ledger.unbelieved)
    await journal.write({
      kind: 'security',
      subject: config.node,
      rule: 'keys-on-disk',
      text: `not believed of the own disk, ${key}: ${why}`,
    })
  await ledger.discard()
  await ledger.take(facts, 'file')
  return ledger
}

// what only some roles need is loaded for those: a gateway does without the station and the back end

const startStation = async (foundation: Foundation): Promise<RunningNode> => (await import('./station-runtime.ts')).startStation(foundation)

/** Loaded when somebody asks. */
const metricsTold = async (meters: Meters): Promise<string> => (await import('./metrics.ts')).metricsOf(meters)

const startNetworkNode = async (foundation: Foundation): Promise<RunningNode> => {
  const { config, world, clock, engine, store, identity, meter, trust, ledger } = foundation
  const desk = config.role === 'csms' ? await deskOf(foundation) : undefined
  const { network, files, services } = await networkOf(foundation, desk)
  lagMeter()
  const served: Served[] = []
  const metrics = (): Promise<string> => metricsTold({ network, store: meter, files, sockets: () => socketsOf(served) })
  let isReady = false
  const management = operationsOf({
    ...{ network, store, engine, metrics, trust, clock, live: services.live, ready: () => isReady },
    ...(ledger && { ledger }),
    ...(desk && { desk }),
    ...(files && { files }),
    ...(services.firmware && { firmware: services.firmware }),
    ...(world.park && { park: world.park }),
  })
  const close = (): Promise<unknown> => Promise.all(served.map((endpoint) => endpoint.close()))
  const abandon = async (error: unknown): Promise<never> => {
    await services.stop()
    network.stop()
    await close()
    throw error
  }
  for (const listen of config.listen ?? [])
    served.push(await serve(listen, { config, network, management, services, world }).catch(abandon))
  const dialler = { network, store, clock, world }
  const dialled = [...dialUplinks(overlayUplinks(config), dialler), ...dialDownlinks(config.downlinks ?? [], dialler)]
  const certificates = desk && (await certificatesOf(foundation, desk, network))
  isReady = true
  const stop = async (): Promise<void> => {
    isReady = false
    certificates?.stop()
    await services.stop()
    for (const connection of dialled) connection.stop()
    network.stop()
    await close()
  }
  return { id: config.node, role: config.role, network, store, identity, stop, ...(files && { files }) }
}

const socketsOf = async (served: readonly Served[]): Promise<number> =>
  (await Promise.all(served.map((each) => each.sockets()))).reduce((sum, each) => sum + each, 0)

/** Part 4 chapter 7 has no EdDSA: who is to write its messages needs another key. */
const checkActions = (config: NodeConfig, identity: Identity): void => {
  if (config.stations?.signedActions && !isOfCurve(identity))
    throw new Fault('config-invalid', `${config.node}: stations.signedActions needs a key of P-256 or P-384, and this node's is Ed25519`)
}

const warnsOf =
  ({ config, world }: Pick<Foundation, 'config' | 'world'>) =>
  (fault: Fault): void =>
    world.log.warn({ node: config.node }, fault.message)

const homeOf = ({ config, world }: Foundation): string => join(world.dataDir, config.node)

/** The node, and its files and services where its file has sections for them. */
const networkOf = async (
  foundation: Foundation,
  desk: CsmsDesk | undefined,
): Promise<{ network: NetworkNode; files?: NodeFiles; services: NodeServices }> => {
  const { config, clock } = foundation
  let files: NodeFiles | undefined
  let services: NodeServices | undefined
  const flaw = (fault: Fault): void => network.overlay.flaw(fault, { id: config.node })
  // what was signed is what was sent, encrypted or not
  const signedByOrigin = (envelope: Envelope): boolean =>
    isByOrigin(network.guard.judge(foundation.secrecy?.sent(envelope) ?? envelope), envelope.path[0] as string)
  const ownLocal = desk ? csmsLocal({ desk, clock, links: () => network.links, notes: () => network.notes, flaw, signedByOrigin }) : noLocal
  const filing = withFiles(ownLocal, () => files)
  const published = servingPublisher(filing, () => services?.publisher)
  const local = servingDoor(published, () => services?.door?.door)
  const network: NetworkNode = new NetworkNode(settingsOf(config), partsOf(foundation, local))
  const { lost } = network.policy.state()
  if (lost !== undefined) warnsOf(foundation)(new Fault('refused', `the policy is lost: ${lost}`))
  if (config.files) files = await openFiles(config.files, network, { ...foundation, home: homeOf(foundation) })
  services = await openServices({ foundation, network, desk, files })
  return { network, services, ...(files && { files }) }
}

const partsOf = (
  { config, clock, engine, store, trust, identity, ledger, secrecy, source, time }: Foundation,
  local: Local,
): NetworkParts => {
  const { firewall, countersign } = config
  return {
    ...{ clock, random: nodeRandom, store, engine, trust, identity, local },
    policy: policyOf(config),
    policyFlaw,
    foreign: foreignSettings(config.uplinks ?? []),
    ...(firewall && { firewall }),
    ...(countersign && { countersign }),
    ...(ledger && { ledger }),
    ...(secrecy && { secrecy }),
    ...(source && { source }),
    ...(time && { time }),
  }
}

const settingsOf = (config: LoadedConfig): NetworkSettings => {
  const { node: id, role, backend = id, awaits = [], groups = [] } = config
  const uplinks = overlayUplinks(config)
  return {
    id,
    role,
    backend,
    uplinks: [...uplinks.map((uplink) => uplink.node), ...awaits],
    awaits,
    groups,
    preferences: preferencesOf(uplinks),
    quota: quotaOf(config),
    signedActions: config.stations?.signedActions ?? false,
  }
}

/** The others are dialled when a station comes, for that station. */
const overlayUplinks = ({ uplinks = [] }: NodeConfig): UplinkConfig[] => uplinks.filter(({ mode = 'overlay' }) => mode === 'overlay')

const MEGABYTE = 1024 * 1024

const quotaOf = ({ autonomy = {} }: NodeConfig): Partial<Quota> => ({
  ...(autonomy.stationMessages !== undefined && { stationMessages: autonomy.stationMessages }),
  ...(autonomy.stationMegabytes !== undefined && { stationBytes: autonomy.stationMegabytes * MEGABYTE }),
  ...(autonomy.nodeMegabytes !== undefined && { nodeBytes: autonomy.nodeMegabytes * MEGABYTE }),
})

/** The authority that stands behind a back end; loaded where a file names one. */
const certificatesOf = async (
  { config, world, clock, store }: Foundation,
  desk: CsmsDesk,
  network: NetworkNode,
): Promise<{ stop: Cancel } | undefined> => {
  const { authority: section } = config.csms ?? {}
  if (!section) return undefined
  const { Authority } = await import('./authority.ts')
  const authority = await Authority.open(join(world.dataDir, section.folder), clock)
  const failed = (fault: Fault, station: string): void => network.overlay.flaw(fault, { id: station })
  return certificateDesk({
    ...{ desk, network, authority, clock, failed },
    ...{ days: section.days ?? CERTIFICATE_DAYS, release: section.release ?? {} },
    serialOf: (station) => serialOf(store, station),
  })
}

/** What it said of itself when it booted. */
const serialOf = (store: Foundation['store'], station: string): string | undefined => {
  const { serial } = (store.get('stations', station) ?? {}) as { readonly serial?: string }
  return serial
}

/** Of a station's certificate, where the file says nothing else. */
const CERTIFICATE_DAYS = 90

const deskOf = async ({ config, store, clock }: Foundation): Promise<CsmsDesk> => {
  const { CsmsDesk } = await import('../roles/csms-desk.ts')
  const { authority, heartbeatSeconds = 300, tokens = {} } = config.csms ?? {}
  return new CsmsDesk({
    store,
    clock,
    random: nodeRandom,
    settings: { ...(authority && { certificates: { released: Object.keys(authority.release ?? {}) } }), heartbeatSeconds, tokens },
  })
}
