// Yardstick: the least a hop can do that looks at what it carries. One socket upwards for each station, every frame parsed and written
// anew in both directions; checks and keeps nothing.
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { answerParent, selfMeasures } from '../child.ts'
import { listen } from './listen.ts'

const server = createServer()

const start = ({ upstream }: { upstream: string }): Promise<number> => {
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (station, request) => {
    const uplink = new WebSocket(`${upstream}${request.url}`, ['ocpp2.0.1'], { perMessageDeflate: false })
    const opened = new Promise((resolve) => uplink.once('open', resolve))
    const anew = (data: unknown): string => JSON.stringify(JSON.parse(String(data)))
    station.on('message', async (data) => {
      if (uplink.readyState !== WebSocket.OPEN) await opened
      uplink.send(anew(data))
    })
    uplink.on('message', (data) => station.send(anew(data)))
    station.on('close', () => uplink.close())
  })
  return listen(server)
}

answerParent({ start, ...selfMeasures })
