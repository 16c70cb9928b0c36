// A thread that throws frames at a node, so many a second, over sockets that come back when they are thrown out. A thread of its
// own, so that making frames does not delay the neighbour whose answers are timed.
import { parentPort, workerData } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { chance } from '../chance.ts'
import { type FrameKind, frameMaker } from './frames.ts'

export interface Attack {
  readonly port: number
  readonly seed: number
  readonly perSecond: number
}

/** Each is answered with the number of frames sent so far; `attack` once every socket stands. */
export type AttackOrder = 'attack' | 'pause'

const ATTACKERS = [
  { id: 'fuzz-1', kind: 'overlay', path: 'overlay', protocol: 'chargeproof.overlay.1' },
  { id: 'fuzz-2', kind: 'overlay', path: 'overlay', protocol: 'chargeproof.overlay.1' },
  { id: 'fuzz-3', kind: 'plain', path: 'ocpp', protocol: 'ocpp1.6' },
  { id: 'fuzz-4', kind: 'plain', path: 'ocpp', protocol: 'ocpp2.1' },
] as const satisfies readonly { kind: FrameKind; [name: string]: string }[]

const TICK_MS = 10

const { port, seed, perSecond } = workerData as Attack
const random = chance(seed)
const makers = ATTACKERS.map(({ id }) => frameMaker(random, { sender: id, receiver: 'csms', beside: 'neighbour' }))
const sockets: (WebSocket | undefined)[] = ATTACKERS.map(() => undefined)
let sent = 0

const dial = (n: number): void => {
  const { id, path, protocol } = ATTACKERS[n] as (typeof ATTACKERS)[number]
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}/${id}`, [protocol])
  sockets[n] = socket
  socket.on('error', () => undefined)
  // the calls of the other side stay unanswered
  socket.on('message', () => undefined)
  socket.once('close', () => setTimeout(() => dial(n), 200))
}

const strike = (): void => {
  const n = random.between(0, ATTACKERS.length - 1)
  const [socket, maker, attacker] = [sockets[n], makers[n], ATTACKERS[n]]
  if (socket?.readyState !== WebSocket.OPEN || maker === undefined || attacker === undefined) return
  socket.send(random.next() < 0.03 ? maker.binary() : maker.text(attacker.kind))
  sent++
}

for (const n of ATTACKERS.keys()) dial(n)
let timer: NodeJS.Timeout | undefined

const areOpen = (): boolean => sockets.every((socket) => socket?.readyState === WebSocket.OPEN)

const attack = async (): Promise<void> => {
  while (!areOpen()) await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  timer = setInterval(() => {
    for (let n = (perSecond * TICK_MS) / 1_000; n > 0; n--) strike()
  }, TICK_MS)
}

parentPort?.on('message', async (order: AttackOrder) => {
  clearInterval(timer)
  if (order === 'attack') await attack()
  parentPort?.postMessage(sent)
})
