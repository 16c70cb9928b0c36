// The routes under /api/v1, each with the schema that documents and checks it. Loaded where a port serves them.
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { asFault, type FaultCode } from '../../base/fault.ts'
import type { Management } from '../management.ts'
import { about, text } from './describe.ts'
import { type EventOptions, eventStream } from './events.ts'
import { fileRoutes } from './file-routes.ts'
import { firmwareRoutes } from './firmware-routes.ts'
import { policyRoutes } from './policy-routes.ts'
import { HttpProblem } from './problem.ts'
import { LiveView, StreamLinkView } from './stream-views.ts'
import { UPLOAD_LIMIT } from './upload.ts'
import { verifyRoute } from './verify-routes.ts'
import {
  CallBody,
  CallOutcome,
  ClockView,
  HeadView,
  JournalView,
  KeyFacts,
  KeysBelieved,
  KeysView,
  LinkView,
  MessageView,
  NodeView,
  NoteView,
  ParkEvents,
  ParkOutcome,
  Problem,
  RouteView,
  StationView,
  TransactionDetailView,
  TransactionView,
} from './views.ts'

const CALL_TIMEOUT_MS = 30_000

const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 255 }) })
const ByStation = Type.Object({ station: Type.Optional(Type.String({ maxLength: 48 })) })
const After = Type.Object({
  after: Type.Integer({ minimum: 0, default: 0, description: 'entries above this `seq`' }),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
})

/** JSON Schema 2020-12 §8.5 (Validation); the other events carry the objects of the lists. */
const EVENT = { description: '`data` of an event `message`', contentMediaType: 'application/json', contentSchema: MessageView }
const found = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new HttpProblem('not-found', `this node knows no such ${what}`)
  return value
}

/** What an operator may see and do. */
export const operatorRoutes = (scope: FastifyInstance, management: Management, options: EventOptions): void => {
  networkRoutes(scope, management)
  streamRoutes(scope, management)
  policyRoutes(scope, management)
  firmwareRoutes(scope, management)
  transactionRoutes(scope, management)
  fileRoutes(scope, management)
  const events = {
    summary: 'server-sent events of everything above, and `message` for each message that went through this node',
    response: { 200: text('an endless stream', 'text/event-stream', EVENT) },
  }
  scope.get('/events', { schema: events, exposeHeadRoute: false }, eventStream(scope, management, options))
  scope.register(async (files) => verifyRoute(files, (inputs) => management.verify(inputs)))
  keyRoutes(scope, management)
  parkRoutes(scope, management)
}

const streamRoutes = (scope: FastifyInstance, management: Management): void => {
  scope.get(
    '/streams',
    { schema: about('streams that end at this node or pass it, by link', Type.Array(StreamLinkView)) },
    async () => management.streams?.() ?? [],
  )
  const live = about('event streams of stations, and who reads live events of this node', LiveView)
  scope.get('/streams/live', { schema: live }, async () => management.live?.() ?? { streams: [], readers: [] })
}

const networkRoutes = (scope: FastifyInstance, management: Management): void => {
  scope.get('/nodes', { schema: about('nodes and the way to them', Type.Array(NodeView)) }, async () => management.nodes())
  scope.get('/stations', { schema: about('stations and the way to them', Type.Array(StationView)) }, async () => management.stations())
  scope.get('/clock', { schema: about('the time that this node reads, and how far it may be wrong', ClockView) }, async () =>
    management.clock(),
  )
  scope.get('/links', { schema: about('links of this node and those behind it', Type.Array(LinkView)) }, async () => management.links())
  scope.get('/routes', { schema: about('where messages go next', Type.Array(RouteView)) }, async () => management.routes())
  const journal = { ...about('what was done and refused, and why; oldest first', Type.Array(JournalView), [400]), querystring: After }
  scope.get('/journal', { schema: journal }, async ({ query }: FastifyRequest<{ Querystring: Static<typeof After> }>) =>
    management.journal(query.after, query.limit),
  )
  scope.get(
    '/journal/heads',
    { schema: about('the signed head of this journal, made now, and those of other nodes that are held here', Type.Array(HeadView)) },
    async () => management.heads(),
  )
  scope.get(
    '/journal/told',
    { schema: about('what other nodes told of their journals, oldest first; kept in memory', Type.Array(NoteView)) },
    async () => management.notes(),
  )
  const call = {
    ...about('asks a station; 200 also where it, or a node on the way, answers with an error: see `status`', CallOutcome, [400, 404]),
    params: Id,
    body: CallBody,
  }
  scope.post(
    '/stations/:id/calls',
    { schema: call },
    async ({ params, body }: FastifyRequest<{ Params: Static<typeof Id>; Body: CallBody }>) => {
      const { action, payload, protocol, timeoutMs = CALL_TIMEOUT_MS } = body
      const isKnown = management.stations().some(({ id }) => id === params.id)
      found(isKnown || management.asksUpwards?.(params.id) || undefined, 'station')
      return management.call({ station: params.id, action, payload, timeoutMs, ...(protocol !== undefined && { protocol }) })
    },
  )
}

type ById = FastifyRequest<{ Params: Static<typeof Id> }>

const transactionRoutes = (scope: FastifyInstance, management: Management): void => {
  const list = { ...about('transactions, newest first', Type.Array(TransactionView), [400]), querystring: ByStation }
  scope.get('/transactions', { schema: list }, async ({ query }: FastifyRequest<{ Querystring: Static<typeof ByStation> }>) =>
    management.transactions(query.station),
  )
  const one = { ...about('a transaction with its meter values', TransactionDetailView, [404]), params: Id }
  scope.get('/transactions/:id', { schema: one }, async ({ params }: ById) => found(management.transaction(params.id), 'transaction'))
  const record = {
    summary: 'the transparency record, ready for verify',
    params: Id,
    response: { 200: text('a file', 'application/octet-stream'), 404: Problem },
  }
  scope.get('/transactions/:id/record', { schema: record }, async ({ params }: ById, reply) => {
    const { name, contentType, body } = found(management.record(params.id), 'record')
    return reply
      .type(contentType)
      .header('content-disposition', `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`)
      .send(body)
  })
}

/** What the sender of facts did wrong. */
const NOT_BELIEVED: readonly FaultCode[] = ['refused', 'frame-malformed', 'key-malformed', 'bytes-malformed', 'limit-exceeded']

const keyRoutes = (scope: FastifyInstance, management: Management): void => {
  scope.get('/keys', { schema: about('keys that this node knows, with age and state', KeysView) }, async () => management.keys())
  scope.get(
    '/keys/facts',
    { schema: about('all that this node believes of keys, as the root vouched for it', KeyFacts, [404]) },
    async () => ({
      facts: found(management.keyFacts, 'root of keys')(),
    }),
  )
  const take = { ...about('takes facts that the root vouches for, and tells every node', KeysBelieved, [400, 404, 413]), body: KeyFacts }
  scope.post('/keys', { schema: take, bodyLimit: UPLOAD_LIMIT }, async ({ body }: FastifyRequest<{ Body: Static<typeof KeyFacts> }>) => {
    const publish = found(management.publishKeys, 'root of keys')
    try {
      return { believed: await publish(body.facts) }
    } catch (error) {
      const { code, data } = asFault(error)
      if (!NOT_BELIEVED.includes(code)) throw error
      throw new HttpProblem('request-invalid', `not every fact was believed: ${data.rule ?? code}`, error)
    }
  })
}

const parkRoutes = (scope: FastifyInstance, management: Management): void => {
  const Name = Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }) })
  scope.get('/park', { schema: about('what can be made to happen in the park', ParkEvents, [404]) }, async () =>
    found(management.park, 'park').events(),
  )
  const run = { ...about('makes it happen; `ok` says whether it did', ParkOutcome, [404]), params: Name }
  scope.post('/park/:name', { schema: run }, async ({ params }: FastifyRequest<{ Params: Static<typeof Name> }>) =>
    found(management.park, 'park').run(params.name),
  )
}
