// A controller in the hands of an attacker, with its valid TLS and its own listed key: it rewrites, drops, reorders, replays and invents
// thousands of frames in both directions. What the station obeyed and what the back end's books hold is compared with what was truly said.

import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limitProfile, order } from '../../apps/park/orders.ts'
import { hashPassword } from '../../src/adapters/admission.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import type { TrustEntry } from '../../src/adapters/config.ts'
import { loadIdentity, loadTrust } from '../../src/adapters/keys.ts'
import { logger } from '../../src/adapters/log.ts'
import { nodeEngine, nodeRandom } from '../../src/adapters/node-crypto.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { connectNode } from '../../src/adapters/ws-client.ts'
import { attachEndpoints } from '../../src/adapters/ws-server.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import {
  CALL,
  type Call,
  type Envelope,
  payloadOf,
  RESULT,
  readEnvelope,
  readFrame,
  type SignatureObject,
  writeEnvelope,
  writeFrame,
} from '../../src/ocpp/frame.ts'
import { actionsNamed } from '../../src/overlay/action-classes.ts'
import { foldedMessage, liftedMessage } from '../../src/overlay/custom-data.ts'
import { Journal } from '../../src/overlay/journal.ts'
import type { Identity } from '../../src/overlay/signature.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { noLocal } from '../../src/roles/csms.ts'
import { getEvents, listTransactions } from '../../src/roles/csms-views.ts'
import { NetworkNode } from '../../src/roles/network-node.ts'
import { makeAuthority } from '../adapters/certificates.ts'
import { csmsConfig, openSite, type Site, TOKEN } from '../support/site.ts'
import { TappedLink } from '../support/tapped-link.ts'
import { until } from '../support/until.ts'

const engine = nodeEngine()
const PASSWORD = 'correct-horse-battery'
const ROLES = { csms: 'csms', lc: 'local-controller', cs: 'station', cs2: 'station' } as const
const TRUST: readonly TrustEntry[] = Object.entries(ROLES).map(([node, role]) => ({ node, role, key: `keys/${node}.pem` }))
const STATION = { id: 'cs', version: 'ocpp2.1' } as const
const VERSION = STATION.version

let site: Site
let csms: Awaited<ReturnType<Site['start']>>
let lc: NetworkNode
let door: Server
let up: TappedLink
let own: Identity
const down = new Map<string, TappedLink>()
const stations = new Map<string, RunningNode>()
const stops: (() => unknown)[] = []
/** What the station's own frames said, written down before the attacker saw them; and the orders that were truly given, in order. */
const said: Call[] = []
const given: string[] = []

const tapOf = (id: string): TappedLink => down.get(id) as TappedLink
const stationTap = (): TappedLink => tapOf('cs')
const state = () => stations.get('cs')?.station?.state[0]

const startStation = async (id: string): Promise<void> => {
  const { port } = door.address() as AddressInfo
  const config = {
    node: id,
    role: 'station' as const,
    uplinks: [{ node: 'lc', url: `ws://127.0.0.1:${port}/ocpp` }],
    backend: 'csms',
    station: {
      version: VERSION,
      vendor: 'Chargeproof',
      model: 'Post',
      serial: `CP-${id}`,
      evses: 1,
      maxPowerW: 22_000,
      meterIntervalSeconds: 1,
    },
    policy: [{ id: 'csms-operates', role: 'csms', actions: ['*'] }],
    trust: [...TRUST],
  }
  stations.set(id, await startNode(config, { dataDir: site.dir, token: TOKEN, log: logger('silent') }))
  await until(() => stations.get(id)?.station?.online && csms.network.overlay.routes.place(id)?.online, `${id} to be there`)
}

/** The attacker's node: everything in it is the product's own but the hands on its links. */
const startController = async (ca: string): Promise<void> => {
  const trust = new TrustStore(engine, systemClock)
  stops.push(loadTrust([...TRUST], trust, { dataDir: site.dir, clock: systemClock, failed: () => undefined }))
  own = loadIdentity(site.dir, 'lc', engine)
  const settings = { id: 'lc', role: 'local-controller', backend: 'csms', uplinks: ['csms'] }
  const parts = {
    clock: systemClock,
    random: nodeRandom,
    store: memoryStore(),
    engine,
    trust,
    identity: own,
    local: noLocal,
    policy: { rules: [] },
  }
  lc = new NetworkNode(settings, parts)
  stops.push(() => lc.stop())
  up = new TappedLink(await connectNode(`wss://127.0.0.1:${site.port}/overlay`, 'lc', { password: PASSWORD, tls: { ca } }))
  await lc.uplinkConnected(up, 'csms')
  door = createServer()
  const endpoints = attachEndpoints(door, {
    admitStation: () => ({ ok: true }),
    stationConnected: (link, info) => {
      const tap = new TappedLink(link)
      down.set(info.stationId, tap)
      void lc.stationConnected(tap, info)
      if (info.stationId === 'cs') tap.rewrite = witness
    },
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  stops.push(async () => {
    await endpoints.close()
    door.close()
  })
}

/** Not the attacker: an eye at the station's plug. */
const witness = (direction: 'out' | 'in', frame: string): readonly string[] => {
  const message = direction === 'in' ? readFrame(frame) : undefined
  if (message?.type === CALL) said.push(message)
  return [frame]
}

beforeAll(async () => {
  site = await openSite(1)
  for (const node of Object.keys(ROLES)) loadIdentity(site.dir, node, engine)
  const authority = await makeAuthority('Ours')
  const server = await authority.server('csms')
  const file = (name: string, text: string): string => {
    writeFileSync(join(site.dir, name), text, { mode: 0o600 })
    return join(site.dir, name)
  }
  const tls = { cert: file('server.pem', server.cert), key: file('server.key', server.key) }
  const listed = { lc: { password: await hashPassword(PASSWORD) } }
  const config = { ...csmsConfig(site.port), listen: [{ port: site.port, serve: ['overlay' as const], profile: 2 as const, tls }] }
  const nodes = { registration: 'listed' as const, listed }
  csms = await site.start({ ...config, nodes, csms: { heartbeatSeconds: 1, tokens: { DEADBEEF: 'Accepted' } } }, TRUST)
  await startController(authority.cert)
  await Promise.all(['cs', 'cs2'].map(startStation))
  const station = stations.get('cs')?.station
  station?.plugIn(1)
  await station?.present(1, 'DEADBEEF')
  await until(() => said.some(({ action }) => action === 'TransactionEvent') && (state()?.powerW ?? 0) > 0, 'the car to charge')
})

afterAll(async () => {
  for (const station of stations.values()) await station.stop()
  for (const stop of stops.reverse()) await stop()
  await site.close()
})

const QUESTIONS = actionsNamed(['@read'])

const give = async (watts: number) => {
  const outcome = await order(csms.network, STATION, { action: 'SetChargingProfile', payload: limitProfile(VERSION, watts) })
  given.push(outcome.question.message.id)
  return outcome
}

/**
 * What the station obeyed, as message ids: its journal has each order that it accepted as it came. Without questions: a second after an answer
 * was lost the back end asks the station what became of the order, signed as one.
 */
const obeyed = (): string[] => {
  const journal = new Journal({ node: 'cs', store: (stations.get('cs') as RunningNode).store, engine, clock: systemClock })
  const rows = journal.read(0, 100_000).filter(({ kind }) => kind === 'order-accepted')
  const messages = rows.map(({ data }) => readEnvelope(String((data as { frame: Json }).frame)).message as Call)
  return messages.filter(({ action }) => !QUESTIONS.includes(action)).map(({ id }) => id)
}

type Forge = (genuine: Envelope, id: string) => Envelope
const with_ = (envelope: Envelope, change: object): Envelope => ({ ...envelope, message: { ...envelope.message, ...change } as Call })
const signedBy = (envelope: Envelope, signatures: readonly SignatureObject[]): Envelope => ({
  ...envelope,
  header: { ...envelope.header, signatures },
})
const signatures = ({ header }: Envelope): readonly SignatureObject[] => header.signatures ?? []
/** The first number in a payload, changed: a limit, or an energy. */
const alteredPayload = ({ message }: Envelope): Envelope['message'] => {
  const text =
    'payload' in message
      ? message.payload.text.replace(/("(?:limit|value|seqNo)":)(\d+(?:\.\d+)?)/, (_, name, n) => `${name}${Number(n) + 77}`)
      : ''
  return { ...message, payload: payloadOf(JSON.parse(text)) } as Call
}
const flipped = (text: string): string => `${text.slice(0, 9)}${text[9] === 'A' ? 'B' : 'A'}${text.slice(10)}`
const forged = (envelope: Envelope, iss: string): Envelope =>
  signedBy(envelope, signatures(lc.guard.sealCall(signedBy(envelope, []), { identity: { ...own, node: iss } })))

/** What is done to an order on its last step, and the rule by which the station refuses it. */
const DOWN: readonly (readonly [what: string, rule: string, forge: Forge])[] = [
  // first, while the orders have not expired, however slow the machine is
  ['the very same again', 'signature-replayed', (e) => e],
  ['another limit', 'signature-broken', (e) => ({ ...e, message: alteredPayload(e) })],
  ['another action', 'signature-wrong-message', (e) => with_(e, { action: 'ClearCache', payload: payloadOf({}) })],
  ['another message id', 'signature-wrong-message', (e, id) => with_(e, { id })],
  ['no signature', 'deny-by-default', (e, id) => signedBy(with_(e, { id }), [])],
  [
    'a signature with a flipped byte',
    'signature-broken',
    (e) =>
      signedBy(
        e,
        signatures(e).map((s) => ({ ...s, signature: flipped(s.signature) })),
      ),
  ],
  ['signed by the controller in its own name', 'deny-by-default', (e, id) => forged(with_(e, { id }), 'lc')],
  ["signed by the controller in the back end's name", 'signature-wrong-issuer', (e, id) => forged(with_(e, { id }), 'csms')],
]

/** What is done to a report on its way up, and the rule by which the back end refuses it; none where it counts for nothing. */
const UP: readonly (readonly [what: string, rule: string | undefined, forge: Forge])[] = [
  ['another value', 'signature-intact', (e) => ({ ...e, message: alteredPayload(e) })],
  ['another action', 'signature-intact', (e) => with_(e, { action: 'SecurityEventNotification' })],
  ['another message id', 'signature-intact', (e, id) => with_(e, { id })],
  ['no signature', 'signature-present', (e, id) => signedBy(with_(e, { id }), [])],
  [
    'a signature with a flipped byte',
    'signature-intact',
    (e) =>
      signedBy(
        e,
        signatures(e).map((s) => ({ ...s, signature: flipped(s.signature) })),
      ),
  ],
  ['signed by the controller in its own name', 'signature-present', (e, id) => forged(with_(e, { id }), 'lc')],
  ["signed by the controller in the station's name", 'signature-intact', (e, id) => forged(with_(e, { id }), 'cs')],
  ['an answer it never gave', 'answered-vouched', (e) => ({ ...e, header: { ...e.header, answered: { status: 'Accepted' } } })],
  ['the very same again', undefined, (e) => e],
]

/** The long form, `FRAMES=10000`, belongs before a release (CONTRIBUTING.md). */
const FRAMES = Number(process.env.FRAMES ?? 2_000)
const COPIES = Math.ceil(FRAMES / (DOWN.length + UP.length))
const AT_ONCE = 24

/** Says a forged frame `COPIES` times, some at once; what was answered, each kind with how often. */
const flood = async (
  tap: TappedLink,
  frames: readonly Envelope[],
  forge: Forge,
  write: (envelope: Envelope) => string,
): Promise<Map<string, number>> => {
  const fates = new Map<string, number>()
  const one = async (n: number): Promise<void> => {
    const genuine = frames[n % frames.length] as Envelope
    const envelope = forge(genuine, `x-${n}`)
    const answer = JSON.parse(await tap.inject(write(envelope), envelope.message.id)) as Json[]
    const at = answer.indexOf('SecurityError')
    const { at: node, rule } = (at < 0 ? {} : answer[at + 2]) as { readonly at?: string; readonly rule?: string }
    const fate = at < 0 ? 'answered' : `${node}: ${rule}`
    fates.set(fate, (fates.get(fate) ?? 0) + 1)
  }
  const lane = async (first: number): Promise<void> => {
    for (let n = first; n < COPIES; n += AT_ONCE) await one(n)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => lane(first)))
  return fates
}

/** Orders as they went over the last step; reports as they went up. */
const orders: Envelope[] = []
const reports: Envelope[] = []
const plain = (envelope: Envelope): string => writeFrame(foldedMessage(envelope.message as Call, envelope.header.signatures, VERSION))

describe(`${FRAMES} frames of a controller that lies`, () => {
  beforeAll(async () => {
    stationTap().rewrite = (direction, frame) => {
      const message = readFrame(frame)
      if (direction === 'out' && message.type === CALL && message.action === 'SetChargingProfile') {
        const { message: bare, signatures: signed = [] } = liftedMessage(message)
        orders.push({ destination: ['cs'], path: ['csms'], header: { ocpp: VERSION, signatures: signed }, message: bare })
      }
      return witness(direction, frame)
    }
    up.rewrite = (direction, frame) => {
      if (direction === 'out' && frame.startsWith('[2,') && frame.includes('"TransactionEvent"') && frame.includes('"cs"'))
        reports.push(readEnvelope(frame))
      return [frame]
    }
    for (let i = 0; i < AT_ONCE; i++) expect((await give(6_000 + i)).status).toBe('Accepted')
    await until(() => reports.length >= 2, 'reports to go up')
    up.rewrite = (_direction, frame) => [frame]
  })

  it.each(DOWN)('down: %s is refused by the station, rule %s', async (_what, rule, forge) => {
    expect(await flood(stationTap(), orders, forge, plain)).toEqual(new Map([[`cs: ${rule}`, COPIES]]))
  })

  it.each(UP)('up: %s: %s', async (_what, rule, forge) => {
    expect(await flood(up, reports, forge, writeEnvelope)).toEqual(new Map([[rule === undefined ? 'answered' : `csms: ${rule}`, COPIES]]))
  })

  it('each refusal of the back end names the controller as the hop', () => {
    const rows = csms.network.journal.read(0, 100_000).filter(({ kind }) => kind === 'message-refused')
    expect(rows.length).toBeGreaterThanOrEqual(COPIES * 8)
    expect(new Set(rows.map(({ subject, data }) => `${subject} over ${(data as { hop: string }).hop}`))).toEqual(new Set(['cs over lc']))
  })

  it('the station obeyed what was given, each order once, and nothing else', () => {
    expect(obeyed()).toEqual(given)
    expect(state()?.limitW).toBe(6_000 + AT_ONCE - 1)
  })

  it('the books of the back end hold what the station said, each event once, and nothing else', async () => {
    const [session] = listTransactions(csms.store, 'cs')
    const events = () => getEvents(csms.store, session?.id ?? '')
    const truth = () =>
      said.filter(({ action }) => action === 'TransactionEvent').map(({ payload }) => payload.value as { [name: string]: Json })
    await until(() => events().length >= truth().length - 1, 'the books to follow')
    const numbers = events().map(({ seqNo }) => seqNo)
    expect(numbers).toEqual([...new Set(numbers)])
    for (const event of events()) {
      const spoken = truth().find(({ seqNo }) => seqNo === event.seqNo)
      expect(event).toMatchObject({ eventType: spoken?.eventType, timestamp: spoken?.timestamp, meterValue: spoken?.meterValue ?? [] })
    }
    expect(listTransactions(csms.store).map(({ stationId }) => stationId)).toEqual(['cs'])
  })
})

describe('what the controller does to frames in flight', () => {
  it('an order that it rewrites is refused; an answer that it rewrites is not believed', async () => {
    stationTap().rewrite = (direction, frame) => {
      witness(direction, frame)
      return [direction === 'out' ? frame.replace(/"limit":\d+/, '"limit":1') : frame]
    }
    const rewritten = await order(csms.network, STATION, { action: 'SetChargingProfile', payload: limitProfile(VERSION, 7_000) })
    expect([rewritten.at, rewritten.rule]).toEqual(['cs', 'signature-broken'])
    stationTap().rewrite = witness
    up.rewrite = (direction, frame) => [direction === 'out' && frame.startsWith('[3,') ? frame.replace('"Accepted"', '"Rejected"') : frame]
    const asked = order(csms.network, STATION, { action: 'ClearCache', payload: {} })
    await expect(asked).rejects.toMatchObject({ code: 'refused', data: { at: 'csms', rule: 'signature-intact', hop: 'lc' } })
    up.rewrite = (_direction, frame) => [frame]
    expect(state()?.limitW).toBe(6_000 + AT_ONCE - 1)
  })

  it('an order that it holds back is not answered, and one that it lets go behind a later one is obeyed once', async () => {
    let held: string | undefined
    up.rewrite = (direction, frame) => {
      if (direction === 'out' || held !== undefined || !frame.includes('"SetChargingProfile"')) return [frame]
      held = frame
      return []
    }
    const asked = { action: 'SetChargingProfile', payload: limitProfile(VERSION, 8_000), timeoutMs: 700 }
    await expect(order(csms.network, STATION, asked)).rejects.toMatchObject({ code: 'timeout' })
    const before = obeyed().length
    await give(9_000)
    const { message } = readEnvelope(held ?? '')
    for (let i = 0; i < 3; i++) lc.overlay.ask({ ...readEnvelope(held ?? ''), path: ['csms', 'lc'] }).catch(() => undefined)
    await until(() => obeyed().includes(message.id), 'the order that was late')
    expect(obeyed().slice(before)).toEqual([given.at(-1), message.id])
  })

  it('what it throws away is missed within ten seconds: a meter value that it answers itself, and a station that it silences', {
    timeout: 20_000,
  }, async () => {
    // only who was heard of can be missed
    const words = { cs: 0, cs2: 0 }
    for (const id of ['cs', 'cs2'] as const)
      tapOf(id).rewrite = (direction, frame) => {
        if (id === 'cs') witness(direction, frame)
        if (direction === 'in' && readFrame(frame).type === CALL) words[id]++
        return [frame]
      }
    await until(() => words.cs > 1 && words.cs2 > 1, 'both to have said something')
    const dropped: number[] = []
    const began = Date.now()
    stationTap().rewrite = (direction, frame) => {
      witness(direction, frame)
      const message = readFrame(frame)
      if (direction === 'out' || message.type !== CALL || message.action !== 'TransactionEvent' || dropped.length >= 2) return [frame]
      const { message: bare, signatures: signed = [] } = liftedMessage(message)
      const call: Envelope = { destination: ['csms'], path: ['cs'], header: { ocpp: VERSION, signatures: signed }, message: bare }
      const answer: Envelope = {
        destination: ['cs'],
        path: ['lc'],
        header: { ocpp: VERSION },
        message: { type: RESULT, id: message.id, payload: payloadOf({}) },
      }
      const sealed = lc.guard.sealAnswer(call, answer)
      dropped.push(Date.now())
      stationTap().say(writeFrame(foldedMessage(answer.message as never, sealed.header.signatures, VERSION)))
      return []
    }
    tapOf('cs2').rewrite = (direction, frame) => (direction === 'in' ? [] : [frame])
    const missed = (subject: string, rule: string) =>
      csms.network.journal.read(0, 100_000).find((row) => row.subject === subject && row.rule === rule)
    // the drops begin when the station next says something; the bounds below count from there
    await until(() => missed('cs', 'reports-missing') && missed('cs2', 'reports-silent'), 'both to be missed', 15_000)
    expect((missed('cs', 'reports-missing')?.at ?? 0) - (dropped[0] ?? began)).toBeLessThanOrEqual(10_000)
    expect(missed('cs', 'reports-missing')?.text).toMatch(/^messages [\d, -]+ of cs were said and never arrived, over cs > lc$/)
    expect((missed('cs2', 'reports-silent')?.at ?? 0) - began).toBeLessThanOrEqual(10_000)
    expect(missed('cs', 'reports-silent')).toBeUndefined()
  })
})
