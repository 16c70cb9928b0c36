import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { JudgePool } from '../../src/adapters/judge-pool.ts'
import { buildVerifyDoor } from '../../src/adapters/verify-door.ts'
import { hexKeyOf, ocmfText, payload, SIGNER, safeXml } from '../../tools/transparency-vectors/maker.ts'

const RECORD = safeXml([{ data: ocmfText(payload()), key: hexKeyOf(SIGNER) }])
const FORGED = safeXml([{ data: ocmfText(payload()).replace('20.500', '20.501'), key: hexKeyOf(SIGNER) }])
const KEY = 'the-key-of-a-workshop'
const WORKSHOP = {
  ...{ name: 'workshop', sha256: createHash('sha256').update(KEY).digest('hex') },
  ...{ requestsPerMinute: 3, mebibytesPerDay: 1, atOnce: 2 },
}
const EVERYBODY = { requestsPerMinute: 1000, mebibytesPerDay: 1000, atOnce: 16 }

const judges = new JudgePool({ threads: 1 })
afterAll(() => judges.close())

const doors: FastifyInstance[] = []
afterEach(() => Promise.all(doors.splice(0).map((door) => door.close())))

let time = 0
const door = (keys = [] as (typeof WORKSHOP)[], everybody = EVERYBODY) => {
  const made = buildVerifyDoor({ judges, quotas: { keys, everybody, now: () => time } })
  doors.push(made)
  return made
}
const BYTES = { 'content-type': 'application/octet-stream' }
const ask = (to: FastifyInstance, url: string, body: string | Readable, headers: Record<string, string> = {}) =>
  to.inject({ method: 'POST', url: `/api/v1${url}`, payload: body, headers: { ...BYTES, ...headers } })
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

describe('the verdict', () => {
  it('is the same as everywhere, for a right and for a forged record', async () => {
    const own = door()
    expect((await ask(own, '/verify?name=a.xml', RECORD)).json()).toMatchObject({ verdict: 'valid', inputs: [{ name: 'a.xml' }] })
    expect((await ask(own, '/verify', FORGED)).json()).toMatchObject({ verdict: 'invalid' })
    expect((await own.inject('/metrics')).body).toContain('chargeproof_judged_total{verdict="invalid"} 1')
  })

  it('of nothing is refused', async () => {
    expect((await ask(door(), '/verify', '')).json()).toMatchObject({ code: 'request-invalid' })
  })
})

describe('convert', () => {
  it.each(['values', 'sessions'])('makes rows of %s, as JSON and for a spreadsheet', async (what) => {
    const own = door()
    const rows = (await ask(own, `/convert?to=${what}.json`, RECORD)).json()
    expect(rows[0]).toMatchObject({ verdict: 'valid', keyTrust: 'embedded' })
    const csv = await ask(own, `/convert?to=${what}.csv`, RECORD)
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(csv.body.split('\r\n')).toHaveLength(rows.length + 2)
  })

  it('says of a forged record that it is', async () => {
    const rows = (await ask(door(), '/convert?to=values.json', FORGED)).json()
    expect(rows[0]).toMatchObject({ verdict: 'invalid', signature: 'invalid' })
  })

  it('makes a report that verifies again', async () => {
    const own = door()
    const report = await ask(own, '/convert?to=report.pdf&lang=de&name=a.xml', RECORD)
    expect(report.headers['content-type']).toBe('application/pdf')
    const again = await own.inject({ method: 'POST', url: '/api/v1/verify?name=report.pdf', payload: report.rawPayload, headers: BYTES })
    expect(again.json().sessions).toMatchObject([{ verdict: 'valid' }])
  })

  it('knows no other shape', async () => {
    expect((await ask(door(), '/convert?to=docx', RECORD)).json()).toEqual({
      code: 'request-invalid',
      detail: 'querystring/to must be one of values.csv, values.json, sessions.csv, sessions.json, report.pdf',
    })
    expect((await ask(door(), '/convert?to=report.pdf&lang=fr', RECORD)).json()).toMatchObject({
      detail: 'querystring/lang must be one of de, en',
    })
  })
})

const LINES = { 'content-type': 'application/x-ndjson' }
const line = (question: unknown): string => `${JSON.stringify(question)}\n`
const answersOf = (body: string) =>
  body
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))

describe('a set of questions', () => {
  it('is answered line by line, in its order, and a broken line stands alone', async () => {
    const base64 = Buffer.from(FORGED).toString('base64')
    const body = [
      line({ id: 'a', files: [{ name: 'a.xml', text: RECORD }] }),
      'no JSON\n\n',
      line({ id: 'c', files: [{ name: 'c.xml', base64 }] }),
      line({ id: 'd', files: [{ name: 'd.xml', base64: '*' }] }),
      line({ id: 'e', files: [{ name: 'e.xml' }] }),
      line({ id: 'f' }),
      line({ id: 'g'.repeat(201), files: [] }),
      line({ files: [{ name: 'g.xml', text: RECORD }] }).trim(),
    ].join('')
    const answers = answersOf((await ask(door(), '/verify/each', body, LINES)).body)
    expect(answers.map(({ id, verdict, fault }) => [id, verdict?.verdict ?? fault.code])).toEqual([
      ['a', 'valid'],
      [undefined, 'json-malformed'],
      ['c', 'invalid'],
      ['d', 'bytes-malformed'],
      ['e', 'payload-invalid'],
      ['f', 'payload-invalid'],
      [undefined, 'payload-invalid'],
      [undefined, 'valid'],
    ])
  })

  it('without end is told while it comes', async () => {
    const own = door()
    const url = await own.listen({ port: 0, host: '127.0.0.1' })
    let sent = 0
    let told = 0
    const heard = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        // the ninth question is asked when the first is answered
        if (sent === 8) await heard.promise
        if (sent++ === 12) controller.close()
        else controller.enqueue(new TextEncoder().encode(line({ id: `${sent}`, files: [{ name: 'a.xml', text: RECORD }] })))
      },
    })
    const response = await fetch(`${url}/api/v1/verify/each`, { method: 'POST', headers: LINES, body, duplex: 'half' } as RequestInit)
    for await (const chunk of response.body ?? []) {
      told += new TextDecoder().decode(chunk as Uint8Array).split('\n').length - 1
      heard.resolve()
    }
    expect(told).toBe(12)
  })

  it('ends with a word at a line that is too long', async () => {
    const half = Buffer.alloc(5 * 1024 * 1024, 0x61)
    const body = Readable.from([line({ id: 'a', files: [{ name: 'a.xml', text: RECORD }] }), half, half].map((part) => Buffer.from(part)))
    const answers = answersOf((await ask(door(), '/verify/each', body, LINES)).body)
    expect(answers).toMatchObject([{ id: 'a', verdict: { verdict: 'valid' } }, { fault: { code: 'too-large' } }])
  })
})

describe('an address', () => {
  it('that is asked in another way says which it takes; one that is none says so', async () => {
    const detail = async (method: 'GET' | 'PUT', url: string) => (await door().inject({ method, url })).json().detail
    expect(await detail('GET', '/api/v1/verify?name=a.xml')).toBe('this address takes POST alone')
    expect(await detail('PUT', '/api/openapi.json')).toBe('this address takes GET alone')
    expect(await detail('GET', '/api/v1/verified')).toBe('there is nothing at this address')
  })
})

describe('a body of another type', () => {
  it('is refused with the type that is wanted', async () => {
    const refused = async (url: string, type: string) => (await ask(door(), url, RECORD, { 'content-type': type })).json()
    for (const type of ['text/plain', 'application/json', 'none'])
      expect(await refused('/verify/each', type)).toEqual({
        code: 'request-invalid',
        detail: 'the content type must be application/x-ndjson',
      })
    expect(await refused('/verify', 'none')).toMatchObject({ detail: 'the content type is malformed (RFC 9110 §8.3.1)' })
    expect(await refused('/verify', 'image/png')).toMatchObject({ verdict: 'valid' })
  })
})

describe('who may ask', () => {
  it('shows a key where there are keys', async () => {
    const own = door([WORKSHOP])
    expect((await ask(own, '/verify', RECORD)).statusCode).toBe(401)
    expect((await ask(own, '/verify', RECORD, bearer('another'))).statusCode).toBe(401)
    expect((await ask(own, '/verify', RECORD, bearer(WORKSHOP.sha256))).statusCode).toBe(401)
    expect((await ask(own, '/verify', RECORD, bearer(KEY))).statusCode).toBe(200)
    expect((await own.inject('/healthz')).statusCode).toBe(200)
    expect((await own.inject('/api/v1/elsewhere')).statusCode).toBe(401)
  })

  it('waits when the requests of the minute are used up, and is told how long', async () => {
    time = 0
    const own = door([WORKSHOP])
    for (let i = 0; i < 3; i++) expect((await ask(own, '/verify', RECORD, bearer(KEY))).statusCode).toBe(200)
    const refused = await ask(own, '/verify', RECORD, bearer(KEY))
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '20'])
    time = 20_000
    expect((await ask(own, '/verify', RECORD, bearer(KEY))).statusCode).toBe(200)
  })

  it('waits for the next day when the bytes are used up, announced or not', async () => {
    time = 0
    const own = door([{ ...WORKSHOP, requestsPerMinute: 1000 }])
    const large = Buffer.alloc(700 * 1024, 0x20).toString()
    expect((await ask(own, '/verify', large, bearer(KEY))).statusCode).toBe(200)
    expect((await ask(own, '/verify', large, bearer(KEY))).statusCode).toBe(429)
    time = 86_400_000
    const unannounced = Readable.from([Buffer.from(large), Buffer.from(large)])
    const answers = answersOf((await ask(own, '/verify/each', unannounced, { ...LINES, ...bearer(KEY) })).body)
    expect(answers.at(-1)).toMatchObject({ fault: { code: 'too-many-requests' } })
  })

  it('asks a few at once', async () => {
    time = 0
    const own = door([], { ...EVERYBODY, atOnce: 2 })
    const answers = await Promise.all([1, 2, 3].map(() => ask(own, '/verify', RECORD)))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 429])
    expect((await ask(own, '/verify', RECORD)).statusCode).toBe(200)
  })
})

describe('the description', () => {
  it('names every address, and what must be given', async () => {
    const { paths } = (await door().inject('/api/openapi.json')).json()
    const { parameters } = paths['/api/v1/convert'].post
    expect(parameters.filter(({ required }: { required: boolean }) => required).map(({ name }: { name: string }) => name)).toEqual(['to'])
    expect(Object.keys(paths).sort()).toEqual([
      ...['/api/openapi.json', '/api/v1/convert', '/api/v1/verify', '/api/v1/verify/each', '/healthz', '/metrics'],
    ])
  })
})
