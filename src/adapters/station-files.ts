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
    const parts: Uint8Array[] = []
    for (let attempt = 1; ; attempt++) {
      try {
        await readInto(url, parts, { most, stillMs })
        return Buffer.concat(parts)
      } catch (cause) {
        if (cause instanceof Fault || attempt === ATTEMPTS) throw unreachable('fetched', cause)
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

/** Adds what is missing to what came before. */
const readInto = async (url: string, parts: Uint8Array[], { most, stillMs }: { most: number; stillMs: number }): Promise<void> => {
  const have = parts.reduce((sum, { length }) => sum + length, 0)
  const patience = new Patience(stillMs)
  try {
    const answer = await fetch(url, { ...(have > 0 && { headers: { range: `bytes=${have}-` } }), signal: patience.signal })
    if (!answer.ok || !answer.body) throw new Fault('unreachable', `the file was not given: ${answer.status}`)
    // who does not know ranges begins again
    if (have > 0 && answer.status !== 206) parts.length = 0
    let size = answer.status === 206 ? have : 0
    for await (const part of answer.body) {
      patience.moved()
      size += part.length
      if (size > most) throw new Fault('limit-exceeded', `expected a file of at most ${most} bytes`)
      parts.push(part)
    }
  } finally {
    patience.end()
  }
}

const unreachable = (what: string, cause: unknown): Fault =>
  cause instanceof Fault ? cause : new Fault('unreachable', `the file could not be ${what}`, {}, cause)
