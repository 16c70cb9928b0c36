// `chargeproof firmware …`: signs a release as its manufacturer does, publishes it at a back end, rolls it out and watches. What a release
// or a plan is worth is decided there.
import { createHash } from 'node:crypto'
import { accessSync, constants, createReadStream, readFileSync, statSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { ReleaseView, RollOutDetail, RollOutView } from '../../src/adapters/http/firmware-views.ts'
import { importSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { pem } from '../../src/adapters/world.ts'
import { readYaml } from '../../src/adapters/yaml-file.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { type Release, releaseMisfit, signRelease } from '../../src/roles/firmware/release.ts'
import { type ApiOptions, api, putFile } from './api.ts'
import { PROCESS } from './ask.ts'
import { isSettled, rollOutLine, stationLines, watcher } from './firmware-text.ts'

export const firmwareCommand = (program: Command): void => {
  const firmware = program
    .command('firmware')
    .description('firmware: sign a release, publish it, roll it out in stages (docs/operations.md)')
    .addHelpText('after', '\nExit code of --watch: 0 done; 1 stopped, cancelled, or a station failed.')
  signCommand(firmware)
  publishCommand(firmware)
  rollOutCommands(firmware)
}

interface SignOptions {
  readonly key: string
  readonly id: string
  readonly vendor: string
  readonly model: string
  readonly release: string
  readonly from?: string
  readonly rollback?: boolean
  readonly certificate?: string
  readonly signature?: string
}

const signCommand = (firmware: Command): void => {
  firmware
    .command('sign')
    .description('write a signed release of a file to standard output')
    .argument('<file>', 'the firmware')
    .requiredOption('--key <pem>', 'the private key that the manufacturer signs firmware with')
    .requiredOption('--id <name>', 'of the release')
    .requiredOption('--vendor <name>', 'as the stations say it')
    .requiredOption('--model <name>', 'as the stations say it')
    .requiredOption('--release <version>', 'the version that it is')
    .option('--from <version>', 'the oldest version that it may be put over')
    .option('--rollback', 'it may be put over a newer version')
    .addOption(new Option('--certificate <pem>', 'the signing certificate that stations check themselves (needs --signature)'))
    .addOption(new Option('--signature <file>', 'the signature over the file for them: DER, as openssl dgst -sha256 -sign writes it'))
    .action(async (path: string, options: SignOptions) => console.log(JSON.stringify(await signed(path, options))))
}

const signed = async (path: string, options: SignOptions): Promise<object> => {
  const { key, id, vendor, model, release: version, from, rollback, certificate, signature } = options
  const release: Release = {
    ...{ id, vendor, model, version, bytes: statSync(path).size, sha256: await sha256Of(path), issued: Date.now() },
    ...(from !== undefined && { from }),
    ...(rollback && { rollback }),
    ...(signature !== undefined && { signature: readFileSync(signature).toString('base64') }),
    ...(certificate !== undefined && { signingCertificate: pem(certificate) }),
  }
  const misfit = releaseMisfit(release as object as Json)
  if (misfit !== undefined) throw new Fault('payload-invalid', misfit)
  const signer = importSigner(pem(key))
  return signRelease(release, { kid: thumbprint(signer.publicKey, nodeEngine()), signer })
}

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path)) hash.update(part)
  return hash.digest('hex')
}

const publishCommand = (firmware: Command): void => {
  atApi(firmware.command('publish').description('bring a signed release and its file to a back end'))
    .argument('<release>', 'as `chargeproof firmware sign` writes it')
    .argument('<file>', 'the firmware')
    .action(async (path: string, file: string, options: ApiOptions) => {
      const ask = api(options)
      // a release without its file helps nobody
      accessSync(file, constants.R_OK)
      const { id } = await ask<ReleaseView>('POST', '/firmware/releases', readYaml(path))
      const { vendor, model, version, bytes } = await putFile<ReleaseView>(options, `/firmware/releases/${id}/file`, createReadStream(file))
      console.log(`${id}: ${vendor} ${model} ${version}, ${bytes} bytes`)
    })
}

interface WatchOptions extends ApiOptions {
  readonly watch?: boolean
  readonly retry?: boolean
}

const rollOutCommands = (firmware: Command): void => {
  watched(atApi(firmware.command('roll-out').description('begin a roll-out')))
    .argument('<plan>', 'a plan, YAML or JSON')
    .action(async (path: string, options: WatchOptions) => {
      await shown(await api(options)<RollOutView>('POST', '/firmware/roll-outs', readYaml(path)), options)
    })
  watched(atApi(firmware.command('status').description('every roll-out, or one station by station')))
    .argument('[id]', 'of a roll-out')
    .action(async (id: string | undefined, options: WatchOptions) => {
      const ask = api(options)
      if (id === undefined) for (const each of await ask<RollOutView[]>('GET', '/firmware/roll-outs')) console.log(rollOutLine(each))
      else {
        const detail = await ask<RollOutDetail>('GET', `/firmware/roll-outs/${id}`)
        if (!options.watch) console.log(stationLines(detail).join('\n'))
        await shown(detail, options)
      }
    })
  for (const [command, does] of Object.entries(COMMANDS)) {
    const made = watched(atApi(firmware.command(command).description(does))).argument('<id>', 'of a roll-out')
    if (command === 'resume') made.option('--retry', 'try again what failed; otherwise it is let be')
    made.action(async (id: string, options: WatchOptions) => {
      const body = { command, ...(options.retry && { retry: true }) }
      await shown(await api(options)<RollOutView>('POST', `/firmware/roll-outs/${id}/commands`, body), options)
    })
  }
}

const COMMANDS = {
  pause: 'give no more orders; what is under way goes on',
  resume: 'go on after a pause or a stop',
  cancel: 'give no more orders, ever; what is under way goes on',
} as const

const atApi = (command: Command): Command =>
  command
    .option('--url <url>', 'the management API of the back end', 'http://127.0.0.1:8080')
    .requiredOption('--token <token>', 'what operators show to it')

const watched = (command: Command): Command => command.option('--watch', 'stay until it is over, and show how far it is')

const WATCH_MS = 1_000

/** Where somebody waits, until nothing more happens. */
const shown = async (first: RollOutView, options: WatchOptions): Promise<void> => {
  if (!options.watch) return console.log(rollOutLine(first))
  const show = watcher(PROCESS)
  const ask = api(options)
  let view = first
  for (show(view); !isSettled(view); show(view)) {
    await new Promise((go) => setTimeout(go, WATCH_MS))
    view = await ask<RollOutDetail>('GET', `/firmware/roll-outs/${view.id}`)
  }
  if (view.state !== 'done' || (view.counts.failed ?? 0) > 0) process.exitCode = 1
}
