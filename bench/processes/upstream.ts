// What stands above the process under test: a back end that answers MeterValues at once, gives back what a DataTransfer says, and asks
// the stations something in closed loop. It is reached plainly (/ocpp/<id>), as the overlay node `csms` (/overlay/<id>), and through a
// relay that puts many stations on one socket (/many).
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerParent } from '../child.ts'
import { type Crossing, summary } from '../crossing.ts'
import { listen } from './listen.ts'

type Message = readonly [type: number, id: string, ...rest: readonly unknown[]]

/** How a connection names the station that a message is from or for. */
interface Tongue {
  readonly read: (text: string) => { station: string; message: Message }
  readonly write: (station: string, message: Message) => string
}

const overlay: Tongue = {
  read(text) {
    const [type, , path, id, ...rest] = JSON.parse(text)
    return { station: typeof path === 'string' ? path : path[0], message: [type, id, ...rest] }
  },
  write: (station, [type, id, ...rest]) => JSON.stringify([type, station, 'csms', id, ...rest, { ocpp: 'ocpp2.0.1' }]),
}

const many: Tongue = {
  read(text) {
    const [station, inner] = JSON.parse(text)
    return { station, message: JSON.parse(inner) }
  },
  write: (station, message) => JSON.stringify([station, JSON.stringify(message)]),
}

const plain = (station: string): Tongue => ({
  read: (text) => ({ station, message: JSON.parse(text) }),
  write: (_station, message) => JSON.stringify(message),
})

/** What a station was asked, and who waits for its answer. */
const asked = new Map<string, { readonly id: string; readonly answer: (data: unknown) => void }>()
/** Calls of the overlay link. */
let answered = 0
let below: ((station: string, message: Message) => void) | undefined

const received = (socket: WebSocket, tongue: Tongue, text: string): void => {
  const { station, message } = tongue.read(text)
  const [type, id] = message
  if (type === 2) {
    if (tongue === overlay) answered++
    const [, , action, payload] = message as readonly [number, string, string, { data?: unknown }]
    socket.send(tongue.write(station, [3, id, action === 'DataTransfer' ? { status: 'Accepted', data: payload.data } : {}]))
  } else if (asked.get(station)?.id === id) {
    asked.get(station)?.answer(type === 3 ? (message[2] as { data?: unknown }).data : undefined)
  }
}

/** Asks every station `each` questions with the same ids, and counts answers that are not the asked station's own. */
const ask = async ({ stations, each }: { stations: number; each: number }): Promise<Crossing> => {
  const times: number[] = []
  const wrong = { misrouted: 0, lost: 0 }
  const one = async (station: string): Promise<void> => {
    for (let n = 0; n < each; n++) {
      const [id, sent] = [String(n), performance.now()]
      const data = await new Promise((answer) => {
        asked.set(station, { id, answer })
        below?.(station, [2, id, 'DataTransfer', { vendorId: 'bench', data: `${station} ${id}` }])
      })
      if (data === undefined) wrong.lost++
      else if (data !== `${station} answers ${id}`) wrong.misrouted++
      times.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: stations }, (_, i) => one(`cs${i}`)))
  return summary(times, wrong)
}

const server = createServer()
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
  const [, kind, id = ''] = request.url?.split('/') ?? []
  const tongue = kind === 'overlay' ? overlay : kind === 'many' ? many : plain(id)
  if (kind !== 'ocpp') below = (station, message) => socket.send(tongue.write(station, message))
  socket.on('message', (data) => received(socket, tongue, String(data)))
})

answerParent({ start: () => listen(server), answered: () => answered, ask })
