// Every part of the benchmark, in the order they are run.
import type { Part, Plan } from './part.ts'
import { crossing } from './parts/crossing.ts'
import { csms } from './parts/csms.ts'
import { curves } from './parts/curves.ts'
import { doors } from './parts/doors.ts'
import { filing } from './parts/files.ts'
import { flood } from './parts/flood.ts'
import { frames } from './parts/frames.ts'
import { hop, mux, signedHop } from './parts/hop.ts'
import { liveEvents } from './parts/live-events.ts'
import { memory } from './parts/memory.ts'
import { orders } from './parts/orders.ts'
import { policy } from './parts/policy.ts'
import { signedEvents } from './parts/signed-events.ts'
import { signedWay } from './parts/signed-way.ts'
import { storing } from './parts/store.ts'
import { storm } from './parts/storm.ts'
import { streaming } from './parts/streams.ts'
import { urgent } from './parts/urgent.ts'
import { verifying } from './parts/verify.ts'

export const PARTS: readonly Part[] = [
  hop,
  mux,
  signedHop,
  crossing,
  csms,
  verifying,
  doors,
  frames,
  orders,
  policy,
  signedWay,
  signedEvents,
  storing,
  memory,
  storm,
  flood,
  liveEvents,
  streaming,
  filing,
  urgent,
  curves,
]

/** Some four minutes on two cores that do nothing else. */
export const FULL: Plan = {
  windowMs: 1_500,
  cpuMs: 150,
  rounds: 6,
  stations: 50,
  crossing: { stations: 500, each: 100 },
  storm: 10_000,
  floodMs: 10_000,
  liveMs: 60_000,
  streams: { long: Number(process.env.STREAM_BYTES ?? 1024 ** 3), timed: 256 * 1024 ** 2, besideMs: 15_000 },
  idle: 5_000,
  files: 20_000,
}
/** Under a minute; good to see that everything runs, not to compare. */
export const QUICK: Plan = {
  windowMs: 700,
  cpuMs: 30,
  rounds: 2,
  stations: 50,
  crossing: { stations: 50, each: 20 },
  storm: 300,
  floodMs: 2_000,
  liveMs: 3_000,
  streams: { long: 64 * 1024 ** 2, timed: 32 * 1024 ** 2, besideMs: 4_000 },
  idle: 200,
  files: 2_000,
}
