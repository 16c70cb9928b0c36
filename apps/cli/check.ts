// `chargeproof check CONFIG.yaml`: says what is wrong with a configuration file, by line.
import type { Command } from 'commander'
import { inspectConfig, type NodeConfig } from '../../src/adapters/config.ts'

export const checkCommand = (program: Command): void => {
  program
    .command('check')
    .description('say what is wrong with a configuration file, by line')
    .argument('<config...>', 'files such as examples/park/lc1.yaml')
    .addHelpText('after', '\nExit code: 0 every file can be used; 1 one cannot; 64 wrong usage.')
    .action((paths: string[]) => {
      for (const path of paths) {
        const { complaints, value } = inspectConfig(path)
        for (const { line, text } of complaints) console.log(`${path}:${line}: ${text}`)
        if (complaints.length === 0) console.log(`${path}: fine, a ${value?.role} called ${value?.node}${walls(value?.firewall)}`)
        else process.exitCode = 1
      }
    })
}

/** What the firewall of a good file does, in short: an empty list of hosts is easily overlooked. */
const walls = (firewall: NodeConfig['firewall']): string => {
  if (!firewall) return ''
  const { rules = [], urls = {}, default: otherwise = 'forward', dryRun } = firewall
  const hosts = urls.schemes?.length && urls.hosts?.length ? `on ${urls.hosts.join(', ')}` : 'nowhere'
  const meant = dryRun ? ', a dry run' : ''
  return `; firewall: ${rules.length} rules, otherwise ${otherwise}, addresses for stations ${hosts}${meant}`
}
