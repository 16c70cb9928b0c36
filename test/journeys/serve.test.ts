// The verifier as a service and as a program of the desktop, as people start them.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hexKeyOf, ocmfText, payload, pemOf, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'
import { run } from '../support/process.ts'

const RECORD = safeXml([{ data: ocmfText(payload()), key: hexKeyOf(SIGNER) }])
let folder = ''
const at = (name: string): string => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chargeproof-serve-'))
  writeFileSync(at('record.xml'), RECORD)
  writeFileSync(at('publicKey.pem'), pemOf(SIGNER))
})
afterAll(() => rmSync(folder, { recursive: true }))

const ended = async (...args: string[]) => {
  const child = run(args)
  return { code: await child.ended, err: child.err() }
}
const addressOf = (out: string): URL => new URL(/ready (\S+)/.exec(out)?.[1] ?? 'none:')

describe('chargeproof serve', () => {
  it('judges with its trust store for who shows a key of its file, and ends when it is told', async () => {
    const key = run(['serve-key', 'workshop'])
    await key.ended
    writeFileSync(at('keys.yaml'), key.out())
    const token = /once: (\S+)/.exec(key.err())?.[1] ?? ''
    const server = run(['serve', '--port', '0', '--no-page', '--keys', at('keys.yaml'), '--trust', at('publicKey.pem')])
    await server.ready()
    const ask = (authorization: string) =>
      fetch(new URL('/api/v1/verify?name=record.xml', addressOf(server.out())), {
        method: 'POST',
        body: RECORD,
        headers: { authorization },
      })
    expect((await ask('Bearer another')).status).toBe(401)
    expect(await (await ask(`Bearer ${token}`)).json()).toMatchObject({ verdict: 'valid', sessions: [{ keyTrust: 'pinned' }] })
    expect(await server.stop()).toBe(0)
  })

  it('says what is wrong with how it was started', async () => {
    writeFileSync(at('broken.yaml'), '- name: a\n  sha256: xyz\n')
    const [port, open, keys, half] = await Promise.all([
      ended('serve', '--port', '70000'),
      ended('serve', '--address', '0.0.0.0', '--port', '0'),
      ended('serve', '--port', '0', '--keys', at('broken.yaml')),
      ended('serve', '--port', '0', '--cert', at('publicKey.pem')),
    ])
    expect([port.code, open.code, keys.code, half.code]).toEqual([64, 78, 78, 78])
    expect(open.err).toContain('--keys')
    expect(keys.err).toContain('broken.yaml:2: 0.sha256')
    expect(half.err).toContain('belong together')
  })

  it('names the file, the address or the option that was meant', { timeout: 60_000 }, async () => {
    writeFileSync(at('none.yaml'), '{}\n')
    writeFileSync(at('key.yaml'), `- {name: a, sha256: ${'f'.repeat(64)}, requestsPerMinute: 1, mebibytesPerDay: 1, atOnce: 1}\n`)
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const all = await Promise.all([
      ended('serve', '--port', '0', '--trust', at('gone')),
      ended('serve', '--port', '0', '--keys', at('none.yaml')),
      ended('serve', '--port', '0', '--keys', at('key.yaml'), '--address', '192.0.2.1'),
      ended('serve', '--port', '0', '--no-page', '--cert', at('record.xml'), '--cert-key', at('publicKey.pem')),
      ended('serve', '--no-page', '--port', String(port)),
      ended('verify', '--pdf', at('none/report.pdf'), at('record.xml')),
    ])
    taken.close()
    expect(all.map(({ code }) => code)).toEqual([78, 78, 78, 78, 69, 74])
    const said = all.map(({ err }) => err.replaceAll(at('/'), ''))
    expect(said).toEqual([
      'chargeproof: gone: there is no such file or folder\n',
      'chargeproof: none.yaml:1: expected a list of those who may ask, as `chargeproof serve-key` writes an entry for each\n',
      'chargeproof: --address 192.0.2.1 --port 0: this machine has no such address\n',
      expect.stringMatching(/^chargeproof: record\.xml and publicKey\.pem are no certificate and its key: .*\n$/),
      `chargeproof: another program listens on port ${port}\nStop the other program, or choose another port with --port.\n`,
      expect.stringMatching(/^chargeproof: the report none\/report\.pdf cannot be written: ENOENT[^\n]*\n$/),
    ])
  })
})

describe('chargeproof open', () => {
  it('shows files to who has the token, and to nobody else', async () => {
    const program = run(['open', '--no-browser', at('record.xml')])
    await program.ready()
    const page = addressOf(program.out())
    expect(page.hostname).toBe('127.0.0.1')
    const token = new URLSearchParams(page.hash.slice(1)).get('token')
    const get = (path: string, authorization = `Bearer ${token}`) => fetch(new URL(path, page), { headers: { authorization } })
    expect(await (await get('/opened/')).json()).toEqual(['record.xml'])
    expect(await (await get('/opened/0')).text()).toBe(RECORD)
    expect((await get('/opened/0', '')).status).toBe(401)
    for (const path of ['/opened/1', '/opened/-1', '/opened/constructor']) expect((await get(path)).status).toBe(404)
    expect(await (await fetch(page)).text()).toContain('<html')
    expect(await program.stop()).toBe(0)
  })

  it('names a file that is not there', async () => {
    const { code, err } = await ended('open', '--no-browser', at('gone.xml'))
    expect(code).toBe(1)
    expect(err).toContain('gone.xml: there is no such file')
  })

  it('is known to the desktop for its files', async () => {
    const installing = run(['open', '--install'], { env: { XDG_DATA_HOME: at('share') } })
    expect(await installing.ended).toBe(0)
    const entry = readFileSync(at('share/applications/chargeproof.desktop'), 'utf8')
    expect(entry).toMatch(/^MimeType=.*x-charge-transparency-record;/m)
    // a desktop has no path to this checkout
    const [, node = '', program] = /^Exec="(.*)" "(.*)" open %F$/m.exec(entry) ?? []
    expect(spawnSync(node, [String(program), 'open', '--help'], { env: {}, encoding: 'utf8' }).stdout).toContain('--install')
    if (spawnSync('update-mime-database', ['-v']).error) return console.log('shared-mime-info is not installed: types are not looked up')
    const globs = readFileSync(at('share/mime/globs2'), 'utf8')
    expect(globs).toContain('application/x-charge-transparency-record:*.chargy')
    expect(readFileSync(at('share/mime/XMLnamespaces'), 'utf8')).toContain(
      'http://transparenz.software/schema/2018/07 values application/x-safe-transparency',
    )
  })
})
