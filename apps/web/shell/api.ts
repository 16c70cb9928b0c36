// Calls to the node that served this page, with its bearer token. The token lives in sessionStorage: it ends with the tab.
import type { Json } from '../../../src/base/ports.ts'

const KEY = 'token'

/** The token of this tab. One that comes in the address (`#token=…`) is kept and taken out of the address and the history. */
export const takeToken = (): string | undefined => {
  const fragment = new URLSearchParams(location.hash.slice(1))
  const given = fragment.get('token')
  if (given !== null) {
    keepToken(given)
    fragment.delete('token')
    const rest = fragment.toString()
    history.replaceState(null, '', `${location.pathname}${location.search}${rest === '' ? '' : `#${rest}`}`)
  }
  return given ?? sessionStorage.getItem(KEY) ?? undefined
}

export const keepToken = (token: string): void => sessionStorage.setItem(KEY, token)
export const dropToken = (): void => sessionStorage.removeItem(KEY)

/** An answer other than 2xx. */
export class Refused extends Error {
  readonly status: number

  constructor(status: number) {
    super(`expected a 2xx answer, got ${status}`)
    this.name = 'Refused'
    this.status = status
  }
}

export const request = async (path: string, token: string, init: RequestInit = {}): Promise<Response> => {
  const response = await fetch(path, { ...init, headers: { authorization: `Bearer ${token}` }, cache: 'no-store' })
  if (!response.ok) throw new Refused(response.status)
  return response
}

export const get = async (path: string, token: string, signal?: AbortSignal): Promise<Json> => {
  const response = await request(path, token, signal === undefined ? {} : { signal })
  return (await response.json()) as Json
}

export const post = async (path: string, token: string): Promise<Json> =>
  (await (await request(path, token, { method: 'POST' })).json()) as Json

/** The bytes of a resource, for the verifier. */
export const getBytes = async (path: string, token: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await request(path, token)).arrayBuffer())
