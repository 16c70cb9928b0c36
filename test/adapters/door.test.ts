// What strangers ask a door: it must answer, and go on. The ways of stations are in test/journeys/firmware.test.ts.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { type DoorWorld, withDoor } from '../../src/adapters/door.ts'
import { until } from '../support/until.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A door behind which nothing is. */
const empty = { door: { find: () => undefined }, isFrom: () => true, failed: () => undefined } as object as DoorWorld

const ask = async (line: string): Promise<string> => {
  const server = createServer(withDoor(empty, (_request, response) => response.writeHead(418).end())).listen(0, '127.0.0.1')
  closing.push(() => server.close())
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(`${line} HTTP/1.1\r\nHost: door\r\nConnection: close\r\n\r\n`)
  return (await text(socket)).split('\r\n', 1)[0] ?? ''
}

it.each([
  ['GET //', 418],
  ['GET http://[', 418],
  ['GET /elsewhere', 418],
  ['GET /door/', 404],
  ['GET /door/%', 404],
  ['GET /door/../../etc/passwd', 404],
  ['GET /door/token?x=//', 404],
  ['PUT /door/token/%E0%A4%A', 404],
  ['PUT /door//', 404],
  ['DELETE /door/token', 405],
])('%s is answered with %i', async (line, status) => {
  expect(await ask(line)).toContain(` ${status} `)
})

const SIZE = 4
const SHA256 = '0'.repeat(64)

describe('more stations than are served at once', () => {
  const ticket = { station: 'cs', node: 'csms', errand: { kind: 'get', content: SHA256, size: SIZE, sha256: SHA256 }, until: 0 }
  let opened = 0
  let ready = Promise.withResolvers<void>()

  /** A door whose content comes when `ready` is. */
  const slow = async (stillMs: number): Promise<Server> => {
    ;[opened, ready] = [0, Promise.withResolvers<void>()]
    const open = () => {
      opened++
      return {
        content: ready.promise.then(() => ({ size: SIZE, sha256: SHA256, chunkSize: 1_024 })),
        chunk: async () => new Uint8Array(SIZE),
        release: () => undefined,
      }
    }
    const world = { ...empty, door: { find: () => ticket, used: async () => undefined }, exchange: { open }, stillMs }
    const server = createServer(withDoor(world as object as DoorWorld, () => undefined)).listen(0, '127.0.0.1')
    closing.push(
      () => server.closeAllConnections(),
      () => server.close(),
    )
    await once(server, 'listening')
    return server
  }
  const fetched = (server: Server) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/door/token`)

  it('wait for their turn, and all get the file', async () => {
    const server = await slow(20_000)
    const all = Array.from({ length: 70 }, () => fetched(server))
    await until(() => opened === 64, 'sixty-four to be served')
    ready.resolve()
    expect((await Promise.all(all)).filter(({ status }) => status === 200)).toHaveLength(70)
    expect(opened).toBe(70)
  })

  it('are told to come back where nobody makes room, and the others are served', async () => {
    const server = await slow(300)
    const all = Array.from({ length: 65 }, () => fetched(server))
    const refused = await Promise.race(all)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30'])
    ready.resolve()
    expect((await Promise.all(all)).filter(({ status }) => status === 200)).toHaveLength(64)
  })
})

it('goes on with a file that broke off, and with no other that had its place', async () => {
  const ticket = { station: 'cs', node: 'csms', errand: { kind: 'get', content: SHA256, size: SIZE, sha256: SHA256 }, until: 0 }
  const open = () => ({
    content: Promise.resolve({ size: SIZE, sha256: SHA256, chunkSize: 1_024 }),
    chunk: async () => Uint8Array.from('abcd', (letter) => letter.charCodeAt(0)),
    release: () => undefined,
  })
  const world = { ...empty, door: { find: () => ticket, used: async () => undefined }, exchange: { open } }
  const server = createServer(withDoor(world as object as DoorWorld, () => undefined)).listen(0, '127.0.0.1')
  closing.push(() => server.close())
  await once(server, 'listening')
  const from = async (headers: Record<string, string>) => {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/door/token`, { headers })
    return [answer.status, await answer.text()]
  }
  const range = 'bytes=2-'
  expect(await from({ range })).toEqual([206, 'cd'])
  expect(await from({ range, 'if-range': `"${SHA256}"` })).toEqual([206, 'cd'])
  expect(await from({ range, 'if-range': '"another"' })).toEqual([200, 'abcd'])
  expect(await from({ range, 'if-range': 'Tue, 03 Nov 2026 09:00:00 GMT' })).toEqual([200, 'abcd'])
})
