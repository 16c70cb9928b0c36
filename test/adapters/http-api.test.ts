import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { buildHttpApi, type HttpApiOptions } from '../../src/adapters/http-api.ts'
import type { CallOrder, Management, ManagementEvent, VerifyInput } from '../../src/adapters/management.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import type { Verdict } from '../../src/transparency/verdict.ts'

const TOKEN = 'a-token-of-this-test'
const AT = '2026-05-01T10:00:00Z'
const TRANSACTION = { id: 'tx1', stationId: 'CS1', state: 'ended', startedAt: AT, endedAt: AT, energyWh: '1234.5', signed: true } as const

const KEY = {
  ...{ node: 'lc1', role: 'local-controller', kid: 'k', purposes: ['message'] },
  ...{ source: 'document' as const, state: 'revoked', reason: 'stolen' },
}

const ROOT = { kid: 'r', number: 1, next: 'n', issued: AT }

/** A node that tells the same every time, and what it was asked. */
class FakeNode implements Management {
  readonly node = { id: 'csms', role: 'csms' }
  readonly orders: CallOrder[] = []
  readonly questions: (readonly VerifyInput[])[] = []
  readonly listeners = new Set<(event: ManagementEvent) => void>()
  isReady = true
  park: NonNullable<Management['park']> = {
    events: () => [{ name: 'cut' }],
    run: async (name) => ({ ok: name === 'cut', message: 'done' }),
  }

  keys() {
    return { root: ROOT, revocations: null, keys: [KEY] }
  }
  keyFacts = () => [{ fact: {}, signatures: [] }]
  async publishKeys(facts: readonly Json[]) {
    if (facts.includes('forged')) throw new Fault('refused', 'no', { rule: 'root-signature' })
    return facts.length
  }

  clock() {
    return { now: '2026-01-01T00:00:00.000Z', state: 'trusted', boundMs: 20, offsetMs: -86_400_000 } as const
  }

  ready() {
    return this.isReady
  }
  nodes() {
    return [{ id: 'lc1', role: 'local-controller', online: true, path: ['gw', 'lc1'] }]
  }
  stations() {
    return [
      { id: 'CS1', protocol: 'ocpp2.1', online: true, vendorName: 'ACME', model: 'One', path: ['gw', 'lc1', 'CS1'], lastSeen: AT },
      { id: 'CS2', protocol: null, online: false, vendorName: null, model: null, path: [], lastSeen: null },
    ]
  }
  links() {
    return [{ node: 'csms', peer: 'gw', kind: 'overlay' as const, up: true, queued: 0, rate: 0.5, sent: 3, received: 4 }]
  }
  routes() {
    return [{ id: 'CS1', role: 'station', online: true, path: ['gw', 'CS1'], lastSeen: AT, via: 'announcement' }]
  }
  async call(order: CallOrder) {
    this.orders.push(order)
    if (order.action === 'Reset') return { status: 'error' as const, code: 'SecurityError', description: 'refused', at: 'lc1' }
    return { status: 'result' as const, payload: { status: 'Accepted' }, path: ['CS1', 'lc1'], signatures: [] }
  }
  transactions(station?: string) {
    return station === undefined || station === 'CS1' ? [TRANSACTION] : []
  }
  transaction(id: string) {
    const values = [{ measurand: 'Energy.Active.Import.Register', value: '1234.5', unit: 'Wh', context: 'Transaction.End' }]
    return id === 'tx1' ? { ...TRANSACTION, meterValues: [{ at: AT, values }] } : undefined
  }
  record(id: string) {
    return id === 'tx1' ? { name: 'tx 1".xml', contentType: 'application/xml', body: '<values/>' } : undefined
  }
  journal(after: number, limit: number) {
    return [1, 2, 3]
      .map((seq) => ({ seq, at: AT, node: 'csms', kind: 'refused', rule: 'r1' }))
      .filter(({ seq }) => seq > after && seq <= after + limit)
  }
  async heads() {
    return [{ head: { node: 'lc1', seq: 4 }, signature: {}, heldBy: 'lc1', held: {} }]
  }
  notes() {
    return [{ seq: 4, at: AT, node: 'lc1', kind: 'order-refused', subject: 'stranger', text: 'Reset: no', rule: 'r1', toldBy: 'lc1' }]
  }
  subscribe(listener: (event: ManagementEvent) => void) {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
  tell(event: ManagementEvent) {
    for (const listener of this.listeners) listener(event)
  }
  async verify(inputs: readonly VerifyInput[]): Promise<string> {
    this.questions.push(inputs)
    if (inputs.some(({ name }) => name === 'bomb.zip')) throw new Fault('limit-exceeded', 'the archive has too many members')
    if (inputs.some(({ name }) => name === 'defect')) throw new Error('secret of the inside')
    const verdict: Verdict = { verdict: 'unreadable', inputs: [], sessions: [] }
    return JSON.stringify(verdict)
  }
  metrics() {
    return '# HELP up\nup 1\n'
  }
}

const apps: FastifyInstance[] = []
const folders: string[] = []
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const build = (options: Partial<HttpApiOptions> = {}) => {
  const node = new FakeNode()
  const app = buildHttpApi({ management: node, token: TOKEN, ...options })
  apps.push(app)
  const ask = (request: InjectOptions) => app.inject({ ...request, headers: { authorization: `Bearer ${TOKEN}`, ...request.headers } })
  return { node, app, ask }
}
const call = (payload: unknown, id = 'CS1'): InjectOptions => ({
  method: 'POST',
  url: `/api/v1/stations/${id}/calls`,
  payload: payload as object,
})

describe('keys', () => {
  const post = (facts: unknown): InjectOptions => ({ method: 'POST', url: '/api/v1/keys', payload: { facts } as object })

  it('are listed with their state, for operators only', async () => {
    const { app, ask } = build()
    expect((await ask({ url: '/api/v1/keys' })).json()).toEqual({ root: ROOT, revocations: null, keys: [KEY] })
    expect((await app.inject({ url: '/api/v1/keys' })).statusCode).toBe(401)
    expect((await ask({ url: '/api/v1/keys/facts' })).json()).toEqual({ facts: [{ fact: {}, signatures: [] }] })
    expect((await app.inject({ url: '/api/v1/keys/facts' })).statusCode).toBe(401)
  })

  it('are brought in, and what is not believed is said by its rule', async () => {
    const { ask } = build()
    expect((await ask(post(['one', 'two']))).json()).toEqual({ believed: 2 })
    const refused = await ask(post(['forged']))
    expect([refused.statusCode, refused.json().detail]).toEqual([400, 'not every fact was believed: root-signature'])
    expect((await ask({ ...post([]), payload: {} })).statusCode).toBe(400)
  })
})

describe('what anybody may see', () => {
  it('health follows readiness', async () => {
    const { node, app } = build()
    const up = await app.inject('/healthz')
    expect([up.statusCode, up.json()]).toEqual([200, { ready: true, node: 'csms', role: 'csms' }])
    node.isReady = false
    expect((await app.inject('/healthz')).statusCode).toBe(503)
  })

  it('metrics are text for Prometheus', async () => {
    const { body, headers } = await build().app.inject('/metrics')
    expect(body).toBe('# HELP up\nup 1\n')
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  it('the OpenAPI document describes every route, and the answers are as it says', async () => {
    const { app, ask } = build()
    const document = (await app.inject('/api/openapi.json')).json()
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths).sort()).toEqual([
      '/api/openapi.json',
      '/api/v1/clock',
      '/api/v1/contents',
      '/api/v1/contents/{id}/chunks/{index}',
      '/api/v1/events',
      '/api/v1/files',
      '/api/v1/firmware/releases',
      '/api/v1/firmware/releases/{id}/file',
      '/api/v1/firmware/roll-outs',
      '/api/v1/firmware/roll-outs/{id}',
      '/api/v1/firmware/roll-outs/{id}/commands',
      '/api/v1/firmware/uploads',
      '/api/v1/journal',
      '/api/v1/journal/heads',
      '/api/v1/journal/told',
      '/api/v1/keys',
      '/api/v1/keys/facts',
      '/api/v1/links',
      '/api/v1/nodes',
      '/api/v1/nodes/{id}/files',
      '/api/v1/nodes/{id}/files/content',
      '/api/v1/park',
      '/api/v1/park/{name}',
      '/api/v1/policy',
      '/api/v1/policy/deliveries',
      '/api/v1/policy/rehearsal',
      '/api/v1/routes',
      '/api/v1/stations',
      '/api/v1/stations/{id}/calls',
      '/api/v1/streams',
      '/api/v1/streams/live',
      '/api/v1/transactions',
      '/api/v1/transactions/{id}',
      '/api/v1/transactions/{id}/record',
      '/api/v1/verify',
      '/healthz',
      '/metrics',
    ])
    const told = document.paths['/api/v1/events'].get.responses[200].content['text/event-stream'].schema
    expect(told.contentSchema.properties.signatures.items.required).toEqual(['state', 'node', 'kid', 'countersigns'])
    expect(document.paths['/healthz'].get.security).toEqual([])
    expect(document.security).toEqual([{ token: [] }])
    expect(Object.keys(document.paths['/api/v1/verify'].post.requestBody.content)).toEqual([
      'application/octet-stream',
      'multipart/form-data',
    ])
    const ajv = new Ajv({ strict: false })
    formats.default(ajv)
    for (const url of [
      'nodes',
      'stations',
      'links',
      'routes',
      'transactions',
      'transactions/tx1',
      'journal',
      'journal/heads',
      'journal/told',
      'keys',
      'park',
    ]) {
      const { schema } = document.paths[`/api/v1/${url.replace('tx1', '{id}')}`].get.responses[200].content['application/json']
      const answer = (await ask({ url: `/api/v1/${url}` })).json()
      expect(ajv.validate(schema, answer), `${url}: ${ajv.errorsText()}`).toBe(true)
      expect(ajv.validate(schema, [{ id: 5 }, 7])).toBe(url === 'park')
    }
  })
})

describe('the token', () => {
  it.each([[undefined], ['Bearer'], ['Bearer wrong'], [`Bearer ${TOKEN}x`], [`Basic ${TOKEN}`], [TOKEN]])(
    'refuses %s',
    async (authorization) => {
      const { app } = build()
      for (const url of ['/api/v1/nodes', '/api/v1/events', '/api/v1/nothing-here']) {
        const answer = await app.inject({ url, headers: authorization === undefined ? {} : { authorization } })
        expect([answer.statusCode, answer.json().code, answer.headers['www-authenticate']]).toEqual([401, 'unauthorized', 'Bearer'])
      }
    },
  )

  it('is asked for before the body is read', async () => {
    const { app, node } = build()
    expect((await app.inject({ ...call('{'), headers: { 'content-type': 'application/json' } })).statusCode).toBe(401)
    expect((await app.inject({ method: 'POST', url: '/api/v1/verify', payload: 'x' })).statusCode).toBe(401)
    expect(node.questions).toEqual([])
  })

  it('may be wrong ten times in a row, then once a second; others are not held up', async () => {
    let now = 0
    const { app, ask } = build({ now: () => now })
    const guess = async (authorization = 'Bearer wrong') =>
      (await app.inject({ url: '/api/v1/nodes', headers: { authorization } })).statusCode
    for (let i = 0; i < 10; i++) expect(await guess()).toBe(401)
    expect(await guess()).toBe(429)
    expect(await guess(`Bearer ${TOKEN}`)).toBe(429)
    expect((await ask({ url: '/api/v1/nodes', remoteAddress: '192.0.2.7' })).statusCode).toBe(200)
    now = 1000
    expect(await guess()).toBe(401)
    expect(await guess()).toBe(429)
    now = 2000
    expect(await guess(`Bearer ${TOKEN}`)).toBe(200)
  })
})

describe('the host', () => {
  it.each(['127.0.0.1:8080', 'localhost', 'LOCALHOST:1', '[::1]:8080', 'csms.example:443'])('%s is ours', async (host) => {
    expect((await build({ hosts: ['csms.example'] }).app.inject({ url: '/healthz', headers: { host } })).statusCode).toBe(200)
  })

  it.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:8080', '.', '[::2]'])('"%s" is not', async (host) => {
    const { ask } = build({ hosts: ['csms.example'] })
    for (const url of ['/healthz', '/api/v1/nodes', '/nothing'])
      expect((await ask({ url, headers: { host } })).json().code).toBe('host-refused')
  })
})

describe('headers', () => {
  it('keep a browser strict, on errors too', async () => {
    const { app, ask } = build()
    for (const answer of [
      await ask({ url: '/api/v1/nodes' }),
      await app.inject('/api/v1/nodes'),
      await app.inject('/nothing'),
      await app.inject('/healthz'),
    ]) {
      const policy = answer.headers['content-security-policy']
      for (const part of [
        "default-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ])
        expect(policy).toContain(part)
      expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
    }
    expect((await ask({ url: '/api/v1/nodes' })).headers['cache-control']).toBe('no-store')
    expect((await app.inject('/metrics')).headers['cache-control']).toBe('no-store')
  })
})

describe('lists', () => {
  it('are what the node tells', async () => {
    const { ask, node } = build()
    expect((await ask({ url: '/api/v1/nodes' })).json()).toEqual(node.nodes())
    expect((await ask({ url: '/api/v1/stations' })).json()).toEqual(node.stations())
    expect((await ask({ url: '/api/v1/links' })).json()).toEqual(node.links())
    expect((await ask({ url: '/api/v1/streams' })).json()).toEqual([])
    expect((await ask({ url: '/api/v1/streams/live' })).json()).toEqual({ streams: [], readers: [] })
    expect((await ask({ url: '/api/v1/routes' })).json()).toEqual(node.routes())
    expect((await ask({ url: '/api/v1/transactions' })).json()).toEqual([TRANSACTION])
    expect((await ask({ url: '/api/v1/transactions?station=CS2' })).json()).toEqual([])
    expect((await ask({ url: '/api/v1/transactions/tx1' })).json()).toEqual(node.transaction('tx1'))
  })

  it('the journal goes on after an entry', async () => {
    const { ask } = build()
    const seqs = async (query: string) => (await ask({ url: `/api/v1/journal${query}` })).json().map(({ seq }: { seq: number }) => seq)
    expect(await seqs('')).toEqual([1, 2, 3])
    expect(await seqs('?after=1')).toEqual([2, 3])
    expect(await seqs('?after=1&limit=1')).toEqual([2])
    for (const query of ['?after=-1', '?after=x', '?limit=0', '?limit=1001'])
      expect((await ask({ url: `/api/v1/journal${query}` })).json().code).toBe('request-invalid')
  })

  it('a record comes as a file with a harmless name', async () => {
    const { body, headers } = await build().ask({ url: '/api/v1/transactions/tx1/record' })
    expect(body).toBe('<values/>')
    expect(headers).toMatchObject({ 'content-type': 'application/xml', 'content-disposition': 'attachment; filename="tx_1_.xml"' })
  })

  it.each(['/api/v1/transactions/none', '/api/v1/transactions/none/record', '/api/v1/nothing', '/nothing'])(
    '%s is not there',
    async (url) => {
      const answer = await build().ask({ url })
      expect([answer.statusCode, Object.keys(answer.json())]).toEqual([404, ['code', 'detail']])
      expect(answer.json().code).toBe('not-found')
      expect(answer.body).not.toContain('none')
    },
  )
})

describe('an address that cannot be read', () => {
  it.each([`/api/v1/transactions/${'x'.repeat(300)}`, '/%zz<script>', '/api/v1/stations/%c3/calls'])(
    '%s is refused in the same shape',
    async (url) => {
      const { statusCode, headers, body } = await build().ask({ url })
      expect(statusCode === 400 || statusCode === 404).toBe(true)
      expect(Object.keys(JSON.parse(body))).toEqual(['code', 'detail'])
      expect(headers).toHaveProperty('content-security-policy')
      expect(body).not.toMatch(/script|xxx/)
    },
  )
})

describe('a call', () => {
  it('reaches the station as it was asked, with 30 s unless told otherwise', async () => {
    const { ask, node } = build()
    const answer = await ask(call({ action: 'GetLog', payload: { a: [1, null] } }))
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'result', payload: { status: 'Accepted' }, path: ['CS1', 'lc1'], signatures: [] },
    ])
    await ask(call({ action: 'GetLog', payload: {}, timeoutMs: 300_000 }))
    expect(node.orders).toEqual([
      { station: 'CS1', action: 'GetLog', payload: { a: [1, null] }, timeoutMs: 30_000 },
      { station: 'CS1', action: 'GetLog', payload: {}, timeoutMs: 300_000 },
    ])
  })

  it('answers 200 when it was refused on the way, and names who refused', async () => {
    const answer = await build().ask(call({ action: 'Reset', payload: {} }))
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'error', code: 'SecurityError', description: 'refused', at: 'lc1' }])
  })

  it('to an unknown station is 404', async () => {
    const { ask, node } = build()
    expect((await ask(call({ action: 'Reset', payload: {} }, 'CS9'))).statusCode).toBe(404)
    expect(node.orders).toEqual([])
  })

  it.each<[unknown, string]>([
    [{ payload: {} }, "body must have required property 'action'"],
    [{ action: 'Reset' }, "body must have required property 'payload'"],
    [{ action: 5, payload: {} }, 'body/action must be string'],
    [{ action: '', payload: {} }, 'body/action must NOT have fewer than 1 characters'],
    [{ action: 'Reset', payload: [] }, 'body/payload must be object'],
    [{ action: 'Reset', payload: '{}' }, 'body/payload must be object'],
    [{ action: 'Reset', payload: {}, timeoutMs: 300_001 }, 'body/timeoutMs must be <= 300000'],
    [{ action: 'Reset', payload: {}, timeoutMs: '5' }, 'body/timeoutMs must be integer'],
    [{ action: 'Reset', payload: {}, '<script>': 1 }, 'body must NOT have additional properties'],
    [[], 'body must be object'],
  ])('refuses %j', async (body, detail) => {
    const { ask, node } = build()
    const answer = await ask(call(body))
    expect([answer.statusCode, answer.json()]).toEqual([400, { code: 'request-invalid', detail }])
    expect(node.orders).toEqual([])
  })

  it.each([
    ['{"action":"<img>"', 'application/json', 400],
    ['{"__proto__":{"a":1},"action":"Reset","payload":{}}', 'application/json', 400],
    ['action=Reset', 'application/x-www-form-urlencoded', 400],
    [`{"action":"${'x'.repeat(1024 * 1024)}"}`, 'application/json', 413],
  ])('refuses a body that is no JSON of bounded length', async (payload, type, status) => {
    const answer = await build().ask({ method: 'POST', url: '/api/v1/stations/CS1/calls', payload, headers: { 'content-type': type } })
    expect(answer.statusCode).toBe(status)
    expect(Object.keys(answer.json())).toEqual(['code', 'detail'])
    expect(answer.body).not.toContain('<img>')
  })
})

describe('verify', () => {
  const verify = (payload: string | Buffer, headers: Record<string, string> = {}, query = ''): InjectOptions => ({
    method: 'POST',
    url: `/api/v1/verify${query}`,
    payload,
    headers,
  })
  const asked = ({ questions }: FakeNode) => questions.flat().map(({ name, bytes }) => [name, Buffer.from(bytes).toString('latin1')])

  it.each([
    [{ 'content-type': 'application/json' }, '', 'input'],
    [{ 'content-type': 'application/xml', 'content-disposition': 'attachment; filename="a \\"b\\".xml"' }, '', 'a "b".xml'],
    [{ 'content-type': 'x/y', 'content-disposition': "attachment; filename=a; filename*=UTF-8''%C3%BCber.xml" }, '', 'über.xml'],
    [{ 'content-type': 'application/octet-stream' }, '?name=..%2F..%2Fetc%2Fpasswd', 'passwd'],
    [{}, '?name=a%0Ab', 'ab'],
  ])('takes any single body as it is: %j%s', async (headers, query, name) => {
    const { ask, node } = build()
    const answer = await ask(verify(Buffer.from([0x7b, 0xff, 0x00]), headers, query))
    expect([answer.statusCode, answer.json()]).toEqual([200, { verdict: 'unreadable', inputs: [], sessions: [] }])
    expect(asked(node)).toEqual([[name, '{\xff\x00']])
  })

  it('takes several files in one question, and text fields too', async () => {
    const { ask, node } = build()
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array([1, 255])]), 'a.bin')
    form.append('file', new Blob(['<xml/>']), 'b.xml')
    form.append('key', '04ab')
    const request = new Request('http://localhost/', { method: 'POST', body: form })
    const answer = await ask(
      verify(Buffer.from(await request.arrayBuffer()), { 'content-type': request.headers.get('content-type') ?? '' }),
    )
    expect(answer.statusCode).toBe(200)
    expect(node.questions).toHaveLength(1)
    expect(asked(node)).toEqual([
      ['a.bin', '\x01\xff'],
      ['b.xml', '<xml/>'],
      ['key', '04ab'],
    ])
  })

  it.each([
    ['', {}, 400, 'request-invalid'],
    ['no parts', { 'content-type': 'multipart/form-data; boundary=x' }, 400, 'request-invalid'],
    ['--x--\r\n', { 'content-type': 'multipart/form-data; boundary=x' }, 400, 'request-invalid'],
    ['PK', { 'content-disposition': 'attachment; filename=bomb.zip' }, 413, 'too-large'],
    ['x', { 'content-disposition': "attachment; filename*=utf-8''%ff" }, 400, 'request-invalid'],
  ])('refuses %j with %j', async (body, headers, status, code) => {
    const answer = await build().ask(verify(body, headers as Record<string, string>))
    expect([answer.statusCode, answer.json().code]).toEqual([status, code])
  })

  it('takes 1 MiB and more, but not more than 64 MiB', async () => {
    const { ask, node } = build()
    expect((await ask(verify(Buffer.alloc(2 * 1024 * 1024), {}))).statusCode).toBe(200)
    expect((await ask(verify(Buffer.alloc(64 * 1024 * 1024 + 1), {}))).statusCode).toBe(413)
    expect(node.questions).toHaveLength(1)
  })

  it('tells nothing of what went wrong inside', async () => {
    const answer = await build().ask(verify('x', {}, '?name=defect'))
    expect([answer.statusCode, answer.json()]).toEqual([500, { code: 'internal', detail: 'the server failed; its log says why' }])
  })
})

describe('the park', () => {
  it('lists what can happen and makes it happen', async () => {
    const { ask } = build()
    expect((await ask({ url: '/api/v1/park' })).json()).toEqual([{ name: 'cut' }])
    expect((await ask({ method: 'POST', url: '/api/v1/park/cut' })).json()).toEqual({ ok: true, message: 'done' })
    expect((await ask({ method: 'POST', url: '/api/v1/park/other' })).json()).toEqual({ ok: false, message: 'done' })
  })

  it('is not there on a node alone', async () => {
    const { node, ask } = build()
    Reflect.deleteProperty(node, 'park')
    expect((await ask({ url: '/api/v1/park' })).statusCode).toBe(404)
    expect((await ask({ method: 'POST', url: '/api/v1/park/cut' })).statusCode).toBe(404)
  })
})

describe('pages', () => {
  const pages = () => {
    const webFolder = mkdtempSync(join(tmpdir(), 'web-'))
    folders.push(webFolder)
    for (const [name, text] of [
      ['index.html', 'dashboard'],
      ['verify.html', 'verifier'],
      ['app.js', 'script'],
      ['.env', 'secret'],
    ] as const)
      writeFileSync(join(webFolder, name), text)
    return build({ webFolder })
  }

  it('are the dashboard, the verifier and what they load, without a token', async () => {
    const { app } = pages()
    expect((await app.inject('/')).body).toBe('dashboard')
    expect((await app.inject('/verify')).body).toBe('verifier')
    expect((await app.inject('/app.js')).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-type': expect.stringContaining('javascript'),
    })
  })

  it.each(['/.env', '/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/nothing.js'])('%s is not served', async (url) => {
    const { statusCode, body } = await pages().app.inject(url)
    expect(statusCode).toBeGreaterThanOrEqual(400)
    expect(Object.keys(JSON.parse(body))).toEqual(['code', 'detail'])
  })
})

describe('closing', () => {
  it('does not wait for a request that never ends', async () => {
    const { app } = build({ graceMs: 10 })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as { port: number }
    const socket = connect(port, '127.0.0.1')
    const head = `POST /api/v1/verify HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 10\r\n\r\nhalf`
    const arrived = new Promise((resolve) => app.server.once('request', resolve))
    socket.write(head)
    await arrived
    const cut = new Promise((resolve) => socket.once('close', resolve))
    await app.close()
    await cut
    expect(app.server.listening).toBe(false)
  })
})

describe('events', () => {
  const listening = async (options: Partial<HttpApiOptions> = {}) => {
    const { node, app } = build(options)
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as { port: number }
    return { node, app, port }
  }
  /** Follows the stream; `until` resolves when what came so far holds the text, or with what came when the stream ended. */
  const follow = (port: number) => {
    let text = ''
    let ended = false
    const waiting = new Set<() => void>()
    const wake = () => {
      for (const each of waiting) each()
    }
    const request = get({ host: '127.0.0.1', port, path: '/api/v1/events', headers: { authorization: `Bearer ${TOKEN}` } }, (response) => {
      expect(response.statusCode).toBe(200)
      expect(response.headers).toMatchObject({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
        wake()
      })
      response.on('close', () => {
        ended = true
        wake()
      })
    })
    const until = (part?: string) =>
      new Promise<string>((resolve) => {
        const look = () => {
          if (!ended && (part === undefined || !text.includes(part))) return
          waiting.delete(look)
          resolve(text)
        }
        waiting.add(look)
        look()
      })
    return { until, stop: () => request.destroy() }
  }

  it('come as the node tells them, each as one frame', async () => {
    const { node, port } = await listening()
    const reader = follow(port)
    await reader.until(':\n\n')
    node.tell({ type: 'message', data: { text: 'a\n\nevent: forged' } })
    node.tell({ type: 'link\nevent: forged', data: [1] })
    expect(await reader.until('[1]\n\n')).toBe(
      ':\n\nevent: message\ndata: {"text":"a\\n\\nevent: forged"}\n\nevent: linkeventforged\ndata: [1]\n\n',
    )
    reader.stop()
  })

  it('are kept alive by comments', async () => {
    const { port } = await listening({ events: { heartbeatMs: 5 } })
    const reader = follow(port)
    expect(await reader.until(':\n\n:\n\n:\n\n')).toMatch(/^(:\n\n)+$/)
    reader.stop()
  })

  it('end when the server closes, which does not wait for readers', async () => {
    const { node, app, port } = await listening()
    const reader = follow(port)
    await reader.until(':\n\n')
    expect(node.listeners.size).toBe(1)
    await app.close()
    expect(await reader.until()).toBe(':\n\n')
    expect(node.listeners.size).toBe(0)
  })

  it('are given up for a reader that does not read', async () => {
    const { node, port } = await listening({ events: { bufferBytes: 64 * 1024 } })
    const socket: Socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`),
    )
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    const closed = new Promise<void>((resolve) => {
      const tell = () => {
        if (node.listeners.size === 0) return resolve()
        node.tell({ type: 'message', data: 'x'.repeat(256 * 1024) })
        setImmediate(tell)
      }
      tell()
    })
    await closed
    expect(node.listeners.size).toBe(0)
    socket.destroy()
  })

  it('have room for 64 readers, and again when one leaves', async () => {
    const { node, port } = await listening()
    const readers = Array.from({ length: 64 }, () => follow(port))
    await Promise.all(readers.map((reader) => reader.until(':\n\n')))
    const status = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/events`, { headers: { authorization: `Bearer ${TOKEN}` } })
      await answer.body?.cancel()
      return answer.status
    }
    expect(await status()).toBe(503)
    readers[0]?.stop()
    while (node.listeners.size === 64) await new Promise(setImmediate)
    expect(await status()).toBe(200)
    for (const reader of readers) reader.stop()
  })
})
