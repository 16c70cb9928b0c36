// A certificate authority small enough to understand: one root key in a folder, certificates for servers, nodes and stations, and a
// list of those it takes back. It issues; Node's own TLS verifies (docs/keys.md).
import 'reflect-metadata'
import { createHash, randomBytes, type webcrypto } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509'
import { Fault } from '../base/fault.ts'
import type { Clock, Json } from '../base/ports.ts'
import { openDataFolder, writeWhole } from './data-folder.ts'
import { plainSerial } from './revocation-list.ts'

cryptoProvider.set(globalThis.crypto)

/** P-256, which every station can do (OCPP 2.1 Part 2 A00.FR.506). */
export const CERTIFICATE_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000
const ROOT_DAYS = 3_650
/** A list that nobody renewed for so long is not believed any more. */
const LIST_DAYS = 30
/** Clocks of stations are not exact. */
const BACKDATED_MS = 3_600_000

/** RFC 5280 §4.2.1.12 */
const USAGES = { server: ['1.3.6.1.5.5.7.3.1'], client: ['1.3.6.1.5.5.7.3.2'], node: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'] } as const
/** `node` is both ends of a link: a gateway listens and dials. */
export type CertificateUsage = keyof typeof USAGES

/** One row of what was issued. */
export interface Issued {
  /** Hexadecimal, without leading zeros or signs. */
  readonly serial: string
  readonly name: string
  readonly usage: CertificateUsage
  readonly until: number
  readonly revoked?: number
  /** SHA-256 of the key, hex: of what was issued before this was kept it is missing. */
  readonly key?: string
}

export interface CertificateOrder {
  /** The common name; of a station or node its id. */
  readonly name: string
  readonly usage: CertificateUsage
  readonly days: number
  /** DNS names and IP addresses of a server. */
  readonly hosts?: readonly string[]
  /** What a request may have as its common name besides `name`. */
  readonly serial?: string
  /** SHA-256 of the key that a request must be for, hex. */
  readonly onlyKey?: string
}

/** PEM texts. */
export interface KeyAndCertificate {
  readonly cert: string
  readonly key: string
}

export class Authority {
  readonly #folder: string
  readonly #clock: Pick<Clock, 'now'>
  readonly #root: X509Certificate
  readonly #key: webcrypto.CryptoKey

  private constructor(folder: string, clock: Pick<Clock, 'now'>, root: { certificate: X509Certificate; key: webcrypto.CryptoKey }) {
    this.#folder = folder
    this.#clock = clock
    this.#root = root.certificate
    this.#key = root.key
  }

  /** The authority in that folder; made there where there is none. Throws Fault `key-malformed` where only half of one is there. */
  static async open(folder: string, clock: Pick<Clock, 'now'>, name = 'Chargeproof root'): Promise<Authority> {
    if (!existsSync(join(folder, ROOT))) await found(folder, clock, name)
    return Authority.existing(folder, clock)
  }

  /** The authority in that folder. Throws Fault `config-invalid` where there is none, `key-malformed` where only half of one is there. */
  static async existing(folder: string, clock: Pick<Clock, 'now'>): Promise<Authority> {
    if (!existsSync(join(folder, ROOT))) throw new Fault('config-invalid', `there is no authority in ${folder}: it holds no ${ROOT}`)
    const certificate = new X509Certificate(readFileSync(join(folder, ROOT), 'utf8'))
    if (!existsSync(join(folder, ROOT_KEY))) throw new Fault('key-malformed', `there is no ${ROOT_KEY} in ${folder}`)
    const [pkcs8] = PemConverter.decode(readFileSync(join(folder, ROOT_KEY), 'utf8'))
    const key = await crypto.subtle.importKey('pkcs8', pkcs8 as ArrayBuffer, CERTIFICATE_ALGORITHM, false, ['sign'])
    return new Authority(folder, clock, { certificate, key })
  }

  /** The root certificate, PEM: what others are told to trust. */
  get cert(): string {
    return pem(this.#root)
  }

  /** As it is on disk: a node that answers stations and a person at the command line may use one authority. */
  get issued(): readonly Issued[] {
    const path = join(this.#folder, ISSUED)
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Issued[]) : []
  }

  /** A key pair and its certificate. */
  async issue(order: CertificateOrder): Promise<KeyAndCertificate> {
    const keys = await crypto.subtle.generateKey(CERTIFICATE_ALGORITHM, true, ['sign', 'verify'])
    const certificate = await this.#certify(keys.publicKey, order)
    const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
    return { cert: certificate, key: `${key}\n` }
  }

  /**
   * The certificate for a signing request (RFC 2986): of what it says only the key and the name count.
   * @throws Fault `refused` where it is in another name than `order.name`, not signed by its own key, or too weak; `key-malformed`
   */
  async sign(request: string, order: CertificateOrder): Promise<string> {
    let csr: Pkcs10CertificateRequest
    try {
      csr = new Pkcs10CertificateRequest(request)
    } catch (cause) {
      throw new Fault('key-malformed', 'expected a certificate signing request as PEM', {}, cause)
    }
    const names = csr.subjectName.getField('CN')
    // OCPP 2.1 Part 2 A00, certificate properties: the common name of a station is its serial number; the certificate says the id all the same, by which the station is let in
    if (names.length !== 1 || ![order.name, order.serial].includes(names[0]))
      throw refused('csr-name', `the request is not in the name ${order.name}`)
    if (!(await csr.verify())) throw refused('csr-proof', 'the request was not signed by its own key')
    const key = await csr.publicKey.export()
    if (!isStrong(key.algorithm)) throw refused('csr-key', 'expected a key on P-256 or better, or RSA of 2048 bits or more')
    this.#isFree(await hashOf(key), order)
    return this.#certify(key, order)
  }

  /** SHA-256 of the key that a request is for, hex; undefined for what is none. */
  async keyOf(request: string): Promise<string | undefined> {
    try {
      return await hashOf(await new Pkcs10CertificateRequest(request).publicKey.export())
    } catch {
      // `sign` says what is wrong with it
      return undefined
    }
  }

  /** A request that was seen once can be brought again by whoever carried it: for a key that was taken back, or is another's, there is nothing. */
  #isFree(key: string, { name, onlyKey, days }: CertificateOrder): void {
    if (onlyKey !== undefined && key !== onlyKey) throw refused('csr-key', `the request is for the key ${key}, and another was released`)
    const before = this.issued.filter((each) => each.key === key)
    if (before.some((each) => each.name !== name)) throw refused('csr-key', 'the key has a certificate in another name')
    if (before.some(({ revoked }) => revoked !== undefined)) throw refused('csr-key', 'a certificate for this key was taken back')
    // a request that was not answered is made again at once; later a new certificate is for a new key (OCPP 2.1 Part 2 A02)
    const isOld = ({ until }: Issued): boolean => until - this.#clock.now() < (days - 1) * DAY_MS
    if (before.some(isOld)) throw refused('csr-key', 'the key had its certificate before today: a new one is for a new key')
  }

  /** Takes a certificate back. Throws Fault `config-invalid` for one that was not issued here. */
  async revoke(serial: string): Promise<void> {
    const wanted = plainSerial(serial)
    const { issued } = this
    if (!issued.some((each) => each.serial === wanted))
      throw new Fault('config-invalid', `no certificate ${serial} was issued here; ${join(this.#folder, ISSUED)} lists those that were`)
    this.#keep(issued.map((each) => (each.serial === wanted && !each.revoked ? { ...each, revoked: this.#clock.now() } : each)))
    await this.publishList()
  }

  /** Writes the revocation list, `crl.pem`, anew: it is believed for 30 days. */
  async publishList(): Promise<string> {
    const now = this.#clock.now()
    const list = await X509CrlGenerator.create({
      issuer: this.#root.subject,
      thisUpdate: new Date(now),
      nextUpdate: new Date(now + LIST_DAYS * DAY_MS),
      entries: this.issued.flatMap(({ serial, revoked }) =>
        revoked === undefined ? [] : [{ serialNumber: evenHex(serial), revocationDate: new Date(revoked) }],
      ),
      signingAlgorithm: CERTIFICATE_ALGORITHM,
      signingKey: this.#key,
    })
    // RFC 7468 §6: nobody else reads it under another label
    const text = `${PemConverter.encode(list.rawData, 'X509 CRL')}\n`
    writeWhole(join(this.#folder, LIST), text, 0o644)
    return text
  }

  async #certify(publicKey: webcrypto.CryptoKey, { name, usage, days, hosts = [] }: CertificateOrder): Promise<string> {
    const serial = randomBytes(16)
    // positive, and of the full length (RFC 5280 §4.1.2.2)
    serial[0] = ((serial[0] as number) & 0x7f) | 0x40
    const names = [...(usage === 'server' ? [] : [name]), ...hosts].map((value) => ({
      type: isIP(value) ? ('ip' as const) : ('dns' as const),
      value,
    }))
    const until = this.#clock.now() + days * DAY_MS
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serial.toString('hex'),
      subject: [{ CN: [name] }],
      issuer: this.#root.subject,
      notBefore: new Date(this.#clock.now() - BACKDATED_MS),
      notAfter: new Date(until),
      signingAlgorithm: CERTIFICATE_ALGORITHM,
      publicKey,
      signingKey: this.#key,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([...USAGES[usage]]),
        ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
      ],
    })
    const key = await hashOf(publicKey)
    this.#keep([...this.issued, { serial: plainSerial(serial.toString('hex')), name, usage, until, key }])
    return pem(certificate)
  }

  #keep(issued: readonly Issued[]): void {
    writeWhole(join(this.#folder, ISSUED), `${JSON.stringify(issued as object as Json, null, 1)}\n`, 0o644)
  }
}

const ROOT = 'ca.pem'
const ROOT_KEY = 'ca.key.pem'
const ISSUED = 'issued.json'
const LIST = 'crl.pem'

const found = async (folder: string, clock: Pick<Clock, 'now'>, name: string): Promise<void> => {
  openDataFolder(folder)
  const keys = await crypto.subtle.generateKey(CERTIFICATE_ALGORITHM, true, ['sign', 'verify'])
  const root = await X509CertificateGenerator.createSelfSigned({
    // two roots of one name must not be taken for one
    name: [{ CN: [`${name} ${createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 8)}`] }],
    notBefore: new Date(clock.now() - BACKDATED_MS),
    notAfter: new Date(clock.now() + ROOT_DAYS * DAY_MS),
    signingAlgorithm: CERTIFICATE_ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  writeWhole(join(folder, ROOT_KEY), `${key}\n`, 0o600)
  writeWhole(join(folder, ROOT), pem(root), 0o644)
}

const hashOf = async (key: webcrypto.CryptoKey): Promise<string> =>
  createHash('sha256')
    .update(new Uint8Array(await crypto.subtle.exportKey('spki', key)))
    .digest('hex')

const pem = (data: { toString(format: 'pem'): string }): string => `${data.toString('pem')}\n`
const evenHex = (serial: string): string => (serial.length % 2 === 0 ? serial : `0${serial}`)
const refused = (rule: string, why: string): Fault => new Fault('refused', `refused by rule ${rule}: ${why}`, { rule })

const isStrong = (algorithm: webcrypto.KeyAlgorithm): boolean => {
  if ('modulusLength' in algorithm) return Number(algorithm.modulusLength) >= 2_048
  return 'namedCurve' in algorithm && ['P-256', 'P-384', 'P-521'].includes(String(algorithm.namedCurve))
}
