// What the verifier costs at its doors: a folder of files on all cores, the start of the command line, and the size of the page's engine.
import { spawn } from 'node:child_process'
import { verify as nodeVerify } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { cpuOf } from '../cpu.ts'
import { least, median, type Part, type Plan, type Row, row } from '../part.ts'
import { importedKey, safeXml, session } from '../records.ts'

export const doors: Part = { name: 'doors', measure: (plan) => measure(plan) }

const measure = async (plan: Plan): Promise<Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'chargeproof-bench-'))
  try {
    const names = Array.from({ length: plan.files }, (_, i) => `${String(i).padStart(6, '0')}.xml`)
    const meters = Array.from({ length: METERS }, () => safeXml(session(1)))
    names.forEach((name, i) => void writeFileSync(join(folder, name), meters[i % METERS] ?? ''))
    return [...(await crowd(folder, names, plan)), await start(folder, names[0] ?? ''), await size()]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** As a site has them. */
const METERS = 100

const RUNS = 3

/** Every file a question of its own, with its key in it; reading, printing with all evidence, and starting included. */
const crowd = async (cwd: string, names: readonly string[], plan: Plan): Promise<Row[]> => {
  const [record] = session(1)
  if (record === undefined) throw new Error('no record was made')
  const key = importedKey(record)
  const { bare } = await cpuOf({ bare: () => nodeVerify('sha256', record.message, key, record.raw) }, plan)
  const some = names.slice(0, Math.ceil(names.length / 4))
  const judged = async (asked: readonly string[]): Promise<Ran> => {
    const ran = await cli(['verify', '--each', '--json', ...asked], cwd)
    if (ran.lines !== asked.length) throw new Error(`expected ${asked.length} answers, got ${ran.lines}`)
    return ran
  }
  const fewer = await judged(some)
  const all: Ran[] = []
  for (let run = 0; run < RUNS; run++) all.push(await judged(names))
  const perFile = all.map(({ cpuMs }) => (cpuMs * 1_000) / names.length)
  return [
    row({
      part: 'doors',
      what: `each of ${names.length} files with --each, ${availableParallelism()} cores`,
      // as everywhere the least: whatever disturbs a run makes it slower, nothing makes it faster
      value: least(perFile),
      unit: 'µs CPU',
      yardstick: { what: 'node:crypto, bare signature, one core', value: bare },
      // 5,000 a second on two cores
      target: { of: 'value', most: 400 },
      seen: { runs: perFile, 'records per second, wall': all.map(({ ms }) => Math.round((names.length * 1_000) / ms)) },
    }),
    row({
      part: 'doors',
      what: 'memory at its highest meanwhile',
      value: Math.max(...all.map(({ peak }) => peak)),
      unit: 'MiB RSS',
      yardstick: { what: 'a quarter of the files', value: fewer.peak },
      target: { of: 'ratio', most: 1.25 },
    }),
  ]
}

const STARTS = 7

/** From the shell to the answer about one small file, in a process of its own. */
const start = async (cwd: string, name: string): Promise<Row> => {
  const ours: number[] = []
  const bare: number[] = []
  for (let i = 0; i < STARTS; i++) {
    ours.push((await cli(['verify', name], cwd)).ms)
    bare.push((await timed(['-e', '0'], cwd)).ms)
  }
  return row({
    part: 'doors',
    what: 'the command line answers about one file',
    value: median(ours),
    unit: 'ms wall',
    yardstick: { what: 'node that does nothing', value: median(bare) },
    target: { of: 'value', most: 250 },
    seen: { least: least(ours), 'yardstick least': least(bare) },
  })
}

/** All formats, containers and curves: the page's worker, and what it loads with the first bzip2; what reads pictures is not in it. */
const size = async (): Promise<Row> => {
  const assets = join(await ensureWeb(), 'assets')
  const parts = readdirSync(assets).filter((name) => /^(?:worker|bunzip)-.*\.js$/.test(name))
  if (parts.length !== 2) throw new Error(`expected a worker and an unpacker, got ${parts.join(', ')}`)
  const bytes = parts.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name)), { level: 9 }).length, 0)
  return row({ part: 'doors', what: "the page's engine, gzip", value: bytes / 1_000, unit: 'kB', target: { of: 'value', most: 120 } })
}

interface Ran {
  readonly ms: number
  readonly lines: number
  /** User and system time of all threads, ms; to 10 ms, and 0 where the machine does not tell. */
  readonly cpuMs: number
  /** Highest resident memory, MiB; 0 where the machine does not tell. */
  readonly peak: number
}

const BIN = fileURLToPath(new URL('../../bin/chargeproof', import.meta.url))

const cli = (argv: readonly string[], cwd: string): Promise<Ran> => timed([BIN, ...argv], cwd)

const timed = async (argv: readonly string[], cwd: string): Promise<Ran> => {
  const begun = performance.now()
  const child = spawn(process.execPath, [...argv], { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  let lines = 0
  let peak = 0
  let cpuMs = 0
  const look = (): void => {
    peak = Math.max(peak, residentPeak(child.pid))
    cpuMs = Math.max(cpuMs, cpuTime(child.pid))
  }
  const timer = setInterval(look, 50)
  child.stdout.on('data', (chunk: Buffer) => {
    // the same cores answer and count: as little as can be
    for (let at = chunk.indexOf(LINE_END); at >= 0; at = chunk.indexOf(LINE_END, at + 1)) lines++
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearInterval(timer)
  if (code !== 0) throw new Error(`${argv[1]} ended with ${code}`)
  return { ms: performance.now() - begun, lines, cpuMs, peak }
}

const LINE_END = 0x0a

/** proc_pid_stat(5): utime and stime are the 12th and 13th field after the name, in ticks of 10 ms. */
const cpuTime = (pid: number | undefined): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    // it has just ended, or this is no Linux
    return 0
  }
}

/** Linux keeps the highest value itself; proc_pid_status(5), VmHWM. */
const residentPeak = (pid: number | undefined): number => {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024
  } catch {
    // it has just ended, or this is no Linux: then the row says nothing
    return 0
  }
}
