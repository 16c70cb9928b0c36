// Who may open a connection: OCPP security profiles 0 to 3 (OCPP 2.1 Part 2 A00), passwords at rest, and a brake on guessing.
// It decides about one upgrade at a time; sockets and duplicates are not its matter.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import type { TlsOptions } from 'node:tls'
import { promisify } from 'node:util'
import { utf8 } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/ports.ts'
import { atATime } from './at-a-time.ts'
import type { RevocationCheck } from './revocation-list.ts'

export type Admission =
  | { readonly ok: true }
  | { readonly ok: false; readonly status: 401 | 403 | 404 | 409 | 429 | 503; readonly reason: string }

export interface ClientCertificate {
  readonly subjectCommonName: string
  /** DNS names among the subject alternative names. */
  readonly dnsNames: readonly string[]
  readonly fingerprint256: string
  /** Hexadecimal. */
  readonly serialNumber: string
  /** True where the chain ends at a trusted CA and the certificate is in force. */
  readonly authorized: boolean
}

/** What is known of one that wants to connect, before it is let in. */
export interface Upgrade {
  readonly remoteAddress: string
  /** True over TLS. */
  readonly secure: boolean
  /** Subprotocols, the preferred one first. */
  readonly offered: readonly string[]
  /** From the Authorization header (RFC 7617): the user up to the first colon, the password any bytes. */
  readonly user?: string
  readonly password?: Uint8Array
  readonly clientCertificate?: ClientCertificate
}

export interface StationUpgrade extends Upgrade {
  readonly stationId: string
}

export type SecurityProfile = 0 | 1 | 2 | 3

export interface Credentials {
  /** As `hashPassword` makes it; profiles 1 and 2 admit nobody without. */
  readonly passwordHash?: string
}

/**
 * The admission of one security profile: 0 nothing, 1 password, 2 TLS and password, 3 TLS and a client certificate in the station's name.
 * @param revoked says why a certificate counts no more
 * @param credentials of a station; undefined for an unknown one, which is answered 404 (OCPP 2.1 Part 4 §3.3)
 * @param conceals who shows nothing that counts is answered alike, with the same work, whether the id is known or not
 */
export const profileAdmission =
  (
    profile: SecurityProfile,
    credentials: (stationId: string) => Credentials | undefined,
    { revoked, conceals = false }: { readonly revoked?: RevocationCheck | undefined; readonly conceals?: boolean } = {},
  ) =>
  async (upgrade: StationUpgrade): Promise<Admission> => {
    const known = credentials(upgrade.stationId)
    if (known === undefined && (profile === 0 || !conceals)) return refuse(404, 'unknown station')
    if (profile >= 2 && !upgrade.secure) return refuse(403, `security profile ${profile} needs TLS`)
    if (profile === 0) return ADMITTED
    const shown = await (profile === 3 ? certificateAdmission(upgrade, revoked) : passwordAdmission(upgrade, known ?? {}))
    // whoever proves an id that is on no list learns nothing of others
    return shown.ok && known === undefined ? refuse(404, 'unknown station') : shown
  }

/**
 * Settings of an https server for security profile 2 or 3.
 * @param files PEM texts; `ca` signs client certificates and is required for profile 3, or every public CA could vouch for a station
 */
export const tlsOptions = (files: { cert: string; key: string; ca?: string; profile: SecurityProfile }): TlsOptions => {
  const mutual = files.profile === 3
  if (mutual && files.ca === undefined) throw new Fault('config-invalid', 'expected a CA for client certificates with security profile 3')
  const ca = mutual && files.ca !== undefined ? { ca: files.ca } : {}
  // OCPP 2.1 Part 2 A00: TLS 1.2 or newer
  return { cert: files.cert, key: files.key, ...ca, minVersion: 'TLSv1.2', requestCert: mutual, rejectUnauthorized: mutual }
}

/** `scrypt$N$r$p$salt$hash`, salt and hash in base64 (RFC 7914). N = 2^14 takes some 40 ms, which a random machine password makes ample. */
export const hashPassword = async (password: string | Uint8Array): Promise<string> => {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, { N: 16_384, r: 8, p: 1 })
  return ['scrypt', 16_384, 8, 1, salt.toString('base64'), hash.toString('base64')].join('$')
}

/** Works outside the event loop and takes the same time for right and wrong. Throws Fault `config-invalid` for a hash in no known form. */
export const verifyPassword = async (password: string | Uint8Array, stored: string): Promise<boolean> => {
  const [, N, r, p, salt, hash] = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w+/=]{8,})\$([\w+/=]{44})$/.exec(stored) ?? []
  if (salt === undefined || hash === undefined) throw new Fault('config-invalid', 'expected a password hash scrypt$N$r$p$salt$hash')
  const found = await derive(password, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) })
  return timingSafeEqual(found, Buffer.from(hash, 'base64'))
}

export interface AttemptLimits {
  /** Failures in a row before the brake takes hold. */
  readonly burst: number
  /** One more attempt is granted after each such time, in milliseconds. */
  readonly refillMs: number
}

/**
 * A brake on guessing. Failures are counted by address and by id, so that neither one address with many ids nor many addresses with
 * one id gets far. A station that was admitted from the address it comes from again is counted apart: strangers who guess at
 * its id, and broken neighbours behind the same address, do not lock it out. IPv6 counts by /64, which is what one subscriber has.
 */
export class AttemptBrake {
  readonly #clock: Clock
  readonly #limits: AttemptLimits
  readonly #failures = new Map<string, { count: number; at: number }>()
  /** The address from which each id was last admitted. */
  readonly #homes = new Map<string, string>()

  constructor(clock: Clock, limits: AttemptLimits = { burst: 10, refillMs: 6_000 }) {
    this.#clock = clock
    this.#limits = limits
  }

  /**
   * Begins an attempt; undefined where the brake holds. The answer takes the outcome once it is known: true for admitted, false for
   * wrong credentials, undefined where neither was found out. Until then the attempt counts as a failure for its id, so that a
   * thousand guesses at once are not a thousand guesses.
   */
  begin(id: string, address: string): ((outcome: boolean | undefined) => void) | undefined {
    const from = network(address)
    const home = this.#homes.get(id) === from
    const keys = home ? [] : [`address ${from}`]
    const own = home ? `home ${id}` : `id ${id}`
    if ([...keys, own].some((key) => this.#count(key) > this.#limits.burst - 1)) return undefined
    this.#add(own, 1)
    return (outcome) => {
      if (outcome === true) remember(this.#homes, id, from)
      if (outcome === false) for (const key of keys) this.#add(key, 1)
      else this.#add(own, -1)
    }
  }

  #add(key: string, failures: number): void {
    const count = Math.max(0, this.#count(key) + failures)
    // whoever has nothing against it needs no memory: that is nearly everybody
    if (count === 0) this.#failures.delete(key)
    else remember(this.#failures, key, { count, at: this.#clock.now() })
  }

  /** Failures not yet forgiven; a fraction, because forgiving is gradual. */
  #count(key: string): number {
    const found = this.#failures.get(key)
    if (found === undefined) return 0
    // a wall clock that was set back forgives nothing
    return Math.max(0, found.count - Math.max(0, this.#clock.now() - found.at) / this.#limits.refillMs)
  }
}

const ADMITTED: Admission = { ok: true }

const refuse = (status: 401 | 403 | 404, reason: string): Admission => ({ ok: false, status, reason })

const passwordAdmission = async ({ user, password, stationId }: StationUpgrade, { passwordHash }: Credentials): Promise<Admission> => {
  if (password === undefined) return refuse(401, 'no password')
  // OCPP 2.1 Part 2 A00: the user name is the station id
  if (user !== stationId) return refuse(401, 'the user name is not the station id')
  // as long as with one: how quickly it is answered must not tell who is known
  const fits = await verifyPassword(password, passwordHash ?? (await nobodys()))
  if (passwordHash === undefined) return refuse(401, 'no password is set for the station')
  return fits ? ADMITTED : refuse(401, 'wrong password')
}

/** The hash of a password that nobody has; made when first needed. */
const nobodys = (): Promise<string> => {
  decoy ??= hashPassword(randomBytes(32))
  return decoy
}
let decoy: Promise<string> | undefined

const certificateAdmission = async ({ clientCertificate, stationId }: StationUpgrade, revoked?: RevocationCheck): Promise<Admission> => {
  if (clientCertificate === undefined || !clientCertificate.authorized) return refuse(401, 'no trusted client certificate')
  const named = clientCertificate.subjectCommonName === stationId || clientCertificate.dnsNames.includes(stationId)
  if (!named) return refuse(403, 'the client certificate names another station')
  const flaw = await revoked?.(clientCertificate.serialNumber)
  return flaw === undefined ? ADMITTED : refuse(401, flaw)
}

/** Node has four threads for such work unless told otherwise: one stays with the disk, whose commits others wait for. */
const deriving = atATime(3)

const scryptAsync = promisify<Uint8Array, Uint8Array, number, ScryptOptions, Buffer>(scrypt)

const derive = async (password: string | Uint8Array, salt: Uint8Array, cost: ScryptOptions): Promise<Buffer> => {
  try {
    // 128 N r bytes are needed (RFC 7914 §2); a stored hash that asks for more than this is refused rather than computed
    return await deriving(() =>
      scryptAsync(typeof password === 'string' ? utf8(password) : password, salt, 32, { ...cost, maxmem: 256 * 1024 * 1024 }),
    )
  } catch (cause) {
    throw new Fault('config-invalid', 'the password hash has impossible costs', {}, cause)
  }
}

/** Entries kept; the one untouched for longest goes first. */
const REMEMBERED = 10_000

const remember = <T>(map: Map<string, T>, key: string, value: T): void => {
  map.delete(key)
  map.set(key, value)
  if (map.size > REMEMBERED) map.delete(map.keys().next().value as string)
}

/** IPv4 as it is, also where it comes mapped into IPv6 (RFC 4291 §2.5.5.2); IPv6 as its first 64 bits. */
const network = (address: string): string => {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!bare.includes(':')) return bare
  const [head = '', tail] = bare.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)
  return [...front, ...Array.from({ length: zeros }, () => '0'), ...back].slice(0, 4).join(':')
}
