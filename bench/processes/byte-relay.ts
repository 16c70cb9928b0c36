// Yardstick: bytes over WebSockets and nothing else. A source, relays that pass each binary message on as it came, and a sink that hashes.
// Who cannot get rid of what comes stops reading, so that memory is bounded here too.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { answerParent, selfMeasures } from '../child.ts'
import { listen } from './listen.ts'

/** Bytes in a socket above which nothing more is read. */
const HELD = 1024 * 1024
/** Bytes of one message, as in a frame of a stream. */
const MESSAGE = 16_384 + 26

const server = createServer()
let arrived = 0
let awaited: { readonly bytes: number; readonly resolve: () => void } | undefined

const dial = async (url: string): Promise<WebSocket> => {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return socket
}

/** Without an upstream it is the sink. Resolves with its port. */
const start = async ({ upstream }: { upstream?: string }): Promise<number> => {
  const onward = upstream === undefined ? undefined : await dial(upstream)
  const hash = createHash('sha256')
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      if (!onward) {
        hash.update(data)
        arrived += data.length
        if (awaited && arrived >= awaited.bytes) awaited.resolve()
        return
      }
      if (onward.bufferedAmount > HELD) socket.pause()
      onward.send(data, () => socket.isPaused && onward.bufferedAmount < HELD && socket.resume())
    })
  })
  return listen(server)
}

const pour = async ({ url, bytes }: { url: string; bytes: number }): Promise<void> => {
  const socket = await dial(url)
  const hash = createHash('sha256')
  for (let at = 0; at < bytes; at += MESSAGE) {
    const message = new Uint8Array(MESSAGE)
    hash.update(message)
    const sent = new Promise((resolve) => socket.send(message, resolve))
    if (socket.bufferedAmount > HELD) await sent
  }
}

/** Resolves when so many bytes more than before have come to the sink. */
const arrive = (bytes: number): Promise<void> =>
  new Promise((resolve) => {
    arrived = 0
    awaited = { bytes, resolve }
  })

answerParent({ start, pour, arrive, ...selfMeasures })
