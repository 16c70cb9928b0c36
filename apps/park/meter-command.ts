// `chargeproof meter`: what an energy meter shows that speaks Modbus/TCP as the park's does. The way to it may be a tunnel; it looks like a port.
import { type Command, InvalidArgumentError } from 'commander'
import { readingText, readMeter } from './modbus-client.ts'

export const meterCommand = (program: Command): void => {
  program
    .command('meter')
    .description('read the energy meter of a building over Modbus/TCP; the port may be the beginning of a tunnel')
    .argument('[address]', 'host and port; in the park the port at the back end that leads behind lc2', address, {
      host: '127.0.0.1',
      port: 8089,
    })
    .option('--json', 'print what it shows as JSON')
    .action(async (at: { host: string; port: number }, { json }: { json?: true }) => {
      const reading = await readMeter(at)
      console.log(json ? JSON.stringify(reading) : readingText(reading))
    })
}

const address = (text: string): { host: string; port: number } => {
  const [, host = '', digits] = /^\[?([^[\]]+)\]?:(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (host === '' || !(port >= 1 && port <= 65_535)) throw new InvalidArgumentError('expected host and port, such as 127.0.0.1:8089')
  return { host, port }
}
