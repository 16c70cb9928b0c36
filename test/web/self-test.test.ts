// The page checks itself: with the record of the golden vectors, by the worker that judges for the reader, and it does not believe a judge that always says
// the same.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { selfTest, type Way } from '../../apps/web/verifier/self-test.ts'
import { portableEngine } from '../../src/crypto/portable.ts'
import { type Verdict, verify } from '../../src/transparency/index.ts'
import { browserFor, fileOf } from '../support/browser.ts'
import { storedVector } from '../support/vectors.ts'
import { stage } from './stage.ts'

const RECORD = readFileSync(join(import.meta.dirname, '../../apps/web/verifier/self-test.xml'), 'utf8')

const honest: Way = {
  judge: (inputs) => verify(inputs, { engine: portableEngine(), now: () => 0 }),
  looksGood: ({ verdict }) => verdict === 'valid',
}
const always = (verdict: Verdict['verdict']): Way => ({ ...honest, judge: async () => ({ verdict, inputs: [], sessions: [] }) })

describe('the self-test', () => {
  const never = new AbortController().signal

  it('asks about a record that the golden vectors hold', () => {
    const [vector] = storedVector('ocmf/safe-xml').question
    expect(RECORD).toBe(new TextDecoder().decode(vector?.bytes))
  })

  it('passes with the verifier, and with none that says the same of everything, or nothing', async () => {
    expect(await selfTest(honest, RECORD, never)).toBe('passed')
    for (const verdict of ['valid', 'invalid', 'unproven', 'unreadable'] as const)
      expect(await selfTest(always(verdict), RECORD, never)).toBe('failed')
    expect(await selfTest({ ...honest, judge: () => Promise.reject(new Error('no worker')) }, RECORD, never)).toBe('failed')
    for (const always of [true, false]) expect(await selfTest({ ...honest, looksGood: () => always }, RECORD, never)).toBe('failed')
  })

  it('alters one digit of what is signed, and nothing else', async () => {
    const asked: string[] = []
    await selfTest(
      {
        ...honest,
        judge: (inputs) => {
          asked.push(...inputs.map(({ bytes }) => new TextDecoder().decode(bytes)))
          return honest.judge(inputs)
        },
      },
      RECORD,
      never,
    )
    const [genuine = '', altered = ''] = asked
    expect([...genuine].filter((character, at) => character !== altered[at])).toEqual(['0'])
    expect(altered).toHaveLength(genuine.length)
  })

  it('makes room for a reader’s question', async () => {
    const stop = new AbortController()
    let questions = 0
    const interrupted: Way = {
      looksGood: () => {
        throw new Error('expected nothing to be drawn while somebody waits')
      },
      judge: (inputs) => {
        questions++
        stop.abort()
        return honest.judge(inputs)
      },
    }
    expect(await selfTest(interrupted, RECORD, stop.signal)).toBe('waiting')
    expect(questions).toBe(1)
  })
})

const available = browserFor('the self-test of the page')

describe.skipIf(!available)('the page in a browser', () => {
  const on = stage()

  it('has checked itself before anybody asks, without a request, and says so', async () => {
    const { page, requests } = await on.open('/verify')
    await page.getByRole('button', { name: 'Check its files' }).waitFor()
    const before = requests.filter((address) => !address.includes('/assets/'))
    await page.getByText(/^Has just checked itself/).waitFor()
    expect(requests.filter((address) => !address.includes('/assets/'))).toEqual(before)
    expect(await page.locator('.inputs').count()).toBe(0)
  })

  it('says loudly that its verdicts are not to be believed, where its worker finds everything valid', async () => {
    const { page } = await on.open(undefined, { fresh: true, serviceWorkers: 'block' })
    const liar = `onmessage = ({ data: { question } }) => postMessage({ question, verdict: { verdict: 'valid', inputs: [], sessions: [] } })`
    await page.route('**/assets/worker-*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: liar }))
    await page.goto(`${on.url}/verify`)
    await page
      .getByRole('alert')
      .getByText(/failed to check itself/)
      .waitFor()
    await page.setInputFiles('input[type=file]', [fileOf('a.xml', RECORD)])
    await page.locator('.answer .panel.verdict').waitFor()
    expect(await page.getByRole('alert').count()).toBe(1)
  })
})
