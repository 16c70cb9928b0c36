// Yardstick: bytes over WebSockets and nothing else. A source, relays that pass each binary message on as it came, and a sink that counts.
// Who cannot get rid of what comes stops reading, so that memory is bounded here too.
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
let awaited: { readonly bytes: number; readonly done: PromiseWithResolvers<void> } | undefined

const dial = async (url: string): Promise<WebSocket> => {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return socket
}

/** Without an upstream it is the sink. Resolves with its port. */
const start = async ({ upstream }: { upstream?: string }): Promise<number> => {
  const onward = upstream === undefined ? undefined : await dial(upstream)
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      if (!onward) {
        arrived += data.length
        if (awaited && arrived >= awaited.bytes) awaited.done.resolve()
        return
      }
      if (onward.bufferedAmount > HELD) socket.pause()
      onward.send(data, () => socket.isPaused && onward.bufferedAmount < HELD && socket.resume())
    })
  })
  return listen(server)
}

let poured: WebSocket | undefined

/** Makes it the source. */
const reach = async (url: string): Promise<void> => {
  poured = await dial(url)
}

const pour = async (bytes: number): Promise<void> => {
  const socket = poured
  if (!socket) throw new Error('this is no source')
  for (let at = 0; at < bytes; at += MESSAGE) {
    const message = new Uint8Array(MESSAGE)
    const sent = new Promise((resolve) => socket.send(message, resolve))
    if (socket.bufferedAmount > HELD) await sent
  }
}

/** From here on it is counted what comes to the sink. */
const expect = (bytes: number): void => {
  arrived = 0
  awaited = { bytes, done: Promise.withResolvers() }
}

/** Resolves when so many bytes have come as were expected. */
const arrive = (): Promise<void> | undefined => awaited?.done.promise

answerParent({ start, reach, pour, expect, arrive, ...selfMeasures })
