// A park of its own for a test: fresh folder, free ports, a meter value every second.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Park } from '../../apps/park/park.ts'
import { logger } from '../../src/adapters/log.ts'
import { freePorts } from './ports.ts'
import { TOKEN } from './site.ts'

export interface TestPark {
  readonly park: Park
  /** Of the dashboard; the others follow it. */
  readonly port: number
  close(): Promise<void>
}

export const openPark = async (): Promise<TestPark> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chargeproof-park-'))
  const port = await freePorts(10)
  const park = await Park.start({ basePort: port, dataDir, token: TOKEN, log: logger('silent'), meterIntervalSeconds: 1 })
  return {
    park,
    port,
    async close() {
      await park.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
