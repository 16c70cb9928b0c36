// `npm run fuzz`: frames by the million for everything that reads frames, and thousands for a node over real sockets with a
// neighbour beside it. Ends with 1 where something else than a Fault was thrown, memory grew, or the neighbour noticed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { abuseStreams } from './fuzz/abuse.ts'
import { fuzzLive, slower, type Times } from './fuzz/live.ts'
import { fuzzReaders, HEAP_GROWTH_MIB, RSS_GROWTH_MIB } from './fuzz/readers.ts'

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '20' },
    binary: { type: 'string' },
  },
})
const seed = Number(values.seed)
const mib = (value: number): string => `${value.toFixed(1)} MiB`
const failures: string[] = []
const line = (name: string, text: string, holds = true): void => {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${name.padEnd(11)} ${text}`)
  if (!holds) failures.push(name)
}

const { frames, seconds, readable, said, early, late, findings } = await fuzzReaders(
  Number(values.frames),
  seed,
  values.binary === undefined ? undefined : Number(values.binary),
)
line('frames', `${frames} in ${seconds.toFixed(0)} s, ${Math.round(frames / seconds)} a second, ${readable} readable, seed ${seed}`)
line('said', `${said.slice(0, 16)} is the hash of every frame and every answer`)
line('thrown', findings.length === 0 ? 'nothing but faults' : findings.join('\n'), findings.length === 0)
const [heap, rss] = [late.heapMiB - early.heapMiB, late.rssMiB - early.rssMiB]
line(
  'heap',
  `${mib(early.heapMiB)} after a tenth, ${mib(late.heapMiB)} after all; ${HEAP_GROWTH_MIB} MiB more allowed`,
  heap <= HEAP_GROWTH_MIB,
)
line(
  'resident',
  `${mib(early.rssMiB)} after a tenth, ${mib(late.rssMiB)} after all; ${RSS_GROWTH_MIB} MiB more allowed`,
  rss <= RSS_GROWTH_MIB,
)

for (const { name, text, holds } of await abuseStreams(Number(values.frames))) line(name, text, holds)

const dir = mkdtempSync(join(tmpdir(), 'chargeproof-fuzz-'))
const live = await fuzzLive({ dir, seed, perSecond: Number(values.rate), seconds: Number(values.seconds) })
rmSync(dir, { recursive: true, force: true })
line('live node', live.fault ?? `${live.frames} frames, ${Math.round(live.perSecond)} a second`, live.fault === undefined)
line('neighbour', `${live.unanswered} calls unanswered`, live.unanswered === 0)
const times = ({ before, during }: Times): string => `${before.toFixed(1)} ms alone, ${during.toFixed(1)} ms beside the fuzz`
line('p99', `${times(live.p99)}; a bare server meanwhile ${times(live.bare)}`)
line('slower', `${slower(live).toFixed(2)} times, less what the bare server is; twice allowed`, slower(live) <= 2)
line('resident', `${mib(live.rss.idle)} idle, ${mib(live.rss.after)} after; twice allowed`, live.rss.after <= 2 * live.rss.idle)
process.exitCode = failures.length === 0 ? 0 : 1
