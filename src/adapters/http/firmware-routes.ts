// The routes of firmware: releases with their files, roll-outs and what is commanded of them, addresses for logs. What a release or a plan
// is worth is judged by the node; here is only their shape.
import { type TSchema, Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { asFault, type FaultCode } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import type { Management } from '../management.ts'
import {
  AddressView,
  CommandBody,
  PlanBody,
  ReleaseView,
  RollOutDetail,
  RollOutView,
  SignedReleaseBody,
  UploadBody,
} from './firmware-views.ts'
import { HttpProblem, type ProblemCode } from './problem.ts'
import { Problem } from './views.ts'

type ById = FastifyRequest<{ Params: { id: string } }>
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
const PROBLEMS: Readonly<Partial<Record<FaultCode, ProblemCode>>> = {
  refused: 'request-invalid',
  'payload-invalid': 'request-invalid',
  'input-missing': 'not-found',
  unreachable: 'busy',
  'queue-full': 'busy',
}

export const firmwareRoutes = (scope: FastifyInstance, management: Management): void => {
  const firmware = (): NonNullable<Management['firmware']> => {
    if (!management.firmware)
      throw new HttpProblem('not-found', 'this node rolls out no firmware: it is no back end, or its file has no section "files"')
    return management.firmware
  }
  releaseRoutes(scope, firmware)
  rollOutRoutes(scope, management, firmware)
  const address = { ...about('an address to which a station may send one file, such as its log', AddressView), body: UploadBody }
  scope.post('/firmware/uploads', { schema: address }, ({ body }: FastifyRequest<{ Body: { station: string; folder: string } }>) =>
    mended(async () => ({ url: await firmware().addressFor(body.station, body.folder) })),
  )
}

type Firmware = () => NonNullable<Management['firmware']>

const releaseRoutes = (scope: FastifyInstance, firmware: Firmware): void => {
  scope.get('/firmware/releases', { schema: about('releases that manufacturers signed', Type.Array(ReleaseView)) }, () =>
    firmware().releases(),
  )
  const publish = { ...about('takes a release that its manufacturer signed', ReleaseView), body: SignedReleaseBody }
  scope.post('/firmware/releases', { schema: publish }, ({ body }: FastifyRequest<{ Body: Json }>) =>
    mended(() => firmware().publish(body)),
  )
  scope.register(async (files) => {
    files.removeAllContentTypeParsers()
    files.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
    const put = { ...about('the file of a release; refused where it is not what was signed', ReleaseView), params: Id }
    files.put('/firmware/releases/:id/file', { schema: put, bodyLimit: Number.MAX_SAFE_INTEGER }, ({ params, body }: ById) =>
      mended(() => firmware().putFile(params.id, body as AsyncIterable<Uint8Array>)),
    )
  })
}

const rollOutRoutes = (scope: FastifyInstance, management: Management, firmware: Firmware): void => {
  const every = about('every roll-out; none at a node that rolls nothing out', Type.Array(RollOutView))
  scope.get('/firmware/roll-outs', { schema: every }, async () => management.firmware?.rollOuts() ?? [])
  const start = { ...about('begins a roll-out', RollOutView), body: PlanBody }
  scope.post('/firmware/roll-outs', { schema: start }, ({ body }: FastifyRequest<{ Body: Json }>) => mended(() => firmware().start(body)))
  const one = { ...about('a roll-out, station by station', RollOutDetail), params: Id }
  scope.get('/firmware/roll-outs/:id', { schema: one }, async ({ params }: ById) => {
    const found = firmware().rollOut(params.id)
    if (!found) throw new HttpProblem('not-found', 'this node knows no such roll-out')
    return found
  })
  const command = { ...about('pauses, resumes or cancels a roll-out', RollOutView), params: Id, body: CommandBody }
  scope.post(
    '/firmware/roll-outs/:id/commands',
    { schema: command },
    ({ params, body }: FastifyRequest<{ Params: { id: string }; Body: CommandBody }>) => mended(() => firmware().command(params.id, body)),
  )
}

const about = (summary: string, answer: TSchema): { summary: string; response: object } => ({
  summary,
  response: { 200: answer, ...Object.fromEntries([400, 404, 503].map((status) => [status, Problem])) },
})

/** Whoever asked can mend it: the reason is told. */
const mended = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (thrown) {
    const fault = asFault(thrown)
    const code = PROBLEMS[fault.code]
    throw code === undefined ? thrown : new HttpProblem(code, fault.message, fault)
  }
}
