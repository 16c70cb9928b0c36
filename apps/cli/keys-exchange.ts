// `chargeproof keys sign|export|import|fetch`: what the root vouched for on its way, between the folder of the root, whoever asks it
// for something, and running nodes.
import type { Command } from 'commander'
import { writeWhole } from '../../src/adapters/data-folder.ts'
import { KeyOffice, type Learned, type Named, type OfficeParts, secondKey } from '../../src/adapters/key-office.ts'
import { readFacts } from '../../src/adapters/keys.ts'
import type { KeysView } from '../../src/adapters/management.ts'
import { pem as textOf } from '../../src/adapters/world.ts'
import { asFault, Fault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import { isAfter, type KeyStatement, keyOf, readVouched, type Vouched, versionOf, vouch } from '../../src/overlay/key-document.ts'
import { type Api, type ApiOptions, api, asUrl } from './api.ts'

/** Said after everything that nodes have to hear of. */
export const NEXT = 'Now "chargeproof keys export" and "chargeproof keys import" bring it to the nodes.'

interface Asked {
  readonly api: string
  readonly token: string
}

export const exchangeCommands = (keys: Command, parts: OfficeParts): void => {
  const withRoot = (command: Command): Command => command.option('--root <dir>', 'the folder of the operator’s root', 'root')
  withRoot(keys.command('sign').description('vouch with the root for a request of "keys rotate --request"'))
    .argument('<request>', 'the file')
    .option('--look', 'say what it asks for, and vouch for nothing')
    .option('--second <dir>', 'vouch with the root’s second key, which lies there, and not with the root: the request is written back')
    .action(async (path: string, { root, look, second }: { root: string; look?: true; second?: string }) => {
      const request = requestIn(path)
      console.log(askedFor(request.fact, parts))
      if (look) return
      if (second !== undefined) return seconded(path, request, secondKey(second, parts.engine))
      await (await KeyOffice.open(root, parts)).sign(request)
      console.log(`${request.fact.node} has a new document. ${NEXT}`)
    })
  withRoot(keys.command('export').description('print all that the root vouched for: what nodes start with and import')).action(
    async ({ root }: { root: string }) => {
      const office = await KeyOffice.open(root, parts)
      console.log(JSON.stringify(office.facts, null, 1))
    },
  )
  withApi(keys.command('import').description('bring what "keys export" printed to a running node, which tells every other'))
    .argument('<file>', 'the file')
    .action(async (path: string, asked: Asked) => console.log(await bring(readFacts(textOf(path)), apiOf(asked))))
  withApi(withRoot(keys.command('fetch').description('bring what a running node believes to the folder of the root'))).action(
    async ({ root, ...asked }: Asked & { root: string }) => {
      const { facts } = await apiOf(asked)<{ facts: readonly Json[] }>('GET', '/keys/facts').catch(advised)
      console.log(learned(await KeyOffice.learn(root, facts.map(readVouched), parts), root))
    },
  )
}

const seconded = (path: string, { fact, signatures }: Vouched<KeyStatement>, by: Named): void => {
  const both = { fact, signatures: [...signatures, ...vouch(fact, [by]).signatures] }
  writeWhole(path, `${JSON.stringify([both] as object as Json, null, 1)}\n`, 0o644)
  console.log(`${path} has the word of the second key: bring it to the root, and run "chargeproof keys sign ${path}" there.`)
}

const withApi = (command: Command): Command =>
  command
    .requiredOption('--api <url>', 'the node’s management API, such as http://127.0.0.1:8080', asUrl)
    .requiredOption('--token <token>', 'what operators show to it')

const apiOf = ({ api: url, token }: Asked): Api => api({ url, token } satisfies ApiOptions)

const requestIn = (path: string): Vouched<KeyStatement> => {
  const [request] = readFacts(textOf(path))
  if (request?.fact.kind !== 'keys') throw new Fault('config-invalid', `${path} is no request for a key`)
  return request as Vouched<KeyStatement>
}

/** A request is written where the root is not: who signs it sees what becomes true. */
const askedFor = ({ node, role, keys }: KeyStatement, { engine }: OfficeParts): string =>
  [
    `${node} in the role ${role}, with these keys and no other:`,
    ...keys.map(({ key, purposes, from, until }) => {
      const [begin, end] = [from, until].map((ms) => new Date(Math.min(ms, 8.64e15)).toISOString())
      return `  ${keyOf(key, engine).kid}  for ${purposes.join(', ')}, from ${begin} to ${end}`
    }),
  ].join('\n')

/** What a node says of facts that it does not believe, and what to do about it; by the rule (docs/protocol.md §10.1). */
const ADVICE: Readonly<Record<string, string>> = {
  'revocations-kept':
    'It knows of a revocation that this file lacks. "chargeproof keys fetch" brings it to the root; then export and import again.',
  'revocations-issued': 'Set the clock of this machine or of the node right, wait a minute, and say it again.',
  'root-signature': 'The file is of another root than the one that the node begins with (its keys.root), or was changed.',
  'root-committed': 'The root in the file is not the one that the root before it named: is it of another operator, or a thief’s?',
  'root-chain': 'A root between the one of the node and the one in the file is missing: export from the folder that has them all.',
  'key-continuity':
    'No key that the node in question had before vouches for the new one: rotate where that node’s keys are, or revoke those first.',
  'key-second':
    'This root does nothing new alone: its second key has to vouch too ("keys rotate --second", or "keys sign --second" before the root signs).',
  'key-owner': 'A key in the file belongs to another node already.',
  'root of keys': 'Its configuration has no section "keys" (docs/configuration.md): it believes its trust list, and nothing else.',
}

const bring = async (facts: readonly Vouched[], ask: Api): Promise<string> => {
  const { believed } = await ask<{ believed: number }>('POST', '/keys', { facts: facts as object as Json }).catch(advised)
  if (believed > 0) return `${factsText(believed)} new, and on the way to every node`
  const { root, revocations } = await ask<KeysView>('GET', '/keys')
  const newer = passedOver(facts, root?.number ?? 0, revocations)
  if (newer !== undefined) throw new Fault('refused', newer)
  return 'the node knew all of it'
}

const advised = (error: unknown): never => {
  const { message, code } = asFault(error)
  const rule = Object.keys(ADVICE).find((each) => message.endsWith(each))
  throw new Fault(code, rule === undefined ? message : `${message}\n${ADVICE[rule]}`, {}, error)
}

/** Why nothing of a file counts, where the node knows better. */
const passedOver = (facts: readonly Vouched[], root: number, held: KeysView['revocations']): string | undefined => {
  const roots = facts.flatMap(({ fact }) => (fact.kind === 'root' ? [fact.seq] : []))
  if (Math.max(...roots) < root)
    return `the node knows root ${root}, which took the place of root ${Math.max(...roots)} of this file: export from the folder of the new one`
  const said = facts.flatMap(({ fact }) => (fact.kind === 'revocations' ? [fact] : []))[0]
  if (!said || !held || !isAfter([held.root, held.number], versionOf(said))) return undefined
  return `the node knows newer revocations than this file: number ${held.number}, and here is ${said.seq}
A key for key administration said them, or another folder of the root. "chargeproof keys fetch" brings them to this one.`
}

const factsText = (count: number): string => (count === 1 ? '1 fact is' : `${count} facts are`)

const learned = ({ facts, revoked }: Learned, folder: string): string =>
  facts === 0 && revoked.length === 0
    ? `${folder} knew all of it`
    : [
        `${factsText(facts)} new to ${folder}, and ${revoked.length} revocations. Look through "chargeproof keys list", then export and import.`,
        ...revoked.map(({ kid, at, reason }) => `  ${kid}  ${new Date(Math.min(at, 8.64e15)).toISOString()}  ${reason}`),
      ].join('\n')
