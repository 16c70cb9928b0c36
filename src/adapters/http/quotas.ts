// Who may ask a verifier that stands open, and how much: keys as hashes in a file, and for each key, or each address where there are no
// keys, a bucket of requests, bytes of a day, and questions at once. Counted in memory: a restart begins anew.
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.ts'

export interface Allowance {
  /** As the log and the figures call it. */
  readonly name: string
  /** Requests in a minute, and at most as many at once after a rest. */
  readonly requestsPerMinute: number
  /** MiB of bodies from midnight to midnight, UTC. */
  readonly mebibytesPerDay: number
  /** Requests under way. */
  readonly atOnce: number
}

export interface ApiKey extends Allowance {
  /** SHA-256 of the token, hex. */
  readonly sha256: string
}

export interface QuotaOptions {
  /** Without keys everybody may ask, each address within `everybody`. */
  readonly keys: readonly ApiKey[]
  readonly everybody: Omit<Allowance, 'name'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What one client has used. */
interface Account {
  readonly allowance: Allowance
  /** When the bucket of requests will be full again, ms. */
  full: number
  day: number
  bytes: number
  underWay: number
}

/** Of strangers; the oldest is forgotten first. */
const ADDRESSES = 10_000
const MINUTE = 60_000
const DAY = 86_400_000
const MEBIBYTE = 1024 * 1024

/** A client whose request was let in. */
export interface Guest {
  readonly name: string
  /** @throws HttpProblem `too-many-requests` where the bytes of the day are used up */
  take(bytes: number): void
}

/** Guards every request of `scope`, and counts the bytes that come as a body of announced length; `guestOf` is for bodies without. */
export const guardQuotas = (scope: FastifyInstance, options: QuotaOptions): ((request: FastifyRequest) => Guest) => {
  const accounts = new Accounts(options)
  const guests = new WeakMap<FastifyRequest, Guest>()
  scope.addHook('onRequest', async (request, reply) => {
    const account = accounts.of(request, reply)
    const guest = enter(account, options.now, reply)
    guests.set(request, guest)
    account.underWay++
    reply.raw.once('close', () => account.underWay--)
    guest.take(Number(request.headers['content-length'] ?? 0))
  })
  return (request) => {
    const guest = guests.get(request)
    if (guest === undefined) throw new HttpProblem('unauthorized', 'the request was not let in')
    return guest
  }
}

const enter = (account: Account, now: () => number, reply: FastifyReply): Guest => {
  const { allowance } = account
  const each = MINUTE / allowance.requestsPerMinute
  const wait = Math.max(account.full, now()) + each - now() - MINUTE
  if (wait > 0) throw tooMany(reply, wait, `at most ${allowance.requestsPerMinute} requests a minute`)
  if (account.underWay >= allowance.atOnce) throw tooMany(reply, 1000, `at most ${allowance.atOnce} requests at once`)
  account.full = Math.max(account.full, now()) + each
  return {
    name: allowance.name,
    take: (bytes) => {
      const today = Math.floor(now() / DAY)
      if (account.day !== today) Object.assign(account, { day: today, bytes: 0 })
      account.bytes += bytes
      if (account.bytes > allowance.mebibytesPerDay * MEBIBYTE)
        throw tooMany(reply, (today + 1) * DAY - now(), `at most ${allowance.mebibytesPerDay} MiB a day`)
    },
  }
}

/** RFC 9110 §10.2.3 */
const tooMany = (reply: FastifyReply, waitMs: number, rule: string): HttpProblem => {
  if (!reply.raw.headersSent) reply.header('retry-after', String(Math.ceil(waitMs / 1000)))
  return new HttpProblem('too-many-requests', `this client has used up its allowance: ${rule}`)
}

class Accounts {
  readonly #options: QuotaOptions
  /** By hash of the token, or by address. */
  readonly #accounts = new Map<string, Account>()
  readonly #keys: ReadonlyMap<string, ApiKey>

  constructor(options: QuotaOptions) {
    this.#options = options
    this.#keys = new Map(options.keys.map((key) => [key.sha256, key]))
  }

  of(request: FastifyRequest, reply: FastifyReply): Account {
    if (this.#keys.size === 0) return this.#account(request.ip, { name: request.ip, ...this.#options.everybody })
    const token = /^Bearer +([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1]
    // found by its hash: how long that takes tells nothing of the token
    const key = token === undefined ? undefined : this.#keys.get(createHash('sha256').update(token).digest('hex'))
    if (key !== undefined) return this.#account(key.sha256, key)
    reply.header('www-authenticate', 'Bearer')
    throw new HttpProblem('unauthorized', 'expected the header "Authorization: Bearer KEY" with a key of this server')
  }

  #account(id: string, allowance: Allowance): Account {
    const known = this.#accounts.get(id)
    if (known) return known
    for (const [oldest, { underWay }] of this.#accounts) {
      if (this.#accounts.size < ADDRESSES) break
      if (underWay === 0) this.#accounts.delete(oldest)
    }
    const account = { allowance, full: 0, day: 0, bytes: 0, underWay: 0 }
    this.#accounts.set(id, account)
    return account
  }
}
