// `chargeproof files put|get|ls|rm|sign|check`: files of nodes, over the management API of any node that keeps files. What it shows while bytes
// move is in rate.ts, what it asks for in files-api.ts, what publishers sign of files in files-manifest.ts.
import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { asFault, Fault, type FaultCode } from '../../src/base/fault.ts'
import { fileNameFlaw } from '../../src/overlay/files/names.ts'
import { asUrl } from './api.ts'
import { type Io, PROCESS } from './ask.ts'
import { FilesApi } from './files-api.ts'
import { checkedManifest, manifestFor, manifestName, type SignOptions, signedManifest } from './files-manifest.ts'
import { bytesText, rateLine } from './rate.ts'

interface Options {
  readonly api: string
  readonly token: string
  readonly json?: true
  readonly force?: true
  readonly onlyIfHash?: string
  readonly manifest?: string
  readonly publisher?: string
}

/** sysexits.h: EX_NOINPUT, EX_UNAVAILABLE, EX_CANTCREAT. */
const EXIT_CODES: Partial<Record<FaultCode, number>> = {
  'input-missing': 66,
  unreachable: 69,
  'link-lost': 69,
  timeout: 69,
  'store-failed': 74,
}

export const filesCommand = (program: Command, io: Io = PROCESS): void => {
  const files = program
    .command('files')
    .description('files of nodes: put, get, list and remove them, over any node that keeps files; and sign what they are')
    .addHelpText(
      'after',
      '\nExit code: 1 refused; 66 no such file; 69 a node cannot be reached; 74 a file cannot be written; 64 wrong usage.',
    )
  withApi(files.command('put').description('bring a file to a node; what is there already is not sent again'))
    .argument('<file>', 'the file')
    .argument('<node>', 'the node that shall have it')
    .argument('[name]', 'its name there, with / between folders; that of the file when not given', asName)
    .option('--only-if-hash <sha256>', 'only in the place of a file with this SHA-256; empty: only where there is none', asHash)
    .option('--manifest <json>', 'what its publisher signed of it, to be put beside it; another file is refused')
    .action((file: string, node: string, name: string | undefined, options: Options) =>
      run(io, () => put({ file, node, name }, options, io)),
    )
  withApi(files.command('get').description('bring a file from a node'))
    .argument('<node>', 'the node that has it')
    .argument('<name>', 'its name there', asName)
    .argument('[file]', 'where to write it; under its own name when not given')
    .option('--force', 'in the place of what is there')
    .option('--publisher <pem>', 'take it only with the manifest beside it, signed by this public key')
    .action((node: string, name: string, file: string | undefined, options: Options) =>
      run(io, () => get({ node, name, file }, options, io)),
    )
  withApi(files.command('ls').description('list the files of a node'))
    .argument('<node>', 'the node')
    .argument('[folder]', 'only those below this folder', asFolder, '')
    .action((node: string, folder: string, options: Options) => run(io, () => list({ node, folder }, options, io)))
  withApi(files.command('rm').description('remove a file of a node'))
    .argument('<node>', 'the node')
    .argument('<name>', 'its name there', asName)
    .option('--only-if-hash <sha256>', 'only a file with this SHA-256', asHash)
    .action((node: string, name: string, options: Options) => run(io, () => remove({ node, name }, options, io)))
  manifestCommands(files, io)
  for (const command of files.commands) command.showHelpAfterError(`(chargeproof files ${command.name()} --help says more)`)
}

const manifestCommands = (files: Command, io: Io): void => {
  files
    .command('sign')
    .description('write to standard output what a publisher says of a file: a signed manifest, which names every chunk of it')
    .argument('<file>', 'the file')
    .requiredOption('--key <pem>', 'the private key of the publisher')
    .requiredOption('--name <name>', 'of the thing')
    .requiredOption('--release <version>', 'the version that it is')
    .option('--kind <word>', 'what it is for, a lower-case word', 'file')
    .option('--days <number>', 'how long it counts', asDays, 365)
    .action((file: string, options: SignOptions) => run(io, async () => io.out(`${JSON.stringify(await signedManifest(file, options))}\n`)))
  files
    .command('check')
    .description('say whether a file is what a publisher signed; no node is asked')
    .argument('<file>', 'the file')
    .argument('<manifest>', 'as `chargeproof files sign` writes it')
    .requiredOption('--publisher <pem>', 'the public key of the publisher')
    .action((file: string, manifest: string, { publisher }: { publisher: string }) =>
      run(io, async () => {
        const { kind, name, version, size } = await checkedManifest(manifest, file, publisher)
        io.out(`${file} is ${kind} ${name} ${version}, ${bytesText(size)}, as its publisher signed it\n`)
      }),
    )
}

const withApi = (command: Command): Command =>
  command
    .requiredOption('--api <url>', 'the management API of a node, such as http://127.0.0.1:8080', asUrl)
    .requiredOption('--token <token>', 'what operators show to it')
    .option('--json', 'print the outcome as JSON')

const put = async (
  { file, node, name = basename(file) }: { file: string; node: string; name?: string | undefined },
  options: Options,
  io: Io,
): Promise<void> => {
  const flaw = fileNameFlaw(name)
  if (flaw !== undefined) throw new Fault('refused', `"${name}" is no name of a file: ${flaw}; give another as the last argument`)
  const api = new FilesApi({ url: options.api, token: options.token })
  if (options.manifest !== undefined) await manifestFor(options.manifest, file)
  const uploading = rateLine(io, `to ${new URL(options.api).host}`)
  const { content, size, sha256 } = await api.upload(file, uploading.at).finally(uploading.end)
  const condition = options.onlyIfHash === undefined ? {} : { onlyIfHash: options.onlyIfHash }
  const sending = rateLine(io, `to ${node}`)
  await api.send(node, { name, content, size, ...condition }, sending.at).finally(sending.end)
  if (options.manifest !== undefined) await putManifest(api, options.manifest, { node, name: manifestName(name) })
  say(io, options, { node, name, size, sha256 }, `${node} has ${name}, ${bytesText(size)}, SHA-256 ${sha256}`)
}

/** Small, so nothing is shown of how far it is. */
const putManifest = async (api: FilesApi, path: string, to: { node: string; name: string }): Promise<void> => {
  const { content, size } = await api.upload(path, () => undefined)
  await api.send(to.node, { name: to.name, content, size }, () => undefined)
}

const get = async (
  { node, name, file = basename(name) }: { node: string; name: string; file?: string | undefined },
  options: Options,
  io: Io,
): Promise<void> => {
  if (existsSync(file) && !options.force) throw new Fault('store-failed', `${file} is there already; --force takes its place`)
  if (existsSync(file) && !statSync(file).isFile()) throw new Fault('store-failed', `${file} is no file`)
  const line = rateLine(io, `from ${node}`)
  const api = new FilesApi({ url: options.api, token: options.token })
  // whoever wants a publisher's word sees nothing under the name before it holds
  const to = options.publisher === undefined ? file : `${file}.${process.pid}.unchecked`
  const found = await api.get(node, name, { to, told: line.at }).finally(line.end)
  if (options.publisher !== undefined) await believed(api, { node, name, to, file, publisher: options.publisher })
  say(io, options, { node, name, file, ...found }, `${file}, ${bytesText(found.size)}, SHA-256 ${found.sha256}`)
}

interface Unchecked {
  readonly node: string
  readonly name: string
  readonly to: string
  readonly file: string
  readonly publisher: string
}

/** Gives a file its name once its publisher's manifest, which lies beside it, says that it is the one; otherwise it goes. */
const believed = async (api: FilesApi, { node, name, to, file, publisher }: Unchecked): Promise<void> => {
  const manifest = `${to}.manifest`
  try {
    await api.get(node, manifestName(name), { to: manifest, told: () => undefined })
    await checkedManifest(manifest, to, publisher)
    renameSync(to, file)
  } finally {
    for (const left of [to, manifest]) rmSync(left, { force: true })
  }
}

const list = async ({ node, folder }: { node: string; folder: string }, options: Options, io: Io): Promise<void> => {
  const files = await new FilesApi({ url: options.api, token: options.token }).list(node, folder)
  if (options.json) io.out(`${JSON.stringify(files)}\n`)
  else
    for (const { name, size, modified, origin = '-' } of files)
      io.out(`${bytesText(size).padStart(10)}  ${new Date(modified).toISOString()}  ${origin.padEnd(16)}  ${name}\n`)
}

const remove = async ({ node, name }: { node: string; name: string }, options: Options, io: Io): Promise<void> => {
  const wasThere = await new FilesApi({ url: options.api, token: options.token }).remove(node, name, options.onlyIfHash)
  if (!wasThere) throw new Fault('input-missing', `${node} has no file ${name}`)
  say(io, options, { node, name, deleted: true }, `${node} has no file ${name} any more`)
}

const say = (io: Io, { json }: Options, outcome: object, text: string): void => void io.out(`${json ? JSON.stringify(outcome) : text}\n`)

const run = async (io: Io, act: () => Promise<void>): Promise<void> => {
  try {
    await act()
  } catch (error) {
    const fault = asFault(error)
    if (fault.code === 'internal') throw fault
    io.error(`chargeproof: ${fault.message}\n`)
    process.exitCode = EXIT_CODES[fault.code] ?? 1
  }
}

const asName = (text: string): string => {
  const flaw = fileNameFlaw(text)
  if (flaw !== undefined) throw new InvalidArgumentError(`this is no name of a file: ${flaw}.`)
  return text
}

const asFolder = (text: string): string => (text === '' ? '' : asName(text.replace(/\/$/, '')))

const asHash = (text: string): string => {
  if (!/^([0-9a-f]{64})?$/i.test(text)) throw new InvalidArgumentError('expected 64 hex digits, or nothing.')
  return text.toLowerCase()
}

const asDays = (text: string): number => {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('expected a number of days.')
  return Number(text)
}
