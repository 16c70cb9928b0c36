// One verdict, whoever computes it: every golden vector (and every real record, where they are) judged by the worker of the page as it is built, in
// Chromium, and by both engines in Node, in three time zones. The answers are compared byte for byte.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { browserFor, sharedBrowser } from '../support/browser.ts'
import { FIXTURES, fixtureQuestions, storedVectors } from '../support/vectors.ts'

const available = browserFor("the page's engine beside those of Node")
if (!existsSync(FIXTURES)) console.log(`engines: no real records at ${FIXTURES}, so only the golden vectors are compared`)

/** Behind, ahead by half an hour, and with half an hour and summer time. */
const ZONES = ['UTC', 'Asia/Kolkata', 'America/St_Johns'] as const

/** As Chromium and Node call them where they go by another name. */
const isZone = (told: string, zone: string): boolean => told === zone || (zone === 'Asia/Kolkata' && told === 'Asia/Calcutta')

interface Pass {
  readonly zone: string
  readonly lines: readonly string[]
}

/** Once in each time zone, and once more with the portable engine. */
const inNode = async (): Promise<Pass[]> => {
  const program = fileURLToPath(new URL('../support/vector-verdicts.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...ZONES], { maxBuffer: 256 * 1024 * 1024 })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Pass)
}

/** What the worker of the page answers, one question after the other. As text: it runs in the browser, whose types these tests do not know. */
const ASK = `async (worker) => {
  const questions = await (await fetch('/questions')).json()
  const judge = new Worker(worker, { type: 'module' })
  const lines = []
  for (const [question, { name, files }] of questions.entries()) {
    const inputs = files.map(({ name, hex }) => ({ name, bytes: Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16)) }))
    const answer = await new Promise((resolve, reject) => {
      judge.onmessage = ({ data }) => resolve(data)
      judge.onerror = (event) => reject(new Error(event.message))
      judge.postMessage({ question, inputs })
    })
    lines.push(name + '\\t' + (answer.fault ?? JSON.stringify(answer.verdict)))
  }
  return { lines, zone: Intl.DateTimeFormat().resolvedOptions().timeZone }
}`

/** The names of the questions whose lines differ, so that a failure is not a page of JSON. */
const differing = (a: readonly string[], b: readonly string[]): string[] =>
  [...a.filter((line, i) => line !== b[i]), ...b.slice(a.length)].map((line) => line.split('\t')[0] ?? '')

describe('every engine gives the same verdict', () => {
  const passes = inNode()
  const reference = passes.then(([first]) => first?.lines ?? [])
  const count = storedVectors().length + fixtureQuestions().length

  // beside another test file everything takes longer than alone
  it('in Node, in any time zone', { timeout: 90_000 }, async () => {
    const all = await reference
    expect(all).toHaveLength(count)
    expect(count).toBeGreaterThan(500)
    for (const [i, zone] of ZONES.entries()) {
      const pass = (await passes)[i]
      expect(isZone(pass?.zone ?? '', zone)).toBe(true)
      expect(differing(pass?.lines ?? [], all)).toEqual([])
    }
  })

  it('with both engines of Node', { timeout: 90_000 }, async () => {
    expect(await passes).toHaveLength(ZONES.length + 1)
    expect(differing((await passes).at(-1)?.lines ?? [], await reference)).toEqual([])
  })

  it('sees a difference of one byte', async () => {
    const all = await reference
    expect(differing([`${all[0]} `, ...all.slice(1)], all)).toEqual([all[0]?.split('\t')[0]])
    expect(differing(all.slice(1), all)).toContain(all.at(-1)?.split('\t')[0])
  })

  describe.skipIf(!available)('on the page', () => {
    let served: Served
    beforeAll(async () => {
      served = await serve(await ensureWeb())
    }, 60_000)
    afterAll(() => void served?.server.close())

    it.each(ZONES)('in %s', { timeout: 60_000 }, async (timezoneId) => {
      const context = await (await sharedBrowser()).newContext({ timezoneId })
      const page = await context.newPage()
      // the page itself names its worker
      const [worker] = await Promise.all([page.waitForEvent('worker'), page.goto(`${served.url}/verify.html`)])
      const address = `/assets/${basename(worker.url())}`
      await page.goto(`${served.url}/blank`)
      const { lines, zone } = (await page.evaluate(`(${ASK})(${JSON.stringify(address)})`)) as { lines: string[]; zone: string }
      await context.close()
      expect(isZone(zone, timezoneId)).toBe(true)
      expect(differing(lines, await reference)).toEqual([])
    })
  })
})

interface Served {
  readonly server: Server
  readonly url: string
}

/** The built pages, an empty page, and the questions. */
const serve = async (folder: string): Promise<Served> => {
  const questions = JSON.stringify(
    [...storedVectors(), ...fixtureQuestions()].map(({ name, question }) => ({
      name,
      files: question.map((file) => ({ name: file.name, hex: Buffer.from(file.bytes).toString('hex') })),
    })),
  )
  const server = createServer(async ({ url = '/' }, response) => {
    if (url === '/questions') return response.writeHead(200, { 'content-type': 'application/json' }).end(questions)
    if (url === '/blank') return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')
    const path = join(folder, new URL(url, 'http://localhost').pathname)
    const types: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css', html: 'text/html', svg: 'image/svg+xml' }
    try {
      const bytes = await readFile(path)
      response.writeHead(200, { 'content-type': types[path.split('.').at(-1) ?? ''] ?? 'application/wasm' }).end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
