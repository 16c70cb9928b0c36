// The panes of a value, held against what its maker knows: the text that was signed, its hash, the key, the signature, and what came of comparing them.
import { createHash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { hexKeyOf, ocmfText, payload, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'
import { browserFor, fileOf } from '../support/browser.ts'
import { storedVector } from '../support/vectors.ts'
import { stage } from './stage.ts'

const available = browserFor('the panes of a value')

const [, SIGNED = '', MARK = ''] = ocmfText(payload()).split('|')
const GIVEN = safeXml([{ data: ocmfText(payload()), key: hexKeyOf(SIGNER) }])
const ALTERED = GIVEN.replace('20.500', '20.501')

describe.skipIf(!available)('a value', () => {
  const on = stage()
  const opened = async (files: readonly ReturnType<typeof fileOf>[]): Promise<Page> => {
    const { page } = await on.open('/verify')
    await page.setInputFiles('input[type=file]', files)
    await page
      .getByRole('button', { name: /^Show how/ })
      .first()
      .click()
    return page
  }

  it.each([
    { file: GIVEN, outcome: 'valid', text: SIGNED },
    { file: ALTERED, outcome: 'invalid', text: SIGNED.replace('20.500', '20.501') },
  ])('opens down to its signature: $outcome', async ({ file, outcome, text }) => {
    const page = await opened([fileOf('bill.xml', file)])
    const steps = page.locator('.how > ol > li')
    const headings = (await steps.locator('h3').allTextContents()).map((heading) => heading.trim())
    expect(headings).toEqual([
      ...['The signed text', 'Its hash SHA-256', 'The public key secp256r1', 'The signature ECDSA-secp256r1-SHA256'],
      `Comparison ${outcome}`,
    ])
    const shown = async (step: number): Promise<string> => ((await steps.nth(step).textContent()) ?? '').replaceAll(' ', '')
    expect(await shown(0)).toContain(Buffer.from(text).toString('hex'))
    expect(await shown(1)).toContain(createHash('sha256').update(text).digest('hex'))
    expect(await shown(2)).toContain(hexKeyOf(SIGNER))
    expect((await shown(3)).toLowerCase()).toContain(JSON.parse(MARK).SD.toLowerCase())
  })

  it('says where there is no hash to show, because a procedure has none', async () => {
    const page = await opened(storedVector('ocmf/algorithm-EdDSA-Ed25519').question.map(({ name, bytes }) => fileOf(name, bytes)))
    await page.getByText('None was computed: the procedure signs the text itself').waitFor()
    expect(await page.locator('.how code.hex').allTextContents()).not.toContain('')
  })

  it('is copied as commands, and says where a browser does not allow it', async () => {
    const page = await opened([fileOf('bill.xml', GIVEN)])
    await page.evaluate(`navigator.clipboard.writeText = () => Promise.reject(new Error('no'))`)
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByRole('button', { name: 'The browser does not allow it' }).waitFor()
    await page.evaluate(`navigator.clipboard.writeText = async (text) => { globalThis.copied = text }`)
    await page.getByRole('button', { name: 'The browser does not allow it' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate('globalThis.copied')).toContain('openssl dgst -sha256 -verify record-1.key')
  })
})
