// The operator's side of keys: a folder with the root key and every fact that it ever vouched for. Runs where a person runs it,
// on a machine that need not be in the network; nodes get what is exported from here.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import { memoryStore } from '../base/memory-store.ts'
import type { Clock, Json } from '../base/ports.ts'
import type { Engine, NodeSigner, PublicKey } from '../crypto/engine.ts'
import { thumbprint } from '../crypto/key.ts'
import {
  type KeyFact,
  type KeyStatement,
  keyOf,
  type ListedKey,
  type RevocationStatement,
  spkiText,
  type Vouched,
  vouch,
} from '../overlay/key-document.ts'
import { KeyLedger } from '../overlay/key-ledger.ts'
import { type KeyPurpose, purposesOf, type TrustedKey, TrustStore } from '../overlay/trust.ts'
import { writeWhole } from './data-folder.ts'
import { readFacts } from './keys.ts'
import { exportPkcs8Pem, generateSigner, importSigner } from './node-crypto.ts'

export interface OfficeParts {
  readonly engine: Engine
  readonly clock: Pick<Clock, 'now'>
}

interface Named {
  readonly kid: string
  readonly signer: NodeSigner
}

/** How a node's next key comes into force. Milliseconds. */
export interface Rotation {
  readonly node: string
  readonly role: string
  readonly key: PublicKey
  /** `node` where it is missing. The keys before it that are for the same end when it begins; the others stay. */
  readonly use?: KeyUse
  /** Until the node signs with it: the document needs that long to be everywhere. */
  readonly delayMs: number
  /** How long the keys before it count beside it. */
  readonly overlapMs: number
  readonly lifeMs: number
}

const FACTS = 'facts.json'
const ROOT_KEY = 'root.key.pem'
const NEXT_KEY = 'next-root.key.pem'
/** What a key can be made for; `node` is what the role needs. */
export const USES = ['node', 'policy', 'key-administration', 'encryption'] as const
export type KeyUse = (typeof USES)[number]

export class KeyOffice {
  readonly ledger: KeyLedger
  readonly trust: TrustStore
  readonly #folder: string
  readonly #parts: OfficeParts
  /** Absent where only what the root said was brought along: then it can be read and drafted from. */
  #root: Named | undefined

  private constructor(folder: string, parts: OfficeParts, facts: { root: Named | undefined; first: Vouched }) {
    this.#folder = folder
    this.#parts = parts
    this.#root = facts.root
    this.trust = new TrustStore(parts.engine, parts.clock)
    this.ledger = new KeyLedger(facts.first, { ...parts, trust: this.trust, store: memoryStore(), maxAgeMs: Number.MAX_SAFE_INTEGER })
  }

  /**
   * Makes a root and commits to the one after it, whose private key goes to `nextFolder`: keep that elsewhere.
   * @throws Fault `config-invalid` where there is one already
   */
  static async found(folder: string, nextFolder: string, parts: OfficeParts): Promise<KeyOffice> {
    if (existsSync(join(folder, FACTS))) throw new Fault('config-invalid', `${folder} holds a root already; "keys root replace" changes it`)
    const root = makeKey(folder, ROOT_KEY, parts.engine)
    const next = makeKey(nextFolder, NEXT_KEY, parts.engine)
    const fact = { kind: 'root', seq: 1, key: spkiText(root.signer.publicKey), next: next.kid, issued: parts.clock.now() } as const
    const office = new KeyOffice(folder, parts, { root, first: vouch(fact, [root]) })
    await office.revoke([], '')
    return office
  }

  /** Throws Fault `config-invalid` where there is no root, `refused` where what lies there does not hold. */
  static async open(folder: string, parts: OfficeParts): Promise<KeyOffice> {
    const path = join(folder, FACTS)
    if (!existsSync(path)) throw new Fault('config-invalid', `there is no root in ${folder}; "chargeproof keys root init" makes one`)
    const [first, ...facts] = readFacts(readFileSync(path, 'utf8'))
    const root = existsSync(join(folder, ROOT_KEY)) ? readKey(join(folder, ROOT_KEY), parts.engine) : undefined
    const office = new KeyOffice(folder, parts, { root, first: first as Vouched })
    await office.ledger.take(facts)
    if (root && office.ledger.rootKid !== root.kid) throw new Fault('key-malformed', `${ROOT_KEY} in ${folder} is not the root that counts`)
    return office
  }

  /** Everything, for `keys export`. */
  get facts(): Vouched[] {
    return this.ledger.all()
  }

  get revocations(): RevocationStatement | undefined {
    return this.ledger.revocations
  }

  /** The reserved root takes over. What the old one vouched for, the new one says again; what it revoked stays revoked unless `forget`. */
  async replace(nextFolder: string, newNextFolder: string): Promise<void> {
    const root = readKey(join(nextFolder, NEXT_KEY), this.#parts.engine)
    const seq = this.ledger.root
    // made beside the old one, which must not be lost where this fails
    const next = generateSigner('secp256r1')
    const fact = {
      kind: 'root',
      seq: seq + 1,
      key: spkiText(root.signer.publicKey),
      next: thumbprint(next.publicKey, this.#parts.engine),
    } as const
    const before = this.ledger.documents()
    const revoked = this.ledger.revocations?.revoked ?? []
    await this.ledger.take([vouch({ ...fact, issued: this.#parts.clock.now() }, [root])])
    this.#root = root
    await this.#say({ kind: 'revocations', root: seq + 1, seq: 1, issued: this.#parts.clock.now(), revoked })
    for (const { fact: document } of before) await this.#say({ ...document, root: seq + 1, seq: document.seq + 1 })
    writeKey(newNextFolder, NEXT_KEY, next)
    writeKey(this.#folder, ROOT_KEY, root.signer)
    this.#keep()
  }

  /**
   * Revokes keys by name, beside those that are revoked; with none it only says anew that there are no others.
   * @param by a key that the root named for key administration; the root itself where it is missing
   */
  async revoke(kids: readonly string[], reason: string, by?: Named): Promise<void> {
    const now = this.#parts.clock.now()
    const before = this.ledger.revocations
    const isNew = (kid: string): boolean => !before?.revoked.some((each) => each.kid === kid)
    const revoked = [...(before?.revoked ?? []), ...kids.filter(isNew).map((kid) => ({ kid, at: now, reason }))]
    const seq = before?.root === this.ledger.root ? before.seq + 1 : 1
    await this.#say({ kind: 'revocations', root: this.ledger.root, seq, issued: now, revoked }, by)
    this.#keep()
  }

  /** The next document of a node: its keys as they are, the old ones with an end, and the new one. Nobody has vouched for it yet. */
  draft({ node, key, delayMs, overlapMs, lifeMs, use = 'node', ...about }: Rotation): KeyStatement {
    const { engine, clock } = this.#parts
    const before = this.ledger.documents().find(({ fact }) => fact.node === node)?.fact
    const from = clock.now() + delayMs
    const role = before?.role ?? about.role
    const purposes: readonly KeyPurpose[] = use === 'node' ? purposesOf(role) : [use]
    const isKept = ({ key: text, until }: ListedKey): boolean =>
      until > clock.now() && !this.trust.isRevoked(keyOf(text, engine).kid) && text !== spkiText(key)
    const isFollowed = ({ purposes: its }: ListedKey): boolean => its.some((purpose) => purposes.includes(purpose))
    const ended = (each: ListedKey): ListedKey => ({ ...each, until: Math.min(each.until, from + overlapMs) })
    const older = (before?.keys ?? []).filter(isKept).map((each) => (isFollowed(each) ? ended(each) : each))
    const fresh = { key: spkiText(key), purposes, from, until: from + lifeMs }
    return { kind: 'keys', root: this.ledger.root, seq: (before?.seq ?? 0) + 1, node, role, keys: [...older, fresh] }
  }

  /** The root vouches for a node's document, beside those who did. Throws Fault `refused` where no key before it did. */
  async sign({ fact, signatures }: Vouched<KeyStatement>): Promise<void> {
    const own = vouch(fact, [this.#rootKey()])
    await this.ledger.take([{ fact, signatures: [...signatures, ...own.signatures] }])
    this.#keep()
  }

  /** Every key of every node that has a document, the root's first. */
  keys(): TrustedKey[] {
    return this.trust.all()
  }

  async #say(fact: KeyFact, by = this.#rootKey()): Promise<void> {
    await this.ledger.take([vouch(fact, [by])])
  }

  #rootKey(): Named {
    if (!this.#root) throw new Fault('key-malformed', `there is no ${ROOT_KEY} in ${this.#folder}: this is done where the root is`)
    return this.#root
  }

  #keep(): void {
    writeWhole(join(this.#folder, FACTS), `${JSON.stringify(this.facts as object as Json, null, 1)}\n`, 0o644)
  }
}

const makeKey = (folder: string, name: string, engine: Engine): Named => {
  const signer = generateSigner('secp256r1')
  writeKey(folder, name, signer)
  return { signer, kid: thumbprint(signer.publicKey, engine) }
}

const writeKey = (folder: string, name: string, signer: NodeSigner): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeWhole(join(folder, name), exportPkcs8Pem(signer), 0o600)
}

const readKey = (path: string, engine: Engine): Named => {
  try {
    const signer = importSigner(readFileSync(path, 'utf8'))
    return { signer, kid: thumbprint(signer.publicKey, engine) }
  } catch (cause) {
    throw new Fault('key-malformed', `there is no private key in ${path}`, { path }, asFault(cause))
  }
}
