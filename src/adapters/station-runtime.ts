// Starts a simulated station as a node of its own: its store, its keys (one for messages, one in each meter), its socket.
import { join } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Link } from '../base/ports.ts'
import type { PublicKey } from '../crypto/engine.ts'
import { Guard } from '../overlay/guard.ts'
import { Journal } from '../overlay/journal.ts'
import type { Facts } from '../overlay/policy.ts'
import { answerPolicy } from '../overlay/policy-delivery.ts'
import { PolicyHolder } from '../overlay/policy-holder.ts'
import type { Manufacturer } from '../roles/firmware/signing-certificate.ts'
import { createMeter, type Meter } from '../roles/meter.ts'
import type { UpkeepParts } from '../roles/station/files.ts'
import type { StationSettings } from '../roles/station/parts.ts'
import { Station } from '../roles/station.ts'
import { stationGuard } from '../roles/station-guard.ts'
import { StationTime } from '../roles/station-time.ts'
import { type NodeConfig, policyOf } from './config.ts'
import { loadMeterSigner, loadPublicKey } from './keys.ts'
import { nodeRandom } from './node-crypto.ts'
import { policyFlaw } from './policy-file.ts'
import { type OwnCertificates, stationCertificates } from './station-certificates.ts'
import { stationFiles } from './station-files.ts'
import { credentials, type Foundation, pem, type RunningNode, type World } from './world.ts'
import { connectStation, reconnecting } from './ws-client.ts'

export const startStation = (foundation: Foundation): RunningNode => {
  const { config, clock, engine, store, trust, world } = foundation
  const { station: about, uplinks = [], backend = 'csms' } = config
  const [uplink] = uplinks
  if (!about || !uplink) throw new Fault('config-invalid', `${config.node} needs the sections "station" and "uplinks"`)
  const journal = new Journal({ node: config.node, store, engine, clock })
  const facts: Facts = {
    sessionToken: (_station, transaction) => station.sessionToken(transaction),
    variable: (_station, named) => station.variable(named),
  }
  const policy = new PolicyHolder({
    ...{ self: config.node, engine, trust, store, journal, clock, facts },
    initial: policyOf(config),
    check: policyFlaw,
  })
  const { lost } = policy.state()
  if (lost !== undefined) world.log.warn({ node: config.node }, `the policy is lost: ${lost}`)
  const guard = new Guard({ ...foundation, random: nodeRandom, journal, policy })
  const certificates = stationCertificates(join(world.dataDir, config.node), {
    id: config.node,
    ca: uplink.tls?.ca && pem(uplink.tls.ca),
    clock,
  })
  const dial = async (signal: AbortSignal): Promise<Link> =>
    (await connectStation(uplink.url, { stationId: config.node, versions: [about.version], signal, ...shown(uplink, certificates) })).link
  const station: Station = new Station(settingsOf(config.node, about, world), {
    clock,
    random: nodeRandom,
    store,
    guard: stationGuard(guard, { id: config.node, version: about.version, backend }, doorOf(foundation, guard, journal)),
    extension: (call) => answerPolicy(policy, call),
    meterFor: (evse) => meterOf(foundation, evse),
    connect: dialling(foundation, dial),
    certificates,
    upkeep: upkeepOf(foundation, about),
    log: (level, text, data) => world.log[level]({ node: config.node, ...data }, text),
  })
  station.start()
  return { id: config.node, role: 'station', station, store, identity: foundation.identity, stop: () => station.stop() }
}

/** The station's own certificate and roots stand above those of the file, which it was delivered with. */
const shown = (uplink: NonNullable<NodeConfig['uplinks']>[number], certificates: OwnCertificates) => {
  const ca = certificates.ca()
  return { ...credentials(uplink), tls: { ...credentials(uplink).tls, ...(ca !== undefined && { ca }), ...certificates.current() } }
}

/** What the station takes at its door besides orders: news of keys, and the time. */
const doorOf = ({ config, trust, time, ledger, world }: Foundation, guard: Guard, journal: Journal) => {
  const failed = (fault: Fault): void => world.log.warn({ node: config.node }, fault.message)
  const told = time && new StationTime({ ...time, self: config.node, guard, trust, journal, failed })
  return { ...(ledger && { ledger }), ...(told && { time: told }) }
}

/** Dials until it is told to stop, with growing waits. */
const dialling =
  ({ config, clock, world }: Foundation, dial: (signal: AbortSignal) => Promise<Link>) =>
  (onLink: (link: Link) => void): Cancel => {
    const onFailure = (fault: Fault, waitMs: number): void => world.log.warn({ node: config.node, waitMs }, fault.message)
    const line = reconnecting(dial, { clock, random: nodeRandom, minMs: 500, maxMs: 30_000, onLink, onFailure })
    return () => line.stop()
  }

const settingsOf = (id: string, about: NonNullable<Foundation['config']['station']>, { rebootMs }: World): StationSettings => ({
  id,
  version: about.version,
  vendor: about.vendor,
  model: about.model,
  serial: about.serial,
  evses: about.evses,
  maxPowerW: about.maxPowerW,
  ...(rebootMs !== undefined && { rebootMs }),
  ...(about.firmware !== undefined && { firmware: about.firmware }),
  ...(about.meterIntervalSeconds !== undefined && { configuration: { sampleInterval: String(about.meterIntervalSeconds) } }),
})

/** Files over HTTP; and where the file names its manufacturer, nothing without a signature. */
const upkeepOf = (foundation: Foundation, { firmwareKey }: NonNullable<Foundation['config']['station']>): UpkeepParts => ({
  files: stationFiles(),
  ...(firmwareKey !== undefined && { manufacturer: manufacturerOf(foundation, firmwareKey) }),
})

/** Looked for with each order until it is there: a station charges without it, and takes no firmware. */
const manufacturerOf = ({ world, engine, config }: Foundation, file: string): Manufacturer => {
  let found: PublicKey | undefined
  return {
    engine,
    get key() {
      try {
        found ??= loadPublicKey(world.dataDir, file)
      } catch (thrown) {
        world.log.warn({ node: config.node }, `firmware is refused: ${asFault(thrown).message}`)
      }
      return found
    },
  }
}

const meterOf = ({ config, world, clock, store }: Foundation, evse: number): Meter => {
  const signer = loadMeterSigner(world.dataDir, config.node, `meter-${evse}`)
  const serial = `${config.station?.serial ?? config.node}-M${evse}`
  return createMeter({
    serial,
    signer,
    clock,
    store,
    gateway: { id: 'Chargeproof Park', serial: config.node, version: '1.0' },
    supply: (config.station?.maxPowerW ?? 0) > 43_000 ? 'DC' : 'AC',
    evseId: `DE*CPF*E${config.node.toUpperCase().replaceAll('-', '')}*${evse}`,
    // a meter is tested before it is sold, and no two have the same past
    startWh: 100_000 + [...serial].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 4_000_000, 7),
  })
}
