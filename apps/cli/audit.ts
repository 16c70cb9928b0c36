// `chargeproof audit`: judges exports of journals offline, with the auditor's keys alone, and `chargeproof audit export`, which fetches one.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { openerOfPem } from '../../src/adapters/reading-keys.ts'
import { asFault, Fault } from '../../src/base/fault.ts'
import type { Engine } from '../../src/crypto/engine.ts'
import type { Opener } from '../../src/crypto/hpke.ts'
import { readPublicKey, thumbprint } from '../../src/crypto/key.ts'
import { type AuditReport, audit, openedOrders, TrustStore } from '../../src/overlay/index.ts'
import { LANGUAGES, type Language } from '../../src/transparency/index.ts'
import { asUrl } from './api.ts'
import { auditText } from './audit-text.ts'

export const auditCommand = (program: Command): void => {
  const command = program
    .command('audit')
    .description('who limited which charging point, by which authority, and was it obeyed; and whether the journals that say so are whole')
    .argument('[file...]', 'exports of journals and lists of heads, of as many nodes as there are')
    .option('--trust <dir>', 'a folder with the public key of each node, NODE.pem')
    .option('--reading-keys <dir>', 'a folder with private keys for encryption, *.key.pem, to read encrypted orders with')
    .addOption(new Option('--evse <place>', 'only orders for STATION, or STATION/EVSE').argParser(place))
    .addOption(new Option('--from <time>', 'only orders from then on, ISO 8601').argParser(time))
    .addOption(new Option('--to <time>', 'only orders before then, ISO 8601').argParser(time))
    .option('--json', 'print the report as JSON')
    .addOption(new Option('--lang <language>', 'language of the sentences').choices(LANGUAGES).default('en'))
    .addHelpText(
      'after',
      '\nExit code: 0 sound; 1 something was removed, altered, back-dated or split; 2 gaps, or something unproven; 64 wrong usage.',
    )
    .action(async (files: string[], options: Options) => {
      if (files.length === 0) command.error('error: name the files to audit')
      if (options.trust === undefined) command.error('error: an audit needs --trust DIR: without keys nothing is proven')
      const world = {
        trust: usable(() => trustIn(options.trust ?? '', ENGINE), command),
        openers: usable(() => openersIn(options.readingKeys), command),
      }
      process.exitCode = await answer(files, options, world)
    })
  exportCommand(command)
}

interface Options {
  readonly trust?: string
  readonly readingKeys?: string
  readonly evse?: Place
  readonly from?: number
  readonly to?: number
  readonly json?: true
  readonly lang: Language
}

interface Place {
  readonly station: string
  readonly evse?: number
}

const EXIT_CODES = { sound: 0, tampered: 1, unproven: 2 } as const satisfies Record<AuditReport['verdict'], number>

interface Keys {
  readonly trust: TrustStore
  readonly openers: ReadonlyMap<string, Opener>
}

const answer = async (paths: readonly string[], { evse, from, to, json, lang }: Options, { trust, openers }: Keys): Promise<number> => {
  const files = paths.map((path) => ({ name: path, text: textOf(path) }))
  const question = { ...evse, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  const report = audit(files, { trust, engine: ENGINE, opened: await openedOrders(files, openers) }, question)
  process.stdout.write(json === true ? `${JSON.stringify(report)}\n` : auditText(report, lang))
  return EXIT_CODES[report.verdict]
}

const ENGINE = nodeEngine()

/** A folder of keys that cannot be used is wrong usage: whatever was audited without it would mean nothing. */
const usable = <T>(read: () => T, command: Command): T => {
  try {
    return read()
  } catch (error) {
    return command.error(`error: ${asFault(error).message}`)
  }
}

/** Every private key for encryption of the folder, by name. Throws Fault `input-missing`, `key-malformed`. */
const openersIn = (folder: string | undefined): ReadonlyMap<string, Opener> => {
  if (folder === undefined) return new Map()
  const files = namesIn(folder).filter((name) => name.endsWith('.key.pem'))
  if (files.length === 0) throw new Fault('input-missing', `there is no *.key.pem in ${folder}`)
  const openers = files.map((name) => openerOfPem(readFileSync(join(folder, name), 'utf8'), join(folder, name)))
  return new Map(openers.map((opener) => [thumbprint(opener.publicKey, ENGINE), opener]))
}

/** Every key of the folder: `NODE.pem`, as nodes publish theirs. Throws Fault `input-missing`, `key-malformed`. */
export const trustIn = (folder: string, engine: Engine): TrustStore => {
  const trust = new TrustStore(engine)
  for (const name of namesIn(folder)
    .filter((each) => each.endsWith('.pem'))
    .toSorted())
    trust.add({ node: name.slice(0, -'.pem'.length), role: '', publicKey: keyOf(join(folder, name)) })
  return trust
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch (cause) {
    throw new Fault('input-missing', `there is no folder ${folder}`, {}, cause)
  }
}

const keyOf = (path: string) => {
  try {
    return readPublicKey(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new Fault('key-malformed', `the key file ${path} cannot be used: ${asFault(cause).message}`, { path }, cause)
  }
}

/** Undefined where it cannot be read: then the report says so. */
const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const place = (text: string): Place => {
  const [station = '', evse, ...rest] = text.split('/')
  const id = Number(evse)
  if (station === '' || rest.length > 0 || (evse !== undefined && !(Number.isSafeInteger(id) && id > 0)))
    throw new InvalidArgumentError('expected STATION or STATION/EVSE.')
  return { station, ...(evse !== undefined && { evse: id }) }
}

const time = (text: string): number => {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected a time such as 2026-01-31T00:00:00Z.')
  return ms
}

const exportCommand = (audit: Command): void => {
  audit
    .command('export')
    .description("fetch a node's journal and the heads it holds, one JSON value a line")
    .argument('<url>', 'the management API of the node, such as http://127.0.0.1:8080', asUrl)
    .option('--token <token>', 'what operators show to the API')
    .option('--out <file>', 'where to write it; standard output when not given')
    .action(async (url: string, { token, out }: { token?: string; out?: string }) => {
      const lines = await exported(new URL(url), token)
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
      if (out === undefined) process.stdout.write(text)
      else writeFileSync(out, text)
    })
}

const PAGE = 1_000

/** Every entry and every head, in the order that makes an export that ends where its node signed: pages first, then the heads. */
export const exported = async (url: URL, token: string | undefined): Promise<unknown[]> => {
  const get = async (path: string): Promise<readonly { readonly seq?: number }[]> => {
    const answered = await fetch(new URL(`/api/v1/journal${path}`, url), {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    }).catch((cause) => {
      throw new Fault('unreachable', `${url.origin} does not answer`, {}, cause)
    })
    if (!answered.ok) throw new Fault('remote-error', `${url.host} answered with ${answered.status}`)
    return (await answered.json()) as readonly { readonly seq?: number }[]
  }
  // the head first: what is written while the pages come is behind it, and is not signed for yet
  const heads = await get('/heads')
  const lines: unknown[] = []
  for (let after = 0; ; ) {
    const page = await get(`?after=${after}&limit=${PAGE}`)
    lines.push(...page)
    after = page.at(-1)?.seq ?? after
    if (page.length < PAGE) return [...lines, ...heads]
  }
}
