// The HTTP answer to an upgrade that is refused: a status and nothing more, and the end of the socket.
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

const EXTRA_HEADERS: Readonly<Record<number, string>> = {
  401: 'WWW-Authenticate: Basic realm="ocpp", charset="UTF-8"\r\n',
  429: 'Retry-After: 60\r\n',
  503: 'Retry-After: 10\r\n',
}

export const answer = (socket: Duplex, status: number): void => {
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n${EXTRA_HEADERS[status] ?? ''}\r\n`,
  )
}
