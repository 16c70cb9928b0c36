import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runBatch } from '../../apps/cli/batch.ts'
import { beginRecord, hexKeyOf, ocmfText, payload, pemOf, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'

let folder = ''
const at = (name: string): string => join(folder, name)
const data = (text: string) => safeXml([{ data: text, key: hexKeyOf(SIGNER) }])
const own = ocmfText(payload())

const FILES = {
  'month/a valid.xml': data(own),
  'month/deep/invalid.xml': data(own.replace('20.500', '20.501')),
  'month/incomplete.xml': data(ocmfText(beginRecord())),
  'month/key.pem': pemOf(SIGNER),
  'month/note.txt': 'hello',
  'good/valid.xml': data(own),
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chargeproof-batch-'))
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(at(name)), { recursive: true })
    writeFileSync(at(name), text)
  }
  mkdirSync(at('empty'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = async (...argv: string[]) => {
  let out = ''
  const tell = (text: string) => {
    out += text
  }
  const code = await runBatch(argv, { out: tell, error: tell, stdin: async () => new Uint8Array(), terminal: false })
  return { code, out }
}

describe('chargeproof batch', () => {
  it('judges every file on its own, and leaves none out of its report', async () => {
    const { code, out } = await run('--json', at('report.json'), '--csv', at('report.csv'), at('month'))
    expect([code, out]).toEqual([1, '5 files: 1 valid, 1 invalid, 1 incomplete, 2 unreadable\n'])
    const rows = JSON.parse(readFileSync(at('report.json'), 'utf8'))
    expect(rows.map(({ question, verdict, fault }: Record<string, string>) => [question?.slice(folder.length), verdict, fault])).toEqual([
      ['/month/a valid.xml', 'valid', undefined],
      ['/month/deep/invalid.xml', 'invalid', undefined],
      ['/month/incomplete.xml', 'incomplete', undefined],
      ['/month/key.pem', 'unused', 'key-unused'],
      ['/month/note.txt', 'unused', 'input-unknown'],
    ])
    expect(rows[0]).toMatchObject({ energyWh: expect.stringMatching(/^\d+/), keyTrust: 'embedded', records: '1' })
    expect(rows[1].codes).toContain('signature-invalid')
    const lines = readFileSync(at('report.csv'), 'utf8').trim().split('\r\n')
    expect(lines).toHaveLength(6)
    expect(lines[0]).toBe('question,inputs,session,verdict,codes,begin,end,energyWh,meter,keyFingerprint,keyTrust,records,fault,detail')
  })

  it('ends with 0 where all is well, and with 3 where there is nothing', async () => {
    expect((await run(at('good'))).code).toBe(0)
    expect(await run(at('empty'))).toEqual({ code: 3, out: '0 files: none\n' })
  })

  it('tells at once what is not valid, and why, where no report is asked for', async () => {
    const { code, out } = await run(at('month'))
    expect(code).toBe(1)
    const said = out.replaceAll(`${at('month')}/`, '').split('\n')
    expect(said).toEqual([
      expect.stringMatching(/^deep\/invalid\.xml: invalid: The signature does not fit the values/),
      'incomplete.xml: incomplete: The end of the session is missing.',
      'key.pem: not used: This key belongs to none of the meters. [key-unused: no record here is of the meter that the name speaks of]',
      'note.txt: not used: There is nothing known in this file. [input-unknown: no known format begins like this]',
      '5 files: 1 valid, 1 invalid, 1 incomplete, 2 unreadable',
      '',
    ])
    expect((await run('--lang', 'de', at('good'), at('month/note.txt'))).out).toMatch(
      /: nicht verwendet: Diese Datei enthält nichts Bekanntes\. \[.*\]\n2 Dateien: 1 gültig, 1 unlesbar\n$/,
    )
  })

  it('writes no report over what it reads, by whatever name, nor two into one', async () => {
    const bill = at('good/valid.xml')
    symlinkSync(bill, at('alias.csv'))
    for (const reports of [
      ['--csv', bill],
      ['--json', at('alias.csv')],
      ['--csv', at('one'), '--json', at('one')],
    ]) {
      const { code, out } = await run(...reports, at('good'))
      expect(code).toBe(64)
      expect(out).toMatch(/would be lost|a file of its own/)
    }
    expect((await run('--key', at('month/key.pem'), '--csv', at('month/key.pem'), at('good'))).code).toBe(64)
    expect(readFileSync(bill, 'utf8')).toBe(FILES['good/valid.xml'])
    // and none is there that was not before
    expect(existsSync(at('one'))).toBe(false)
  })

  it('names a path that is not there', async () => {
    expect((await run('--json', at('gone.json'), at('gone'))).code).toBe(3)
    expect(JSON.parse(readFileSync(at('gone.json'), 'utf8'))).toMatchObject([{ question: at('gone'), fault: 'input-missing' }])
  })

  it('says where a report cannot be written', async () => {
    await expect(run('--csv', at('none/report.csv'), at('good'))).rejects.toMatchObject({ code: 'store-failed' })
  })

  it('wants a path', async () => {
    expect((await run()).code).toBe(64)
  })
})
