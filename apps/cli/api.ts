// The management API as commands ask it: one question, its answer or what it says is wrong.
import type { Readable } from 'node:stream'
import { InvalidArgumentError } from 'commander'
import { Fault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'

export interface ApiOptions {
  readonly url: string
  readonly token: string
}

export type Api = <Answer>(method: string, path: string, body?: Json) => Promise<Answer>

/** Rejects with Fault `unreachable` where nobody answers there, `refused` with the reason where the answer is a problem. */
export const api =
  (options: ApiOptions): Api =>
  <Answer>(method: string, path: string, body?: Json) =>
    asked<Answer>(options, path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })

/** Sends a file as it is read. Rejects as `api`. */
export const putFile = <Answer>(options: ApiOptions, path: string, file: Readable): Promise<Answer> =>
  // the standard of fetch wants half duplex said where a body is read as it goes
  asked<Answer>(options, path, { method: 'PUT', body: file, duplex: 'half', headers: { 'content-type': 'application/octet-stream' } })

/** An address that commander was given. */
export const asUrl = (text: string): string => {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new InvalidArgumentError('expected an address such as http://127.0.0.1:8080.')
  return text
}

const asked = async <Answer>({ url, token }: ApiOptions, path: string, init: RequestInit & { headers?: object }): Promise<Answer> => {
  const headers = { ...init.headers, authorization: `Bearer ${token}` }
  const answer = await fetch(new URL(`/api/v1${path}`, url), { ...init, headers }).catch((cause) => {
    throw new Fault('unreachable', `${url} does not answer`, {}, cause)
  })
  const told = (await answer.json().catch(() => ({}))) as { detail?: string }
  if (!answer.ok) throw new Fault('refused', told.detail ?? `${url} answers ${answer.status}`)
  return told as Answer
}
