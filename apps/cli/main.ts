// The command line: one command per thing a person does. What a command does lives with its app; here is only the list.
import { Command } from 'commander'
import { parkCommand } from '../park/command.ts'
import { demoCommand } from '../park/demo-command.ts'
import { checkCommand } from './check.ts'
import { fail } from './fail.ts'
import { firewallCommand } from './firewall.ts'
import { keysCommand } from './keys.ts'
import { nodeCommand } from './node.ts'
import { passwordCommand } from './password.ts'
import { verifyCommand } from './verify.ts'

/** sysexits.h EX_USAGE */
const WRONG_USAGE = 64

const program = new Command('chargeproof')
  .description('Makes electric-vehicle charging trustworthy: carries OCPP messages signed end to end, and judges signed meter values.')
  .showHelpAfterError('(chargeproof --help lists what there is)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : WRONG_USAGE))
  .configureHelp({ showGlobalOptions: true })

verifyCommand(program)
parkCommand(program)
demoCommand(program)
nodeCommand(program)
checkCommand(program)
firewallCommand(program)
passwordCommand(program)
keysCommand(program)
for (const command of program.commands) command.showHelpAfterError(`(chargeproof ${command.name()} --help says more)`)

// a reader that has seen enough (`| head`) is no failure of ours
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

program.parseAsync().catch(fail)
