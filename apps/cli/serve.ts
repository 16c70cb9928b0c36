// `chargeproof serve`: the verifier as a service, with its page. `chargeproof serve-key` makes a key for one who may ask.
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { type AddressInfo, isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { JudgePool, type NamedBytes } from '../../src/adapters/judge-pool.ts'
import { logger } from '../../src/adapters/log.ts'
import { runUntilStopped } from '../../src/adapters/run.ts'
import { readServeKeys } from '../../src/adapters/serve-keys.ts'
import { asFault, Fault } from '../../src/base/fault.ts'
import { filesIn } from './verify-files.ts'

interface Options {
  readonly port: number
  readonly address: string
  readonly host: readonly string[]
  readonly keys?: string
  readonly trust?: string
  readonly cert?: string
  readonly certKey?: string
  readonly page: boolean
}

export const serveCommand = (program: Command): void => {
  program
    .command('serve')
    .description('run the verifier as a service: its page, and an HTTP door for other programs')
    .addOption(new Option('--port <port>', 'port to listen on').argParser(port).default(8099))
    .option('--address <ip>', 'address to listen on; another one than loopback asks for --keys', '127.0.0.1')
    .addOption(
      new Option('--host <name>', 'a name that people reach it by, besides loopback (repeatable)').argParser(several).default([], 'none'),
    )
    .option('--keys <file>', 'who may ask, and how much: a file with an entry of `chargeproof serve-key` for each')
    .option('--trust <dir>', 'a folder of public keys that you trust')
    .option('--cert <file>', 'certificate chain in PEM, for https')
    .option('--cert-key <file>', 'its private key in PEM')
    .option('--no-page', 'only the HTTP door')
    .addHelpText(
      'after',
      '\nWhat it answers: docs/serve.md, and /api/openapi.json. Exit code: 78 a file has a fault; 69 the port is taken; 64 wrong usage.',
    )
    .action(run)
}

export const serveKeyCommand = (program: Command): void => {
  program
    .command('serve-key')
    .description('make a key for one who may ask `chargeproof serve`')
    .argument('<name>', 'as the figures call it')
    .action((name: string) => {
      const key = randomBytes(24).toString('base64url')
      const sha256 = createHash('sha256').update(key).digest('hex')
      console.error(`The key, which is shown this once: ${key}\nThe entry for the file of --keys:`)
      console.log(`- name: ${JSON.stringify(name)}\n  sha256: "${sha256}"\n  requestsPerMinute: 60\n  mebibytesPerDay: 1024\n  atOnce: 4`)
    })
}

/** Where there are no keys, for each address. */
const EVERYBODY = { requestsPerMinute: 600, mebibytesPerDay: 4096, atOnce: 16 }

const run = async (options: Options): Promise<void> => {
  if (options.keys === undefined && !isLoopback(options.address))
    throw new Fault(
      'config-invalid',
      `${options.address} can be reached by others: name those who may ask with --keys (chargeproof serve-key makes one)`,
    )
  const keys = options.keys === undefined ? [] : readServeKeys(options.keys)
  const trust = options.trust === undefined ? [] : await Promise.all(filesIn(options.trust).map(read))
  const [{ buildVerifyDoor }, { ensureWeb }] = await Promise.all([
    import('../../src/adapters/verify-door.ts'),
    import('../../src/adapters/web-assets.ts'),
  ])
  const judges = new JudgePool({ trust })
  const https = httpsOf(options)
  const door = buildVerifyDoor({
    judges,
    quotas: { keys, everybody: EVERYBODY, now: Date.now },
    hosts: [...options.host, ...(isLoopback(options.address) ? [] : [hostOf(options.address)])],
    log: logger(),
    ...(https && { listener: (handler) => createServer(https, handler) }),
    ...(options.page && { webFolder: await ensureWeb() }),
  })
  await door.listen({ port: options.port, host: options.address }).catch((cause: NodeJS.ErrnoException) => {
    throw notListening(options, cause)
  })
  const stopped = runUntilStopped(async () => {
    await Promise.all([door.close(), judges.close()])
  })
  const { port: bound } = door.server.address() as AddressInfo
  console.log(`ready ${https ? 'https' : 'http'}://${hostOf(options.address)}:${bound}/`)
  await stopped
}

const notListening = ({ port, address }: Options, cause: NodeJS.ErrnoException): unknown => {
  if (cause.code === 'EADDRINUSE') return new Fault('port-taken', `another program listens on port ${port}`, {}, cause)
  const why = REFUSALS[cause.code ?? '']
  return why === undefined ? cause : new Fault('config-invalid', `--address ${address} --port ${port}: ${why}`, {}, cause)
}

/** What the system says where it lets nobody listen. */
const REFUSALS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this is no address',
  EAI_AGAIN: 'this is no address',
  EACCES: 'the system lets only privileged programs listen there',
}

const httpsOf = ({ cert, certKey }: Options): { cert: Buffer; key: Buffer } | undefined => {
  if (cert === undefined && certKey === undefined) return undefined
  if (cert === undefined || certKey === undefined) throw new Fault('config-invalid', '--cert and --cert-key belong together')
  const pair = { cert: fileOf(cert), key: fileOf(certKey) }
  try {
    createSecureContext(pair)
  } catch (thrown) {
    throw new Fault('config-invalid', `${cert} and ${certKey} are no certificate and its key: ${asFault(thrown).message}`, {}, thrown)
  }
  return pair
}

const fileOf = (path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (thrown) {
    throw new Fault('config-invalid', `${path} cannot be read: ${asFault(thrown).message}`, {}, thrown)
  }
}

const read = async ({ name, bytes }: ReturnType<typeof filesIn>[number]): Promise<NamedBytes> => {
  try {
    return { name, bytes: Uint8Array.from(typeof bytes === 'function' ? await bytes() : bytes) }
  } catch (thrown) {
    throw new Fault('config-invalid', `${name}: ${asFault(thrown).message}`, {}, thrown)
  }
}

const isLoopback = (address: string): boolean => /^127\./.test(address) || address === '::1' || address === 'localhost'

/** RFC 3986 §3.2.2 */
const hostOf = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address)

const several = (one: string, others: readonly string[]): string[] => [...others, one]

const port = (text: string): number => {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= 65_535)) throw new InvalidArgumentError('Expected a number from 0 to 65535; 0 is any free port.')
  return number
}
