// Announcements, docs/protocol.md §3.3 and §3.4: the frames, what the gateway of the park knows after them, and what a statement's signature covers.
import { utf8Text } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import type { Json } from '../../src/base/ports.ts'
import { portableEngine } from '../../src/crypto/portable.ts'
import { CALL, type Envelope, payloadOf, readEnvelope, SEND, writeEnvelope } from '../../src/ocpp/frame.ts'
import {
  type Advertisement,
  announce,
  REACHABILITY,
  readAnnouncement,
  type Statement,
  signStatement,
} from '../../src/overlay/announcement.ts'
import { destinationOf, group } from '../../src/overlay/destinations.ts'
import { OverlayNode } from '../../src/overlay/node.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { WORD_ACTION, wordOver, wordPayload } from '../../src/overlay/word-question.ts'
import { caught } from './caught.ts'
import { operator, stranger, trust } from './keys.ts'

/** When the frames arrive: 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600_000

export const announcementVectors = () => {
  const alarms: string[] = []
  const node = gateway(alarms)
  const lc1 = neighbour('lc1')
  node.attach(lc1, { role: 'node' })
  return {
    about:
      'Frames that the node "gateway" gets from its neighbour "lc1" at that time, one after the other, the ways it knows then, who is in the group "tariffs", and what it reports. The trust store is that of keys.json. docs/protocol.md §3.3, §3.4',
    at: NOW,
    announcements: ANNOUNCEMENTS.map(({ name, news }) => {
      const frame = writeEnvelope(announce({ from: 'lc1', to: 'gateway', id: '1' }, { reachable: [], withdrawn: [], ...news }))
      node.send(readEnvelope(frame), lc1)
      const known = node.routes
        .places()
        .map(({ id, role, online, path, learned, proven }) => ({ id, role, online, path, learned, proven: proven ?? false }))
      return { name, frame, known, subscribers: node.topology.members(group('tariffs')), alarms: alarms.splice(0) }
    }),
    destinations: DESTINATIONS.map((id) => ({ id, ...destinationOf(id) })),
    signed: {
      statement: SIGNED.statement,
      canonicalStatement: canonicalJson(JSON.parse(JSON.stringify(SIGNED.statement)) as Json),
      protectedHeader: JSON.parse(utf8Text(Buffer.from(SIGNED.signature?.protected ?? '', 'base64url'))) as Json,
      signature: SIGNED.signature,
    },
    word: {
      question: JSON.parse(writeEnvelope(wordQuestion)) as Json,
      payloads: WORDS.map(({ name, payload }) => ({ name, payload, over: wordOver(wordCall(payload)) ?? null })),
    },
    refused: REFUSED.map(({ name, payload }) => {
      const message = { type: SEND, id: '1', action: REACHABILITY, payload: payloadOf(payload) } as const
      return { name, payload, fault: caught(() => readAnnouncement(message)) }
    }),
  }
}

const life = { expires: NOW + 120_000 }
const LC1: Statement = { node: 'lc1', role: 'local-controller', part: 0, seq: 1, ...life, up: ['gateway'] }
const LC1A: Statement = { node: 'lc1a', role: 'local-controller', part: 0, seq: 1, ...life, up: ['lc1'] }
const OPERATOR: Statement = { node: operator.node, role: 'grid-operator', part: 0, seq: 1_767_225_600_000_000, ...life, up: ['lc1'] }
const SIGNED: Advertisement = {
  path: [operator.node, 'lc1'],
  statement: OPERATOR,
  signature: signStatement(OPERATOR, operator),
}
const stations = (statement: Statement, seq: number, list: NonNullable<Statement['stations']>): Statement => ({
  ...{ node: statement.node, role: statement.role, part: 1, seq, expires: statement.expires },
  stations: list,
})

const BOTH: NonNullable<Statement['stations']> = [
  { id: 'cs-21-a', protocol: 'ocpp2.1' },
  { id: 'cs-16-a', protocol: 'ocpp1.6' },
]

const wordCall = (value: Json) => ({ type: CALL, id: '1', action: WORD_ACTION, payload: payloadOf(value) }) as const
const asked = wordPayload('lc1').value as { readonly [member: string]: Json }
const wordQuestion: Envelope = {
  ...{ destination: ['lc1', 'cs-21-a'], path: ['csms'], header: { ocpp: 'ocpp2.1', ttl: 5_000 } },
  message: wordCall(asked),
}
/** Which payloads of a DataTransfer are the question for a word, and over whom. */
const WORDS: readonly { readonly name: string; readonly payload: Json }[] = [
  { name: 'the question, over lc1', payload: asked },
  { name: 'a member more', payload: { ...asked, customData: { vendorId: 'x' } } },
  { name: 'over nobody', payload: { vendorId: 'org.chargeproof', messageId: 'org.chargeproof.Word' } },
  { name: 'over what is no id', payload: { ...asked, data: { node: 'lc1' } } },
  { name: 'of another vendor', payload: { ...asked, vendorId: 'org.example' } },
]

interface News {
  readonly reachable?: readonly Advertisement[]
  readonly withdrawn?: readonly { readonly node: string; readonly seq: number }[]
}

const ANNOUNCEMENTS: readonly { readonly name: string; readonly news: News }[] = [
  {
    name: 'the link came up: the node itself, and its station, which has a key and has not spoken over it',
    news: {
      reachable: [
        { path: ['lc1'], statement: LC1 },
        { path: ['lc1'], statement: stations(LC1, 2, [{ id: 'cs-21-a', protocol: 'ocpp2.1' }]) },
      ],
    },
  },
  { name: 'another station, of which no key is known', news: { reachable: [{ path: ['lc1'], statement: stations(LC1, 3, BOTH) }] } },
  {
    name: 'from deeper down, passed on by lc1',
    news: {
      reachable: [
        { path: ['lc1a', 'lc1'], statement: LC1A },
        { path: ['lc1a', 'lc1'], statement: stations(LC1A, 2, [{ id: 'cs-16-c', protocol: 'ocpp1.6' }]) },
      ],
    },
  },
  { name: 'a statement that its node signed', news: { reachable: [SIGNED] } },
  {
    name: 'not signed, though the key of the node is known',
    news: { reachable: [{ path: [operator.node, 'lc1'], statement: { ...OPERATOR, seq: OPERATOR.seq + 1 } }] },
  },
  {
    name: 'signed by another key',
    news: {
      reachable: [
        {
          path: [operator.node, 'lc1'],
          statement: { ...OPERATOR, seq: OPERATOR.seq + 1 },
          signature: signStatement({ ...OPERATOR, seq: OPERATOR.seq + 1 }, stranger),
        },
      ],
    },
  },
  { name: 'a number that was overtaken', news: { reachable: [{ path: ['lc1'], statement: stations(LC1, 1, []) }] } },
  { name: 'a life of more than 150 s', news: { reachable: [{ path: ['lc1'], statement: { ...LC1, seq: 3, expires: NOW + 150_001 } }] } },
  {
    name: 'a way over one that lc1b does not name as its uplink',
    news: { reachable: [{ path: ['lc1b', 'lc1'], statement: { ...LC1, node: 'lc1b', up: ['gateway'] } }] },
  },
  {
    name: 'a node that has a key, claimed as a station',
    news: {
      reachable: [{ path: ['lc1a', 'lc1'], statement: stations(LC1A, 3, [{ id: operator.node }, { id: 'cs-16-c', protocol: 'ocpp1.6' }]) }],
    },
  },
  {
    name: 'a node subscribes to two groups',
    news: { reachable: [{ path: ['lc1'], statement: { ...LC1, seq: 4, groups: ['tariffs', 'grid-events'] } }] },
  },
  { name: 'and leaves them again', news: { reachable: [{ path: ['lc1'], statement: { ...LC1, seq: 5 } }] } },
  { name: 'a station left', news: { reachable: [{ path: ['lc1'], statement: stations(LC1, 4, []) }] } },
  { name: 'a withdrawal that was overtaken', news: { withdrawn: [{ node: 'lc1a', seq: 2 }] } },
  { name: 'a node is reached no more', news: { withdrawn: [{ node: 'lc1a', seq: 3 }] } },
]

const DESTINATIONS: readonly string[] = ['csms', '*', '*any=csms', '*all=local-controller', '*any=@tariffs', '*all=@tariffs', '*tariffs']

const REFUSED: readonly { readonly name: string; readonly payload: Json }[] = [
  { name: 'reachable is no list', payload: { reachable: {}, withdrawn: [] } },
  { name: 'a statement without a way', payload: { reachable: [{ statement: { node: 'lc1', role: 'x', part: 0, seq: 1, expires: 1 } }] } },
  { name: 'an id with a colon', payload: { withdrawn: [{ node: 'cs:21', seq: 1 }] } },
  {
    name: 'stations in part 0',
    payload: { reachable: [{ path: ['lc1'], statement: { node: 'lc1', role: 'x', part: 0, seq: 1, expires: 1, stations: [] } }] },
  },
  {
    name: 'groups elsewhere than in part 0',
    payload: { reachable: [{ path: ['lc1'], statement: { node: 'lc1', role: 'x', part: 1, seq: 1, expires: 1, groups: ['tariffs'] } }] },
  },
  {
    name: 'a group that is no name',
    payload: { reachable: [{ path: ['lc1'], statement: { node: 'lc1', role: 'x', part: 0, seq: 1, expires: 1, groups: ['tariffs*'] } }] },
  },
  {
    name: 'a station with the name of a destination that is many',
    payload: {
      reachable: [{ path: ['lc1'], statement: { node: 'lc1', role: 'x', part: 1, seq: 1, expires: 1, stations: [{ id: '*any=csms' }] } }],
    },
  },
]

/** A node in which nobody listens, nothing is refused and time stands still. */
const gateway = (alarms: string[]): OverlayNode =>
  new OverlayNode(
    { id: 'gateway', role: 'gateway' },
    {
      clock: { now: () => NOW, after: () => () => undefined },
      random: { bytes: (length) => new Uint8Array(length), uuid: () => '0' },
      gatekeeper: {
        inspect: () => 'absent',
        protect: async () => undefined,
        admit: () => Promise.resolve('open'),
        sealCall: (envelope) => envelope,
        passOn: (envelope) => envelope,
        sealError: (_call, error) => error,
        sealAnswer: (_call, answer) => answer,
      },
      local: { call: () => Promise.reject(new Error('nobody listens')) },
      trust,
      engine: portableEngine(),
      flaw: (fault) => {
        if (fault.code !== 'refused') throw fault
        alarms.push(fault.message)
      },
    },
  )

const neighbour = (id: string): Peer => ({
  id,
  kind: 'node',
  waiting: 0,
  counters: { sent: 0, received: 0 },
  request: () => Promise.reject(new Error('nobody listens')),
  send: () => undefined,
  alive: () => Promise.resolve(true),
  close: () => undefined,
})
