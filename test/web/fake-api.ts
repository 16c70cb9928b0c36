// A small stand-in for a node of the park: serves the built pages and answers the management API with moving, made-up data.
// Also runs by hand to look at the pages: `node test/web/fake-api.ts [port]`.
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureWeb } from '../../src/adapters/web-assets.ts'
import { fakePark } from './fake-park.ts'

export interface FakeApi {
  /** `http://127.0.0.1:PORT`, without a slash. */
  readonly url: string
  /** Paths of every request so far, in order. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

export interface FakeApiOptions {
  readonly web: string
  readonly token: string
  readonly port?: number
  /** The text of every transaction's record. */
  readonly record?: string
  /** Messages that each event stream begins with. */
  readonly flood?: number
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

export const startFakeApi = async ({ web, token, port = 0, record = '', flood = 0 }: FakeApiOptions): Promise<FakeApi> => {
  const park = fakePark()
  const requests: string[] = []
  const streams = new Set<ServerResponse>()
  const timer = setInterval(() => {
    const text = park.step().map(({ type, data }) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
    for (const stream of streams) stream.write(text.join(''))
  }, 300)

  const api = (path: string, request: IncomingMessage, response: ServerResponse): unknown => {
    if (request.headers.authorization !== `Bearer ${token}`) return answer(response, 401, { code: 'unauthorized' })
    if (path === '/api/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`: hello\n\n${floodOf(flood)}`)
      streams.add(response)
      return response.on('close', () => streams.delete(response))
    }
    if (/^\/api\/v1\/transactions\/[^/]+\/record$/.test(path)) return response.writeHead(200, { 'content-type': 'text/plain' }).end(record)
    if (request.method === 'POST' && path.startsWith('/api/v1/park/'))
      return answer(response, 200, park.run(path.slice('/api/v1/park/'.length)))
    const list = park.lists()[path.replace('/api/v1/', '')]
    return answer(response, list === undefined ? 404 : 200, list ?? { code: 'not-found' })
  }

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    requests.push(path)
    if (path.startsWith('/api/')) api(path, request, response)
    else page(web, path, response)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      clearInterval(timer)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const floodOf = (count: number): string =>
  Array.from({ length: count }, (_, i) => {
    const data = {
      id: `flood-${i};`,
      from: 'cs1',
      to: 'csms',
      type: 'send',
      action: 'MeterValues',
      path: ['cs1', 'lc1'],
      signature: 'absent',
    }
    return `event: message\ndata: ${JSON.stringify(data)}\n\n`
  }).join('')

const answer = (response: ServerResponse, status: number, body: unknown): ServerResponse =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const page = async (web: string, path: string, response: ServerResponse): Promise<void> => {
  const name = path === '/' ? '/index.html' : path === '/verify' ? '/verify.html' : path
  const file = join(web, normalize(name))
  try {
    if (!file.startsWith(web + sep)) throw new Error('outside the pages')
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(await readFile(file))
  } catch (thrown) {
    answer(response, 404, { code: 'not-found', detail: String(thrown) })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startFakeApi({ web: await ensureWeb(), token: 'test', port: Number(process.argv[2] ?? 8090) })
  console.log(`${url}/#token=test`)
}
