// What the event stream does not tell of is read anew every few seconds. What was known stays when a reading fails.
import { useEffect, useState } from 'preact/hooks'
import type { Json } from '../../../src/base/ports.ts'
import { get, Refused } from '../shell/api.ts'

export interface Polled<T> {
  /** The newest that could be read. */
  readonly value: T | undefined
  /** `absent`: the node has no such thing. */
  readonly state: 'loading' | 'known' | 'absent' | 'failed'
  /** When it was read, milliseconds since 1970. */
  readonly at: number
}

/** `read` must be the same function at every drawing. */
export const usePolled = <T>(path: string, token: string, read: (json: Json) => T, everyMs = 5_000): Polled<T> => {
  const [polled, setPolled] = useState<Polled<T>>({ value: undefined, state: 'loading', at: 0 })
  useEffect(() => {
    const stop = new AbortController()
    const look = async () => {
      try {
        const value = read(await get(path, token, stop.signal))
        setPolled({ value, state: 'known', at: Date.now() })
      } catch (thrown) {
        if (stop.signal.aborted) return
        const absent = thrown instanceof Refused && thrown.status === 404
        if (!absent) console.info(`${path} could not be read:`, String(thrown))
        setPolled((before) => ({ ...before, state: absent ? 'absent' : 'failed' }))
      }
    }
    look()
    const timer = setInterval(look, everyMs)
    return () => {
      clearInterval(timer)
      stop.abort()
    }
  }, [path, token, read, everyMs])
  return polled
}
