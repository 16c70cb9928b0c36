// The yardstick beside the fuzz: a WebSocket server that answers every CALL with nothing, in a process of its own, at which nobody throws
// anything. What its neighbour waits longer during the attack is the machine's doing: the attacker's own work, and everybody else's.
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => [...offered][0] ?? false })
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const [, id] = JSON.parse(String(data)) as [number, string]
    socket.send(JSON.stringify([3, id, {}]))
  })
})
server.on('listening', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit(0))
