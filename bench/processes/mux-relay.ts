// Yardstick: the least that brings many stations onto one socket. Each text goes up and down in an envelope [station id, text]; nothing
// in it is read, checked or kept.
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { answerParent, selfMeasures } from '../child.ts'
import { listen } from './listen.ts'

const server = createServer()
const stations = new Map<string, WebSocket>()

const start = async ({ upstream }: { upstream: string }): Promise<number> => {
  const uplink = new WebSocket(`${upstream}/many`, { perMessageDeflate: false })
  await new Promise((resolve, reject) => uplink.once('open', resolve).once('error', reject))
  uplink.on('message', (data) => {
    const [id, text] = JSON.parse(String(data))
    stations.get(id)?.send(text)
  })
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (station, request) => {
    const id = request.url?.split('/').at(-1) ?? ''
    stations.set(id, station)
    station.on('message', (data) => uplink.send(JSON.stringify([id, String(data)])))
    station.on('close', () => stations.delete(id))
  })
  return listen(server)
}

answerParent({ start, ...selfMeasures })
