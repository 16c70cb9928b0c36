// The short form of `npm run chaos -- --failover 50`: the uplink in use is struck at random moments while stations charge.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runFailovers } from '../../tools/chaos/failover.ts'

it('five times in a row the other uplink carries on: no event is lost or doubled, no session is silent for long', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'chargeproof-failover-'))
  const report = await runFailovers({ failovers: 5, seed: 20_262, dir })
  expect(report.findings).toEqual([])
  expect(report.acknowledged).toBe(report.events)
  expect(report.events).toBeGreaterThan(50)
  expect(report.gaps.map(({ blow }) => blow)).toContain('killed')
  expect(report.gaps.map(({ blow }) => blow)).toContain('frozen')
  expect(report.gaps.filter(({ ms }) => ms <= 0 || ms > 3_000)).toEqual([])
  rmSync(dir, { recursive: true, force: true })
}, 90_000)
