// `chargeproof park`, the main job: a charging site and its back end on this machine, with a dashboard.
import { type Command, InvalidArgumentError } from 'commander'
import { logger } from '../../src/adapters/log.ts'
import { runUntilStopped } from '../../src/adapters/run.ts'
import { ensureWeb } from '../../src/adapters/web-assets.ts'

export const parkCommand = (program: Command): void => {
  program
    .command('park')
    .description('run a charging park: back end, gateway, two controllers, six stations, grid meter, grid operator')
    .option('--base-port <port>', 'port of the dashboard; the others follow it', portNumber, 8080)
    .option('--data <dir>', 'where keys and messages are kept', 'data')
    .option('--token <token>', 'what operators show to the API; made and kept in the data directory when not given')
    .option('--headless', 'without the dashboard pages')
    .action(async (options: { basePort: number; data: string; token?: string; headless?: boolean }) => {
      // half a second of loading that no other command waits for
      const { Park } = await import('./park.ts')
      const webFolder = options.headless ? undefined : await ensureWeb()
      const park = await Park.start({
        basePort: options.basePort,
        dataDir: options.data,
        log: logger(),
        ...(options.token !== undefined && { token: options.token }),
        ...(webFolder !== undefined && { webFolder }),
      })
      const stopped = runUntilStopped(() => park.stop())
      console.log(`ready ${park.url}`)
      await stopped
    })
}

const portNumber = (text: string): number => {
  const port = Number(text)
  // the park takes this port and the nine after it
  if (!Number.isInteger(port) || port < 1 || port > 65_526) throw new InvalidArgumentError('expected a port number from 1 to 65526')
  return port
}
