// `chargeproof node CONFIG.yaml`: runs one node on this machine until it is told to stop.
import type { Command } from 'commander'
import { readConfig } from '../../src/adapters/config.ts'
import { openDataFolder } from '../../src/adapters/data-folder.ts'
import { logger } from '../../src/adapters/log.ts'
import { runUntilStopped } from '../../src/adapters/run.ts'
import { ownToken } from '../../src/adapters/token.ts'
import { ensureWeb } from '../../src/adapters/web-assets.ts'

export const nodeCommand = (program: Command): void => {
  program
    .command('node')
    .description('run one node from its configuration file')
    .argument('<config>', 'a file such as examples/park/lc1.yaml')
    .addHelpText(
      'after',
      '\nEvery setting: docs/configuration.md. Exit code: 78 the file has a fault; 69 a port is taken; 74 the store failed; 64 wrong usage.',
    )
    .option('--data <dir>', 'where keys and messages are kept', 'data')
    .option('--token <token>', 'what operators show to the API; made and kept in the data directory when not given')
    .action(async (path: string, options: { data: string; token?: string }) => {
      const config = readConfig(path)
      // loaded here, so that no other command waits for it
      const { startNode } = await import('../../src/adapters/node-runtime.ts')
      openDataFolder(options.data)
      const token = options.token ?? ownToken(options.data)
      const pages = config.listen?.some(({ serve }) => serve.includes('dashboard'))
      const node = await startNode(config, { dataDir: options.data, token, log: logger(), ...(pages && { webFolder: await ensureWeb() }) })
      const ports = (config.listen ?? []).map(({ host = '127.0.0.1', port, serve }) => `${serve.join('+')} on ${host}:${port}`)
      const stopped = runUntilStopped(() => node.stop())
      console.log(`ready ${config.node} (${config.role})${ports.length > 0 ? `: ${ports.join(', ')}` : ''}`)
      await stopped
    })
}
