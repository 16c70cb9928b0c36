// Files, firmware and the meter as README's section has it: a running park, and `chargeproof files`, `firmware` and `meter` as a person types them.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePorts } from '../support/ports.ts'
import { endAll, type Running, run } from '../support/process.ts'
import { TOKEN } from '../support/site.ts'

let folder: string
let park: Running
let url: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chargeproof-command-'))
  const port = await freePorts(10)
  url = `http://127.0.0.1:${port}`
  park = run(['park', '--headless', '--base-port', String(port), '--data', join(folder, 'data'), '--token', TOKEN])
  await park.ready()
}, 30_000)

afterAll(async () => {
  await park.stop()
  endAll()
  rmSync(folder, { recursive: true, force: true })
})

const path = (name: string): string => join(folder, name)

/** Types a command; what it says, and its exit code. */
const type = async (...words: string[]): Promise<{ code: number | string; out: string; err: string }> => {
  const typed = run(words)
  return { code: await typed.ended, out: typed.out(), err: typed.err() }
}

it('chargeproof files brings a file to a controller, lists it, gets it back and removes it', { timeout: 30_000 }, async () => {
  const at = ['--api', url, '--token', TOKEN]
  writeFileSync(path('note.txt'), 'for the electrician\n')
  expect(await type('files', 'put', path('note.txt'), 'lc2', 'notes/note.txt', ...at)).toMatchObject({ code: 0 })
  expect(await type('files', 'ls', 'lc2', 'notes', ...at)).toMatchObject({ code: 0, out: expect.stringContaining('notes/note.txt') })
  expect(await type('files', 'get', 'lc2', 'notes/note.txt', path('back.txt'), ...at)).toMatchObject({ code: 0 })
  expect(readFileSync(path('back.txt'), 'utf8')).toBe('for the electrician\n')
  expect(await type('files', 'rm', 'lc2', 'notes/note.txt', ...at)).toMatchObject({ code: 0 })
  expect(await type('files', 'get', 'lc2', 'notes/note.txt', path('gone.txt'), ...at)).toMatchObject({ code: 66 })
})

it('chargeproof firmware signs, publishes and rolls out, and says how far it is', { timeout: 60_000 }, async () => {
  const vendor = join(folder, 'data', 'Chargeproof')
  writeFileSync(path('b.bin'), 'chargeproof-firmware/1\n{"vendor":"Chargeproof","model":"Series B","version":"1.1"}\nprogram\n')
  execFileSync('openssl', ['dgst', '-sha256', '-sign', join(vendor, 'firmware.key.pem'), '-out', path('b.sig'), path('b.bin')])
  const about = ['--id', 'b-1.1', '--vendor', 'Chargeproof', '--model', 'Series B', '--release', '1.1']
  const keys = ['--key', join(vendor, 'node.key.pem'), '--certificate', join(vendor, 'firmware.pem'), '--signature', path('b.sig')]
  const signed = await type('firmware', 'sign', path('b.bin'), ...about, ...keys)
  expect([signed.code, signed.err]).toEqual([0, ''])
  writeFileSync(path('b.json'), signed.out)
  const at = ['--url', url, '--token', TOKEN]
  writeFileSync(path('other.bin'), 'another file')
  expect(await type('firmware', 'publish', path('b.json'), path('other.bin'), ...at)).not.toMatchObject({ code: 0 })
  expect(await type('firmware', 'publish', path('b.json'), path('b.bin'), ...at)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^b-1\.1: Chargeproof Series B 1\.1/),
  })
  writeFileSync(path('plan.yaml'), 'id: b-spring\nrelease: b-1.1\nstations: [cs-16-b, cs-201-b, cs-21-b]\nstages: [1, all]\n')
  const rolled = await type('firmware', 'roll-out', path('plan.yaml'), ...at, '--watch')
  expect([rolled.code, rolled.out.trimEnd().split('\n').at(-1)]).toEqual([0, 'b-spring: b-1.1 done, stage 2 of 2: 3 installed'])
  const status = await type('firmware', 'status', 'b-spring', ...at)
  expect(status.out.match(/cs-\S+: installed/g)).toHaveLength(3)
})

it('chargeproof meter reads the meter of the building at the back end, through the tunnel to lc2', { timeout: 30_000 }, async () => {
  const { port } = new URL(url)
  const read = await type('meter', `127.0.0.1:${Number(port) + 9}`)
  expect([read.code, read.out]).toEqual([0, expect.stringMatching(/^850 W, \d+\.\d{3} kWh, 230\.0 V\n$/)])
  const pressed = await fetch(`${url}/api/v1/park/read-meter`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } })
  expect(await pressed.json()).toEqual({ ok: true, message: read.out.trim() })
  expect(await type('meter', `127.0.0.1:${port}`)).not.toMatchObject({ code: 0 })
})

it('and a file comes to lc1 as well, over the line that the park can cut', { timeout: 30_000 }, async () => {
  writeFileSync(path('large.bin'), new Uint8Array(300_000).fill(7))
  expect(await type('files', 'put', path('large.bin'), 'lc1', 'large.bin', '--api', url, '--token', TOKEN)).toMatchObject({ code: 0 })
})
