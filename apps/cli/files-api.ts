// Files over the management API of a running node: what `chargeproof files` asks it for.
import { createHash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { writeWhole } from '../../src/adapters/durable-files.ts'
import { describeFile } from '../../src/adapters/file-contents.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { FAULTS, Fault, type FaultCode } from '../../src/base/fault.ts'
import type { Json } from '../../src/base/ports.ts'
import { type Content, chunkLength, contentId, listText } from '../../src/overlay/files/content.ts'
import type { FileEntry } from '../../src/overlay/files/file-space.ts'
import { indicesOf, type Run } from '../../src/overlay/files/request.ts'

export type Told = (done: number, total: number) => void

export interface Api {
  readonly url: string
  readonly token: string
}

/** How answers that are no success are told on. */
const FAULT_OF_STATUS: Readonly<Record<number, FaultCode>> = {
  400: 'payload-invalid',
  401: 'refused',
  403: 'refused',
  404: 'input-missing',
  413: 'limit-exceeded',
  502: 'unreachable',
  503: 'queue-full',
}

export class FilesApi {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  async list(node: string, folder: string): Promise<readonly FileEntry[]> {
    return (await this.#ask(`/nodes/${encodeURIComponent(node)}/files?${new URLSearchParams({ folder })}`)).json() as Promise<
      readonly FileEntry[]
    >
  }

  async remove(node: string, name: string, onlyIfHash?: string): Promise<boolean> {
    const query = new URLSearchParams({ name, ...(onlyIfHash !== undefined && { onlyIfHash }) })
    const answer = await this.#ask(`/nodes/${encodeURIComponent(node)}/files?${query}`, { method: 'DELETE' })
    return ((await answer.json()) as { readonly deleted: boolean }).deleted
  }

  /** Writes a node's file, whole or not at all. Resolves with its SHA-256. */
  async get(node: string, name: string, { to, told }: { to: string; told: Told }): Promise<{ size: number; sha256: string }> {
    const answer = await this.#ask(`/nodes/${encodeURIComponent(node)}/files/content?${new URLSearchParams({ name })}`)
    const size = Number(answer.headers.get('content-length'))
    const expected = answer.headers.get('x-content-sha256')
    const draft = `${to}.${process.pid}.part`
    const file = await opened(draft, 'wx')
    const hash = createHash('sha256')
    let done = 0
    try {
      for await (const bytes of answer.body ?? []) {
        await writeWhole(file, bytes)
        hash.update(bytes)
        done += bytes.length
        told(done, size)
      }
      await file.sync()
      const sha256 = hash.digest('hex')
      if (done !== size || sha256 !== expected)
        throw new Fault('link-lost', `${name} came with ${done} of ${size} bytes; ask again, what came is kept`)
      await rename(draft, to)
      return { size, sha256 }
    } catch (error) {
      await rm(draft, { force: true })
      if (error instanceof Fault) throw error
      throw new Fault('link-lost', `${this.#api.url} ended the answer before ${name} was whole; ask again, what came is kept`, {}, error)
    } finally {
      await file.close()
    }
  }

  /** Brings a file to this node, in chunks it does not have yet. */
  async upload(path: string, told: Told): Promise<{ content: string; size: number; sha256: string }> {
    const file = await opened(path, 'r')
    try {
      const engine = nodeEngine()
      const content = await describeFile(file, engine)
      const { size, sha256 } = content
      for (;;) {
        const begun = await this.#json('/contents', 'POST', JSON.parse(listText(content)) as Json)
        const missing = [...indicesOf(begun.missing as readonly Run[])]
        let left = missing.reduce((sum, index) => sum + chunkLength(content, index), 0)
        told(size - left, size)
        if (missing.length === 0) return { content: contentId(content, engine), size, sha256 }
        for (const index of missing) {
          left -= await this.#chunk(file, content, { index, id: String(begun.content) })
          told(size - left, size)
        }
      }
    } finally {
      await file.close()
    }
  }

  /** Sends what was uploaded; resolves when the other node has it. */
  async send(node: string, sending: { readonly [member: string]: Json }, told: Told): Promise<void> {
    const body = JSON.stringify(sending)
    const headers = { 'content-type': 'application/json' }
    const answer = await this.#ask(`/nodes/${encodeURIComponent(node)}/files`, { method: 'POST', body, headers })
    let rest = ''
    for await (const text of (answer.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (isOver(JSON.parse(line) as Line, told)) return
    }
    throw new Fault('link-lost', `${this.#api.url} ended the answer before it said whether ${node} has the file`)
  }

  async #chunk(file: FileHandle, content: Content, { index, id }: { index: number; id: string }): Promise<number> {
    const length = chunkLength(content, index)
    const { buffer } = await file.read(new Uint8Array(length), 0, length, index * content.chunkSize)
    const headers = { 'content-type': 'application/octet-stream' }
    await this.#ask(`/contents/${id}/chunks/${index}`, { method: 'PUT', body: buffer, headers })
    return length
  }

  async #json(path: string, method: string, body: Json): Promise<{ readonly [member: string]: unknown }> {
    const headers = { 'content-type': 'application/json' }
    return (await (await this.#ask(path, { method, headers, body: JSON.stringify(body) })).json()) as { readonly [member: string]: unknown }
  }

  async #ask(
    path: string,
    init: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> } = {},
  ): Promise<Response> {
    const { url, token } = this.#api
    const headers = { ...init.headers, authorization: `Bearer ${token}` }
    const answer = await fetch(new URL(`/api/v1${path}`, url), { ...init, headers }).catch((cause) => {
      throw new Fault('unreachable', `nobody answers at ${url}`, {}, cause)
    })
    if (answer.ok) return answer
    const { detail = '' } = (await answer.json().catch(() => ({}))) as { readonly detail?: string }
    throw new Fault(FAULT_OF_STATUS[answer.status] ?? 'remote-error', `${url} answered ${answer.status}: ${detail}`)
  }
}

interface Line {
  readonly done?: number
  readonly total?: number
  readonly stored?: true
  readonly code?: string
  readonly detail?: string
}

/** Whether the file is there. Throws what the line says went wrong. */
const isOver = ({ done, total, stored, code, detail }: Line, told: Told): boolean => {
  if (code !== undefined) throw new Fault(Object.hasOwn(FAULTS, code) ? (code as FaultCode) : 'remote-error', detail ?? code)
  if (done !== undefined && total !== undefined) told(done, total)
  return stored === true
}

const opened = (path: string, how: 'r' | 'wx'): Promise<FileHandle> =>
  open(path, how).catch((cause: NodeJS.ErrnoException) => {
    if (how === 'r') throw new Fault('input-missing', `${path} cannot be read (${cause.code})`, {}, cause)
    throw new Fault('store-failed', `${path} cannot be written (${cause.code})`, {}, cause)
  })
