// `chargeproof check CONFIG.yaml`: says what is wrong with a configuration file, by line.
import type { Command } from 'commander'
import { inspectConfig } from '../../src/adapters/config.ts'

export const checkCommand = (program: Command): void => {
  program
    .command('check')
    .description('say what is wrong with a configuration file, by line')
    .argument('<config...>', 'files such as examples/park/lc1.yaml')
    .action((paths: string[]) => {
      for (const path of paths) {
        const { complaints, value } = inspectConfig(path)
        for (const { line, text } of complaints) console.log(`${path}:${line}: ${text}`)
        if (complaints.length === 0) console.log(`${path}: fine, a ${value?.role} called ${value?.node}`)
        else process.exitCode = 1
      }
    })
}
