// `chargeproof verify`: asks the verifier about files, folders or standard input, and answers for people, as JSON and as exit code.
import { Command, Option } from 'commander'
import { declareAsking, type Io, PROCESS, runCommand } from './ask.ts'
import type { AskOptions } from './asker.ts'
import { EXIT_CODES, worstOf } from './exit-code.ts'
import { progressOn } from './progress.ts'
import { guardReports } from './report-files.ts'
import type { Answers, VerifyOptions } from './verify-answer.ts'

export const verifyCommand = (program: Command): void => {
  declare(program.command('verify')).action(async (paths: string[], options: Options, command: Command) => {
    process.exitCode = await answer(paths, options, { io: PROCESS, command })
  })
}

/** @param argv what follows `chargeproof verify`; resolves to the exit code */
export const runVerify = async (argv: readonly string[], io: Io): Promise<number> => {
  let code = 0
  const command = declare(new Command('verify')).action(async (paths: string[], options: Options, itself: Command) => {
    code = await answer(paths, options, { io, command: itself })
  })
  return (await runCommand(command, argv, io)) || code
}

interface Around {
  readonly io: Io
  readonly command: Command
}

interface Options extends AskOptions {
  readonly json?: true
  readonly each?: true
  readonly pdf?: string
}

const declare = (command: Command): Command =>
  declareAsking(command.description('check signed meter values: are they genuine, and do they make a whole session'))
    .option('--json', 'print the verdict as JSON')
    .addOption(new Option('--each', 'every path is a question of its own').conflicts('pdf'))
    .option('--pdf <file>', 'write a report of one page, with what was judged attached')
    .addHelpText('after', `\n${EXIT_CODES}`)

const answer = async (paths: readonly string[], { json, each, pdf, ...asked }: Options, around: Around): Promise<number> => {
  guardReports(around.command, [pdf], { ...asked, paths })
  const io = withStandardInput(around.io)
  const options: VerifyOptions = {
    ...asked,
    json: json === true,
    title: each === true,
    colour: io.terminal,
    ...(io.columns === undefined ? {} : { columns: io.columns }),
  }
  // answers that run over a terminal are progress enough
  const progress = progressOn(io, each !== true || !io.terminal)
  const codes = new Set<number>()
  const tell = ({ codes: told, text }: Answers): void | Promise<void> => {
    for (const code of told) codes.add(code)
    return io.out(text)
  }
  try {
    // each way loads what it needs: where threads judge, the verifier is theirs
    if (each === true) {
      const { answersOf } = await import('./verify-pool.ts')
      for await (const some of answersOf(paths, options, io)) {
        for (const _ of some.codes) progress.step(paths.length)
        await tell(some)
      }
    } else {
      const [{ asker }, { answered }] = await Promise.all([import('./asker.ts'), import('./verify-answer.ts')])
      const verdict = await asker(options, io)(paths, progress.step)
      progress.end()
      const { code, text } = answered(paths, verdict, options)
      await tell({ codes: [code], text })
      if (pdf !== undefined) await (await import('./verify-report.ts')).writeReport(pdf, verdict, { paths, ...asked }, io)
    }
  } finally {
    progress.end()
  }
  return worstOf(codes)
}

/** Standard input can be read once: whoever asks again gets the same. */
const withStandardInput = (io: Io): Io => {
  let reading: Promise<Uint8Array> | undefined
  return {
    ...io,
    stdin: () => {
      reading ??= io.stdin()
      return reading
    },
  }
}
