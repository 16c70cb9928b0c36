// What stands above the process under test and answers at once: a back end for plain stations (/ocpp/<id>), and an overlay node called
// `csms` (/overlay/<id>).
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerParent } from '../child.ts'
import { listen } from './listen.ts'

let answered = 0

const plain = (socket: WebSocket, data: string): void => {
  const [type, id] = JSON.parse(data)
  if (type === 2) socket.send(JSON.stringify([3, id, {}]))
}

const overlay = (socket: WebSocket, data: string): void => {
  const [type, , path, id] = JSON.parse(data)
  if (type !== 2) return
  answered++
  const origin = typeof path === 'string' ? path : path[0]
  socket.send(JSON.stringify([3, origin, 'csms', id, {}, { ocpp: 'ocpp2.0.1' }]))
}

const server = createServer()
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
  const answer = request.url?.startsWith('/overlay/') ? overlay : plain
  socket.on('message', (data) => answer(socket, String(data)))
})

answerParent({ start: () => listen(server), answered: () => answered })
