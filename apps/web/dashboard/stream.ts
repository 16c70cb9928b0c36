// The node's event stream: opened with the token, read until it ends.
import { Refused, request } from '../shell/api.ts'
import { type ServerEvent, sseParser } from './sse.ts'

interface StreamHandlers {
  readonly opened: () => void
  readonly event: (event: ServerEvent) => void
}

/** Reads a stream of server-sent events until it ends or is aborted. */
export const stream = async (path: string, token: string, handlers: StreamHandlers, signal: AbortSignal): Promise<void> => {
  const response = await request(path, token, { signal })
  if (response.body === null) throw new Refused(response.status)
  handlers.opened()
  const push = sseParser(handlers.event)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    push(value)
  }
}
