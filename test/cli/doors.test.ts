// The other doors of the verifier on the command line: explain, openssl, many questions at once, and what is said to wrong usage.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Io } from '../../apps/cli/ask.ts'
import { runExplain } from '../../apps/cli/explain.ts'
import { clean, table, widthOf, wrapped } from '../../apps/cli/layout.ts'
import { runOpenssl } from '../../apps/cli/openssl.ts'
import { progressOn } from '../../apps/cli/progress.ts'
import { runVerify } from '../../apps/cli/verify.ts'
import { utf8Text } from '../../src/base/bytes.ts'
import { hexKeyOf, METER, ocmfText, payload, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'

const own = ocmfText(payload({ TT: '001;EUR;250;79;15;1' }))
const genuine = safeXml([{ data: own, key: hexKeyOf(SIGNER) }])
const altered = genuine.replace('20.500', '20.501')
/** A name that would end a comment and run something. */
const EVIL = 'a\ntouch evil\n.ocmf'

let folder = ''
const at = (name: string): string => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chargeproof-doors-'))
  const files = { 'good.xml': genuine, 'bad.xml': altered, 'bare.ocmf': own, 'note.txt': 'hello', [EVIL]: own }
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text)
})
afterAll(() => rmSync(folder, { recursive: true }))

type Run = (argv: readonly string[], io: Io) => Promise<number>

const ask = async (run: Run, argv: readonly string[], seen: Partial<Io> = {}) => {
  let out = ''
  let error = ''
  const io: Io = {
    out: (text) => {
      out += typeof text === 'string' ? text : utf8Text(text)
    },
    error: (text) => {
      error += text
    },
    stdin: () => Promise.resolve(new Uint8Array()),
    terminal: false,
    ...seen,
  }
  return { code: await run(argv, io), out, error }
}

describe('explain', () => {
  it('tells how energy, money and time were made', async () => {
    const { code, out } = await ask(runExplain, [at('good.xml')])
    expect(code).toBe(0)
    expect(out).toContain('20.500 kWh − 10.000 kWh = 10.500 kWh (1-0:1.8.0)')
    expect(out).toContain('10.500 kWh × 79 / 100 = 829.500 / 100')
    expect(out).toMatch(/= 19\d\d\.500 \/ 100 = 19\.\d\d EUR/)
    // as Germans write numbers: 10.500 would be ten thousand and five hundred
    const german = (await ask(runExplain, ['--lang', 'de', at('good.xml')])).out
    expect(german).toContain('20,500 kWh − 10,000 kWh = 10,500 kWh (1-0:1.8.0)')
    expect(german).toContain('10,500 kWh × 79 / 100 = 829,500 / 100')
    expect((await ask(runVerify, ['--lang', 'de', at('good.xml')])).out).toMatch(/Energie +10,500 kWh.*19,\d\d EUR.* 20,500 kWh/s)
    expect(out).toContain('That proves that the values fit the key, not that they come from your meter.')
  })

  it('shows each field with its place in the signed bytes', async () => {
    const { out } = await ask(runExplain, [at('good.xml')])
    const [, from = '', to = '', bytes] = /(\d+)–(\d+) +([0-9a-f]+) +MS /.exec(out) ?? []
    const text = own.split('|')[1] ?? ''
    expect(text.slice(Number(from), Number(to) + 1)).toBe(`"${METER}"`)
    expect(Buffer.from(bytes ?? '', 'hex').toString()).toBe(`"${METER}"`.slice(0, (bytes ?? '').length / 2))
  })

  it('gives no energy and no price for what was altered', async () => {
    const { code, out } = await ask(runExplain, ['--lang', 'de', at('bad.xml')])
    expect(code).toBe(0)
    expect(out).toContain('UNGÜLTIG')
    expect(out).toContain('Keine Zahl:')
    expect(out).not.toContain('10.501')
    expect(out).not.toContain('EUR (')
  })

  it('says where there is nothing', async () => {
    expect(await ask(runExplain, [at('note.txt')])).toMatchObject({
      code: 3,
      out: expect.stringContaining('There is nothing known in this file.'),
    })
  })
})

describe('openssl', () => {
  it('gives commands for every record, and says where there are none', async () => {
    const { code, out } = await ask(runOpenssl, [at('good.xml')])
    expect(code).toBe(0)
    expect(out).toContain('openssl dgst -sha256 -verify record-1.key')
    const none = await ask(runOpenssl, ['--lang', 'de', at('bare.ocmf')])
    expect(none).toMatchObject({ code: 2, out: expect.stringContaining('# Ohne öffentlichen Schlüssel gibt es nichts zu prüfen.') })
    expect(await ask(runOpenssl, [at('note.txt')])).toMatchObject({ code: 3, out: '', error: expect.stringContaining('input-unknown') })
  })

  it('gives a shell nothing of what a file is called', async () => {
    const { out } = await ask(runOpenssl, [at(EVIL)])
    expect(out).toContain('touch evil')
    expect(out.split('\n').filter((line) => line.includes('touch evil') && !line.startsWith('#'))).toEqual([])
  })
})

describe('many questions', () => {
  const names = Array.from({ length: 450 }, (_, i) => (i % 7 === 0 ? 'bad.xml' : 'good.xml'))

  it('judges no further than whoever reads it has come', async () => {
    const names = Array.from({ length: 500 }, () => at('good.xml'))
    let [waiting, most] = [0, 0]
    const io: Io = {
      out: async () => {
        most = Math.max(most, ++waiting)
        await new Promise((resolve) => setTimeout(resolve, 1))
        waiting--
      },
      error: () => undefined,
      stdin: () => Promise.resolve(new Uint8Array()),
      terminal: false,
    }
    expect([await runVerify(['--each', '--json', ...names], io), most, waiting]).toEqual([0, 1, 0])
  })

  it('are answered in their order, by threads as by one', { timeout: 60_000 }, async () => {
    const { code, out } = await ask(runVerify, ['--each', '--json', ...names.map(at)])
    expect(code).toBe(1)
    const verdicts = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(verdicts.map(({ inputs: [input] }) => input.name)).toEqual(names.map(at))
    const [bad, good] = (await ask(runVerify, ['--each', '--json', at('bad.xml'), at('good.xml')])).out.split('\n')
    expect(out.split('\n').slice(0, 2)).toEqual([bad, good])
  })
})

describe('wrong usage', () => {
  it.each([
    [runVerify, [], "missing required argument 'path'"],
    [runVerify, ['--lang', 'fr', 'x'], 'Allowed choices are de, en'],
    [runVerify, ['--key'], "'--key <file>' argument missing"],
    [runVerify, ['--jsn', 'x'], "unknown option '--jsn'"],
    [runExplain, [], "missing required argument 'path'"],
    [runOpenssl, ['--json', 'x'], "unknown option '--json'"],
  ] as const)('%o %j', async (run, argv, words) => {
    expect(await ask(run, argv)).toMatchObject({ code: 64, out: '', error: expect.stringContaining(words) })
  })

  it.each(['verify', 'explain', 'openssl'])('of chargeproof %s says where to read more', (command) => {
    const { status, stderr } = spawnSync(process.execPath, [resolve('bin/chargeproof'), command], { encoding: 'utf8' })
    expect(status).toBe(64)
    expect(stderr).toContain(`chargeproof ${command} --help says more`)
  })
})

describe('the width of a terminal', () => {
  it('is kept', async () => {
    const { out } = await ask(runVerify, [at('good.xml')], { columns: 60 })
    expect(out.split('\n').filter((line) => widthOf(line) > 90)).toEqual([])
    const { out: explained } = await ask(runVerify, [at('good.xml')])
    expect(out.split('\n').length).toBeGreaterThan(explained.split('\n').length)
  })

  it('wraps at blanks, and inside what is longer than a line', () => {
    expect(wrapped('one two three', { columns: 22, hang: 2 })).toBe('one two three')
    expect(wrapped(`${'a'.repeat(12)} ${'b'.repeat(12)}`, { columns: 22, hang: 2 })).toBe(`${'a'.repeat(12)}\n  ${'b'.repeat(12)}`)
    expect(wrapped('c'.repeat(45), { columns: 22, hang: 2 }).split('\n')).toHaveLength(3)
    expect(wrapped('d '.repeat(99), { hang: 2 })).not.toContain('\n')
  })

  it('keeps a table within the lines, whatever is long in it', () => {
    const rows = [
      ['record-1', '2026-03-01T08:00:00.000+01:00', 'x'.repeat(120), 'what it means, in a few words'],
      ['record-2', '', 'short', ''],
    ]
    for (const columns of [60, 80, 120, 200]) {
      const lines = table(rows, { columns, hang: 2 })
      expect(lines.filter((line) => widthOf(line) > columns)).toEqual([])
      expect(lines.join('').match(/x/g)).toHaveLength(120)
      if (columns >= 80) expect(lines[0]).toContain('2026-03-01T08:00:00.000+01:00')
    }
    expect(table([['a'.repeat(25), 'b'.repeat(25), 'c'.repeat(25)]], { columns: 60, hang: 0 })).toEqual([
      `${'a'.repeat(25)} ${'b'.repeat(25)}`,
      `    ${'c'.repeat(25)}`,
    ])
  })

  it('says once what is found in every record', async () => {
    const { out } = await ask(runVerify, [at('bare.ocmf')])
    const lines = out.split('\n').filter((line) => line.includes('[key-missing'))
    expect(lines).toHaveLength(1)
  })

  it('counts wide characters twice and marks not at all', () => {
    expect([widthOf('abc'), widthOf('電力'), widthOf('e\u0301')]).toEqual([3, 4, 1])
    expect(
      table(
        [
          ['電力', 'x'],
          ['abcd', 'y'],
        ],
        { hang: 1 },
      ),
    ).toEqual([' 電力  x', ' abcd  y'])
    expect(clean('a\u001b[2J\u202eb')).toBe('a\ufffd[2J\ufffdb')
  })
})

describe('progress', () => {
  const drawn = (io: Partial<Io>, wanted: boolean, step: number): string[] => {
    const pictures: string[] = []
    let now = 0
    const progress = progressOn({ error: (text) => void pictures.push(text), ...io } as Io, wanted, () => now)
    for (let i = 0; i < 10; i++) {
      now += step
      progress.step(10)
    }
    progress.end()
    return pictures
  }

  it('is drawn on a terminal, for long work, and taken away', () => {
    const pictures = drawn({ progress: true }, true, 200)
    expect(pictures.at(-2)).toMatch(/\[#{30}\] 10\/10$/)
    expect(pictures.at(-1)).toBe('\r\u001b[K')
  })

  it('is not drawn elsewhere, nor for short work', () => {
    expect(drawn({ progress: false }, true, 200)).toEqual([])
    expect(drawn({ progress: true }, false, 200)).toEqual([])
    expect(drawn({ progress: true }, true, 10)).toEqual([])
  })
})
