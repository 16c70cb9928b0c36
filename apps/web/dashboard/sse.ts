// Server-sent events from text (HTML Living Standard §9.2.6). The browser's own EventSource cannot carry a bearer token,
// so the bytes come by fetch and are parsed here. Knows nothing of what the events mean.

export interface ServerEvent {
  /** `message` where the stream names none. */
  readonly type: string
  readonly data: string
  /** The last id the stream gave, also by an earlier event. */
  readonly id: string
}

/** Returns a function that takes the stream's text piece by piece, cut anywhere, and calls `on` for every whole event. */
export const sseParser = (on: (event: ServerEvent) => void): ((chunk: string) => void) => {
  let held = ''
  let first = true
  let type = ''
  let id = ''
  let data: string[] = []
  const dispatch = () => {
    if (data.length > 0) on({ type: type === '' ? 'message' : type, data: data.join('\n'), id })
    type = ''
    data = []
  }
  const line = (text: string) => {
    if (text === '') return dispatch()
    const colon = text.indexOf(':')
    // a line that opens with a colon is a comment: servers send them to keep the connection alive
    if (colon === 0) return
    const name = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') data.push(value)
    else if (name === 'event') type = value
    else if (name === 'id' && !value.includes('\0')) id = value
  }
  return (chunk) => {
    held += chunk
    if (first && held !== '') {
      held = held.replace(/^\uFEFF/, '')
      first = false
    }
    // a CR at the very end may be half of a CRLF, so it waits for the next piece
    const lines = held.split(/\r\n|\n|\r(?!$)/)
    held = lines.pop() ?? ''
    for (const each of lines) line(each)
  }
}
