// The library door as those see it who install the package: built as for packing, put below node_modules of another folder, and used by the
// examples: plain JavaScript, TypeScript with its types, and a page in a browser.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildLibrary } from '../../tools/library.ts'
import { hexKeyOf, METER, ocmfText, payload, pemOf, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'
import { browserFor, sharedBrowser } from '../support/browser.ts'

const available = browserFor('the library on a page')

const genuine = safeXml([{ data: ocmfText(payload()), key: hexKeyOf(SIGNER) }])
const FILES = {
  'valid.xml': genuine,
  'invalid.xml': genuine.replace('20.500', '20.501'),
  'key.pem': pemOf(SIGNER),
  'bare.ocmf': ocmfText(payload()),
}

const home = mkdtempSync(join(tmpdir(), 'chargeproof-library-'))
const library = join(home, 'node_modules/chargeproof/dist/library')

beforeAll(async () => {
  await buildLibrary(library)
  const installed = join(home, 'node_modules')
  cpSync('package.json', join(installed, 'chargeproof/package.json'))
  for (const name of Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies)) {
    mkdirSync(join(installed, name, '..'), { recursive: true })
    symlinkSync(resolve('node_modules', name), join(installed, name))
  }
  symlinkSync(resolve('node_modules/@types'), join(installed, '@types'))
  cpSync('examples/library', home, { recursive: true })
  symlinkSync(library, join(home, 'library'))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(home, name), text)
  writeFileSync(join(home, 'package.json'), '{"type":"module"}')
}, 60_000)
afterAll(() => rmSync(home, { recursive: true, force: true }))

const run = (...argv: readonly string[]) => spawnSync(process.execPath, [...argv], { cwd: home, encoding: 'utf8' })

describe('the library door', () => {
  it('in plain JavaScript', () => {
    expect(run('verify.mjs', 'valid.xml')).toMatchObject({ stdout: 'session-1 valid 10500 Wh, key embedded\n', status: 0 })
    expect(run('verify.mjs', 'invalid.xml')).toMatchObject({ stdout: 'session-1 invalid - Wh, key embedded\n', status: 1 })
  })

  it('reads codes in pictures, in Node', () => {
    for (const name of ['whole', 'webp']) {
      const question = resolve('vectors/transparency/qr', name, 'question')
      const files = readdirSync(question).map((file) => join(question, file))
      expect(run('verify.mjs', ...files)).toMatchObject({ stdout: 'session-1 valid 10500 Wh, key supplied\n', status: 0 })
    }
  })

  it('in TypeScript, with keys of its own', () => {
    const { stdout } = run('pinned.ts', 'bare.ocmf', METER, 'key.pem')
    expect(stdout).toContain('valid, 10500 Wh, key pinned')
    expect(stdout).toContain('openssl dgst -sha256 -verify')
    expect(run('pinned.ts', 'invalid.xml', METER, 'key.pem').stdout).toContain('The signature does not fit the values')
  })

  it('has types that a strict compiler takes', { timeout: 60_000 }, () => {
    writeFileSync(join(home, 'wrong.ts'), "import { verify } from 'chargeproof/transparency'\nverify(42)\n")
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024', '--types', 'node']
    const tsc = resolve('node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, ...flags, 'pinned.ts', 'wrong.ts'], { cwd: home, encoding: 'utf8' })
    // the one error that was made on purpose: with types that were not found there would be none, or others
    expect(stdout.trim().split('\n')).toEqual([expect.stringContaining('wrong.ts(2,8): error TS2345')])
  })

  it('is told of in docs/library.md with every example', () => {
    const text = readFileSync('docs/library.md', 'utf8')
    for (const name of readdirSync('examples/library')) expect(text).toContain(`examples/library/${name}`)
  })

  it.skipIf(!available)('on a page', { timeout: 60_000 }, async () => {
    const server = createServer((request, response) => {
      const path = join(home, new URL(request.url ?? '/', 'http://localhost').pathname)
      if (!existsSync(path)) return response.writeHead(404).end()
      response.writeHead(200, { 'content-type': path.endsWith('.js') ? 'text/javascript' : 'text/html' }).end(readFileSync(path))
    })
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
    const page = await (await sharedBrowser()).newPage()
    try {
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/page.html`, { waitUntil: 'networkidle' })
      const told = async (name: string): Promise<string> => {
        await page.locator('pre').evaluate('(element) => { element.textContent = "" }')
        await page.setInputFiles('input', join(home, name))
        await page.getByText('session-1').waitFor()
        return page.locator('pre').innerText()
      }
      expect(await told('valid.xml')).toContain('session-1 valid 10500 Wh')
      expect(await told('invalid.xml')).toContain('session-1 invalid')
    } finally {
      await page.close()
      server.close()
    }
  })
})
