// What a simulated station fetches and sends by HTTP, bounded in bytes, and in the time in which nothing moves. A download that breaks off
// goes on where it was.
import { Readable } from 'node:stream'
import { Fault } from '../base/fault.ts'
import type { StationFiles } from '../roles/station/files.ts'

/** The station keeps a file in memory. */
const MOST = 64 * 1024 * 1024
const STILL_MS = 30_000
const SLICE = 65_536
const ATTEMPTS = 3

export const stationFiles = (most = MOST, stillMs = STILL_MS): StationFiles => ({
  async fetch(url) {
    const come: Come = { parts: [], etag: null }
    for (let attempt = 1; ; attempt++) {
      try {
        await readInto(url, come, { most, stillMs })
        return Buffer.concat(come.parts)
      } catch (cause) {
        const isFinal = cause instanceof Fault && cause.code !== 'link-lost'
        if (isFinal || attempt === ATTEMPTS) throw unreachable('fetched', cause)
      }
    }
  },
  async send(url, name, bytes) {
    const address = url.endsWith('/') ? new URL(encodeURIComponent(name), url) : url
    const patience = new Patience(stillMs)
    const body = Readable.from(slices(bytes, () => patience.moved()))
    const headers = { 'content-length': String(bytes.length) }
    // the standard of fetch wants half duplex said where a body is read as it goes
    const answer = await fetch(address, { method: 'PUT', body, headers, duplex: 'half', signal: patience.signal })
      .catch((cause) => {
        throw unreachable('sent', cause)
      })
      .finally(() => patience.end())
    await answer.body?.cancel()
    if (!answer.ok) throw new Fault('unreachable', `the file was not taken: ${answer.status}`)
  },
})

/** Gives up when nothing has moved for so long. */
class Patience {
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#abort.abort(new Error(`nothing moved for ${ms} ms`)), ms)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  moved(): void {
    this.#timer.refresh()
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

const slices = function* (bytes: Uint8Array, moved: () => void): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE) {
    moved()
    yield bytes.subarray(at, at + SLICE)
  }
}

/** What has come of a file, and which one it is. */
interface Come {
  parts: Uint8Array[]
  etag: string | null
}

/** Adds what is missing to what came before; of another file, everything (RFC 9110 §13.1.5). */
const readInto = async (url: string, come: Come, { most, stillMs }: { most: number; stillMs: number }): Promise<void> => {
  const have = come.parts.reduce((sum, { length }) => sum + length, 0)
  const patience = new Patience(stillMs)
  try {
    const onward = { range: `bytes=${have}-`, ...(come.etag !== null && { 'if-range': come.etag }) }
    const answer = await fetch(url, { ...(have > 0 && { headers: onward }), signal: patience.signal })
    if (!answer.ok || !answer.body) throw new Fault('unreachable', `the file was not given: ${answer.status}`)
    // who does not know ranges, or has another file by now, begins again
    const isRest = answer.status === 206 && (answer.headers.get('content-range') ?? '').startsWith(`bytes ${have}-`)
    if (!isRest) come.parts = []
    if (answer.status === 206 && !isRest) throw new Fault('link-lost', 'another part of the file was given')
    come.etag = answer.headers.get('etag')
    let size = isRest ? have : 0
    for await (const part of answer.body) {
      patience.moved()
      size += part.length
      if (size > most) throw new Fault('limit-exceeded', `expected a file of at most ${most} bytes`)
      come.parts.push(part)
    }
  } finally {
    patience.end()
  }
}

const unreachable = (what: string, cause: unknown): Fault =>
  cause instanceof Fault ? cause : new Fault('unreachable', `the file could not be ${what}`, {}, cause)
