// The command line: one command per thing a person does. What a command does lives with its app; here is only the list.
import { Command } from 'commander'
import { fail } from './fail.ts'

/** sysexits.h EX_USAGE */
const WRONG_USAGE = 64

type Register = (program: Command) => void
/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  verify: async () => (await import('./verify.ts')).verifyCommand,
  batch: async () => (await import('./batch.ts')).batchCommand,
  open: async () => (await import('./open.ts')).openCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  'serve-key': async () => (await import('./serve.ts')).serveKeyCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  openssl: async () => (await import('./openssl.ts')).opensslCommand,
  park: async () => (await import('../park/command.ts')).parkCommand,
  demo: async () => (await import('../park/demo-command.ts')).demoCommand,
  meter: async () => (await import('../park/meter-command.ts')).meterCommand,
  node: async () => (await import('./node.ts')).nodeCommand,
  check: async () => (await import('./check.ts')).checkCommand,
  firewall: async () => (await import('./firewall.ts')).firewallCommand,
  firmware: async () => (await import('./firmware.ts')).firmwareCommand,
  audit: async () => (await import('./audit.ts')).auditCommand,
  policy: async () => (await import('./policy.ts')).policyCommand,
  keys: async () => (await import('./keys.ts')).keysCommand,
  files: async () => (await import('./files.ts')).filesCommand,
  password: async () => (await import('./password.ts')).passwordCommand,
}

const program = new Command('chargeproof')
  .description('Makes electric-vehicle charging trustworthy: carries OCPP messages signed end to end, and judges signed meter values.')
  .showHelpAfterError('(chargeproof --help lists what there is)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : WRONG_USAGE))
  .configureHelp({ showGlobalOptions: true })

// a command starts in a fifth of the time when the others are not loaded
const named = process.argv.slice(2).find((word) => Object.hasOwn(COMMANDS, word))
for (const load of named === undefined ? Object.values(COMMANDS) : [COMMANDS[named]]) (await load?.())?.(program)
for (const command of program.commands) command.showHelpAfterError(`(chargeproof ${command.name()} --help says more)`)

// a reader that has seen enough (`| head`) is no failure of ours
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

/** Those of a command and of the commands below it. */
const optionsOf = (command: Command): (string | undefined)[] => [
  ...command.options.map(({ long }) => long ?? undefined),
  ...command.commands.flatMap(optionsOf),
]

program.parseAsync().catch((thrown) => fail(thrown, optionsOf(program)))
