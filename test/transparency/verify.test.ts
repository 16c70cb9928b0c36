// The verifier as a whole: what it answers to anything at all, and what it never believes.
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/bytes.ts'
import { Fault } from '../../src/base/fault.ts'
import { type Verdict, verify } from '../../src/transparency/index.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, payload, SIGNER } from '../../tools/transparency-vectors/maker.ts'
import { vectorSigner } from '../../tools/transparency-vectors/signer.ts'
import { ask, askAbout, ENGINE, faults, findings, PEM, receipt } from './support.ts'

const own = ocmfText(payload())

describe('the verdict', () => {
  it('is the worst of its sessions', async () => {
    const [good, torn, alone] = [own, own.replace('20.500', '20.501'), ocmfText(beginRecord({ MS: 'CPM-0003', GS: 'CPG-0003' }))]
    expect((await askAbout(good)).verdict).toBe('valid')
    expect((await askAbout(good, alone)).verdict).toBe('incomplete')
    expect((await askAbout(good.replace('CPM-0001', 'CPM-0009'), alone)).verdict).toBe('invalid')
    expect((await askAbout(good, alone, torn)).verdict).toBe('invalid')
    expect(
      (
        await ask({
          'r.xml': receipt([own, ocmfText(payload({ PG: 'T5' }), { algorithm: 'EdDSA-Ed25519', section: { SM: 'application/x-der' } })]),
        })
      ).verdict,
    ).toBe('unproven')
    expect((await ask({})).verdict).toBe('unreadable')
  })

  it('is unreadable where there is no session', async () => {
    expect(await ask({ 'publicKey.pem': PEM })).toMatchObject({ verdict: 'unreadable', sessions: [] })
    expect(await ask({ 'a.txt': 'hello', 'b.bin': Uint8Array.of(0xff, 0, 1), 'c.txt': '' })).toEqual({
      verdict: 'unreadable',
      inputs: [
        { name: 'a.txt', kind: 'unknown', fault: { code: 'input-unknown', detail: 'no known format begins like this' } },
        { name: 'b.bin', kind: 'unknown', fault: { code: 'input-unknown', detail: 'neither text nor a known container' } },
        { name: 'c.txt', kind: 'unknown', fault: { code: 'input-unknown', detail: 'it is empty' } },
      ],
      sessions: [],
    })
  })

  it('is told with begin, end, energy and evidence', async () => {
    const { sessions } = await askAbout(ocmfText(endRecord()), ocmfText(beginRecord()))
    expect(sessions).toMatchObject([
      {
        id: 'session-1',
        begin: '2026-03-01T08:00:00.000+01:00',
        end: '2026-03-01T09:00:00.000+01:00',
        energyWh: '10500',
        records: [
          { id: 'record-2', input: 'records.ocmf', format: 'ocmf', values: [{ obis: '1-0:1.8.0', value: '10.000', unit: 'kWh' }] },
          { id: 'record-1', evidence: { signedPart: 'braces', publicKey: hexKeyOf(SIGNER) } },
        ],
      },
    ])
  })

  it('gives no energy to what is invalid', async () => {
    const { sessions } = await askAbout(own.replace('20.500', '90.500'))
    expect(sessions[0]).not.toHaveProperty('energyWh')
  })

  it('is JSON and nothing else', async () => {
    const verdict = await askAbout(own, 'junk')
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict)
  })

  it('is the same for the same question', async () => {
    expect(await askAbout(own)).toEqual(await askAbout(own))
  })
})

describe('nothing is believed', () => {
  it.each([
    '{"@context":"https://open.charging.cloud/contexts/CTR+json","chargingSessions":[{"verificationResult":{"status":"ValidSignature"}}]}',
    '{"verdict":"valid","sessions":[{"verdict":"valid"}]}',
    '<values><value><verdict>valid</verdict></value></values>',
  ])('that says it is valid: %s', async (text) => {
    expect((await ask({ 'forged.json': text })).verdict).toBe('unreadable')
  })

  it('of what a record says about its signature', async () => {
    const forged = ocmfText(payload({ status: 'ValidSignature', verificationResult: { status: 'ValidSignature' } }), {
      section: { SD: undefined, status: 'valid' },
    })
    expect(await ask({ 'r.xml': receipt([forged]) })).toMatchObject({
      verdict: 'unproven',
      sessions: [{ records: [{ signature: { state: 'absent' } }] }],
    })
  })

  it('under names that reach for prototypes', async () => {
    const fields = { ...payload(), ...JSON.parse('{"__proto__":{"polluted":1},"constructor":"x","toString":"y"}') }
    const verdict = await ask({ __proto__x: receipt([ocmfText(fields)]) })
    expect(verdict.verdict).toBe('valid')
    expect('polluted' in {}).toBe(false)
  })
})

describe('nothing is lost', () => {
  it('of an archive in an archive', async () => {
    const inner = zipSync({ 'r.ocmf': utf8(own), 'note.txt': utf8('hello') })
    const verdict = await ask({ 'o.zip': zipSync({ 'i.zip': inner, 'publicKey.pem': utf8(PEM) }) })
    expect(verdict.verdict).toBe('valid')
    expect(verdict.inputs.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'o.zip container',
      'o.zip/i.zip container',
      'o.zip/i.zip/r.ocmf record',
      'o.zip/i.zip/note.txt unknown',
      'o.zip/publicKey.pem key',
    ])
    expect(faults(verdict)).toEqual(['o.zip/i.zip/note.txt input-unknown'])
  })

  it('of a file with broken pieces', async () => {
    expect(faults(await askAbout(own, 'junk', ocmfText(payload({ PG: 'T2' }))))).toEqual(['records.ocmf#2 input-unknown'])
    expect(faults(await ask({ 'r.xml': receipt([own, 'OCMF|{', 'nothing']) }))).toEqual([
      'r.xml/value[2] record-malformed',
      'r.xml/value[3] input-unknown',
    ])
  })

  it('that could not be fetched', async () => {
    const gone = { name: 'gone.xml', bytes: () => Promise.reject(new Fault('input-missing', 'there is no such file')) }
    const verdict = await verify([gone], { engine: ENGINE })
    expect(verdict.inputs).toEqual([
      { name: 'gone.xml', kind: 'unknown', fault: { code: 'input-missing', detail: 'there is no such file' } },
    ])
  })
})

describe('the limits', () => {
  const nested = (depth: number, content: Uint8Array): Uint8Array =>
    depth === 0 ? content : nested(depth - 1, zipSync({ 'x.zip': content }))

  it('of nesting', async () => {
    const four = await ask({ 'a.zip': nested(4, utf8(own)), 'publicKey.pem': PEM })
    expect(four.verdict).toBe('valid')
    const five = await ask({ 'a.zip': nested(5, utf8(own)) })
    expect(five.verdict).toBe('unreadable')
    expect(faults(five)).toEqual(['a.zip/x.zip/x.zip/x.zip/x.zip limit-exceeded'])
  })

  it('of what comes out of archives, together', async () => {
    const archive = () => zipSync({ 'a.txt': [utf8('x'.repeat(600)), { level: 0 }] })
    const verdict = await ask({ 'a.zip': archive(), 'b.zip': archive() }, { limits: { unpackedBytes: 1000 } })
    expect(faults(verdict)).toEqual(['a.zip/a.txt input-unknown', 'b.zip limit-exceeded'])
  })

  it('of one input and of the number of records', async () => {
    expect(faults(await ask({ 'a.txt': 'x'.repeat(11) }, { limits: { inputBytes: 10 } }))).toEqual(['a.txt limit-exceeded'])
    const three = [1, 2, 3].map((number) => ocmfText(payload({ PG: `T${number}` }))).join('\n')
    const verdict = await ask({ 'r.ocmf': three, 'publicKey.pem': PEM }, { limits: { records: 2 } })
    expect(verdict.sessions).toHaveLength(2)
    expect(faults(verdict)).toEqual(['r.ocmf limit-exceeded'])
  })

  it('of time: what was judged is told, the rest is named', async () => {
    const files = Object.fromEntries([1, 2, 3, 4].map((number) => [`${number}.ocmf`, ocmfText(payload({ PG: `T${number}` }))]))
    let time = 0
    const judged = (milliseconds: number): Promise<Verdict> => {
      time = 0
      return ask({ ...files, 'publicKey.pem': PEM }, { now: () => time++, limits: { milliseconds } })
    }
    const counts = new Set<number>()
    for (let milliseconds = 1; milliseconds < 40; milliseconds++) {
      const { sessions, inputs } = await judged(milliseconds)
      counts.add(sessions.length)
      expect(sessions.filter(({ verdict }) => verdict !== 'valid')).toEqual([])
      const late = inputs.filter(({ name, fault }) => name.endsWith('.ocmf') && fault?.code === 'limit-exceeded')
      expect(late.length + sessions.length).toBe(4)
    }
    expect([...counts]).toEqual([0, 1, 2, 3, 4])
  })

  it('of evidence: above a thousand records there is none', async () => {
    const unsigned = (number: number): string => `OCMF|${JSON.stringify(payload({ PG: `T${number}`, RD: [] }))}|{}`
    const records = (count: number) => Array.from({ length: count }, (_, i) => unsigned(2 * i)).join('\n')
    const evidence = async (count: number) => (await ask({ 'r.ocmf': records(count) })).sessions[0]?.records[0]?.evidence
    expect(await evidence(1000)).toBeDefined()
    expect(await evidence(1001)).toBeUndefined()
  })

  it.each([
    ['one line of 50 MB', () => `OCMF|{"A":"${'x'.repeat(50_000_000)}"}|{}`, 'limit-exceeded'],
    ['20 MB of braces', () => `OCMF|${'{"a":'.repeat(4_000_000)}`, 'limit-exceeded'],
    ['a million levels', () => `OCMF|{"a":${'['.repeat(1_000_000)}`, 'limit-exceeded'],
    ['20 MB of bars', () => 'OCMF|'.repeat(4_000_000), 'record-malformed'],
    ['XML without an end', () => '<values>'.repeat(1_000_000), 'limit-exceeded'],
    ['20 MB of XML text', () => `<values>${'x'.repeat(20_000_000)}`, 'record-malformed'],
    ['20 MB of blanks', () => `OCMF|${' '.repeat(20_000_000)}`, 'record-malformed'],
    ['20 MB of dashes after a PEM header', () => `-----BEGIN PUBLIC KEY-----${'-'.repeat(20_000_000)}`, 'input-unknown'],
    ['hex without an end', () => 'ab'.repeat(10_000_000), 'input-unknown'],
  ])('hold for %s', async (_, make, code) => {
    const bytes = utf8(make())
    const started = performance.now()
    const verdict = await verify([{ name: 'x', bytes }], { engine: ENGINE, now: () => performance.now() })
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(verdict.verdict).toBe('unreadable')
    expect(verdict.inputs.map(({ fault }) => fault?.code)).toContain(code)
  })
})

describe('an archive without anything in it', () => {
  it.each([
    ['zip', zipSync({})],
    ['tar', new Uint8Array(1024)],
  ])('is named as what could not be used: %s', async (_, bytes) => {
    const { inputs, verdict } = await ask({ 'month.bin': bytes, 'r.ocmf': own, 'publicKey.pem': PEM })
    expect(verdict).toBe('valid')
    expect(inputs.find(({ name }) => name === 'month.bin')?.fault?.code).toBe('input-unknown')
  })
})

describe('texts of other worlds', () => {
  it.each([
    ['UTF-16', Buffer.from(`\ufeff${own}`, 'utf16le')],
    ['a byte order mark', utf8(`\ufeff${own}`)],
    ['line ends of Windows', utf8(`\r\n${own}\r\n`)],
  ])('are read: %s', async (_, bytes) => {
    expect((await ask({ 'r.ocmf': bytes, 'publicKey.pem': PEM })).verdict).toBe('valid')
  })
})

describe('what a signature checker lets pass', () => {
  it('is found: a series that is altered, hidden behind one that is not', async () => {
    const verdict = await askAbout(own.replace('20.500', '99.500'), ocmfText(payload({ PG: 'T2' })))
    expect(verdict.sessions.map(({ verdict }) => verdict)).toEqual(['invalid', 'valid'])
    expect(verdict.verdict).toBe('invalid')
  })

  it('is found: a key that belongs to another meter of the same number', async () => {
    const stranger = vectorSigner('secp256r1', 'stranger')
    const verdict = await ask({
      'a.xml': receipt([ocmfText(beginRecord())]),
      'b.xml': receipt([ocmfText(endRecord(), { signer: stranger })], hexKeyOf(stranger)),
    })
    expect(verdict.sessions.map(findings)).toEqual([['source-mismatch:fail']])
  })
})
