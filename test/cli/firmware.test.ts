// `chargeproof firmware`: signs what a back end takes, says how far a roll-out is, and stays until it is over.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { api } from '../../apps/cli/api.ts'
import { firmwareCommand } from '../../apps/cli/firmware.ts'
import { isSettled, rollOutLine, stationLines, watcher } from '../../apps/cli/firmware-text.ts'
import { exportPkcs8Pem } from '../../src/adapters/node-crypto.ts'
import type { Json } from '../../src/base/ports.ts'
import { judgeRelease } from '../../src/roles/firmware/release.ts'
import { caught } from '../overlay/support.ts'
import { manufacturer } from '../roles/firmware/support.ts'

const dir = mkdtempSync(join(tmpdir(), 'chargeproof-test-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const VIEW = {
  id: 'spring',
  release: 'r',
  version: '2',
  state: 'running',
  stage: 2,
  stages: 3,
  counts: { installed: 3, ordered: 1, waiting: 6 },
}

const run = async (...words: string[]): Promise<string> => {
  const told: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text) => void told.push(String(text)))
  const program = new Command()
  firmwareCommand(program)
  try {
    await program.parseAsync(['firmware', ...words], { from: 'user' })
  } finally {
    log.mockRestore()
  }
  return told.join('\n')
}

describe('a release signed on the command line', () => {
  const acme = manufacturer()
  const [file, key] = [join(dir, 'fw.bin'), join(dir, 'key.pem')]
  writeFileSync(file, 'new firmware')
  writeFileSync(key, exportPkcs8Pem(acme.signer))
  const sign = (...more: string[]) =>
    run('sign', file, '--key', key, '--id', 'fw-2', '--vendor', 'ACME Chargers', '--model', 'AC-22', '--release', '2.0', ...more)

  it('is good for a back end that knows the key, and not once a word of it is another', async () => {
    const text = await sign('--from', '1.5', '--rollback')
    const judged = judgeRelease(JSON.parse(text) as Json, acme)
    expect(judged).toMatchObject({ state: 'good', signed: { release: { version: '2.0', from: '1.5', rollback: true, bytes: 12 } } })
    expect(judgeRelease(JSON.parse(text.replace('"1.5"', '"0.5"')) as Json, acme)).toMatchObject({ flaw: 'broken' })
  })

  it('is none with half of what a station checks', async () => {
    expect(await caught(sign('--signature', file))).toMatchObject({ code: 'payload-invalid' })
  })
})

describe('how far it is', () => {
  it('stands in a line, with the reason where there is one', () => {
    expect(rollOutLine(VIEW)).toBe('spring: r running, stage 2 of 3: 3 installed, 1 under way, 6 waiting')
    const stopped = { ...VIEW, state: 'stopped', reason: 'b failed: InvalidSignature', counts: { failed: 1 } }
    expect(rollOutLine(stopped)).toBe('spring: r stopped (b failed: InvalidSignature), stage 2 of 3: 1 failed')
    const stations = [{ station: 'b', state: 'failed', status: 'InvalidSignature', reason: 'InvalidSignature', heardAt: '' }]
    expect(stationLines({ ...stopped, stations })).toEqual(['  b: failed, InvalidSignature: InvalidSignature'])
  })

  it('is drawn where people look, and told once for each change elsewhere', () => {
    const [out, error]: string[][] = [[], []]
    const io = { out: (text: string) => void out?.push(text), error: (text: string) => void error?.push(text) }
    const [drawn, told] = [watcher({ ...io, progress: true }), watcher(io)]
    for (const view of [VIEW, VIEW, { ...VIEW, state: 'done', counts: { installed: 10 } }]) {
      drawn(view)
      told(view)
    }
    expect(out).toHaveLength(2)
    expect(error?.[0]).toContain('[#########                     ] spring')
    expect(error?.[1]).toMatch(/\[#{30}\].*\n$/)
  })

  it('is settled when nothing will change by itself', () => {
    expect(isSettled(VIEW)).toBe(false)
    expect(isSettled({ ...VIEW, state: 'paused' })).toBe(false)
    expect(isSettled({ ...VIEW, state: 'stopped', counts: { failed: 1, waiting: 3 } })).toBe(true)
  })
})

it.each([
  ['publish', 'firmware', 'publish', join(dir, 'no.json'), join(dir, 'key.pem'), '--token', 't'],
  ['publish without the file', 'firmware', 'publish', join(dir, 'key.pem'), join(dir, 'no.bin'), '--token', 't'],
  ['sign', 'firmware', 'sign', join(dir, 'no.bin'), '--key', 'k', '--id', 'i', '--vendor', 'v', '--model', 'm', '--release', '1'],
])('a file that is not there is named by %s, without a stack', (_, ...words) => {
  const { stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, '../../apps/cli/main.ts'), ...words], {
    encoding: 'utf8',
  })
  expect(stderr).toMatch(/^chargeproof: .*no\.(json|bin).* (there is no such file|cannot be opened \(ENOENT\))\n$/)
  expect(status).not.toBe(0)
})

it('nobody there is said, not thrown about', async () => {
  expect(await caught(api({ url: 'http://127.0.0.1:1', token: 't' })('GET', '/nodes'))).toMatchObject({ code: 'unreachable' })
})
