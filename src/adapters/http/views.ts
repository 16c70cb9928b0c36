// What the management API tells, as JSON Schema and as types at once: the schemas validate requests, make the OpenAPI document
// and give management.ts its types, so the three cannot differ.
import { type Static, type TProperties, Type } from '@sinclair/typebox'
import type { Json } from '../../base/ports.ts'

/** Any JSON value. */
const AnyJson = (description: string) => Type.Unsafe<Json>({ description })
const Time = (description: string) => Type.String({ format: 'date-time', description })
const NodeId = (description: string) => Type.String({ maxLength: 48, description })
const Path = (description: string) => Type.Array(Type.String(), { description })
/** What the field tells more may stand beside what is named here. */
const Open = <T extends TProperties>(properties: T, description: string) =>
  Type.Object(properties, { additionalProperties: true, description })

const HOPS = 'hops from this node, the destination last'

export const NodeView = Type.Object({
  id: NodeId('the node'),
  role: Type.String({ description: 'csms, gateway, local-controller, …' }),
  online: Type.Boolean(),
  path: Path(HOPS),
})

export const StationView = Type.Object({
  id: NodeId('the station'),
  protocol: Type.Union([Type.String(), Type.Null()], {
    description: 'WebSocket subprotocol: ocpp1.6, ocpp2.0.1 or ocpp2.1; null before the first connection',
  }),
  online: Type.Boolean(),
  vendorName: Type.Union([Type.String(), Type.Null()], { description: 'as it booted; null before' }),
  model: Type.Union([Type.String(), Type.Null()], { description: 'as it booted; null before' }),
  path: Path(HOPS),
  lastSeen: Type.Union([Time('last message'), Type.Null()]),
})

export const LinkView = Type.Object({
  node: NodeId('whose link it is'),
  peer: NodeId('who is at its other end'),
  kind: Type.Union([Type.Literal('uplink'), Type.Literal('overlay'), Type.Literal('station')]),
  up: Type.Boolean(),
  proven: Type.Optional(
    Type.Boolean({ description: 'of a link between nodes that is up: whether the peer proved a key that is listed for it' }),
  ),
  queued: Type.Integer({ minimum: 0, description: 'messages that wait for their turn or their answer' }),
  rate: Type.Number({ minimum: 0, description: 'messages per second, both ways' }),
  sent: Type.Integer({ minimum: 0, description: 'messages' }),
  received: Type.Integer({ minimum: 0, description: 'messages' }),
  since: Type.Optional(Time('since when it is up, or down')),
})

export const RouteView = Open(
  {
    id: NodeId('the destination'),
    role: Type.String(),
    online: Type.Boolean(),
    path: Path(HOPS),
    lastSeen: Time('when the route was last confirmed'),
  },
  'where a message for `id` goes next, and how that is known',
)

const Transaction = {
  id: Type.String(),
  stationId: NodeId('the station'),
  evseId: Type.Optional(Type.Integer({ minimum: 0 })),
  state: Type.Union([Type.Literal('running'), Type.Literal('ended')]),
  startedAt: Time('begin'),
  endedAt: Type.Optional(Time('end')),
  energyWh: Type.String({ pattern: '^-?[0-9]+(\\.[0-9]+)?$', description: 'decimal, Wh' }),
  powerW: Type.Optional(Type.Number({ description: 'W, the last value' })),
  idToken: Type.Optional(Type.String()),
  signed: Type.Boolean({ description: 'whether signed meter values came with it' }),
}
export const TransactionView = Type.Object(Transaction)

const MeterValue = Type.Object({
  at: Time('when it was sampled'),
  values: Type.Array(
    Open(
      { measurand: Type.String(), value: Type.String({ description: 'decimal' }), unit: Type.String() },
      'also `phase`, `location` and `context`, where the station gave them',
    ),
  ),
})
export const TransactionDetailView = Type.Object({ ...Transaction, meterValues: Type.Array(MeterValue) })

/** What a node's clock is good for. */
export const ClockView = Type.Object({
  now: Type.String({ description: 'the time that the node reads, RFC 3339' }),
  state: Type.Union([Type.Literal('trusted'), Type.Literal('free-running'), Type.Literal('untrusted')], {
    description: 'untrusted: no times are judged, and orders are challenged',
  }),
  boundMs: Type.Union([Type.Number(), Type.Null()], { description: 'by how much it may be wrong; null where nobody vouches for it' }),
  offsetMs: Type.Number({ description: 'what is added to the clock of the machine, which is never set' }),
})

export const JournalView = Open(
  {
    seq: Type.Integer({ minimum: 0, description: 'counts up; what `after` takes' }),
    at: Time('when'),
    node: NodeId('whose journal'),
    kind: Type.String(),
  },
  'what a node did or refused, and why; further members by kind',
)

export const HeadView = Type.Object(
  {
    head: AnyJson('{node, seq, hash, at, before}: how far the journal of a node had come'),
    signature: AnyJson('{protected, signature} of that node'),
    heldBy: NodeId('the node that keeps it: this one'),
    held: AnyJson('{protected, signature} of this node: that it keeps it'),
  },
  { description: 'docs/protocol.md §9.1; what `chargeproof audit` compares journals with' },
)

export const NoteView = Type.Object(
  {
    seq: Type.Integer({ minimum: 0, description: 'in the journal of its node, which also holds what is not told here' }),
    at: Time('when, by the clock of its node'),
    node: NodeId('whose journal'),
    kind: Type.String(),
    subject: Type.String({ description: 'whom or what it is about' }),
    text: Type.String({ description: 'cut after 500 characters' }),
    rule: Type.Optional(Type.String({ description: 'the rule that decided' })),
    hop: Type.Optional(Type.String({ description: 'the neighbour that a refused message came over' })),
    toldBy: NodeId('who told it'),
  },
  { description: 'an entry of the journal of another node, as that node told it; its own disk holds the one that counts' },
)

const Trace = Type.Object({
  state: Type.Union(
    ['valid', 'invalid', 'own', 'unjudged'].map((state) => Type.Literal(state)),
    {
      description: '`own`: the node that tells it made it; `unjudged`: nobody looked',
    },
  ),
  node: Type.String({ description: 'whose key it is; a claim where it is not valid' }),
  role: Type.Optional(Type.String({ description: 'of the key, in the trust store of the node that judged' })),
  kid: Type.String({ description: 'RFC 7638 thumbprint' }),
  countersigns: Type.Boolean({ description: 'says only that its node passed the message on' }),
  flaw: Type.Optional(Type.String({ description: 'docs/protocol.md §4.3' })),
  detail: Type.Optional(Type.String()),
})

/** `data` of the event `message`. */
export const MessageView = Type.Object(
  {
    at: Time('when'),
    node: NodeId('the node that saw it and judged its signatures'),
    from: NodeId('the origin'),
    to: Type.String({ description: 'the destination' }),
    type: Type.Union(['call', 'result', 'error', 'send'].map((type) => Type.Literal(type))),
    action: Type.String({ description: "of an answer, the question's" }),
    id: Type.String(),
    path: Path('nodes it came over, the origin first'),
    signature: Type.Union(['valid', 'invalid', 'absent', 'unchecked'].map((state) => Type.Literal(state))),
    signatures: Type.Array(Trace, { description: 'one by one; countersignatures last' }),
    code: Type.Optional(Type.String({ description: 'of an error' })),
    rule: Type.Optional(Type.String({ description: 'by which it was refused' })),
    refusedBy: Type.Optional(Type.String()),
  },
  { description: 'a message that went through a node' },
)

export const CallBody = Type.Object(
  {
    action: Type.String({ minLength: 1, maxLength: 64, description: "an action of the station's OCPP version" }),
    payload: Type.Unsafe<{ readonly [key: string]: Json }>({
      type: 'object',
      description: "by the action's schema; it is checked before it is sent",
    }),
    protocol: Type.Optional(
      Type.Union([Type.Literal('ocpp1.6'), Type.Literal('ocpp2.0.1'), Type.Literal('ocpp2.1')], {
        description: "the payload's OCPP version, for a node that was never told what the station speaks",
      }),
    ),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 300_000, default: 30_000, description: 'ms' })),
  },
  { additionalProperties: false },
)

export const CallOutcome = Type.Union([
  Type.Object({
    status: Type.Literal('result'),
    payload: AnyJson("the station's answer"),
    path: Path('nodes that the answer came over, the station first'),
    signatures: Type.Array(AnyJson('who signed the answer, and whether it held')),
  }),
  Type.Object({
    status: Type.Literal('error'),
    code: Type.String({ description: 'OCPP error code' }),
    description: Type.String(),
    at: NodeId('the node that refused'),
    outcome: Type.Optional(
      Type.Literal('unknown', { description: 'the order went out and its answer was lost: do not repeat it, the journal tells more' }),
    ),
  }),
])

export const KeyView = Type.Object({
  node: NodeId('whose key it is'),
  role: Type.String(),
  kid: Type.String({ description: 'its name: RFC 7638 thumbprint, base64url' }),
  purposes: Type.Array(Type.String({ description: 'message, link, policy, key-administration' })),
  state: Type.Union(['valid', 'not-yet-valid', 'expired', 'revoked', 'replaced'].map((state) => Type.Literal(state))),
  source: Type.Union([Type.Literal('file'), Type.Literal('document')], { description: 'who named it: a file here, or the root' }),
  from: Type.Optional(Time('its beginning')),
  listed: Type.Optional(Time('when its file was written, of a key without a beginning')),
  until: Type.Optional(Time('its end')),
  ageSeconds: Type.Optional(
    Type.Integer({ description: 'since its beginning or, where it has none, since its file was written; negative before' }),
  ),
  reason: Type.Optional(Type.String({ description: 'why it was revoked' })),
})

export const KeysView = Type.Object({
  root: Type.Union([
    Type.Object({
      kid: Type.String(),
      number: Type.Integer({ description: '1 is the first root' }),
      next: Type.String({ description: 'the only key that may be the root after it' }),
      issued: Time('when it was made'),
    }),
    Type.Null({ description: 'this node knows no root: its keys are those of files' }),
  ]),
  revocations: Type.Union([
    Type.Object({
      root: Type.Integer(),
      number: Type.Integer(),
      issued: Time('when'),
      fresh: Type.Boolean(),
      freshUntil: Time('from then on no order is obeyed'),
    }),
    Type.Null(),
  ]),
  keys: Type.Array(KeyView),
})

export const KeyFacts = Type.Object({ facts: Type.Array(AnyJson('what "chargeproof keys export" prints'), { maxItems: 50_000 }) })
export const KeysBelieved = Type.Object({ believed: Type.Integer({ description: 'how many were new' }) })

export const Verdict = AnyJson('the verdict: {verdict, inputs, sessions}')
export const ParkEvents = Type.Array(AnyJson('{name, title, description, active}'))
export const ParkOutcome = Type.Object({ ok: Type.Boolean(), message: Type.String() })

/** The one shape of every answer that is not 2xx. */
export const Problem = Type.Object({
  code: Type.String({ description: 'stable, for machines' }),
  detail: Type.String({ description: 'for people' }),
})

export type NodeView = Static<typeof NodeView>
export type StationView = Static<typeof StationView>
export type LinkView = Static<typeof LinkView>
export type RouteView = Static<typeof RouteView>
export type TransactionView = Static<typeof TransactionView>
export type TransactionDetailView = Static<typeof TransactionDetailView>
export type JournalView = Static<typeof JournalView>
export type MessageView = Static<typeof MessageView>
export type ClockView = Static<typeof ClockView>
export type HeadView = Static<typeof HeadView>
export type NoteView = Static<typeof NoteView>
export type KeysView = Static<typeof KeysView>
export type CallBody = Static<typeof CallBody>
export type CallOutcome = Static<typeof CallOutcome>
