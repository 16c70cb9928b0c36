import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runVerify, verifyCommand } from '../../apps/cli/verify.ts'
import type { Verdict } from '../../src/transparency/index.ts'
import { beginRecord, hexKeyOf, METER, ocmfText, payload, pemOf, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'

let folder = ''
const at = (name: string): string => join(folder, name)

const own = ocmfText(payload())
const data = (text: string) => safeXml([{ data: text, key: hexKeyOf(SIGNER) }])

const FILES = {
  'valid.xml': data(own),
  'invalid.xml': data(own.replace('20.500', '20.501')),
  'incomplete.xml': data(ocmfText(beginRecord())),
  'bare.ocmf': own,
  'note.txt': 'hello',
  'keys/publicKey.pem': pemOf(SIGNER),
  'keys/other.pem': pemOf(SIGNER),
  [`trust/${METER}.pem`]: pemOf(SIGNER),
  'together/deep/bare.ocmf': own,
  'together/publicKey.pem': pemOf(SIGNER),
  'evil.xml': data(ocmfText(payload({ MS: '\u001b[2J\u202egreen' }))),
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chargeproof-verify-'))
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(at(name)), { recursive: true })
    writeFileSync(at(name), text)
  }
  mkdirSync(at('empty'))
  mkdirSync(at('links'))
  symlinkSync(at('valid.xml'), at('links/valid.xml'))
  symlinkSync(folder, at('links/circle'))
})

afterAll(() => rmSync(folder, { recursive: true }))

const run = async (argv: readonly string[], { stdin = '', terminal = false } = {}) => {
  let out = ''
  let error = ''
  const io = {
    out: (text: string) => {
      out += text
    },
    error: (text: string) => {
      error += text
    },
    stdin: () => Promise.resolve(new Uint8Array(Buffer.from(stdin))),
    terminal,
  }
  const code = await runVerify(argv, io)
  return { code, out, error }
}

const json = async (...argv: readonly string[]): Promise<{ code: number; verdicts: Verdict[] }> => {
  const { code, out } = await run(['--json', ...argv])
  return {
    code,
    verdicts: out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  }
}

describe('exit codes', () => {
  it.each([
    [0, ['valid.xml']],
    [1, ['invalid.xml']],
    [2, ['incomplete.xml']],
    [2, ['bare.ocmf']],
    [2, ['valid.xml', 'note.txt']],
    [2, ['valid.xml', 'absent.xml']],
    [3, ['note.txt']],
    [3, ['absent.xml']],
    [3, ['empty']],
    [3, ['keys/publicKey.pem']],
    [0, ['together']],
  ] as const)('%i for %j', async (code, names) => {
    expect((await run(names.map(at))).code).toBe(code)
  })

  it.each([
    [1, ['note.txt', 'invalid.xml', 'incomplete.xml']],
    [3, ['incomplete.xml', 'note.txt', 'valid.xml']],
    [2, ['valid.xml', 'incomplete.xml']],
    [0, ['valid.xml', 'together']],
  ] as const)('%i for each of %j', async (code, names) => {
    expect((await run(['--each', ...names.map(at)])).code).toBe(code)
  })

  it.each([[[]], [['--bogus', 'x']], [['--lang', 'fr', 'x']], [['--key']]])('64 for %j', async (argv) => {
    const { code, error } = await run(argv)
    expect(code).toBe(64)
    expect(error).not.toBe('')
  })

  it('0 for help', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--trust <dir>') })
  })
})

describe('--json', () => {
  it('is one document for one question', async () => {
    const { verdicts } = await json(at('valid.xml'), at('note.txt'))
    expect(verdicts).toMatchObject([{ verdict: 'valid', inputs: [{ name: at('valid.xml') }, { name: at('note.txt') }] }])
  })

  it('is one line for each with --each, in order', async () => {
    const { verdicts } = await json('--each', at('incomplete.xml'), at('together'), at('note.txt'))
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['incomplete', 'valid', 'unreadable'])
  })

  it('names every file of a folder, links to folders too', async () => {
    const { verdicts } = await json(at('links'))
    expect(verdicts[0]?.inputs).toMatchObject([
      { name: at('links/circle'), kind: 'unknown', fault: { code: 'input-unknown' } },
      { name: at('links/valid.xml'), kind: 'container' },
    ])
  })

  it('names a path that does not exist', async () => {
    const { verdicts } = await json(at('absent.xml'))
    expect(verdicts[0]?.inputs).toEqual([
      { name: at('absent.xml'), kind: 'unknown', fault: { code: 'input-missing', detail: 'there is no such file or folder' } },
    ])
  })
})

describe('keys', () => {
  it.each([
    ['supplied', ['--key', 'keys/publicKey.pem']],
    ['pinned', ['--trust', 'trust']],
    ['pinned', ['--trust', 'trust', '--key', 'keys/publicKey.pem']],
  ] as const)('are %s with %j', async (keyTrust, options) => {
    const argv = options.map((one) => (one.startsWith('--') ? one : at(one)))
    const { code, verdicts } = await json(...argv, at('bare.ocmf'))
    expect(verdicts).toMatchObject([{ verdict: 'valid', sessions: [{ keyTrust }] }])
    expect(code).toBe(0)
  })

  it('may be many, and one that speaks of no meter is named', async () => {
    const { code, verdicts } = await json('--key', at('keys/other.pem'), '--key', at('keys/publicKey.pem'), at('bare.ocmf'))
    expect(verdicts).toMatchObject([{ verdict: 'valid', inputs: [{}, { name: at('keys/other.pem'), fault: { code: 'key-unused' } }, {}] }])
    expect(code).toBe(2)
  })

  it('that are missing are named', async () => {
    const { code, verdicts } = await json('--trust', at('nowhere'), '--key', at('nothing.pem'), at('valid.xml'))
    expect(verdicts[0]?.inputs.map(({ fault }) => fault?.code)).toEqual([undefined, 'input-missing', 'input-missing'])
    expect(code).toBe(2)
  })
})

describe('standard input', () => {
  it('is read for -, once', async () => {
    const { code, out } = await run(['--json', '-', '-'], { stdin: FILES['valid.xml'] })
    expect(code).toBe(0)
    expect(JSON.parse(out).inputs).toMatchObject([{ name: '-' }])
  })
})

describe('the text for people', () => {
  it('is in their language', async () => {
    expect((await run([at('valid.xml')])).out).toContain('The meter values are genuine')
    expect((await run(['--lang', 'de', at('valid.xml')])).out).toMatch(/^GÜLTIG {2}Die Messwerte sind echt/)
    const bad = (await run(['--lang', 'de', at('invalid.xml'), at('absent.xml')])).out
    expect(bad).toMatch(/^UNGÜLTIG /)
    expect(bad).not.toMatch(/\b(VALID|INVALID|INCOMPLETE|UNPROVEN|UNREADABLE)\b/)
  })

  it('tells what a signed tariff makes of it', async () => {
    const { out } = await run(['-', at('publicKey.pem')], { stdin: ocmfText(payload({ TT: '001;EUR;250;79;15;1' })) })
    expect(out).toContain('19.65 EUR (1964.500 / 100; 001;EUR;250;79;15;1)')
    expect((await run([at('valid.xml')])).out).not.toContain('EUR')
  })

  it('tells energy, meter and what is wrong', async () => {
    const good = (await run([at('valid.xml')])).out
    expect(good).toContain('10.500 kWh')
    expect(good).toContain(METER)
    const bad = (await run([at('invalid.xml'), at('absent.xml')])).out
    expect(bad).toContain('INVALID')
    expect(bad).toContain('[signature-invalid')
    expect(bad).toContain('There is no such file, or it cannot be read.')
    expect(bad).not.toContain('10.501')
  })

  it('has colour on a terminal only, and no other escape anywhere', async () => {
    const csi = '\u001b'
    expect((await run([at('valid.xml')])).out).not.toContain(csi)
    expect((await run([at('valid.xml')], { terminal: true })).out).toContain(`${csi}[32mVALID`)
    const { out } = await run([at('evil.xml')])
    expect(out).toContain('\ufffd[2J\ufffdgreen')
    expect(out).not.toContain(csi)
  })
})

describe('--pdf', () => {
  it('writes a report that verifies again, from files and from standard input', async () => {
    for (const [paths, options] of [
      [[at('valid.xml')], {}],
      [['-'], { stdin: FILES['valid.xml'] }],
    ] as const) {
      expect((await run(['--pdf', at('report.pdf'), ...paths], options)).code).toBe(0)
      const { verdicts } = await json(at('report.pdf'))
      expect(verdicts[0]?.sessions).toMatchObject([{ verdict: 'valid' }])
    }
  })

  it('is of one question, and says where it cannot be written', async () => {
    expect((await run(['--pdf', at('report.pdf'), '--each', at('valid.xml')])).code).toBe(64)
    await expect(run(['--pdf', at('none/report.pdf'), at('valid.xml')])).rejects.toMatchObject({ code: 'store-failed' })
  })
})

describe('verifyCommand', () => {
  it('adds the command', () => {
    const program = new Command('chargeproof')
    verifyCommand(program)
    expect(program.commands.map((command) => command.name())).toEqual(['verify'])
  })
})
