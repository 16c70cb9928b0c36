// Yardstick: the least a back end can do. Parses each CALL and answers with an empty CALLRESULT; checks and keeps nothing.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { answerParent, selfMeasures } from '../child.ts'
import { listen } from './listen.ts'

const server = createServer()
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('message', (data) => {
    const [, id] = JSON.parse(String(data))
    socket.send(JSON.stringify([3, id, {}]))
  })
})

answerParent({ start: () => listen(server), ...selfMeasures })
