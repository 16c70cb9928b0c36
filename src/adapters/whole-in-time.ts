// Requests that must have come in whole within a time, on a server that has no such bound for all: one with a door, where a file may come
// for as long as it comes (adapters/door.ts).
import type { RequestListener } from 'node:http'

export const wholeInTime =
  (handler: RequestListener, ms: number): RequestListener =>
  (request, response) => {
    const late = setTimeout(() => {
      if (!request.complete) request.socket.destroy()
    }, ms).unref()
    response.once('close', () => clearTimeout(late))
    return handler(request, response)
  }
