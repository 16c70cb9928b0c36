// A node beside the one under test, as far as its link shows it: it carries the calls of stations, or floods its neighbour with
// announcements, of which half are of nodes and stations that are not its own.
import { randomUUID } from 'node:crypto'
import { setPriority } from 'node:os'
import { WebSocket } from 'ws'
import { systemClock } from '../../src/adapters/clock.ts'
import { generateSigner, nodeEngine, nodeRandom } from '../../src/adapters/node-crypto.ts'
import { wsLink } from '../../src/adapters/ws-link.ts'
import { OVERLAY_PROTOCOL } from '../../src/adapters/ws-server.ts'
import { base64 } from '../../src/base/bytes.ts'
import type { Link } from '../../src/base/ports.ts'
import { writeSpki } from '../../src/crypto/der.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { CALL, type Envelope, writeEnvelope } from '../../src/ocpp/frame.ts'
import { announce, type Statement, signStatement } from '../../src/overlay/announcement.ts'
import { proveLink } from '../../src/overlay/handshake.ts'
import { Sealer } from '../../src/overlay/sealer.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { answerParent } from '../child.ts'
import { meterValuesPayload } from '../traffic.ts'
import type { LoadResult } from './load.ts'

interface Traffic {
  readonly ms: number
  readonly stations: number
  readonly pauseMs: number
  readonly signed?: boolean
}

const engine = nodeEngine()
const signer = generateSigner('secp256r1')
let self = ''
let link: Link
const waiting = new Map<string, () => void>()

const identity = () => ({ node: self, kid: thumbprint(signer.publicKey, engine), signer })

/** The public key, for the trust list of the node under test. */
const key = (): string => `-----BEGIN PUBLIC KEY-----\n${base64(writeSpki(signer.publicKey))}\n-----END PUBLIC KEY-----\n`

const connect = async ({ url, id, peer }: { url: string; id: string; peer: string }): Promise<void> => {
  self = id
  const socket = new WebSocket(`${url}/${id}`, [OVERLAY_PROTOCOL], { perMessageDeflate: false })
  // in the very turn in which it opens: the other side speaks at once
  const opened = new Promise<Link>((resolve, reject) => socket.once('open', () => resolve(wsLink(socket, peer))).once('error', reject))
  const parts = { clock: systemClock, random: nodeRandom, engine, trust: new TrustStore(engine), identity: identity() }
  const proven = await proveLink(await opened, { peer, as: 'dialler' }, parts)
  link = proven.link
  link.open({ text: heard, binary: () => undefined, closed: (code, reason) => console.error(`${id} was closed: ${code} ${reason}`) })
}

const heard = (text: string): void => {
  const [type, , , id] = JSON.parse(text)
  if (type === 3) waiting.get(id)?.()
}

/**
 * Stations in closed loop, each with about `pauseMs` between an answer and its next call; perhaps signed with a key that nobody knows. To
 * whom does not know it one signature is as good as another, so all carry the first: else a busier load would come in smaller heaps.
 */
const run = async ({ ms, stations, pauseMs, signed = false }: Traffic): Promise<LoadResult> => {
  const sealer = new Sealer({ engine, clock: systemClock, ...(signed && { identity: identity() }) })
  const { header } = sealer.sealReport(report('cs0', randomUUID()))
  const start = performance.now()
  const times: number[] = []
  const one = async (station: string): Promise<void> => {
    while (performance.now() < start + ms) {
      const [id, sent] = [randomUUID(), performance.now()]
      const answered = new Promise<void>((resolve) => waiting.set(id, resolve))
      link.send(writeEnvelope({ ...report(station, id), header }))
      await answered
      waiting.delete(id)
      times.push(performance.now() - sent)
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())))
    }
  }
  await Promise.all(Array.from({ length: stations }, (_, i) => one(`cs${i}`)))
  times.sort((a, b) => a - b)
  const at = (share: number): number => Math.round((times[Math.floor(times.length * share)] ?? 0) * 1_000)
  return { calls: times.length, seconds: (performance.now() - start) / 1_000, p50: at(0.5), p99: at(0.99) }
}

const report = (station: string, id: string): Envelope => {
  const text = meterValuesPayload(new Date().toISOString())
  const message = { type: CALL, id, action: 'MeterValues', payload: { text, value: JSON.parse(text) } } as const
  return { destination: ['csms'], path: [station, self], header: { ocpp: 'ocpp2.0.1' }, message }
}

/** Resolves with how many announcements were sent, one statement each. */
const flood = async ({ perMinute, ms, peer }: { perMinute: number; ms: number; peer: string }): Promise<number> => {
  setPriority(19)
  const start = performance.now()
  let sent = 0
  for (let passed = 0; passed < ms; passed = performance.now() - start) {
    const due = (Math.min(passed, ms) * perMinute) / 60_000
    for (; sent < due; sent++) link.send(announcement(sent, peer))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return sent
}

let seq = Date.now() * 1_000

const announcement = (n: number, peer: string): string => {
  const { by, path, ...said } = LIES[n % LIES.length]?.(n, peer) ?? { by: 'nobody', path: [] }
  const statement: Statement = { role: 'local-controller', part: 0, ...said, node: by, seq: ++seq, expires: Date.now() + 110_000 }
  const reachable = [{ path, statement, signature: signStatement(statement, identity()) }]
  return writeEnvelope(announce({ from: self, to: peer, id: randomUUID() }, { reachable, withdrawn: [] }))
}

type Lie = Partial<Statement> & { readonly by: string; readonly path: readonly string[] }

/** Stations that are others the next time. */
const stations = (n: number) => Array.from({ length: 20 }, (_, i) => ({ id: `s${n}-${i}` }))

/** In turns; every one is signed with the key of who sends it. The first half is its own to say. */
const LIES: readonly ((n: number, peer: string) => Lie)[] = [
  (_n, peer) => ({ by: self, path: [self], up: [peer] }),
  (n) => ({ by: self, path: [self], part: 1 + (n % 100), stations: stations(n) }),
  // a node that nobody knows, behind it
  (n) => ({ by: `ghost${n}`, path: [`ghost${n}`, self], up: [self] }),
  // the back end, and a station of the neighbour's, as if they were its own
  (n) => (n % 8 < 4 ? { by: 'lc1', path: ['lc1', self], up: [self] } : { by: self, path: [self], part: 1, stations: [{ id: 'cs0' }] }),
]

answerParent({ key, connect, run, flood })
