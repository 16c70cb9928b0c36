// The management API as a program uses it.
import type { Json } from '../../src/base/ports.ts'

export interface Reply {
  readonly status: number
  readonly body: { readonly [name: string]: Json }
}

export interface Api {
  get(path: string): Promise<Reply>
  list(path: string): Promise<readonly { readonly [name: string]: Json }[]>
  post(path: string, body: Json): Promise<Reply>
  /** Asks a station; the body of the answer. */
  call(station: string, action: string, payload: Json): Promise<Reply['body']>
}

export const apiAt = (port: number, token: string): Api => {
  const ask = async (path: string, init: RequestInit = {}): Promise<Reply> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, { ...init, headers })
    return { status: response.status, body: (await response.json()) as Reply['body'] }
  }
  const post = (path: string, body: Json): Promise<Reply> => ask(path, { method: 'POST', body: JSON.stringify(body) })
  return {
    get: (path) => ask(path),
    list: async (path) => (await ask(path)).body as unknown as readonly { readonly [name: string]: Json }[],
    post,
    call: async (station, action, payload) => (await post(`/stations/${station}/calls`, { action, payload, timeoutMs: 5_000 })).body,
  }
}
