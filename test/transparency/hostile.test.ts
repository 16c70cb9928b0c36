// What is made to hurt: each ends in a structured answer, in time and in bounds, and no request goes anywhere.
import { createServer } from 'node:http'
import { gzipSync, zipSync } from 'fflate'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { concat, utf8 } from '../../src/base/bytes.ts'
import { tarOf } from '../../tools/transparency-vectors/archives.ts'
import { bzip2Bomb } from '../../tools/transparency-vectors/bzip2.ts'
import { ocmfText, payload } from '../../tools/transparency-vectors/maker.ts'
import { ask, faults, PEM, receipt } from './support.ts'

const MEGABYTE = 1_000_000
const now = { now: () => performance.now() }

/** 300 MiB of zeros in some 300 kB. */
const gzBomb = (): Uint8Array => {
  const part = gzipSync(new Uint8Array(30 * 1_048_576), { mtime: 0 })
  return concat(...Array<Uint8Array>(10).fill(part))
}

const zipOf = (members: Record<string, Uint8Array>): Uint8Array => zipSync(members, { mtime: '2026-03-01T00:00:00' })
const nested = (levels: number, inside: Uint8Array): Uint8Array =>
  levels === 0 ? inside : nested(levels - 1, gzipSync(inside, { mtime: 0 }))

describe('a bomb', () => {
  it.each([
    ['gzip', 'bomb.gz', gzBomb(), 'bomb.gz'],
    ['zip of zips', 'bomb.zip', zipOf({ 'a.zip': zipOf({ 'b.bin': new Uint8Array(20 * MEGABYTE) }) }), 'bomb.zip/a.zip'],
    ['bzip2', 'bomb.bz2', bzip2Bomb(300), 'bomb.bz2'],
    ['archives in archives', 'deep.gz', nested(6, utf8('x')), 'deep.gz/deep/content/content/content'],
  ])('of %s is stopped', async (_, name, bytes, place) => {
    const started = performance.now()
    const verdict = await ask({ [name]: bytes }, now)
    expect(verdict.verdict).toBe('unreadable')
    expect(faults(verdict)).toEqual([`${place} limit-exceeded`])
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('is stopped over all archives together', async () => {
    // each is within the ratio; all together unpack to more than 64 MiB
    const noise = new Uint8Array(8 * 1_048_576).map((_, i) => (i * 2654435761) >>> 13)
    const archive = tarOf([{ name: 'noise', content: noise }])
    const verdict = await ask(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}.tar`, archive])), now)
    expect(faults(verdict).filter((each) => each.endsWith('limit-exceeded')).length).toBeGreaterThanOrEqual(2)
  })

  it('of entries is stopped at a thousand', async () => {
    const many = tarOf(Array.from({ length: 1200 }, (_, i) => ({ name: `${i}`, content: utf8('x') })))
    const verdict = await ask({ 'many.tar': many })
    expect(verdict.inputs).toHaveLength(1001)
    expect(verdict.inputs[0]?.fault?.code).toBe('limit-exceeded')
  })
})

const context = '{"@context":"https://open.charging.cloud/contexts/publicKey+json","value":'

describe('a hostile text', () => {
  it.each([
    ['JSON a million deep', `${'['.repeat(MEGABYTE)}`],
    ['a key document a million deep', `${context}${'['.repeat(MEGABYTE / 2)}`],
    ['OCMF a million deep', `OCMF|${'{"a":'.repeat(MEGABYTE)}`],
    ['XML a million deep', `<values>${'<a>'.repeat(MEGABYTE)}`],
    ['a line of 20 MB', 'a'.repeat(20 * MEGABYTE)],
    ['OCMF of 20 MB', `OCMF|{"a":"${'a'.repeat(20 * MEGABYTE)}"}|{"SA":"","SD":""}`],
    ['SAFE XML of 20 MB', `<values><value><signedData>${'a'.repeat(20 * MEGABYTE)}</signedData></value></values>`],
    ['only bars', '|'.repeat(5 * MEGABYTE)],
    ['only numbers of objects', `%PDF-1.7\n${'1 0 obj ('.repeat(MEGABYTE)}`],
    ['entities', '<!DOCTYPE v [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><values>&b;</values>'],
    ['an outer entity', '<!DOCTYPE v [<!ENTITY a SYSTEM "file:///etc/passwd">]><values>&a;</values>'],
    ['nothing', ''],
    ['a zero', '\0'],
    ['only blanks', ' \n'.repeat(MEGABYTE)],
    ['prototypes', '{"__proto__":{"format":"ptb","publicKeys":[]},"constructor":{"publicKeys":[{"value":"x"}]}}'],
  ])('%s gets an answer', async (_, text) => {
    const started = process.cpuUsage()
    const verdict = await ask({ x: text }, now)
    expect(verdict.verdict).toMatch(/unreadable|invalid/)
    // named where it could not be read, or read and refused
    expect(verdict.sessions.length > 0 || verdict.inputs.some(({ fault }) => fault !== undefined)).toBe(true)
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1000).toBeLessThan(5000)
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('of more than an input may have is refused whole', async () => {
    expect(faults(await ask({ x: 'a'.repeat(25_165_825) }))).toEqual(['x limit-exceeded'])
  })

  it('in UTF-16 is read, or said to be none', async () => {
    const utf16 = (text: string): Uint8Array => concat(Uint8Array.of(0xff, 0xfe), new Uint8Array(Buffer.from(text, 'utf16le')))
    expect((await ask({ 'r.xml': utf16(receipt([ocmfText(payload())]).replace('UTF-8', 'UTF-16')) })).verdict).toBe('valid')
    expect((await ask({ x: concat(Uint8Array.of(0xff, 0xfe, 0x00), utf8('odd')) })).verdict).toBe('unreadable')
  })

  const time = async (text: string): Promise<number> => {
    const started = performance.now()
    await ask({ x: text })
    return performance.now() - started
  }

  it.each([
    ['records', (n: number) => 'OCMF|{}|{}\n'.repeat(n)],
    ['braces', (n: number) => `OCMF|${'{'.repeat(n)}`],
    ['values', (n: number) => `<values>${'<value/>'.repeat(n)}</values>`],
    ['blanks and hashes', (n: number) => '#  \n'.repeat(n)],
    ['beginnings of PEM', (n: number) => `-----BEGIN A-----\n`.repeat(Math.min(n, 3500))],
    ['beginnings of objects', (n: number) => `%PDF-1.4\n${'1 0 obj << /A [ '.repeat(n)}`],
    ['steps of a path', (n: number) => `<svg viewBox="0 0 9 9"><path d="${'M1 1h1v1z'.repeat(n)}"/></svg>`],
  ])('of many %s takes time in proportion', async (_, made) => {
    const size = 10_000
    await time(made(size))
    const [one, four] = [await time(made(size)), await time(made(4 * size))]
    // four times as much may take four times as long, and the machine may be busy; sixteen times is a square
    expect(four).toBeLessThan(Math.max(10 * one, 400))
  })
})

describe('the world', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('hears nothing, whatever an input asks for', async () => {
    let requests = 0
    const server = createServer((_, answer) => {
      requests++
      answer.end('OCMF|')
    })
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/x`
    const fetched = vi.spyOn(globalThis, 'fetch')
    const verdict = await ask({
      'link.txt': url,
      'a.xml': `<!DOCTYPE v SYSTEM "${url}"><values/>`,
      'b.xml': `<?xml-stylesheet href="${url}"?><values xmlns="${url}"><value><signedData>${url}</signedData></value></values>`,
      'c.svg': `<svg viewBox="0 0 9 9"><image href="${url}" width="9" height="9"/></svg>`,
      'd.json': `{"@context":"${url}/publicKey+json","value":"${url}"}`,
      'e.pdf': `%PDF-1.7\n1 0 obj << /OpenAction << /S /URI /URI (${url}) >> /EF << /F (${url}) >> >> endobj\n%%EOF`,
      'publicKey.pem': PEM,
    })
    await new Promise((closed) => server.close(closed))
    expect([requests, fetched.mock.calls.length]).toEqual([0, 0])
    expect(verdict.inputs.find(({ name }) => name === 'link.txt')).toEqual({ name: 'link.txt', kind: 'link', format: 'url' })
  })
})
