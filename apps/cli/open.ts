// `chargeproof open`: shows files in the verifier page, as a double click on one does. The page is served to this machine alone, with a token,
// for as long as somebody uses it.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { JudgePool, type NamedBytes } from '../../src/adapters/judge-pool.ts'
import { runUntilStopped } from '../../src/adapters/run.ts'
import { asFault, Fault } from '../../src/base/fault.ts'
import { entryFor } from './desktop-entry.ts'
import { filesIn } from './verify-files.ts'

interface Options {
  readonly browser: boolean
  readonly install?: true
}

export const openCommand = (program: Command): void => {
  program
    .command('open')
    .description('show files in the verifier page of this machine')
    .argument('[path...]', 'files or folders with records, keys and archives')
    .option('--no-browser', 'only print the address')
    .option('--install', 'let a double click on .chargy, .ocmf and S.A.F.E. files do this (desktops of freedesktop.org)')
    .action(async (paths: string[], options: Options) => (options.install ? install() : show(paths, options)))
}

const show = async (paths: readonly string[], { browser }: Options): Promise<void> => {
  const files = await Promise.all(paths.flatMap((path) => filesIn(path)).map(read))
  const [{ buildVerifyDoor }, { ensureWeb }] = await Promise.all([
    import('../../src/adapters/verify-door.ts'),
    import('../../src/adapters/web-assets.ts'),
  ])
  const token = randomBytes(24).toString('base64url')
  const judges = new JudgePool()
  const everybody = { requestsPerMinute: 600, mebibytesPerDay: 4096, atOnce: 16 }
  const door = buildVerifyDoor({
    ...{ judges, webFolder: await ensureWeb(), opened: { token, files } },
    quotas: { keys: [], everybody, now: Date.now },
  })
  let lastAsked = Date.now()
  door.addHook('onRequest', async () => {
    lastAsked = Date.now()
  })
  const address = `${await door.listen({ port: 0, host: '127.0.0.1' })}/#token=${token}&opened`
  const stop = async (): Promise<void> => void (await Promise.all([door.close(), judges.close()]))
  setInterval(() => Date.now() - lastAsked > UNUSED_MS && stop().then(() => process.exit(0)), 10_000).unref()
  const stopped = runUntilStopped(stop)
  console.log(`ready ${address}`)
  if (browser) start(address)
  await stopped
}

/** What the page needs it asks for at once; what it loads later, such as the reader of pictures, within this time. */
const UNUSED_MS = 30 * 60_000

/** The page judges what it is given; a file that cannot be read is said here. */
const read = async ({ name, bytes }: ReturnType<typeof filesIn>[number]): Promise<NamedBytes> => {
  try {
    return { name: basename(name), bytes: Uint8Array.from(typeof bytes === 'function' ? await bytes() : bytes) }
  } catch (thrown) {
    const { code, message } = asFault(thrown)
    throw new Fault(code, `${name}: ${message}`, {}, thrown)
  }
}

/** How a desktop opens an address. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

const start = (address: string): void => {
  const [program, ...words] = OPENERS[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...words, address], { stdio: 'ignore', detached: true })
  child.on('error', () => console.error('chargeproof: no browser could be started; open the address above'))
  child.unref()
}

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const ENTRY = 'applications/chargeproof.desktop'

/** https://specifications.freedesktop.org/basedir-spec/ */
const install = (): void => {
  if (OPENERS[process.platform] !== undefined)
    throw new Fault('config-invalid', 'this system has no freedesktop.org desktop: choose chargeproof once under "Open with"')
  const home = process.env.XDG_DATA_HOME || join(homedir(), '.local/share')
  cpSync(join(ROOT, 'share'), home, { recursive: true })
  const entry = readFileSync(join(ROOT, 'share', ENTRY), 'utf8')
  // by this Node: a desktop knows none that a shell's profile brings
  writeFileSync(join(home, ENTRY), entryFor(entry, [process.execPath, join(ROOT, 'bin/chargeproof')]))
  const told = (program: string, folder: string): boolean => spawnSync(program, [join(home, folder)], { stdio: 'ignore' }).status === 0
  const isKnown = told('update-mime-database', 'mime')
  told('update-desktop-database', 'applications')
  console.log(
    `installed into ${home}: .chargy, .ocmf and S.A.F.E. files open with chargeproof${isKnown ? '' : ' once shared-mime-info is there'}`,
  )
}
