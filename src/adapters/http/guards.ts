// What every request must pass before it is read: the host it was meant for, the token, and how often a wrong token was tried.
// Also the headers that keep a browser from doing more with an answer than it should.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.ts'

/** Everything a page loads comes from here, WebAssembly (which reads pictures) included, and nobody frames it. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types chargeproof"

export const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // the page asks for the camera when a reader wants to show it a code, and for nothing else
  'permissions-policy': 'camera=(self), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()',
  'cross-origin-resource-policy': 'same-origin',
} as const

export const guardHeaders = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (_request, reply) => void reply.headers(SECURITY_HEADERS))
}

/** Marks every answer of this scope as not to be kept. */
export const guardCaches = (scope: FastifyInstance): void => {
  scope.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'] as const

/**
 * Refuses a request that names a host which is not ours: a page of a stranger whose name was rebound to our address
 * would name its own. Ports are not compared.
 * @param hosts names and addresses besides loopback; IPv6 in brackets
 */
export const guardHost = (app: FastifyInstance, hosts: readonly string[]): void => {
  const ours = new Set([...LOOPBACK, ...hosts].map((host) => host.toLowerCase()))
  app.addHook('onRequest', async (request) => {
    const host = (request.headers.host ?? '').toLowerCase().replace(/:\d*$/, '')
    if (!ours.has(host))
      throw new HttpProblem('host-refused', 'the Host header names no host of this server; add it to the configured hosts if it should')
  })
}

/** Wrong tokens per address: this many at once, and one more each second. */
const ATTEMPTS = 10
const REFILL_MS = 1000
const ADDRESSES = 10_000

/** Asks for `Authorization: Bearer TOKEN` in this scope. Both tokens are hashed first, so that the comparison tells neither length nor prefix. */
export const guardToken = (scope: FastifyInstance, { token, now }: { token: string; now: () => number }): void => {
  const wanted = sha256(token)
  const attempts = new Attempts(now)
  scope.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const given = /^Bearer +([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (given !== undefined && attempts.exhausted(request.ip)) {
      reply.header('retry-after', '1')
      throw new HttpProblem('too-many-requests', 'too many wrong tokens came from this address; wait a second')
    }
    if (given !== undefined && timingSafeEqual(sha256(given), wanted)) return
    if (given !== undefined) attempts.count(request.ip)
    reply.header('www-authenticate', 'Bearer')
    throw new HttpProblem('unauthorized', 'expected the header "Authorization: Bearer TOKEN" with the token of this node')
  })
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** One token bucket per address. */
class Attempts {
  readonly #now: () => number
  /** When the bucket will be full again, ms. */
  readonly #full = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  exhausted(address: string): boolean {
    return (this.#full.get(address) ?? 0) - this.#now() > (ATTEMPTS - 1) * REFILL_MS
  }

  count(address: string): void {
    const now = this.#now()
    // the oldest entry goes: a table that strangers fill must have an end
    if (this.#full.size >= ADDRESSES) for (const oldest of this.#full.keys()) if (this.#full.delete(oldest)) break
    const full = Math.max(this.#full.get(address) ?? 0, now)
    this.#full.delete(address)
    this.#full.set(address, full + REFILL_MS)
  }
}
