// `npm run chaos`: kills nodes without warning while stations charge, and lets a judge compare what the stations were told with
// what the back end's books hold. Ends with 1 where one acknowledged event was lost, counted twice or put in another place.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runChaos } from './chaos/run.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '30' },
    keep: { type: 'boolean', default: false },
  },
})

const dir = mkdtempSync(join(tmpdir(), 'chargeproof-chaos-'))
const seed = Number(values.seed)
console.log(`chaos: ${values.kills} kills, seed ${seed}, at most ${values.minutes} minutes, in ${dir}`)
const told = (line: string): void => console.log(line)
const report = await runChaos({ kills: Number(values.kills), seed, maxMs: Number(values.minutes) * 60_000, dir, told })

const { kills, killSeconds, events, acknowledged, unknown, sessions, startMs, findings } = report
const total = Object.values(kills).reduce((sum, n) => sum + n, 0)
const by = Object.entries(kills).map(([name, n]) => `${name} ${n}`)
console.log(`kills          ${total} in ${killSeconds.toFixed(0)} s, ${(total / killSeconds).toFixed(2)} a second (${by.join(', ')})`)
console.log(`node ready in  ${startMs} ms (median)`)
console.log(`events         ${events} in ${sessions} sessions, ${acknowledged} acknowledged, ${unknown} attempts with unknown outcome`)
for (const kind of ['lost', 'doubled', 'reordered', 'changed', 'invented'] as const)
  console.log(`${kind.padEnd(14)} ${findings.filter((finding) => finding.kind === kind).length}`)
for (const { kind, station, session, evidence } of findings.slice(0, 20))
  console.log(`${kind}: ${station}, session of ${session}: ${evidence}`)
if (findings.length === 0 && !values.keep) rmSync(dir, { recursive: true, force: true })
else console.log(`history, stores and logs: ${dir}`)
process.exitCode = findings.length === 0 ? 0 : 1
