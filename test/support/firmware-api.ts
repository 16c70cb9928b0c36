// Releases and roll-outs at a node's management API, as a program of an operator's asks for them.
import { TOKEN } from './site.ts'

export interface RollOut {
  readonly state: string
  readonly reason?: string
  readonly stations: readonly { readonly state: string }[]
}

/** @param body text is JSON, bytes are a file */
export type AskFirmware = (method: 'GET' | 'POST' | 'PUT', path: string, body?: string | Buffer<ArrayBuffer>) => Promise<RollOut>

export const firmwareApi =
  (port: () => number): AskFirmware =>
  async (method, path, body) => {
    const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream'
    const headers = { authorization: `Bearer ${TOKEN}`, ...(body !== undefined && { 'content-type': type }) }
    const answer = await fetch(`http://127.0.0.1:${port()}/api/v1/firmware${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    })
    return (await answer.json()) as RollOut
  }
