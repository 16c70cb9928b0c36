// `chargeproof keys issue` and `keys take-back`: certificates for TLS, from the authority in a folder.
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../src/adapters/clock.ts'
import { openDataFolder, writeWhole } from '../../src/adapters/data-folder.ts'

interface IssueOptions {
  readonly ca: string
  readonly use: 'server' | 'client' | 'node'
  readonly host: readonly string[]
  readonly days: number
  readonly out: string
}

/** Loaded when it is needed: no other command waits for it. */
const authority = async () => (await import('../../src/adapters/authority.ts')).Authority

export const issueCommand = (keys: Command): void => {
  keys
    .command('issue')
    .description('issue a certificate for TLS; the authority is made where there is none')
    .argument('<name>', 'of the server; of a station or node its id')
    .addOption(new Option('--use <use>', 'what it is for').choices(['server', 'client', 'node']).default('server'))
    .option('--host <host...>', 'names and addresses under which a server is dialled', [])
    .option('--days <days>', 'its life', days, 90)
    .option('--ca <dir>', 'the folder of the authority', 'ca')
    .option('--out <dir>', 'where NAME.cert.pem and NAME.key.pem go', '.')
    .action(async (name: string, { ca, use, host, days: life, out }: IssueOptions) => {
      const issuer = await (await authority()).open(ca, systemClock)
      const { cert, key } = await issuer.issue({
        name,
        usage: use,
        hosts: use === 'server' && host.length === 0 ? [name] : host,
        days: life,
      })
      await issuer.publishList()
      openDataFolder(out)
      const file = (kind: string): string => join(out, `${name.replace(/[^\w.-]/g, '_')}.${kind}.pem`)
      writeWhole(file('key'), key, 0o600)
      writeWhole(file('cert'), cert, 0o644)
      console.log(
        `${file('cert')} and ${file('key')}; others trust ${join(ca, 'ca.pem')}, and ${join(ca, 'crl.pem')} lists what was taken back`,
      )
    })
  keys
    .command('take-back')
    .description('revoke a certificate by its serial number, and write the revocation list anew')
    .argument('[serial]', 'as "openssl x509 -serial" prints it; without it the list is only renewed')
    .option('--ca <dir>', 'the folder of the authority', 'ca')
    .action(async (serial: string | undefined, { ca }: { ca: string }) => {
      const issuer = await (await authority()).existing(ca, systemClock)
      if (serial === undefined) await issuer.publishList()
      else await issuer.revoke(serial.replace(/^serial=/, ''))
      console.log(`${join(ca, 'crl.pem')} is good for 30 days`)
    })
}

const days = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 3_650) throw new InvalidArgumentError('expected 1 to 3650 days')
  return value
}
