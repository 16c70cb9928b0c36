// `npm run bench`: measures the product next to its yardsticks, prints a table, and writes bench/last.json. A number that misses its
// target is reported as missed; the exit code is 1 only where a part could not run.
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { canPin } from './child.ts'
import type { Plan, Row } from './part.ts'
import { FULL, PARTS, QUICK } from './parts.ts'
import { table } from './table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, profile: { type: 'string' } },
})
const plan: Plan = { ...(values.quick ? QUICK : FULL), ...(values.profile !== undefined && { profile: values.profile }) }

const rows: Row[] = []
const failed: string[] = []
for (const part of PARTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  console.error(`measuring ${part.name} …`)
  try {
    rows.push(...(await part.measure(plan)))
  } catch (error) {
    failed.push(`${part.name} could not run: ${error instanceof Error ? error.stack : error}`)
  }
}

const machine = {
  cpus: availableParallelism(),
  model: cpus()[0]?.model ?? 'unknown',
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  pinned: canPin,
}
console.log(table(rows))
console.log(`\n${machine.cpus} × ${machine.model}, node ${machine.node}, ${machine.pinned ? 'pinned' : 'not pinned'}`)
for (const line of failed) console.error(line)
writeFileSync(
  new URL('last.json', import.meta.url),
  `${JSON.stringify({ at: new Date().toISOString(), machine, plan, rows, failed }, null, 2)}\n`,
)
process.exitCode = failed.length === 0 ? 0 : 1
