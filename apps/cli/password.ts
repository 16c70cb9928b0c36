// `chargeproof password`: turns a station's password into the hash that a configuration file holds.
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { hashPassword } from '../../src/adapters/admission.ts'
import { Fault } from '../../src/base/fault.ts'

export const passwordCommand = (program: Command): void => {
  program
    .command('password')
    .description('read a password from standard input and print the hash for a configuration file')
    .addHelpText('after', '\nFor example: openssl rand -base64 24 | tee cs-1.password | chargeproof password')
    .action(async () => {
      const password = (await text(process.stdin)).replace(/\r?\n$/, '')
      // OCPP 2.1 Part 2 A00.FR.205: 16 to 40 characters
      if (password.length < 16 || password.length > 40)
        throw new Fault('config-invalid', `expected a password of 16 to 40 characters, got ${password.length}`)
      console.log(await hashPassword(password))
    })
}
