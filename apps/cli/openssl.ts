// `chargeproof openssl`: prints, for every record, the commands that repeat its check without this program. Runs nothing.
import { Command } from 'commander'
import {
  type Language,
  OPENSSL_SENTENCES,
  type OpensslNeeds,
  opensslCommands,
  type RecordReport,
  SIGNATURE_SENTENCES,
  sentence,
  type Verdict,
} from '../../src/transparency/index.ts'
import { declareAsking, type Io, PROCESS, runCommand } from './ask.ts'
import { type AskOptions, asker } from './asker.ts'
import { clean } from './layout.ts'

export const opensslCommand = (program: Command): void => {
  declare(program.command('openssl')).action(async (paths: string[], options: AskOptions) => {
    process.exitCode = await answer(paths, options, PROCESS)
  })
}

/** @param argv what follows `chargeproof openssl`; resolves to the exit code */
export const runOpenssl = async (argv: readonly string[], io: Io): Promise<number> => {
  let code = 0
  const command = declare(new Command('openssl')).action(async (paths: string[], options: AskOptions) => {
    code = await answer(paths, options, io)
  })
  return (await runCommand(command, argv, io)) || code
}

const declare = (command: Command): Command =>
  declareAsking(
    command.description('print the commands that repeat the check of each record with openssl and a shell, without this program'),
  ).addHelpText(
    'after',
    `
The commands write three files for each record into the folder they run in. openssl proves the signature; which bytes are signed, and
whether the records make a whole session, is told by "chargeproof explain" and "chargeproof verify".
Exit code: 0 commands for every record; 2 not for every one; 3 no record could be read; 64 wrong usage.`,
  )

const answer = async (paths: readonly string[], options: AskOptions, io: Io): Promise<number> => {
  const verdict = await asker(options, io)(paths)
  const records = verdict.sessions.flatMap((session) => session.records)
  for (const record of records) io.out(`${script(record, options.lang)}\n`)
  tellUnusable(verdict, io)
  if (records.length === 0) return 3
  return records.every((record) => 'commands' in opensslCommands(record)) ? 0 : 2
}

/** Whoever pastes it into a shell must not run what a file name says: everything from inputs is in comments, and those have one line. */
const script = (record: RecordReport, language: Language): string => {
  const { id, format, input, signature } = record
  const state = sentence(SIGNATURE_SENTENCES, signature.state, language)
  const title = `# ${id} (${format}, ${clean(input)}): ${clean(signature.algorithm ?? signature.curve ?? '')} ${state}`
  const found = opensslCommands(record)
  return 'impossible' in found
    ? `${title}\n# ${sentence(OPENSSL_SENTENCES, found.impossible, language)}\n`
    : `${title}\n# ${needed(found.needs, language)}\n${found.commands}\n`
}

const needed = ({ version, algorithm }: OpensslNeeds, language: Language): string =>
  language === 'de' ? `Nötig ist OpenSSL ab ${version} mit ${algorithm}.` : `Needs OpenSSL ${version} or newer, built with ${algorithm}.`

const tellUnusable = ({ inputs }: Verdict, io: Io): void => {
  for (const { name, fault } of inputs) if (fault !== undefined) io.error(`${clean(name)}: ${fault.code}: ${clean(fault.detail)}\n`)
}
