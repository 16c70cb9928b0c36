// `chargeproof explain`: tells of every value how it was made, from the signed bytes to the bill. Asks the verifier; judges nothing itself.
import { Command } from 'commander'
import { declareAsking, type Io, PROCESS, runCommand } from './ask.ts'
import { type AskOptions, asker } from './asker.ts'
import { explanation } from './explain-text.ts'

export const explainCommand = (program: Command): void => {
  declare(program.command('explain')).action(async (paths: string[], options: AskOptions) => {
    process.exitCode = await answer(paths, options, PROCESS)
  })
}

/** @param argv what follows `chargeproof explain`; resolves to the exit code */
export const runExplain = async (argv: readonly string[], io: Io): Promise<number> => {
  let code = 0
  const command = declare(new Command('explain')).action(async (paths: string[], options: AskOptions) => {
    code = await answer(paths, options, io)
  })
  return (await runCommand(command, argv, io)) || code
}

const declare = (command: Command): Command =>
  declareAsking(command.description('tell of each value which signed bytes it comes from, what it means, and what proves it')).addHelpText(
    'after',
    '\nExit code: 0 something was explained; 3 no session could be read; 64 wrong usage. The verdict counts for "verify" alone.',
  )

const answer = async (paths: readonly string[], options: AskOptions, io: Io): Promise<number> => {
  const verdict = await asker(options, io)(paths)
  const space = io.columns === undefined ? {} : { columns: io.columns }
  io.out(explanation(verdict, { language: options.lang, colour: io.terminal, ...space }))
  return verdict.sessions.length === 0 ? 3 : 0
}
