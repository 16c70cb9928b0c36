// The verifier as a service of its own: the page, and the HTTP door for workshops and machines. It keeps nothing of what it is asked.
import fastifyStatic from '@fastify/static'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Json } from '../base/ports.ts'
import { convertRoute } from './http/convert-route.ts'
import { about, text } from './http/describe.ts'
import { eachRoute } from './http/each-route.ts'
import { guardCaches, guardToken } from './http/guards.ts'
import { nothingHere } from './http/problem.ts'
import { guardQuotas, type QuotaOptions } from './http/quotas.ts'
import { type HttpServerOptions, httpServer } from './http/server.ts'
import { type Judging, verifyRoute } from './http/verify-routes.ts'
import type { JudgePool, NamedBytes } from './judge-pool.ts'

export interface VerifyDoorOptions extends Omit<HttpServerOptions, 'title'> {
  readonly judges: JudgePool
  readonly quotas: QuotaOptions
  /** Absolute path of the built pages; without it only the API is served. */
  readonly webFolder?: string
  /** Files that the page is to show at once, and the token without which nobody gets them. */
  readonly opened?: { readonly token: string; readonly files: readonly NamedBytes[] }
}

export const buildVerifyDoor = (options: VerifyDoorOptions): FastifyInstance => {
  const { judges, webFolder } = options
  // a set without end is sent for as long as it lasts; a silent socket ends all the same
  const app = httpServer({ ...options, title: 'Chargeproof verifier', requestTimeoutMs: 0 })
  app.server.setTimeout(IDLE_MS)
  const figures = figuresOf(judges)
  const judge: Judging = async (inputs) => {
    const verdict = await judges.judge(inputs)
    figures.judged.inc({ verdict: /^\{"verdict":"([a-z]+)"/.exec(verdict)?.[1] ?? 'none' })
    return verdict
  }
  app.register(async (scope) => {
    guardCaches(scope)
    openRoutes(scope, figures.registry)
  })
  app.register(
    async (scope) => {
      guardCaches(scope)
      const guestOf = guardQuotas(scope, options.quotas)
      scope.setNotFoundHandler(nothingHere)
      scope.register(async (files) => {
        verifyRoute(files, judge, [401, 429])
        convertRoute(files, judge)
      })
      scope.register(async (lines) => eachRoute(lines, judge, guestOf))
    },
    { prefix: '/api/v1' },
  )
  if (webFolder !== undefined) servePage(app, webFolder)
  const { opened } = options
  if (opened !== undefined) app.register(async (scope) => openedRoutes(scope, opened), { prefix: '/opened' })
  return app
}

/** A socket without a byte in either direction; longer than a question may take. */
const IDLE_MS = 60_000

const openRoutes = (scope: FastifyInstance, registry: Registry): void => {
  const health = { ...about('200 once the server answers', Type.Object({ ready: Type.Boolean() })), security: [] }
  scope.get('/healthz', { schema: health }, async () => ({ ready: true }))
  const metrics = { summary: 'figures for Prometheus', response: { 200: text('Prometheus text format', 'text/plain') }, security: [] }
  scope.get('/metrics', { schema: metrics }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await registry.metrics()),
  )
  const document = { ...about('this document', Type.Unsafe<Json>({ description: 'OpenAPI 3.1' })), security: [] }
  scope.get('/api/openapi.json', { schema: document }, async () => scope.swagger())
}

const figuresOf = (judges: JudgePool): { registry: Registry; judged: Counter } => {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({
    name: 'chargeproof_questions',
    help: 'Questions that are judged, or wait for it',
    registers,
    collect() {
      this.set(judges.load)
    },
  })
  const judged = new Counter({ name: 'chargeproof_judged_total', help: 'Questions judged', labelNames: ['verdict'], registers })
  return { registry, judged }
}

const servePage = (app: FastifyInstance, root: string): void => {
  app.register(fastifyStatic, { root, index: false, dotfiles: 'ignore', schemaHide: true })
  // one address for the page: the one that it is kept under for work without a network
  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('./verify'))
  app.get('/verify', { schema: { hide: true } }, async (_request, reply) => reply.sendFile('verify.html'))
}

const openedRoutes = (scope: FastifyInstance, { token, files }: NonNullable<VerifyDoorOptions['opened']>): void => {
  const hide = { schema: { hide: true } }
  guardCaches(scope)
  guardToken(scope, { token, now: () => performance.now() })
  scope.get('/', hide, async () => files.map(({ name }) => name))
  scope.get('/:index', hide, async ({ params }: FastifyRequest<{ Params: { index: string } }>, reply) => {
    const file = files[/^\d{1,4}$/.test(params.index) ? Number(params.index) : -1]
    return file === undefined ? nothingHere() : reply.type('application/octet-stream').send(Buffer.from(file.bytes))
  })
}
