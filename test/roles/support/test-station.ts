// A station on a test bench: virtual clock, memory store, a fake back end at the other end of the line, meters with a known key.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Random } from '../../../src/base/ports.ts'
import type { Signer } from '../../../src/crypto/engine.ts'
import type { Version } from '../../../src/ocpp/version.ts'
import { createMeter } from '../../../src/roles/meter.ts'
import type { Vehicle } from '../../../src/roles/station/vehicle.ts'
import { openGuard, Station, type StationGuard, type StationParts, type StationSettings } from '../../../src/roles/station.ts'
import { fixedRandom } from '../../support/fixed-random.ts'
import { type VirtualClock, virtualClock } from '../../support/virtual-clock.ts'
import { FakeCsms } from './fake-csms.ts'
import { MemoryStore } from './memory-store.ts'

export const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })

export const testSigner = (key: KeyObject = privateKey, shown: KeyObject = publicKey): Signer => {
  const spki = shown.export({ format: 'der', type: 'spki' })
  return {
    publicKey: { curve: 'secp256r1', point: new Uint8Array(spki.subarray(-64)) },
    sign: (_hash, message) => new Uint8Array(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })),
  }
}

/** Takes 11 kW until it is full, which is far off. */
export const BIG_CAR: Vehicle = { capacityWh: 100_000, arrivedAt: 0.1, maxPowerW: 11_000 }

export interface Bench {
  readonly clock: VirtualClock
  readonly store: MemoryStore
  readonly csms: FakeCsms
  readonly station: Station
  readonly random: Random
  readonly log: string[]
}

export interface BenchOptions {
  readonly settings?: Partial<StationSettings>
  readonly store?: MemoryStore
  readonly clock?: VirtualClock
  readonly guard?: StationGuard
  readonly extension?: StationParts['extension']
  readonly upkeep?: StationParts['upkeep']
  /** Done to the back end before the station is switched on. */
  readonly prepare?: (csms: FakeCsms) => void
}

/** Builds it, switches it on and lets it boot. */
export const bench = async (version: Version, options: BenchOptions = {}): Promise<Bench> => {
  const { store = new MemoryStore(), clock = virtualClock(), guard = openGuard } = options
  const csms = new FakeCsms(version, clock)
  const random = fixedRandom(clock.now() / 1000)
  const log: string[] = []
  options.prepare?.(csms)
  const settings: StationSettings = {
    id: 'cs1',
    version,
    vendor: 'Chargeproof',
    model: 'Pillar 2',
    serial: 'CP-0001',
    firmware: '1.0.0',
    evses: 2,
    maxPowerW: 22_000,
    ...options.settings,
  }
  const gateway = { id: 'Chargeproof Pillar', serial: 'GW-0001', version: '1.0' }
  const station = new Station(settings, {
    clock,
    random,
    store,
    guard,
    ...(options.extension && { extension: options.extension }),
    ...(options.upkeep && { upkeep: options.upkeep }),
    connect: csms.connect,
    meterFor: (evse) => createMeter({ serial: `METER-${evse}`, signer: testSigner(), clock, store, gateway }),
    log: (level, text, data) => log.push(`${level} ${text} ${JSON.stringify(data ?? {})}`),
  })
  station.start()
  await clock.advance(100)
  return { clock, store, csms, station, random, log }
}

/** Plugs in, shows the card, and lets it charge. */
export const charge = async ({ station, clock }: Bench, ms: number, evse = 1): Promise<void> => {
  station.plugIn(evse, BIG_CAR)
  const presented = station.present(evse, 'DEADBEEF')
  await clock.advance(10)
  await presented
  await clock.advance(ms - 10)
}
