// `chargeproof batch`: every file of a folder as a question of its own, for a workshop or a month of bills; the answers as a table in CSV
// or JSON, and their sum for people. One question of many files is `verify`.
import { closeSync, openSync, writeSync } from 'node:fs'
import { Command } from 'commander'
import { utf8Text } from '../../src/base/bytes.ts'
import { asFault, Fault } from '../../src/base/fault.ts'
import {
  CODE_SENTENCES,
  INPUT_FAULT_SENTENCES,
  type Language,
  type Sentence,
  type SessionRow,
  sentence,
  sessionCsv,
  sessionRows,
  type Verdict,
  type VerdictState,
} from '../../src/transparency/index.ts'
import { declareAsking, type Io, PROCESS, runCommand } from './ask.ts'
import type { AskOptions } from './asker.ts'
import { EXIT_CODES, worstOf } from './exit-code.ts'
import { clean } from './layout.ts'
import { progressOn } from './progress.ts'
import { guardReports } from './report-files.ts'
import { filesIn } from './verify-files.ts'
import { answersOf } from './verify-pool.ts'

interface Options extends AskOptions {
  readonly csv?: string
  readonly json?: string
}

export const batchCommand = (program: Command): void => {
  declare(program.command('batch')).action(async (paths: string[], options: Options, command: Command) => {
    process.exitCode = await run(paths, options, { io: PROCESS, command })
  })
}

/** @param argv what follows `chargeproof batch`; resolves to the exit code */
export const runBatch = async (argv: readonly string[], io: Io): Promise<number> => {
  let code = 0
  const command = declare(new Command('batch')).action(async (paths: string[], options: Options, itself: Command) => {
    code = await run(paths, options, { io, command: itself })
  })
  return (await runCommand(command, argv, io)) || code
}

const declare = (command: Command): Command =>
  declareAsking(command.description('check every file of a folder on its own, and write the verdicts into a table'))
    .option('--csv <file>', 'write a table for spreadsheets: a line for each session, and for each file that could not be used')
    .option('--json <file>', 'write the same as a JSON array')
    .addHelpText('after', `\nA key goes by --key or --trust: a key file among the files is a question of its own here.\n${EXIT_CODES}`)

interface Around {
  readonly io: Io
  readonly command: Command
}

const run = async (paths: readonly string[], options: Options, { io, command }: Around): Promise<number> => {
  const files = paths.flatMap((path) => (path === '-' ? ['-'] : filesIn(path).map(({ name }) => name)))
  guardReports(command, [options.csv, options.json], { ...options, paths })
  const reports = openReports(options, io)
  const progress = progressOn(io, true)
  const sum = new Map<VerdictState, number>()
  const codes = new Set<number>()
  let asked = 0
  try {
    for await (const { codes: told, text } of answersOf(files, { ...options, json: true, title: false, colour: false }, io)) {
      for (const line of linesIn(text)) {
        const verdict = JSON.parse(line) as Verdict
        const rows = sessionRows(files[asked++] ?? '', verdict)
        for (const report of reports) report.add(rows)
        sum.set(verdict.verdict, (sum.get(verdict.verdict) ?? 0) + 1)
        progress.step(files.length)
      }
      for (const code of told) codes.add(code)
    }
  } finally {
    progress.end()
    for (const report of reports) report.end()
  }
  io.out(`${sumOf(files.length, sum, options.lang)}\n`)
  return files.length === 0 ? NOTHING : worstOf(codes)
}

/** No session could be read. */
const NOTHING = 3
/** In the order of the sum. */
const WORDS = {
  valid: { en: 'valid', de: 'gültig' },
  invalid: { en: 'invalid', de: 'ungültig' },
  incomplete: { en: 'incomplete', de: 'unvollständig' },
  unproven: { en: 'unproven', de: 'nicht bewiesen' },
  unreadable: { en: 'unreadable', de: 'unlesbar' },
  unused: { en: 'not used', de: 'nicht verwendet' },
} as const satisfies Readonly<Record<VerdictState | 'unused', Sentence>>

const sumOf = (files: number, sum: ReadonlyMap<string, number>, language: Language): string => {
  const counts = Object.entries(WORDS).flatMap(([state, word]) => (sum.has(state) ? [`${sum.get(state)} ${word[language]}`] : []))
  const none = { en: 'none', de: 'keine' }[language]
  return `${files} ${FILES[language][files === 1 ? 0 : 1]}: ${counts.join(', ') || none}`
}

const FILES = { en: ['file', 'files'], de: ['Datei', 'Dateien'] } as const satisfies Readonly<Record<Language, readonly string[]>>

const linesIn = (text: string | Uint8Array): string[] => (typeof text === 'string' ? text : utf8Text(text)).trimEnd().split('\n')

interface Report {
  readonly add: (rows: readonly SessionRow[]) => void
  readonly end: () => void
}

/** Without a file for it, what is not valid is told at once: nobody has to look for it. */
const openReports = ({ csv, json, lang }: Options, io: Io): Report[] => [
  ...(csv === undefined ? [] : [reportIn(csv, { head: sessionCsv([]), text: (rows) => sessionCsv(rows, false), foot: '' })]),
  ...(json === undefined ? [] : [jsonReport(json)]),
  ...(csv === undefined && json === undefined
    ? [{ add: (rows) => io.out(linesOf(rows, lang)), end: () => undefined } satisfies Report]
    : []),
]

const linesOf = (rows: readonly SessionRow[], language: Language): string =>
  rows.flatMap((row) => (row.verdict === 'valid' ? [] : [`${lineOf(row, language)}\n`])).join('')

/** A file that could not be used goes by its own name, which for a member of an archive is a longer one. */
const lineOf = ({ question, inputs, verdict = '', codes = '', fault, detail }: SessionRow, language: Language): string => {
  const said = codes === '' ? [] : codes.split(' ').map((code) => sentence(CODE_SENTENCES, code, language))
  const why = fault === undefined ? said : [sentence(INPUT_FAULT_SENTENCES, fault, language), `[${fault}: ${detail}]`]
  return clean([fault === undefined ? question : inputs, sentence(WORDS, verdict, language), why.join(' ')].filter(Boolean).join(': '))
}

const jsonReport = (path: string): Report => {
  let between = ''
  const text = (rows: readonly SessionRow[]): string =>
    rows
      .map((row) => {
        const line = `${between}${JSON.stringify(row)}`
        between = ',\n'
        return line
      })
      .join('')
  return reportIn(path, { head: '[', text, foot: ']\n' })
}

/** Rows go to the disk as they come: a folder may hold any number of files. */
const reportIn = (path: string, shape: { head: string; text: (rows: readonly SessionRow[]) => string; foot: string }): Report => {
  const file = written(path, () => openSync(path, 'w'))
  const write = (text: string): void => written(path, () => void writeSync(file, text))
  write(shape.head)
  return {
    add: (rows) => write(shape.text(rows)),
    end: () => {
      write(shape.foot)
      closeSync(file)
    },
  }
}

const written = <T>(path: string, write: () => T): T => {
  try {
    return write()
  } catch (thrown) {
    throw new Fault('store-failed', `the report ${path} cannot be written: ${asFault(thrown).message}`, {}, thrown)
  }
}
