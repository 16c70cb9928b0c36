// What stands above the process under test: a back end that answers MeterValues at once, gives back what a DataTransfer says, and asks
// the stations something in closed loop. It is reached plainly (/ocpp/<id>), as the overlay node `csms` (/overlay/<id>), and through a
// relay that puts many stations on one socket (/many).
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '../../src/adapters/clock.ts'
import { generateSigner, nodeEngine, nodeRandom } from '../../src/adapters/node-crypto.ts'
import { wsLink } from '../../src/adapters/ws-link.ts'
import type { Link } from '../../src/base/ports.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { proveLink } from '../../src/overlay/handshake.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { answerParent } from '../child.ts'
import { type Crossing, summary } from '../crossing.ts'
import { listen } from './listen.ts'

type Message = readonly [type: number, id: string, ...rest: readonly unknown[]]

type Line = Pick<Link, 'send'>

/** How a connection names the station that a message is from or for. */
interface Tongue {
  readonly read: (text: string) => { station: string; message: Message; signatures?: unknown }
  readonly write: (station: string, message: Message, signatures?: unknown) => string
}

const overlay: Tongue = {
  read(text) {
    const [type, , path, id, ...rest] = JSON.parse(text)
    const { signatures } = rest.at(-1)
    return { station: typeof path === 'string' ? path : path[0], message: [type, id, ...rest], signatures }
  },
  // an answer is as long as one that was signed: those between cannot tell whether it was
  write: (station, [type, id, ...rest], signatures) =>
    JSON.stringify([type, station, 'csms', id, ...rest, { ocpp: 'ocpp2.0.1', signatures }]),
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

const received = (socket: Line, tongue: Tongue, text: string): void => {
  const { station, message, signatures } = tongue.read(text)
  const [type, id] = message
  if (type === 2) {
    if (tongue === overlay) answered++
    const [, , action, payload] = message as readonly [number, string, string, { data?: unknown }]
    const answer = action === 'DataTransfer' ? { status: 'Accepted', data: payload.data } : {}
    socket.send(tongue.write(station, [3, id, answer], signatures))
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

const engine = nodeEngine()
const signer = generateSigner('secp256r1')
const parts = {
  clock: systemClock,
  random: nodeRandom,
  engine,
  trust: new TrustStore(engine),
  identity: { node: 'csms', kid: thumbprint(signer.publicKey, engine), signer },
}

/** The node under test proves its key and sees one proven before it says anything, as with any neighbour. */
const neighbour = async (socket: WebSocket, id: string): Promise<void> => {
  const { link } = await proveLink(wsLink(socket, id), { peer: id, as: 'listener' }, parts)
  below = (station, message) => link.send(overlay.write(station, message))
  link.open({ text: (text) => received(link, overlay, text), binary: () => undefined, closed: () => undefined })
}

const server = createServer()
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
  const [, kind, id = ''] = request.url?.split('/') ?? []
  if (kind === 'overlay') return void neighbour(socket, decodeURIComponent(id)).catch((error) => console.error(error))
  const tongue = kind === 'many' ? many : plain(id)
  if (kind !== 'ocpp') below = (station, message) => socket.send(tongue.write(station, message))
  socket.on('message', (data) => received(socket, tongue, String(data)))
})

answerParent({ start: () => listen(server), answered: () => answered, ask })
