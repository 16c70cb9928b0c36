// What strangers ask a door: it must answer, and go on. The ways of stations are in test/journeys/firmware.test.ts.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { type DoorWorld, withDoor } from '../../src/adapters/door.ts'

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
