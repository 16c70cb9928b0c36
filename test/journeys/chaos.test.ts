// The short form of `npm run chaos`: nodes as processes of their own die without warning while stations charge.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runChaos } from '../../tools/chaos/run.ts'

it('no acknowledged event is lost, doubled or reordered when any node is killed at any moment', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'chargeproof-chaos-'))
  const report = await runChaos({ kills: 20, seed: 20_261, maxMs: 15_000, events: 120, dir })
  expect(report.findings).toEqual([])
  expect(report.acknowledged).toBe(report.events)
  expect(report.events).toBeGreaterThan(100)
  expect(Object.values(report.kills).every((kills) => kills > 0)).toBe(true)
  rmSync(dir, { recursive: true, force: true })
}, 90_000)
