// The name of a TLS session: the same at both ends, another for each session, and none where it would name more than one.
import { connect as connectPlain, createServer as createPlain } from 'node:net'
import { connect, createServer, type SecureVersion, type TLSSocket } from 'node:tls'
import { expect, it } from 'vitest'
import { exporterOf } from '../../src/adapters/channel-binding.ts'
import { makeAuthority } from './certificates.ts'

const session = async (maxVersion: SecureVersion) => {
  const authority = await makeAuthority('Ours')
  const server = createServer({ ...(await authority.server('csms')), maxVersion })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  const far = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve))
  const near = await new Promise<TLSSocket>((resolve, reject) => {
    const socket = connect({ port: address.port, host: '127.0.0.1', ca: authority.cert }, () => resolve(socket)).once('error', reject)
  })
  const names = [exporterOf(near), exporterOf(await far)]
  near.destroy()
  server.close()
  return names
}

it('is what both ends of one session have, and no other session', async () => {
  const [one, other] = [await session('TLSv1.3'), await session('TLSv1.3')]
  expect(one.map((name) => name?.length)).toEqual([32, 32])
  expect(one[0]).toEqual(one[1])
  expect(other[0]).toEqual(other[1])
  expect(one[0]).not.toEqual(other[0])
})

it('is empty below TLS 1.3, and missing without TLS', async () => {
  expect(await session('TLSv1.2')).toEqual([new Uint8Array(), new Uint8Array()])
  const server = createPlain()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const socket = connectPlain({ port: typeof address === 'object' && address ? address.port : 0, host: '127.0.0.1' })
  await new Promise((resolve) => socket.once('connect', resolve))
  expect(exporterOf(socket)).toBeUndefined()
  socket.destroy()
  server.close()
})
