// What `verify`, `explain` and `openssl` share: how inputs, keys and the language are named on the command line. The question itself is put in asker.ts.
import { type Command, CommanderError, Option } from 'commander'
// not by the index, which loads the verifier: who leaves judging to threads has no need of it
import { LANGUAGES } from '../../src/transparency/sentences.ts'
import { readStandardInput } from './verify-files.ts'

/** What a command touches outside: a test gives its own. */
export interface Io {
  /** Bytes are UTF-8, and given away. A promise where whoever reads is slower than we write: it resolves when there is room again. */
  out(text: string | Uint8Array<ArrayBuffer>): void | Promise<void>
  error(text: string): void
  stdin(): Promise<Uint8Array>
  /** Whether people look at what is put out: only then there is colour. */
  readonly terminal: boolean
  /** Characters in a line of it; nothing is wrapped where it is not known. */
  readonly columns?: number
  /** Whether progress may be drawn: standard error is a terminal. */
  readonly progress?: boolean
}

export const PROCESS: Io = {
  out: (text) =>
    process.stdout.write(text, () => freed(text)) ? undefined : new Promise((resolve) => process.stdout.once('drain', resolve)),
  error: (text) => void process.stderr.write(text),
  stdin: readStandardInput,
  // https://no-color.org: present and not empty
  terminal: process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '',
  ...(process.stdout.isTTY === true ? { columns: process.stdout.columns } : {}),
  progress: process.stderr.isTTY === true,
}

/** What was written is freed at once: V8 would let forty megabytes of it lie before it looks for them. */
const freed = (text: string | Uint8Array<ArrayBuffer>): void => {
  if (typeof text !== 'string') text.buffer.transfer(0)
}

/** sysexits.h EX_USAGE */
const WRONG_USAGE = 64

/** Paths, keys, trust store and language. */
export const declareAsking = (command: Command): Command =>
  command
    .argument('<path...>', 'files or folders with records, keys and archives; - is standard input')
    .addOption(
      new Option('--key <file>', 'a public key; its name up to the first dot is the meter it speaks of (repeatable)')
        .argParser((file: string, files: readonly string[]) => [...files, file])
        .default([], 'none'),
    )
    .option('--trust <dir>', 'a folder of public keys that you trust')
    .addOption(new Option('--lang <language>', 'language of the sentences').choices(LANGUAGES).default('en'))

/** @param argv what follows the command's name; resolves to the exit code */
export const runCommand = async (command: Command, argv: readonly string[], io: Io): Promise<number> => {
  command.exitOverride().configureOutput({ writeOut: (text) => void io.out(text), writeErr: (text) => io.error(text) })
  try {
    await command.parseAsync([...argv], { from: 'user' })
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    return thrown.exitCode === 0 ? 0 : WRONG_USAGE
  }
  return 0
}
