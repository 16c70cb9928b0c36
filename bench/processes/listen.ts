// A free port of this machine for a server.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Resolves with the port. */
export const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
