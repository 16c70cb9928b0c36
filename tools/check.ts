// `npm run check`: every rule of the house that a machine can hold, one line each; details only where something is wrong.
// Two at a time, because the compilers are programs of their own and the machines that run this have two cores.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { FAULTS } from '../src/base/fault.ts'
import { checkBudgets } from './budgets.ts'
import { checkDependenciesDocumented } from './dependencies-documented.ts'
import { checkFaultsDocumented } from './faults-documented.ts'
import { checkFloors } from './floors.ts'
import { lockfileAddresses, machinePaths } from './portable.ts'

interface Outcome {
  readonly figure: string
  /** Empty when the check holds. */
  readonly faults: readonly string[]
}

interface Check {
  readonly name: string
  readonly run: () => Outcome | Promise<Outcome>
}

const read = (path: string): string => readFileSync(path, 'utf8')
const parsed = (path: string) => JSON.parse(read(path))
const execute = promisify(execFile)

/** Runs a program with this Node; its output is the list of faults unless it exits with 0. */
const program =
  (figure: string, ...args: readonly string[]) =>
  async (): Promise<Outcome> => {
    try {
      const { stdout } = await execute(process.execPath, [...args], { maxBuffer: 64 * 1024 * 1024 })
      return { figure: figure === '' ? stdout.trim() : figure, faults: [] }
    } catch (thrown) {
      const { stdout = '', stderr = '', message } = thrown as Error & { stdout?: string; stderr?: string }
      const output = `${stdout}${stderr}`.trim()
      return { figure: '', faults: (output === '' ? message : output).split('\n') }
    }
  }

/** One line for each finding of the linter, without its pictures of the code. */
const lint = async (): Promise<Outcome> => {
  const { figure, faults } = await program(
    '0 warnings',
    'node_modules/@biomejs/biome/bin/biome',
    'ci',
    '--error-on-warnings',
    '--colors=off',
    '--reporter=concise',
    '--max-diagnostics=none',
  )()
  const findings = faults.filter((line) => /^[×!] /.test(line))
  return { figure, faults: findings.length > 0 ? findings : faults }
}

const tsc = (project: string) => program(project, 'node_modules/typescript/bin/tsc', '--pretty', 'false', '-p', project)

const floors = (): Outcome => {
  const { files, imports, faults } = checkFloors('.')
  return { figure: `${files} files, ${imports} imports`, faults }
}

const budgets = (): Outcome => {
  const { longestFile, longestFunction, functions, faults } = checkBudgets('.')
  return { figure: `file ${longestFile}, function ${longestFunction} lines at most, ${functions} functions`, faults }
}

const faultsDocumented = (): Outcome => ({
  figure: `${Object.keys(FAULTS).length} codes`,
  faults: checkFaultsDocumented(FAULTS, read('docs/faults.md')),
})

const dependenciesDocumented = (): Outcome => {
  const packages = parsed('package.json')
  const count = Object.keys({ ...packages.dependencies, ...packages.devDependencies, ...packages.optionalDependencies }).length
  return {
    figure: `${count} packages`,
    faults: checkDependenciesDocumented(packages, parsed('package-lock.json'), read('docs/dependencies.md')),
  }
}

const lockfile = (): Outcome => {
  const lock = parsed('package-lock.json')
  return { figure: `${Object.keys(lock.packages).length} packages`, faults: lockfileAddresses(lock) }
}

/** Tracked files, and new ones that are not ignored: what the next commit may hold. */
const noMachinePaths = async (): Promise<Outcome> => {
  const { stdout } = await execute('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { maxBuffer: 64 * 1024 * 1024 })
  const files = stdout.split('\0').filter((file) => file !== '' && existsSync(file))
  return { figure: `${files.length} files`, faults: files.flatMap((file) => machinePaths(file, read(file))) }
}

const CHECKS: readonly Check[] = [
  { name: 'types node', run: tsc('tsconfig.json') },
  { name: 'types pure', run: tsc('tsconfig.pure.json') },
  ...(existsSync('apps/web/tsconfig.json') ? [{ name: 'types web', run: tsc('apps/web/tsconfig.json') }] : []),
  { name: 'api report unchanged', run: program('', 'tools/api-report.ts') },
  { name: 'lint and format', run: lint },
  { name: 'floors', run: floors },
  { name: 'budgets', run: budgets },
  { name: 'faults documented', run: faultsDocumented },
  { name: 'dependencies documented', run: dependenciesDocumented },
  { name: 'lockfile names no machine', run: lockfile },
  { name: 'no machine paths', run: noMachinePaths },
]

/** Runs one check and prints its line; true when it holds. */
const report = async ({ name, run }: Check): Promise<boolean> => {
  const start = performance.now()
  const outcome = await Promise.resolve()
    .then(run)
    .catch((thrown: unknown) => ({ figure: '', faults: [thrown instanceof Error ? thrown.message : String(thrown)] }))
  const ok = outcome.faults.length === 0
  const figure = ok ? outcome.figure : `${outcome.faults.length} found`
  console.log(`${name.padEnd(26)} ${ok ? 'ok  ' : 'FAIL'}  ${figure.padEnd(52)} ${Math.round(performance.now() - start)} ms`)
  for (const fault of outcome.faults.slice(0, 60)) console.log(`    ${fault}`)
  if (outcome.faults.length > 60) console.log(`    … and ${outcome.faults.length - 60} more`)
  return ok
}

const waiting = [...CHECKS]
const results: boolean[] = []
const worker = async (): Promise<void> => {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) results.push(await report(check))
}
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker))
process.exitCode = results.every(Boolean) ? 0 : 1
