// `npm run limits`: asks the command line the most expensive questions within the limits of the verifier and beyond, each in a process of
// its own, and measures it. Ends with 1 where a question costs more than 10 s or 512 MiB, or is not answered as it must be.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { LIMIT_CASES, type LimitCase } from './limits/cases.ts'

export interface Cost {
  readonly exitCode: number
  readonly verdict: string
  readonly inputs: number
  readonly faults: readonly string[]
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMiB: number
}

export const CEILING = { seconds: 10, peakMiB: 512 }

/** Writes the question, asks it in a process of its own, and takes it away again. */
export const costOf = async ({ make }: LimitCase): Promise<Cost> => {
  const folder = mkdtempSync(join(tmpdir(), 'chargeproof-limits-'))
  try {
    for (const [name, content] of make()) {
      mkdirSync(join(folder, 'question'), { recursive: true })
      writeFileSync(join(folder, 'question', name), content)
    }
    return await asked(join(folder, 'question'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Loaded before the command line: tells on a channel of its own what the process has cost when it ends. */
const USAGE = new URL('./limits/usage.ts', import.meta.url).href
const MAIN = join(import.meta.dirname, '../apps/cli/main.ts')

const asked = (path: string): Promise<Cost> =>
  new Promise((resolve, reject) => {
    const begun = performance.now()
    const child = spawn(process.execPath, ['--import', USAGE, MAIN, 'verify', '--json', path], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    })
    const chunks: Buffer[] = []
    const usage: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => void chunks.push(chunk))
    child.stdio[3]?.on('data', (chunk: Buffer) => void usage.push(chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const seconds = (performance.now() - begun) / 1000
      try {
        resolve({ ...costFrom(Buffer.concat(chunks), Buffer.concat(usage)), exitCode: code ?? -1, seconds })
      } catch (cause) {
        reject(new Error(`no answer: exit code ${code}, signal ${signal}`, { cause }))
      }
    })
  })

const costFrom = (answer: Buffer, usage: Buffer): Omit<Cost, 'exitCode' | 'seconds'> => {
  const { verdict, inputs } = JSON.parse(answer.toString()) as { verdict: string; inputs: { fault?: { code: string } }[] }
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(usage.toString()) as NodeJS.ResourceUsage
  const faults = [...new Set(inputs.flatMap(({ fault }) => (fault === undefined ? [] : [fault.code])))]
  return { verdict, inputs: inputs.length, faults, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMiB: maxRSS / 1024 }
}

const attempt = async (one: LimitCase): Promise<Cost> => costOf(one).catch((thrown: unknown) => ({ ...NOTHING, verdict: String(thrown) }))

const NOTHING: Cost = { exitCode: -1, verdict: '', inputs: 0, faults: [], seconds: 0, cpuSeconds: 0, peakMiB: 0 }

const run = async (only: string): Promise<boolean> => {
  let all = true
  for (const one of LIMIT_CASES.filter(({ name }) => name.includes(only))) {
    const { seconds, cpuSeconds, peakMiB, verdict, inputs, faults, exitCode } = await attempt(one)
    const holds = seconds <= CEILING.seconds && peakMiB <= CEILING.peakMiB && exitCode >= 0 && exitCode <= 3
    all &&= holds
    const cost = `${seconds.toFixed(1).padStart(5)} s ${cpuSeconds.toFixed(1).padStart(5)} s cpu ${peakMiB.toFixed(0).padStart(5)} MiB`
    console.log(
      `${holds ? 'ok  ' : 'FAIL'} ${cost}  ${one.name}: ${verdict}, ${inputs} inputs${faults.length > 0 ? `, ${faults.join(' ')}` : ''}`,
    )
  }
  return all
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } })
  process.exitCode = (await run(values.only)) ? 0 : 1
}
