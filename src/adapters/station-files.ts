// What a simulated station fetches and sends by HTTP, bounded in bytes and time. A download that breaks off goes on where it was.
import { Fault } from '../base/fault.ts'
import type { StationFiles } from '../roles/station/files.ts'

/** The station keeps a file in memory. */
const MOST = 64 * 1024 * 1024
const STILL_MS = 30_000
const ATTEMPTS = 3

export const stationFiles = (most = MOST): StationFiles => ({
  async fetch(url) {
    const parts: Uint8Array[] = []
    for (let attempt = 1; ; attempt++) {
      try {
        await readInto(url, parts, most)
        return Buffer.concat(parts)
      } catch (cause) {
        if (cause instanceof Fault || attempt === ATTEMPTS) throw unreachable('fetched', cause)
      }
    }
  },
  async send(url, name, bytes) {
    const address = url.endsWith('/') ? new URL(encodeURIComponent(name), url) : url
    const answer = await fetch(address, { method: 'PUT', body: Buffer.from(bytes), signal: AbortSignal.timeout(STILL_MS) }).catch(
      (cause) => {
        throw unreachable('sent', cause)
      },
    )
    await answer.body?.cancel()
    if (!answer.ok) throw new Fault('unreachable', `the file was not taken: ${answer.status}`)
  },
})

/** Adds what is missing to what came before. */
const readInto = async (url: string, parts: Uint8Array[], most: number): Promise<void> => {
  const have = parts.reduce((sum, { length }) => sum + length, 0)
  const answer = await fetch(url, { ...(have > 0 && { headers: { range: `bytes=${have}-` } }), signal: AbortSignal.timeout(STILL_MS) })
  if (!answer.ok || !answer.body) throw new Fault('unreachable', `the file was not given: ${answer.status}`)
  // who does not know ranges begins again
  if (have > 0 && answer.status !== 206) parts.length = 0
  let size = answer.status === 206 ? have : 0
  for await (const part of answer.body) {
    size += part.length
    if (size > most) throw new Fault('limit-exceeded', `expected a file of at most ${most} bytes`)
    parts.push(part)
  }
}

const unreachable = (what: string, cause: unknown): Fault =>
  cause instanceof Fault ? cause : new Fault('unreachable', `the file could not be ${what}`, {}, cause)
