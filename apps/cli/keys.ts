// `chargeproof keys …`: the operator's root, the keys of nodes, certificates. Each subcommand does one thing and says what to do
// next; what a key is and who believes it is decided elsewhere (docs/keys.md).
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../src/adapters/clock.ts'
import { writeWhole } from '../../src/adapters/data-folder.ts'
import { KeyOffice, type KeyUse, type Named, type Rotation, secondKey, USES } from '../../src/adapters/key-office.ts'
import { addKey, ownKeys } from '../../src/adapters/key-ring.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { KEY_KINDS, type KeyKind, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { addReadingKey, firstReadingKey } from '../../src/adapters/reading-keys.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import type { NodeSigner, PublicKey } from '../../src/crypto/engine.ts'
import { vouch } from '../../src/overlay/key-document.ts'
import type { TrustedKey } from '../../src/overlay/trust.ts'
import { exchangeCommands, NEXT } from './keys-exchange.ts'
import { issueCommand } from './keys-issue.ts'

const parts = { engine: nodeEngine(), clock: systemClock }
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

interface Folders {
  readonly data: string
  readonly root: string
}

export const keysCommand = (program: Command): void => {
  const keys = program
    .command('keys')
    .description('make, show, rotate and revoke keys; docs/keys.md is the guide')
    .addHelpText('after', '\nExit code: 78 a key or file cannot be used; 74 a folder cannot be written; 1 refused; 64 wrong usage.')
  nodeCommands(keys)
  officeCommands(keys)
  revocationCommands(keys)
  rootCommands(keys)
  exchangeCommands(keys, parts)
  issueCommand(keys)
  for (const command of keys.commands) command.showHelpAfterError(`(chargeproof keys ${command.name()} --help says more)`)
}

const withData = (command: Command): Command => command.option('--data <dir>', 'where the node keeps its keys', 'data')
const withRoot = (command: Command): Command => command.option('--root <dir>', 'the folder of the operator’s root', 'root')

interface Administered extends Folders {
  readonly by?: string
}

/** Where the root is locked away, a key that it named for key administration speaks. */
const withAdministrator = (command: Command): Command =>
  withRoot(withData(command)).option('--by <node>', 'the node whose key for key administration vouches, instead of the root')

const administrator = (office: KeyOffice, { by, data }: Administered): { kid: string; signer: NodeSigner } | undefined => {
  if (by === undefined) return undefined
  for (const [kid, signer] of ownKeys(data, by, parts.engine)) if (office.trust.find(kid, 'key-administration')) return { kid, signer }
  throw new Fault(
    'config-invalid',
    `${by} has no key for key administration in ${data}; "keys rotate ${by} --for key-administration" makes one`,
  )
}

const kindOption = (): Option => new Option('--kind <kind>', 'of the key').choices(KEY_KINDS).default('p-256')

const nodeCommands = (keys: Command): void => {
  withData(keys.command('new').description('make the key of a node that has none yet').argument('<node>', 'its id'))
    .addOption(kindOption())
    .action((node: string, { data, kind }: Folders & { kind: KeyKind }) => {
      const { kid } = loadIdentity(data, node, parts.engine, kind)
      console.log(`${node} has the key ${kid}\nIts public half is ${join(data, 'keys', `${node}.pem`)}: bring that to whoever trusts it.`)
    })
  withData(keys.command('show').description('show the names of a node’s own keys').argument('<node>', 'its id')).action(
    (node: string, { data }: Folders) => {
      for (const kid of ownKeys(data, node, parts.engine).keys()) console.log(kid)
    },
  )
}

/** Whose the key is that the root has revoked and never vouched for: it may be one of a trust file. */
const NOBODY = '(not in a document)'
const NONE_LISTED =
  'the root has vouched for no key yet: nodes know each other by their "trust" lists, and "keys show NODE" tells the names of those keys. "keys rotate" makes the first document of a node.'

interface RotateOptions extends Folders {
  readonly role: string
  readonly in: number
  readonly overlap: number
  readonly days: number
  readonly request?: string
  readonly second?: string
  readonly kind: KeyKind
  readonly for: KeyUse
}

const officeCommands = (keys: Command): void => {
  withRoot(withData(keys.command('rotate').description('give a node a new key; the old one counts beside it for a while')))
    .argument('<node>', 'its id')
    .option('--role <role>', 'its role, needed for its first document', '')
    .option('--in <minutes>', 'until it signs with the new key: so long the news needs to be everywhere', count, 2)
    .option('--overlap <minutes>', 'how long the old key counts after that', count, 60 * 24)
    .option('--days <days>', 'life of the new key', count, 400)
    .addOption(kindOption())
    .addOption(new Option('--for <use>', 'what the new key is for; those before it for the same end').choices(USES).default('node'))
    .option('--second <dir>', 'the folder of the root’s second key, which vouches too')
    .option('--request <file>', 'write the request here instead, for "keys sign" where the root is')
    .action(rotate)
  withRoot(keys.command('list').description('list the keys of every node, with age and state')).action(async ({ root }: Folders) => {
    const office = await KeyOffice.open(root, parts)
    const listed = office.keys().map((key) => lineOf(key, office))
    const others = (office.revocations?.revoked ?? []).filter(({ kid }) => !office.trust.look(kid))
    const strange = others.map(({ kid, reason }) => [NOBODY.padEnd(20), kid, 'revoked'.padEnd(13), '', '', reason].join('  ').trimEnd())
    console.log([...listed, ...strange].join('\n') || NONE_LISTED)
  })
}

const revocationCommands = (keys: Command): void => {
  withAdministrator(keys.command('revoke').description('revoke keys by name: nobody obeys them any more, for good'))
    // one name in 64 begins with a hyphen; what is neither a name nor an option is refused as a name
    .argument('<kid...>', 'names, as "keys list" shows them', asKids)
    .allowUnknownOption()
    .option('--reason <text>', 'for people', 'revoked by the operator')
    .action(async (kids: string[], { reason, ...from }: Administered & { reason: string }) => {
      const office = await KeyOffice.open(from.root, parts)
      await office.revoke(kids, reason.slice(0, 80), administrator(office, from))
      const unknown = kids.filter((kid) => !office.trust.look(kid))
      if (unknown.length > 0) console.log(`the root never vouched for ${unknown.join(', ')}: is it the name of a key of a "trust" list?`)
      console.log(`revoked ${kids.join(', ')}. ${NEXT}`)
    })
  withAdministrator(
    keys.command('refresh').description('say anew that no other key is revoked; nodes that hear nothing for too long obey nobody'),
  ).action(async (from: Administered) => {
    const office = await KeyOffice.open(from.root, parts)
    await office.revoke([], '', administrator(office, from))
    console.log(`revocations ${office.revocations?.seq} are issued now. ${NEXT}`)
  })
}

const rotate = async (node: string, options: RotateOptions): Promise<void> => {
  const { data, root, role, request, second } = options
  const held = [...ownKeys(data, node, parts.engine)].map(([kid, signer]) => ({ kid, signer }))
  const office = await KeyOffice.open(root, parts)
  const isFirst = !office.ledger.documents().some(({ fact }) => fact.node === node)
  if (isFirst && role === '') throw new Fault('config-invalid', `the first document of ${node} needs --role, such as local-controller`)
  const times = { delayMs: options.in * MINUTE_MS, overlapMs: options.overlap * MINUTE_MS, lifeMs: options.days * DAY_MS }
  // before its first document a node has only the keys it was born with: they are named in it, and vouch for it
  const born = isFirst ? bornWith(data, node) : []
  const { kid, publicKey } = newKey(data, node, options)
  const drafted = vouch(office.draft({ ...{ node, role, ...times }, key: publicKey, use: options.for, born }), [
    ...held.filter((key) => isFirst || office.trust.look(key.kid) !== undefined).slice(0, 2),
    ...secondOf(second),
  ])
  if (request === undefined) await office.sign(drafted)
  else writeWhole(request, `${JSON.stringify([drafted] as object as Json, null, 1)}\n`, 0o644)
  console.log(
    request === undefined
      ? `${node} ${WORKS[options.for]} ${kid} in ${options.in} min; the key before counts for ${options.overlap} min more. ${NEXT}`
      : `${request} asks for the key ${kid}: bring it to the root, and run "chargeproof keys sign ${request}" there.`,
  )
}

const secondOf = (folder: string | undefined): Named[] => (folder === undefined ? [] : [secondKey(folder, parts.engine)])

const bornWith = (data: string, node: string): NonNullable<Rotation['born']> => {
  const reading = firstReadingKey(data, node)
  const { signer } = loadIdentity(data, node, parts.engine)
  return [{ key: signer.publicKey, use: 'node' }, ...(reading ? [{ key: reading, use: 'encryption' } as const] : [])]
}

/** In words, by what the key is for. */
const WORKS = {
  node: 'signs with',
  policy: 'signs policies with',
  'key-administration': 'may revoke keys with',
  encryption: 'is to be started again, and is written to with',
} as const satisfies Record<KeyUse, string>

const newKey = (data: string, node: string, { for: use, kind }: RotateOptions): { kid: string; publicKey: PublicKey } => {
  if (use === 'encryption') return addReadingKey(data, node, parts.engine)
  const { kid, signer } = addKey(data, node, parts.engine, kind)
  return { kid, publicKey: signer.publicKey }
}

const rootCommands = (keys: Command): void => {
  const root = keys.command('root').description('the operator’s root, which vouches for every other key')
  withRoot(root.command('init').description('make a root, and the one that replaces it if it is ever stolen'))
    .requiredOption('--next <dir>', 'where the private key of the next root goes; then take that folder away from here')
    .option('--second <dir>', 'where the key goes without which nobody makes nodes with this root alone; give that folder to somebody else')
    .action(async ({ root: folder, next, second }: Folders & { next: string; second?: string }) => {
      const office = await KeyOffice.found(folder, next, parts, second)
      console.log(
        `the root is ${office.ledger.rootKid}. Keep ${next} where nobody who reaches ${folder} can: it is the only way to replace this root.`,
      )
      console.log(
        second === undefined
          ? ALONE
          : `Whoever holds ${second} vouches for each new node beside the root: keep it from whoever reaches ${folder}.`,
      )
      console.log(`"chargeproof keys export --root ${folder} > data/keys/root.json" makes the file that nodes start with.`)
    })
  withRoot(root.command('replace').description('let the next root take over; the old one counts no more'))
    .requiredOption('--with <dir>', 'the folder with the private key of the next root')
    .requiredOption('--next <dir>', 'where the private key of the one after it goes')
    .option('--second <dir>', 'the folder of its second key, which is made there where there is none')
    .action(async ({ root: folder, with: reserved, next, second }: Folders & { with: string; next: string; second?: string }) => {
      const office = await KeyOffice.open(folder, parts)
      await office.replace(reserved, next, second === undefined ? undefined : secondKey(second, parts.engine, true))
      if (second === undefined) console.log(ALONE)
      console.log(`the root is ${office.ledger.rootKid}, number ${office.ledger.root}. ${NEXT}`)
    })
}

const ALONE =
  'Whoever steals this root can make nodes in any role until it is replaced: "--second" takes a second key for that (docs/keys.md).'

const lineOf = (key: TrustedKey, { trust, ledger }: KeyOffice): string => {
  const now = systemClock.now()
  const days = (ms: number): string => `${Math.floor(Math.abs(ms) / DAY_MS)} d`
  const age = key.from === undefined || key.from > now ? 'new' : days(now - key.from)
  const ends = key.until === undefined ? 'no end' : `${key.until > now ? 'ends in' : 'ended'} ${days(key.until - now)}`
  const why = ledger.revocations?.revoked.find(({ kid }) => kid === key.kid)?.reason
  const purposes = key.purposes.join('+')
  return [key.node.padEnd(20), key.kid, trust.stateOf(key).padEnd(13), purposes.padEnd(12), `age ${age}`, ends, why ?? '']
    .join('  ')
    .trimEnd()
}

const count = (text: string): number => {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0 || text.trim() === '') throw new InvalidArgumentError('expected a number that is not negative')
  return value
}

/** RFC 7638, SHA-256, base64url. */
const asKids = (text: string, before: readonly string[] | undefined): readonly string[] => {
  if (!/^[\w-]{43}$/.test(text)) throw new InvalidArgumentError('a key’s name has 43 characters; "keys list" shows them')
  return [...(before ?? []), text]
}
