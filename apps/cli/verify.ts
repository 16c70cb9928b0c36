// `chargeproof verify`: asks the verifier about files, folders or standard input, and answers for people, as JSON and as exit code.
import { Command, CommanderError, Option } from 'commander'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { nodeOpeners } from '../../src/adapters/node-openers.ts'
import { type Input, LANGUAGES, type Language, type Verdict, verify } from '../../src/transparency/index.ts'
import { filesIn, inputsAt, readStandardInput } from './verify-files.ts'
import { verdictText } from './verify-text.ts'

/** What the command touches outside: a test gives its own. */
export interface VerifyIo {
  out(text: string): void
  error(text: string): void
  stdin(): Promise<Uint8Array>
  /** Whether people look at it: only then there is colour. */
  readonly terminal: boolean
}

export const verifyCommand = (program: Command): void => {
  declare(program.command('verify')).action(async (paths: string[], options: Options) => {
    process.exitCode = await answer(paths, options, PROCESS)
  })
}

/** @param argv what follows `chargeproof verify`; resolves to the exit code */
export const runVerify = async (argv: readonly string[], io: VerifyIo): Promise<number> => {
  let code = 0
  const command = declare(new Command('verify'))
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.error(text) })
    .action(async (paths: string[], options: Options) => {
      code = await answer(paths, options, io)
    })
  try {
    await command.parseAsync([...argv], { from: 'user' })
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    return thrown.exitCode === 0 ? 0 : WRONG_USAGE
  }
  return code
}

interface Options {
  readonly key: readonly string[]
  readonly trust?: string
  readonly json?: true
  readonly each?: true
  readonly lang: Language
}

/** sysexits.h EX_USAGE */
const WRONG_USAGE = 64

const PROCESS: VerifyIo = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  stdin: readStandardInput,
  terminal: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
}

const declare = (command: Command): Command =>
  command
    .description('check signed meter values: are they genuine, and do they make a whole session')
    .argument('<path...>', 'files or folders with records, keys and archives; - is standard input')
    .addOption(
      new Option('--key <file>', 'a public key; its name up to the first dot is the meter it speaks of (repeatable)')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--trust <dir>', 'a folder of public keys that you trust')
    .option('--json', 'print the verdict as JSON')
    .option('--each', 'every path is a question of its own')
    .addOption(new Option('--lang <language>', 'language of the sentences').choices(LANGUAGES).default('en'))
    .addHelpText('after', `\n${EXIT_CODES}`)

const EXIT_CODES = `Exit code: 0 every session valid and every input used; 1 a session is invalid; 2 none invalid, but something incomplete,
unproven or unusable; 3 no session could be read; 64 wrong usage.`

const collect = (file: string, files: readonly string[]): readonly string[] => [...files, file]

const answer = async (paths: readonly string[], options: Options, io: VerifyIo): Promise<number> => {
  const keys = options.key.flatMap((path) => filesIn(path))
  const trust = options.trust === undefined ? [] : filesIn(options.trust)
  const ask = (inputs: readonly Input[]): Promise<Verdict> =>
    verify(inputs, { engine: ENGINE, openers: nodeOpeners, keys, trust, now: () => performance.now() })
  const questions = options.each === true ? paths.map((path) => [path]) : [paths]
  const codes: number[] = []
  for (const question of questions) {
    const verdict = await ask(inputsAt(question, io.stdin))
    codes.push(exitCodeOf(verdict))
    io.out(options.json === true ? `${JSON.stringify(verdict)}\n` : textOf(question, verdict, { options, io }))
  }
  return WORST_FIRST.find((code) => codes.includes(code)) ?? 0
}

const ENGINE = nodeEngine()

const WORST_FIRST = [1, 3, 2, 0] as const

const exitCodeOf = ({ verdict, inputs }: Verdict): number => {
  if (verdict === 'unreadable') return 3
  if (verdict === 'invalid') return 1
  return verdict === 'valid' && inputs.every(({ fault }) => fault === undefined) ? 0 : 2
}

const textOf = (question: readonly string[], verdict: Verdict, { options, io }: { options: Options; io: VerifyIo }): string => {
  const text = verdictText(verdict, { language: options.lang, colour: io.terminal })
  return options.each === true ? `${question.join(' ')}\n${text}\n` : text
}
