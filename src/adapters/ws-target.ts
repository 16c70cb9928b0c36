// Which endpoint and id an upgrade request asks for, and in which frames. Whether it is let in is decided elsewhere.
import type { IncomingMessage } from 'node:http'
import { isNodeId } from '../ocpp/frame.ts'

/** Ends an upgrade with an HTTP status; the reason is for the log, not for the other side. */
export class Refusal extends Error {
  readonly status: number
  readonly id: string

  constructor(status: number, reason: string, id = '') {
    super(reason)
    this.status = status
    this.id = id
  }
}

/** A peer of the one other overlay implementation says so (docs/protocol.md §2.1). */
export const NETWORKING_MODE = { name: 'X-OCPP-NetworkingMode', value: 'OverlayNetwork' } as const

/** `bare`: overlay frames without our header. */
export type EndpointKind = 'ocpp' | 'overlay' | 'bare'

/** A path is never longer than this: 48 characters, each percent-encoded. */
const LONGEST_PATH = 200

/** Endpoint and id of a request. The id is decoded exactly once and then has to be one. */
export const targetOf = ({ url = '', headers }: IncomingMessage): { kind: EndpointKind; id: string } => {
  const [path = ''] = url.split('?', 1)
  const [, kind, encoded] = /^\/(ocpp|overlay)\/([^/]+)$/.exec(path.slice(0, LONGEST_PATH + 1)) ?? []
  if (path.length > LONGEST_PATH || encoded === undefined) throw new Refusal(404, 'no such endpoint')
  const id = decoded(encoded)
  if (!isNodeId(id) || id.includes('*')) throw new Refusal(400, 'malformed id')
  const bare = headers[NETWORKING_MODE.name.toLowerCase()] === NETWORKING_MODE.value
  return { kind: bare ? 'bare' : (kind as 'ocpp' | 'overlay'), id }
}

const decoded = (encoded: string): string | undefined => {
  try {
    return decodeURIComponent(encoded)
  } catch (cause) {
    if (cause instanceof URIError) return undefined
    throw cause
  }
}
