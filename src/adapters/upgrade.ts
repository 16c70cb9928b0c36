// What one that wants to connect shows of itself before it is let in: read from its request, judged by admission.ts.
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { ClientCertificate, Upgrade } from './admission.ts'

/** Reads subprotocols, credentials and certificate of an upgrade request. */
export const upgradeOf = (request: IncomingMessage, remoteAddress: string): Upgrade => {
  const { socket, headers } = request
  const clientCertificate = socket instanceof TLSSocket ? certificateOf(socket) : undefined
  return {
    remoteAddress,
    secure: socket instanceof TLSSocket,
    offered: (headers['sec-websocket-protocol'] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    ...basicCredentials(headers.authorization),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
  }
}

/** RFC 7617 §2: the user name ends at the first colon; the password may hold more of them, and any bytes. */
const basicCredentials = (header: string | undefined): { user: string; password: Uint8Array } | undefined => {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  const colon = bytes.indexOf(0x3a)
  return colon < 0 ? undefined : { user: bytes.toString('utf8', 0, colon), password: new Uint8Array(bytes.subarray(colon + 1)) }
}

const certificateOf = (socket: TLSSocket): ClientCertificate | undefined => {
  const { subject, subjectaltname = '', fingerprint256, serialNumber } = socket.getPeerCertificate()
  // without a client certificate node gives an empty object
  if (fingerprint256 === undefined) return undefined
  // several common names make an array, and then none of them counts
  const commonName: unknown = subject.CN
  // node quotes names with commas and the like; such a list is not taken apart, because a quoted name may look like two
  const names = subjectaltname.includes('"') ? [] : subjectaltname.split(', ')
  return {
    subjectCommonName: typeof commonName === 'string' ? commonName : '',
    dnsNames: names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice(4)),
    fingerprint256,
    serialNumber,
    authorized: socket.authorized,
  }
}
