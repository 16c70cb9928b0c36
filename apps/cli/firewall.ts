// `chargeproof firewall CONFIG.yaml --try FRAME`: says which rule of a file decides over a message, and how, without a node.
import { type Command, InvalidArgumentError } from 'commander'
import { readConfig } from '../../src/adapters/config.ts'
import { Fault } from '../../src/base/fault.ts'
import { type Call, type Message, readFrame, type Send } from '../../src/ocpp/frame.ts'
import { isVersion, VERSIONS, type Version } from '../../src/ocpp/version.ts'
import { type Asked, RuleBook, type Ruling } from '../../src/overlay/firewall-rules.ts'
import { DIRECTIONS, type Direction } from '../../src/overlay/passage.ts'

interface Options {
  readonly try: Call | Send
  readonly direction: Direction
  readonly origin: string
  readonly role: readonly string[]
  readonly ocpp?: Version
}

export const firewallCommand = (program: Command): void => {
  program
    .command('firewall')
    .description('say which firewall rule of a configuration file decides over a message')
    .argument('<config>', 'the file of a node with the section "firewall"')
    .requiredOption('--try <frame>', 'a CALL or SEND, such as \'[2,"1","Reset",{"type":"Hard"}]\'', readMessage)
    .option('--direction <direction>', `the way it goes: ${DIRECTIONS.join(', ')}`, readDirection, 'down')
    .option('--origin <id>', 'who says it: a node id, or "uplink" or "station"', 'uplink')
    .option('--role <role...>', 'roles of its valid signatures', [])
    .option('--ocpp <version>', `its version: ${VERSIONS.join(', ')}; all of them when not given`, readVersion)
    .action((path: string, options: Options) => {
      const { firewall } = readConfig(path)
      if (!firewall) throw new Fault('config-invalid', `${path} has no section "firewall": everything passes`, { file: path })
      const { rehearsed, ...ruling } = new RuleBook(firewall).weigh(asked(options))
      for (const rehearsal of rehearsed) console.log(`dry run: ${sentence(rehearsal)}`)
      console.log(sentence(ruling))
      if (ruling.payload !== undefined) console.log(JSON.stringify(ruling.payload))
      if (ruling.decision === 'drop' || ruling.decision === 'reject') process.exitCode = 1
    })
}

const asked = ({ try: message, direction, origin, role, ocpp }: Options): Asked => ({
  action: message.action,
  version: ocpp,
  payload: message.payload.value,
  origin,
  passage: { direction, uplink: origin === 'uplink', station: direction === 'up' || origin === 'station' },
  roles: () => role,
})

const sentence = ({ decision, rule, why }: Ruling): string =>
  decision === 'forward' ? `forward, by ${rule}` : `${decision}, by ${rule}: ${why}`

const readMessage = (text: string): Call | Send => {
  let message: Message
  try {
    message = readFrame(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
  if (!('action' in message)) throw new InvalidArgumentError('expected a CALL or a SEND')
  return message
}

const readDirection = (text: string): Direction => {
  const found = DIRECTIONS.find((direction) => direction === text)
  if (!found) throw new InvalidArgumentError(`expected one of ${DIRECTIONS.join(', ')}`)
  return found
}

const readVersion = (text: string): Version => {
  if (!isVersion(text)) throw new InvalidArgumentError(`expected one of ${VERSIONS.join(', ')}`)
  return text
}
