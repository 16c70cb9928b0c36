// A thread that throws frames at a node, so many a second, over sockets that come back when they are thrown out. A thread of its
// own, so that making frames does not delay the neighbour whose answers are timed.
import { parentPort, workerData } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { systemClock } from '../../src/adapters/clock.ts'
import { generateSigner, nodeEngine, nodeRandom } from '../../src/adapters/node-crypto.ts'
import { wsLink } from '../../src/adapters/ws-link.ts'
import type { Link } from '../../src/base/ports.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { proveLink } from '../../src/overlay/handshake.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { chance } from '../chance.ts'
import { type FrameKind, frameMaker } from './frames.ts'

export interface Attack {
  readonly port: number
  readonly seed: number
  readonly perSecond: number
  /** Whether it is the bare server, which asks nobody who he is. */
  readonly isBare?: boolean
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

const { port, seed, perSecond, isBare = false } = workerData as Attack
const random = chance(seed)
const makers = ATTACKERS.map(({ id }) => frameMaker(random, { sender: id, receiver: 'csms', beside: 'neighbour' }))
const engine = nodeEngine()
const signer = generateSigner('secp256r1')
/** Those over which frames may go. */
const lines: (Pick<Link, 'send'> | undefined)[] = ATTACKERS.map(() => undefined)
let sent = 0

const dial = (n: number): void => {
  const { id, kind, path, protocol } = ATTACKERS[n] as (typeof ATTACKERS)[number]
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}/${id}`, [protocol])
  socket.on('error', () => undefined)
  socket.once('open', () => {
    if (kind === 'plain' || isBare) lines[n] = socket
    else prove(n, socket, id).catch(() => undefined)
  })
  // the calls of the other side stay unanswered
  socket.on('message', () => undefined)
  socket.once('close', () => {
    lines[n] = undefined
    setTimeout(() => dial(n), 200)
  })
}

/** Frames get past the proof of keys only from one that has a key; any will do for an id that nobody listed (docs/protocol.md §3.1.1). */
const prove = async (n: number, socket: WebSocket, id: string): Promise<void> => {
  const identity = { node: id, kid: thumbprint(signer.publicKey, engine), signer }
  const world = { clock: systemClock, random: nodeRandom, engine, trust: new TrustStore(engine), identity }
  const { link } = await proveLink(wsLink(socket, id), { peer: 'csms', as: 'dialler' }, world)
  link.open({ text: () => undefined, binary: () => undefined, closed: () => undefined })
  lines[n] = link
}

const strike = (): void => {
  const n = random.between(0, ATTACKERS.length - 1)
  const [line, maker, attacker] = [lines[n], makers[n], ATTACKERS[n]]
  if (line === undefined || maker === undefined || attacker === undefined) return
  line.send(random.next() < 0.03 ? maker.binary() : maker.text(attacker.kind))
  sent++
}

for (const n of ATTACKERS.keys()) dial(n)
let timer: NodeJS.Timeout | undefined

const areOpen = (): boolean => lines.every((line) => line !== undefined)

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
