// The verdict on paper: one page, whatever is in it, that says what the verdict says and carries what was judged.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AFRelationship, decodePDFRawStream, PDFDocument, PDFName, PDFRawStream } from '@cantoo/pdf-lib'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/bytes.ts'
import { pdfReport, type ReportAbout } from '../../src/report/report.ts'
import { LANGUAGES, VERDICT_WORDS, type Verdict } from '../../src/transparency/index.ts'
import { beginRecord, ocmfText, payload } from '../../tools/transparency-vectors/maker.ts'
import { ask, receipt } from '../transparency/support.ts'
import { runningText } from '../web/bill.ts'

const GOOD = receipt([ocmfText(payload())])
const BAD = GOOD.replace('20.500', '20.501')
const SOFTWARE = { version: '1.2.3', sources: 'ab'.repeat(32), page: 'cd'.repeat(32) }

const report = async (files: Record<string, string>, about: Partial<ReportAbout> = {}, chosen?: string) => {
  const verdict = await ask(files)
  const inputs = Object.entries(files).map(([name, text]) => ({ name, bytes: utf8(text) }))
  const pdf = await pdfReport(verdict, { language: 'en', software: SOFTWARE, at: Date.UTC(2026, 4, 1), inputs, ...about }, chosen)
  return { verdict, pdf }
}

/** The text as it is drawn, in the order of drawing. */
const textOf = async (pdf: Uint8Array): Promise<string> => (await linesOf(pdf)).join(' ')

/** Each text as it is drawn, decoded as Windows-1252. */
const linesOf = async (pdf: Uint8Array): Promise<string[]> => {
  const { context } = await PDFDocument.load(pdf)
  const streams = context.enumerateIndirectObjects().flatMap(([, object]) => (object instanceof PDFRawStream ? [object] : []))
  const plain = streams.filter(({ dict }) => dict.get(PDFName.of('Type')) === undefined)
  return plain.flatMap((stream) => decoded(Buffer.from(decodePDFRawStream(stream).decode()).toString('latin1')))
}
const decoded = (content: string): string[] =>
  [...content.matchAll(/<([0-9A-F]*)> Tj/gi)].map(([, hex = '']) => new TextDecoder('windows-1252').decode(Buffer.from(hex, 'hex')))

const reopened = async (pdf: Uint8Array): Promise<Verdict> => ask({ 'report.pdf': pdf as unknown as string })

describe('a report', () => {
  it.each(LANGUAGES)('has one page, its verdict and the build that made it, in %s', async (language) => {
    for (const text of [GOOD, BAD, receipt([ocmfText(beginRecord())]), 'hello']) {
      const { pdf, verdict } = await report({ 'a.xml': text }, { language })
      const document = await PDFDocument.load(pdf, { updateMetadata: false })
      expect(document.getPageCount()).toBe(1)
      expect(document.getProducer()).toBe('Chargeproof 1.2.3')
      expect(document.getCreationDate()?.getTime()).toBe(Date.UTC(2026, 4, 1))
      const drawn = await textOf(pdf)
      expect(drawn).toContain(VERDICT_WORDS[verdict.verdict][language])
      expect(drawn).toContain(SOFTWARE.sources)
      expect(drawn).toContain(SOFTWARE.page)
    }
  })

  it('carries what was judged, and judged again it is the same', async () => {
    const { pdf, verdict } = await report({ 'a.xml': GOOD })
    const again = await reopened(pdf)
    expect(again.sessions.map(({ verdict: state, energyWh }) => [state, energyWh])).toEqual(
      verdict.sessions.map(({ verdict: state, energyWh }) => [state, energyWh]),
    )
    expect(again.inputs.map(({ name }) => name)).toEqual(
      expect.arrayContaining([expect.stringContaining('a.xml'), expect.stringContaining('openssl.sh')]),
    )
  })

  it('is the same for the same question', async () => {
    const [first, second] = [await report({ 'a.xml': GOOD }), await report({ 'a.xml': GOOD })]
    expect(Buffer.from(first.pdf).equals(Buffer.from(second.pdf))).toBe(true)
  })

  it('keeps to its page however much there is, and to its letters whatever is written', async () => {
    const name = `${'ў'.repeat(50)}\u0000\u202e<b>Ω`
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`${i} ${name}.xml`, GOOD.replace('CPM-0001', `CPM-${i}`)]))
    const { pdf, verdict } = await report(many)
    expect(verdict.sessions.length).toBeGreaterThan(60)
    expect((await PDFDocument.load(pdf)).getPageCount()).toBe(1)
  })

  it.each([
    ['ŁÓDŹ-Žižkov đ', 'LÓDZ-Žižkov d †'],
    ['Αθήνα Ψ Άρτα', 'Athina Ps Arta †'],
    ['Днїпро Щука Ђоковић', 'Dnipro Shchuka Dokovic †'],
    ['東京 1', '?? 1 †'],
    ['Köln †', 'Köln †'],
  ])('has %s in letters that every reader of PDF has, and says that it is not as it came', async (meter, written) => {
    const { pdf } = await report({ 'a.xml': receipt([ocmfText(payload({ MS: meter }))]) })
    const drawn = await textOf(pdf)
    expect(drawn).toContain(written)
    // the sign of one who writes it himself is explained by nobody
    expect(drawn.includes('Not as it came: letters missing here')).toBe(meter !== 'Köln †')
    expect(drawn).not.toContain('…')
  })

  it('keeps its mark where a name is cut', async () => {
    const drawn = await textOf((await report({ [`${'ж'.repeat(300)}.xml`]: GOOD })).pdf)
    expect(drawn).toMatch(/Judged: (zh)+z?… † /)
  })

  it('names what could not be used, on the page of one session too', async () => {
    const { pdf } = await report({ 'a.xml': GOOD, 'holiday.jpg': 'sun' })
    expect(await textOf(pdf)).toContain('Not usable: 1 (holiday.jpg)')
  })

  it('writes numbers as its language does, and says of a session that still runs how far it has come', async () => {
    const tariff = receipt([ocmfText(payload({ TT: '001;EUR;250;79;15;1' }))])
    expect(await textOf((await report({ 'a.xml': tariff }, { language: 'de' })).pdf)).toMatch(/10,500 kWh.*19,\d\d EUR/)
    expect(await textOf((await report({ 'a.xml': tariff })).pdf)).toMatch(/10\.500 kWh.*19\.\d\d EUR/)
    const running = await textOf((await report({ 'a.xml': runningText() }, { language: 'de' })).pdf)
    expect(running).toContain('Energie bisher 2,350 kWh (01.03.2026 08:18:00 (+01:00))')
    expect(running).not.toContain('Energie unbekannt')
  })

  it.skipIf(spawnSync('openssl', ['version']).error !== undefined)('has commands that run as they stand on the paper', async () => {
    for (const [text, status, said] of [
      [GOOD, 0, 'Verified OK'],
      [BAD, 1, 'Verification failure'],
    ] as const) {
      const lines = (await linesOf((await report({ 'a.xml': text })).pdf)).map((line) => line.trimEnd())
      const commands = lines.slice(
        lines.indexOf('# record-1'),
        lines.findIndex((line) => line.startsWith('openssl dgst -sha256 -verify')) + 1,
      )
      expect(commands.length).toBeGreaterThan(6)
      const folder = mkdtempSync(join(tmpdir(), 'chargeproof-paper-'))
      const ran = spawnSync('sh', ['-c', commands.join('\n')], { cwd: folder, encoding: 'utf8' })
      rmSync(folder, { recursive: true })
      expect([ran.status, ran.stdout.trim().split('\n').at(-1)]).toEqual([status, said])
    }
  })

  it('is about the session that was chosen', async () => {
    const { pdf, verdict } = await report({ 'a.xml': GOOD, 'b.xml': BAD })
    expect(await textOf(pdf)).toContain('Invalid')
    const { id } = verdict.sessions.find((session) => session.verdict === 'valid') ?? {}
    const chosen = await textOf((await report({ 'a.xml': GOOD, 'b.xml': BAD }, {}, id)).pdf)
    expect(chosen).toContain('10.500 kWh')
    expect(chosen).toContain('openssl dgst -sha256 -verify')
    expect(chosen).not.toContain('Invalid')
  })

  it('says how its attachments belong to it', async () => {
    const { pdf } = await report({ 'a.xml': GOOD, 'b/a.xml': BAD })
    const relations = Buffer.from(pdf).toString('latin1')
    expect(relations).toContain(`/AFRelationship /${AFRelationship.Source}`)
    expect(relations).toContain(`/AFRelationship /${AFRelationship.Supplement}`)
  })
})
