// `chargeproof demo`: plays the incident and prints one line per claim; exit 0 only if every claim was observed.
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { logger } from '../../src/adapters/log.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Claim } from './scenes/scene.ts'

export const demoCommand = (program: Command): void => {
  program
    .command('demo')
    .description('play the incident: a minute of charging, cuts and attacks, one line per claim')
    .option('--json', 'one JSON object per claim')
    .action(async (options: { json?: boolean }) => {
      process.exitCode = (await runDemo(options.json ? printJson : printLine)) ? 0 : 1
    })
}

const printJson = (claim: Claim): void => console.log(JSON.stringify(claim))

const printLine = ({ claim, expected, observed, ok }: Claim): void => {
  const colour = process.stdout.isTTY ? (ok ? '\u001b[32m' : '\u001b[31m') : ''
  const plain = colour && '\u001b[0m'
  console.log(
    `${colour}${ok ? 'ok  ' : 'FAIL'}${plain} ${claim}\n     ${ok ? observed : `expected ${expected}\n     observed ${observed}`}`,
  )
}

const runDemo = async (told: (claim: Claim) => void): Promise<boolean> => {
  // loaded here, so that no other command waits for it
  const [{ Park }, { playIncident }] = await Promise.all([import('./park.ts'), import('./demo.ts')])
  const dataDir = mkdtempSync(join(tmpdir(), 'chargeproof-demo-'))
  try {
    // errors of the attacks are the point here, not news
    const park = await Park.start({
      basePort: await freePorts(),
      dataDir,
      token: 'demo',
      log: logger(process.env.CHARGEPROOF_LOG ?? 'fatal'),
      meterIntervalSeconds: 1,
      rebootMs: 500,
    })
    try {
      return await playIncident(park, told)
    } finally {
      await park.stop()
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** The park's eight ports, and one for each node that joins it later. */
const PORTS = 10

/** The first of so many neighbouring ports that are free, so that the demo runs beside a park; drawn, so that it runs beside another demo too. */
const freePorts = async (): Promise<number> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const base = 18_080 + 10 * randomInt(1_190)
    const free = await Promise.all(Array.from({ length: PORTS }, (_, offset) => isFree(base + offset)))
    if (free.every(Boolean)) return base
  }
  throw new Fault('port-taken', `no ${PORTS} neighbouring ports are free between 18080 and 30000`)
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
