// One listening port of a node: the management API, the pages, the OCPP endpoint and the overlay endpoint, as its entry in
// the configuration says.
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { promisify } from 'node:util'
import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/ports.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import { type Credentials, profileAdmission, tlsOptions } from './admission.ts'
import { systemClock } from './clock.ts'
import type { ListenConfig, NodeConfig } from './config.ts'
import { withDoor } from './door.ts'
import { HttpSide } from './http-side.ts'
import type { Management } from './management.ts'
import type { NodeServices } from './node-services.ts'
import { type RevocationList, revocationList } from './revocation-list.ts'
import { type Standing, StandingCertificates } from './standing-certificates.ts'
import { wholeInTime } from './whole-in-time.ts'
import { pem, type World } from './world.ts'
import { attachEndpoints, type EndpointHandlers, serverLimits } from './ws-server.ts'

export interface Served {
  readonly port: number
  /** How many are open, of whatever kind. */
  sockets(): Promise<number>
  close(): Promise<void>
}

export interface EndpointParts {
  readonly config: NodeConfig
  readonly network: NetworkNode
  readonly management: Management
  readonly services: Pick<NodeServices, 'door' | 'addresses'>
  readonly world: World
}

/** Opens the port. Throws Fault `port-taken` where another program has it. */
export const serve = async (listen: ListenConfig, parts: EndpointParts): Promise<Served> => {
  const { host = '127.0.0.1', port } = listen
  const { management, services, world } = parts
  const pages = listen.serve.includes('dashboard') ? world.webFolder : undefined
  const options = {
    management,
    token: world.token,
    withApi: listen.serve.includes('api'),
    log: world.log,
    ...(listen.hosts && { hosts: listen.hosts }),
    ...(pages !== undefined && { webFolder: pages }),
  }
  const http = new HttpSide(options, (handler) => httpServer(listen, services, handler))
  const { server } = http
  const { pingSeconds, channelBinding } = parts.config.nodes ?? {}
  const endpoints = attachEndpoints(server, handlers(listen, parts), {
    ...(world.pingMs !== undefined && { pingMs: world.pingMs }),
    ...(pingSeconds !== undefined && { overlayPingMs: pingSeconds * 1_000 }),
    ...(channelBinding && { channelBinding }),
  })
  try {
    // whoever is served pages and an API finds them made
    if (listen.serve.includes('api') || pages !== undefined) await http.made()
    await listening(server, { host, port })
  } catch (cause) {
    await endpoints.close()
    throw listenFault(`${host}:${port}`, parts.config.node, cause)
  }
  return {
    port,
    sockets: () => promisify(server.getConnections.bind(server))(),
    async close() {
      await endpoints.close()
      await http.close()
    },
  }
}

const listening = (server: Server, address: { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => server.once('error', reject).listen(address, () => resolve(void server.off('error', reject))))

const listenFault = (address: string, node: string, cause: unknown): unknown => {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return new Fault('port-taken', `another program listens on ${address}, which ${node} needs`, { address }, cause)
  if (code === 'EADDRNOTAVAIL')
    return new Fault('config-invalid', `${address}, which ${node} needs, is no address of this machine`, { address }, cause)
  if (code === 'EACCES') return new Fault('config-invalid', `${node} is not allowed to listen on ${address}`, { address }, cause)
  return cause
}

/** The door is where stations are. What comes there may come slowly, and is bounded by it; everything else is whole in time as anywhere. */
const httpServer = (listen: ListenConfig, { door }: EndpointParts['services'], handler: RequestListener): Server => {
  const limits = serverLimits()
  return door && listen.serve.includes('ocpp')
    ? listener(listen, { ...limits, requestTimeout: 0 }, withDoor(door, wholeInTime(handler, limits.requestTimeout)))
    : listener(listen, limits, handler)
}

const listener = (listen: ListenConfig, limits: ServerOptions, handler: RequestListener): Server => {
  const { profile = 0, tls } = listen
  if (!tls?.cert || !tls.key) return createServer(limits, handler)
  const files = { cert: pem(tls.cert), key: pem(tls.key), profile, ...(tls.ca && { ca: pem(tls.ca) }) }
  return createSecureServer({ ...limits, ...tlsOptions(files) }, handler)
}

const handlers = (listen: ListenConfig, { config, network, services, world }: EndpointParts): EndpointHandlers => {
  const { profile = 0 } = listen
  const failed = (id: string) => (error: unknown) => network.overlay.flaw(error instanceof Error ? error : new Error(String(error)), { id })
  const { crl, ca } = listen.tls ?? {}
  const clock = world.clock ?? systemClock
  const list = crl && ca ? revocationList({ list: crl, ca: pem(ca) }, clock) : undefined
  const revoked = list?.check
  const admitStation = profileAdmission(profile, (id) => credentialsOf(config.stations, id), {
    revoked,
    conceals: config.stations?.conceal ?? false,
  })
  const admitNode = profileAdmission(profile, (id) => credentialsOf(config.nodes, id), {
    revoked,
    conceals: config.nodes?.conceal ?? false,
  })
  return {
    ...(listen.serve.includes('ocpp') && {
      admitStation,
      stationConnected: (link, info) => {
        services.addresses.set(info.stationId, info.remoteAddress)
        network.stationConnected(link, { ...info, proven: profile > 0 }).catch(failed(info.stationId))
      },
    }),
    ...(listen.serve.includes('overlay') && {
      admitNode: (upgrade) => admitNode({ ...upgrade, stationId: upgrade.nodeId }),
      nodeConnected: (link, info) => void network.nodeConnected(link, info).catch(failed(info.nodeId)),
    }),
    refused: (knock) => network.refusedAtDoor(knock),
    ...(list && { admitted: standing(list.takenBack, { clock, network, lookMs: world.revocationMs }) }),
  }
}

/** Whoever was let in by a certificate stands as long as that does. */
const standing = (
  takenBack: RevocationList['takenBack'],
  { clock, network, lookMs }: { clock: Clock; network: NetworkNode; lookMs: number | undefined },
): NonNullable<EndpointHandlers['admitted']> => {
  const cut = ({ id, remoteAddress }: Standing): void =>
    network.refusedAtDoor({ id, status: 101, reason: 'the client certificate was revoked while connected', remoteAddress })
  const certificates = new StandingCertificates({ clock, lookMs, takenBack, cut })
  return (link, { id, remoteAddress, clientCertificate }) =>
    clientCertificate && certificates.watch(link, { id, serial: clientCertificate.serialNumber, remoteAddress })
}

/** What is known of one who knocks: in an open house everybody, in a listed one who is on the list. */
const credentialsOf = (list: NodeConfig['stations'], id: string): Credentials | undefined => {
  const entry = list?.listed && Object.hasOwn(list.listed, id) ? list.listed[id] : undefined
  if (!entry) return list?.registration === 'open' ? {} : undefined
  return entry.password === undefined ? {} : { passwordHash: entry.password }
}
