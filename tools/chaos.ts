// `npm run chaos`: kills nodes without warning while stations charge, and lets a judge compare what the stations were told with
// what the back end's books hold. Ends with 1 where one acknowledged event was lost, counted twice or put in another place.
// With `--failover` it strikes the uplink in use of a controller that has two, and also ends with 1 where sessions fell silent for long.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Blow, runFailovers } from './chaos/failover.ts'
import type { Finding } from './chaos/history.ts'
import { runChaos } from './chaos/run.ts'

/** What a failover may cost: the usual one, and the worst. */
const GAP_MS = { median: 1_000, max: 3_000 } as const

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    failover: { type: 'string' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '30' },
    keep: { type: 'boolean', default: false },
  },
})

const line = (name: string, text: string): void => console.log(`${name.padEnd(14)} ${text}`)
const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

interface Outcome {
  readonly events: number
  readonly acknowledged: number
  readonly findings: readonly Finding[]
}

const chaos = async (dir: string, seed: number): Promise<Outcome> => {
  console.log(`chaos: ${values.kills} kills, seed ${seed}, at most ${values.minutes} minutes, in ${dir}`)
  const told = (text: string): void => console.log(text)
  const report = await runChaos({ kills: Number(values.kills), seed, maxMs: Number(values.minutes) * 60_000, dir, told })
  const { kills, killSeconds, events, acknowledged, unknown, sessions, startMs } = report
  const total = Object.values(kills).reduce((sum, n) => sum + n, 0)
  const by = Object.entries(kills).map(([name, n]) => `${name} ${n}`)
  line('kills', `${total} in ${killSeconds.toFixed(0)} s, ${(total / killSeconds).toFixed(2)} a second (${by.join(', ')})`)
  line('node ready in', `${startMs} ms (median)`)
  line('events', `${events} in ${sessions} sessions, ${acknowledged} acknowledged, ${unknown} attempts with unknown outcome`)
  return report
}

const failover = async (dir: string, seed: number): Promise<Outcome & { readonly isSlow: boolean }> => {
  console.log(`chaos: ${values.failover} failovers, seed ${seed}, in ${dir}`)
  const told = (text: string): void => console.log(text)
  const report = await runFailovers({ failovers: Number(values.failover), seed, dir, told })
  const { gaps, events, acknowledged, sessions } = report
  const gapsOf = (blow: Blow): number[] => gaps.filter((gap) => gap.blow === blow).map(({ ms }) => Math.round(ms))
  for (const blow of ['killed', 'frozen'] as const)
    line(blow, `${gapsOf(blow).length} gateways; gap ${median(gapsOf(blow))} ms median, ${Math.max(0, ...gapsOf(blow))} ms at most`)
  const all = gaps.map(({ ms }) => Math.round(ms))
  const most = Math.max(...all)
  line('gap', `${median(all)} ms median (${GAP_MS.median} allowed), ${most} ms at most (${GAP_MS.max} allowed)`)
  line('events', `${events} in ${sessions} sessions, ${acknowledged} acknowledged`)
  return { ...report, isSlow: median(all) > GAP_MS.median || most > GAP_MS.max }
}

const dir = mkdtempSync(join(tmpdir(), 'chargeproof-chaos-'))
const outcome = values.failover === undefined ? await chaos(dir, Number(values.seed)) : await failover(dir, Number(values.seed))
const { events, acknowledged, findings } = outcome
for (const kind of ['lost', 'doubled', 'reordered', 'changed', 'invented'] as const)
  line(kind, String(findings.filter((finding) => finding.kind === kind).length))
line(
  'load',
  loadavg()
    .map((load) => load.toFixed(1))
    .join(', '),
)
for (const { kind, station, session, evidence } of findings.slice(0, 20))
  console.log(`${kind}: ${station}, session of ${session}: ${evidence}`)
if (findings.length === 0 && !values.keep) rmSync(dir, { recursive: true, force: true })
else console.log(`history, stores and logs: ${dir}`)
process.exitCode = findings.length === 0 && acknowledged === events && !('isSlow' in outcome && outcome.isSlow) ? 0 : 1
