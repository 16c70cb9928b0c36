// The management API as commands ask it: one question, its answer or what it says is wrong.
import { Readable } from 'node:stream'
import { Fault } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'

export interface ApiOptions {
  readonly url: string
  readonly token: string
}

export type Api = <Answer>(method: string, path: string, body?: Json | Readable) => Promise<Answer>

/** Rejects with Fault `unreachable` where nobody answers there, `refused` with the reason where the answer is a problem. */
export const api =
  ({ url, token }: ApiOptions): Api =>
  async <Answer>(method: string, path: string, body?: Json | Readable): Promise<Answer> => {
    const isFile = body instanceof Readable
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }),
    }
    const sent =
      body === undefined ? {} : isFile ? { body: Readable.toWeb(body) as BodyInit, duplex: 'half' } : { body: JSON.stringify(body) }
    const answer = await fetch(new URL(`/api/v1${path}`, url), { method, headers, ...sent }).catch((cause) => {
      throw new Fault('unreachable', `${url} does not answer`, {}, cause)
    })
    const told = (await answer.json().catch(() => ({}))) as { detail?: string }
    if (!answer.ok) throw new Fault('refused', told.detail ?? `${url} answers ${answer.status}`)
    return told as Answer
  }
