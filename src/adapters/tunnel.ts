// TCP for tunnels: dials what a list allows, by the address that a name had at that moment, and listens on this machine for those who
// want to speak over one. Who may go where is decided in roles/tunnel.ts.
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { BlockList, connect, createServer, isIP, type Server, type Socket } from 'node:net'
import { asFault, Fault } from '../base/fault.ts'
import type { TunnelTarget, Wire } from '../roles/tunnel.ts'
import { drained } from './drained.ts'

const DIAL_MS = 10_000

/** Looks a name up once: what is checked is what is dialled, whatever the name means a moment later. */
export const dialTarget = async (
  { host, port }: Pick<TunnelTarget, 'host' | 'port'>,
  resolve: (name: string) => Promise<readonly string[]> = addressesOf,
): Promise<Wire> => {
  const address = isIP(host) ? host : await soleAddress(host, resolve)
  const socket = connect({ host: address, port, noDelay: true, allowHalfOpen: true })
  const late = setTimeout(() => socket.destroy(new Error('nobody answered in time')), DIAL_MS)
  try {
    await once(socket, 'connect')
    return wireOf(socket)
  } catch (cause) {
    throw new Fault('unreachable', `${host}:${port} does not take the connection`, {}, cause)
  } finally {
    clearTimeout(late)
  }
}

/** Takes connections on this machine. Resolves with the port; throws Fault `port-taken`. */
export const listenForTunnels = async (
  port: number,
  taken: (wire: Wire) => Promise<void>,
): Promise<{ port: number; close(): Promise<void> }> => {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)))
    taken(wireOf(socket)).catch((thrown) => socket.destroy(asFault(thrown)))
  })
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new Fault('port-taken', `another program listens on 127.0.0.1:${port}`, {}, cause)
  }
  const address = server.address()
  return {
    port: address !== null && typeof address === 'object' ? address.port : port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** Names that mean this machine, a link's own address or nobody's are refused: only a literal address can be meant so. */
const soleAddress = async (host: string, resolve: (name: string) => Promise<readonly string[]>): Promise<string> => {
  const addresses = await resolve(host).catch((cause) => {
    throw new Fault('unreachable', `the name ${host} is not known`, {}, cause)
  })
  const [first] = addresses
  if (first === undefined) throw new Fault('unreachable', `the name ${host} has no address`)
  if (addresses.some(isInner))
    throw new Fault('refused', `refused by rule tunnel: the name ${host} leads to this machine or its link`, { rule: 'tunnel' })
  return first
}

const addressesOf = async (name: string): Promise<readonly string[]> => (await lookup(name, { all: true })).map(({ address }) => address)

/** RFC 6890: this host, loopback, link-local, multicast, broadcast; and IPv4 dressed as IPv6. */
const INNER = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  INNER.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  INNER.addSubnet(net, prefix, 'ipv6')

const isInner = (address: string): boolean => INNER.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

const wireOf = (socket: Socket): Wire => {
  // who reads hears of it; a socket that breaks while nobody reads must not end the process
  socket.on('error', () => undefined)
  return {
    received: socket,
    async write(bytes) {
      if (socket.destroyed || !socket.writable) throw new Fault('unreachable', 'the connection is gone')
      if (!socket.write(bytes)) await drained(socket)
    },
    end: () => void socket.end(),
    close: () => void socket.destroy(),
  }
}
