// The yardstick beside the fuzz: a WebSocket server in a process of its own that reads what comes and answers what it can read with nothing. It
// gets the same frames. What its neighbour waits longer meanwhile is the machine's doing: the attackers' own work, and everybody else's.
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => [...offered][0] ?? false })
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const id = idOf(String(data))
    if (id !== undefined) socket.send(JSON.stringify([3, id, {}]))
  })
})
const idOf = (text: string): string | undefined => {
  try {
    const [, id] = JSON.parse(text) as [number, string]
    return id
  } catch {
    return undefined // no frame
  }
}
server.on('listening', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit(0))
