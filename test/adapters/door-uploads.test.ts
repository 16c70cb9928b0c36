// How files come through the door: slowly, in a form, and not at all. Whose address it is is asked in test/journeys/firmware.test.ts.
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DoorWorld, withDoor } from '../../src/adapters/door.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { stationFiles } from '../../src/adapters/station-files.ts'
import { wholeInTime } from '../../src/adapters/whole-in-time.ts'
import type { Fault } from '../../src/base/fault.ts'
import type { ChunkSource } from '../../src/overlay/files/content-store.ts'
import { until } from '../support/until.ts'

const STILL_MS = 200
let folder: string
let server: Server
let isOver: boolean
let stored: { name: string; bytes: string } | undefined
const faults: Fault[] = []

const ticket = { station: 'cs-1', node: 'csms', errand: { kind: 'put', folder: 'logs' }, until: 0 }
let published: ChunkSource

const start = async (stillMs = STILL_MS): Promise<void> => {
  const world = {
    door: { find: () => (isOver ? undefined : ticket), used: async () => undefined },
    exchange: {
      publish: (source: ChunkSource) => {
        published = source
        return () => source.release()
      },
    },
    service: {
      send: async (_node: string, { name }: { name: string }) => {
        stored = { name, bytes: Buffer.from((await published.read(0)) ?? []).toString() }
      },
    },
    ...{ engine: nodeEngine(), folder, most: 1_000, coming: new Set(), stillMs, isFrom: () => true },
    failed: (fault: Fault) => faults.push(fault),
  } as object as DoorWorld
  const other = wholeInTime((_request, response) => response.writeHead(418).end(), STILL_MS)
  server = createServer({ requestTimeout: 0 }, withDoor(world, other)).listen(0, '127.0.0.1')
  await once(server, 'listening')
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chargeproof-door-'))
  ;[stored, isOver, faults.length] = [undefined, false, 0]
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/door/token/`
const begin = (path: string, length: number): Socket => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(`PUT ${path} HTTP/1.1\r\nHost: door\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`)
  return socket
}
const wait = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms))

describe('a file that comes', () => {
  it('slowly is waited for, as long as some of it comes', async () => {
    await start(400)
    const socket = begin('/door/token/slow.log', 6)
    for (const letter of 'slowly') {
      socket.write(letter)
      await wait(100)
    }
    expect(await text(socket)).toContain(' 201 ')
    expect(stored).toEqual({ name: 'logs/cs-1/slow.log', bytes: 'slowly' })
    expect(readdirSync(folder)).toEqual([])
  })

  it('no more is hung up on, and leaves nothing', async () => {
    await start()
    const socket = begin('/door/token/still.log', 6)
    socket.write('st')
    await text(socket)
    await until(() => faults.length > 0, 'the door to give up')
    expect([faults[0]?.code, stored, readdirSync(folder)]).toEqual(['timeout', undefined, []])
  })

  it('for longer than the address counts is refused', async () => {
    await start()
    const socket = begin('/door/token/late.log', 6)
    socket.write('l')
    await until(() => readdirSync(folder).length > 0, 'the file to begin')
    isOver = true
    socket.write('ate')
    expect(await text(socket)).toContain(' 503 ')
    expect(stored).toBeUndefined()
  })

  it('is taken out of a form, with the name that stands there where the address has none', async () => {
    await start()
    const form = (name: string): FormData => {
      const made = new FormData()
      made.set('station', 'cs-1')
      made.set('file', new Blob(['line 1\n']), name)
      return made
    }
    expect((await fetch(address(), { method: 'POST', body: form('boot.log') })).status).toBe(201)
    expect(stored).toEqual({ name: 'logs/cs-1/boot.log', bytes: 'line 1\n' })
    expect((await fetch(`${address()}mine`, { method: 'POST', body: form('boot.log') })).status).toBe(201)
    expect(stored).toMatchObject({ name: 'logs/cs-1/mine' })
    // a name that is no name of a file is no reason to lose the file
    expect((await fetch(address(), { method: 'POST', body: form('../up') })).status).toBe(201)
    expect(stored).toMatchObject({ name: 'logs/cs-1/upload' })
    const broken = { 'content-type': 'multipart/form-data; boundary=x' }
    expect((await fetch(address(), { method: 'POST', body: 'no form', headers: broken })).status).toBe(400)
    expect((await fetch(address(), { method: 'POST', body: new Uint8Array(2_000) })).status).toBe(413)
  })

  it('from a simulated station is the same', async () => {
    await start()
    await stationFiles().send(address(), 'own.log', Buffer.from('x'.repeat(900)))
    expect(stored).toEqual({ name: 'logs/cs-1/own.log', bytes: 'x'.repeat(900) })
    await expect(stationFiles().send(address(), 'own.log', new Uint8Array(2_000))).rejects.toMatchObject({ code: 'unreachable' })
  })
})

describe('beside the door', () => {
  it('a request is whole in time, as on any other port', async () => {
    await start()
    expect(await text(begin('/api', 1).on('connect', () => undefined))).toContain(' 418 ')
    const hung = createServer(
      { requestTimeout: 0 },
      wholeInTime((request) => void request.resume(), STILL_MS),
    ).listen(0, '127.0.0.1')
    await once(hung, 'listening')
    const socket = connect((hung.address() as AddressInfo).port, '127.0.0.1')
    socket.write('PUT /api HTTP/1.1\r\nHost: door\r\nContent-Length: 2\r\n\r\nx')
    expect(await text(socket)).toBe('')
    hung.close()
  })
})

it('a simulated station goes on with a download that breaks off, and gives up one that stands still', async () => {
  const bytes = Buffer.from('firmware'.repeat(20_000))
  const ranges: (string | undefined)[] = []
  server = createServer((request, response) => {
    const { range } = request.headers
    ranges.push(range)
    if (request.url === '/still') return void response.writeHead(200).write('x')
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {})
    if (from > 0) return void response.end(bytes.subarray(from))
    response.write(bytes.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 50))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(bytes.equals(await stationFiles().fetch(`${url}/file`))).toBe(true)
  expect(ranges).toEqual([undefined, 'bytes=70000-'])
  await expect(stationFiles(1_000, 50).fetch(`${url}/still`)).rejects.toMatchObject({ code: 'unreachable' })
})

it('a simulated station that finds another file in the place of the one it had begun takes the whole of that', async () => {
  const [old, other] = ['old', 'new'].map((word) => Buffer.from(word.repeat(40_000))) as [Buffer, Buffer]
  const asked: unknown[] = []
  server = createServer((request, response) => {
    const { range, 'if-range': only } = request.headers
    asked.push([range, only])
    if (range === undefined) {
      response.writeHead(200, { etag: '"old"' })
      return void response.write(old.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 50))
    }
    // as a server does that honours If-Range, and as one that gives what nobody asked for
    if (request.url === '/file') return void response.writeHead(200, { etag: '"new"' }).end(other)
    response.writeHead(206, { 'content-range': 'bytes 0-9/120000' }).end(other.subarray(0, 10))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(other.equals(await stationFiles().fetch(`${url}/file`))).toBe(true)
  expect(asked).toEqual([
    [undefined, undefined],
    ['bytes=70000-', '"old"'],
  ])
  await expect(stationFiles().fetch(`${url}/odd`)).rejects.toMatchObject({ code: 'unreachable' })
})
