// The operator's side of keys: a folder with the root key and every fact that it ever vouched for. Runs where a person runs it,
// on a machine that need not be in the network; nodes get what is exported from here.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
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
  type Revocation,
  type RevocationStatement,
  spkiText,
  type Vouched,
  vouch,
} from '../overlay/key-document.ts'
import { KeyLedger } from '../overlay/key-ledger.ts'
import { ROOT_AHEAD_MS } from '../overlay/key-limits.ts'
import { type KeyPurpose, purposesOf, type TrustedKey, TrustStore } from '../overlay/trust.ts'
import { openDataFolder, writeWhole } from './data-folder.ts'
import { readFacts } from './keys.ts'
import { exportPkcs8Pem, generateSigner, importSigner } from './node-crypto.ts'

export interface OfficeParts {
  readonly engine: Engine
  readonly clock: Pick<Clock, 'now'>
}

export interface Named {
  readonly kid: string
  readonly signer: NodeSigner
}

/** How a node's next key comes into force. Milliseconds. */
export interface Rotation {
  readonly node: string
  readonly role: string
  readonly key: PublicKey
  /** What the node was born with, which goes on counting beside the new key: asked for where it has no document yet. */
  readonly born?: readonly { readonly key: PublicKey; readonly use: KeyUse }[]
  /** `node` where it is missing. The keys before it that are for the same end when it begins; the others stay. */
  readonly use?: KeyUse
  /** Until the node signs with it: the document needs that long to be everywhere. */
  readonly delayMs: number
  /** How long the keys before it count beside it. */
  readonly overlapMs: number
  readonly lifeMs: number
}

/** What `learn` found: how many facts were new, and which revocations. */
export interface Learned {
  readonly facts: number
  readonly revoked: readonly Revocation[]
}

const FACTS = 'facts.json'
const ROOT_KEY = 'root.key.pem'
const NEXT_KEY = 'next-root.key.pem'
const SECOND_KEY = 'second-root.key.pem'
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
   * @param secondFolder where the key goes without which nobody makes nodes; the root does it alone where it is missing
   * @throws Fault `config-invalid` where there is one already
   */
  static async found(folder: string, nextFolder: string, parts: OfficeParts, secondFolder?: string): Promise<KeyOffice> {
    if (existsSync(join(folder, FACTS))) throw new Fault('config-invalid', `${folder} holds a root already; "keys root replace" changes it`)
    if (resolve(folder) === resolve(nextFolder))
      throw new Fault('config-invalid', `the next root must lie elsewhere than in ${folder}: who steals the one would have the other`)
    isEmpty(nextFolder)
    const root = makeKey(folder, ROOT_KEY, parts.engine)
    const next = makeKey(nextFolder, NEXT_KEY, parts.engine)
    const second = secondFolder === undefined ? {} : { second: spkiText(makeKey(secondFolder, SECOND_KEY, parts.engine).signer.publicKey) }
    const fact = {
      kind: 'root',
      seq: 1,
      key: spkiText(root.signer.publicKey),
      next: next.kid,
      ...second,
      issued: parts.clock.now(),
    } as const
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
    await office.ledger.take(facts, 'file')
    return office
  }

  /**
   * What a running node believes, kept beside what the root said here: everything where the folder was lost, and what a key for key
   * administration revoked, which the root has to say again before it can say more.
   * @throws Fault `refused` for facts of another root, and for what nobody with the right to it vouches for; `config-invalid` where the root
   * has to speak and is not here
   */
  static async learn(folder: string, facts: readonly Vouched[], parts: OfficeParts): Promise<Learned> {
    const [first, ...rest] = facts
    if (!first) throw new Fault('refused', 'the node knows no root')
    const isKnown = existsSync(join(folder, FACTS))
    const office = isKnown ? await KeyOffice.open(folder, parts) : new KeyOffice(folder, parts, { root: undefined, first })
    const told = new KeyOffice(folder, parts, { root: undefined, first })
    await told.ledger.take(rest, 'file')
    return office.#learn(told.ledger, facts)
  }

  async #learn(told: KeyLedger, facts: readonly Vouched[]): Promise<Learned> {
    const { ledger } = this
    const before = new Set(ledger.revocations?.revoked.map(({ kid }) => kid))
    const fresh = await ledger.take(facts, 'file')
    if (told.root === ledger.root && told.rootKid !== ledger.rootKid)
      throw new Fault('refused', `the node's root is another: ${told.rootKid}`)
    const said = told.root === ledger.root ? (told.revocations?.revoked ?? []) : []
    // the node's list is older by its number than the root's, and names keys that the root did not hear of
    if (said.some(({ kid }) => !ledger.revocations?.revoked.some((each) => each.kid === kid))) await this.#revoke(said)
    openDataFolder(this.#folder)
    this.#keep()
    return { facts: fresh.length, revoked: (ledger.revocations?.revoked ?? []).filter(({ kid }) => !before.has(kid)) }
  }

  /** Everything, for `keys export`. */
  get facts(): Vouched[] {
    return this.ledger.all()
  }

  get revocations(): RevocationStatement | undefined {
    return this.ledger.revocations
  }

  /**
   * The reserved root takes over. What the old one vouched for, the new one says again; what it revoked stays revoked.
   * @param second the key without whose word nobody makes nodes from now on; nobody's where it is missing
   */
  async replace(nextFolder: string, newNextFolder: string, second?: Named): Promise<void> {
    isEmpty(newNextFolder)
    const root = readKey(join(nextFolder, NEXT_KEY), this.#parts.engine)
    const seq = this.ledger.root
    // made beside the old one, which must not be lost where this fails
    const next = generateSigner('secp256r1')
    const fact = {
      kind: 'root',
      seq: seq + 1,
      key: spkiText(root.signer.publicKey),
      next: thumbprint(next.publicKey, this.#parts.engine),
      ...(second && { second: spkiText(second.signer.publicKey) }),
    } as const
    const before = this.ledger.documents()
    const revoked = this.ledger.revocations?.revoked ?? []
    await this.ledger.take([vouch({ ...fact, issued: this.#parts.clock.now() }, [root])])
    this.#root = root
    await this.#say({ kind: 'revocations', root: seq + 1, seq: 1, issued: this.#parts.clock.now(), revoked })
    for (const { fact: document } of before)
      await this.#say({ ...document, root: seq + 1, seq: document.seq + 1 }, root, ...(second ? [second] : []))
    writeKey(newNextFolder, NEXT_KEY, next)
    writeKey(this.#folder, ROOT_KEY, root.signer)
    this.#keep()
  }

  /**
   * Revokes keys by name, beside those that are revoked; with none it only says anew that there are no others.
   * @param by a key that the root named for key administration; the root itself where it is missing
   */
  async revoke(kids: readonly string[], reason: string, by?: Named): Promise<void> {
    const at = this.#parts.clock.now()
    await this.#revoke(
      kids.map((kid) => ({ kid, at, reason })),
      by,
    )
    this.#keep()
  }

  async #revoke(more: readonly Revocation[], by?: Named): Promise<void> {
    const now = this.#parts.clock.now()
    const before = this.ledger.revocations
    const isNew = ({ kid }: Revocation): boolean => !before?.revoked.some((each) => each.kid === kid)
    const revoked = [...(before?.revoked ?? []), ...more.filter(isNew)]
    const next = before?.root === this.ledger.root ? before.seq + 1 : 1
    // whoever has a stolen key for key administration may have said more than is known here: the root's word has to be the newest
    const seq = by === undefined && revoked.some(({ kid }) => this.#mayRevoke(kid)) ? Math.max(next, now + ROOT_AHEAD_MS) : next
    await this.#say({ kind: 'revocations', root: this.ledger.root, seq, issued: now, revoked }, by)
  }

  #mayRevoke(kid: string): boolean {
    return this.trust.look(kid)?.purposes.includes('key-administration') === true
  }

  /** The next document of a node: its keys as they are, the old ones with an end, and the new one. Nobody has vouched for it yet. */
  draft({ node, key, delayMs, overlapMs, lifeMs, use = 'node', born = [], ...about }: Rotation): KeyStatement {
    const { engine, clock } = this.#parts
    const before = this.ledger.documents().find(({ fact }) => fact.node === node)?.fact
    const now = clock.now()
    const from = now + delayMs
    const role = before?.role ?? about.role
    const purposesFor = (use: KeyUse): readonly KeyPurpose[] => (use === 'node' ? purposesOf(role) : [use])
    const purposes = purposesFor(use)
    const isKept = ({ key: text, until }: ListedKey): boolean =>
      until > now && !this.trust.isRevoked(keyOf(text, engine).kid) && text !== spkiText(key)
    const isFollowed = ({ purposes: its }: ListedKey): boolean => its.some((purpose) => purposes.includes(purpose))
    const ended = (each: ListedKey): ListedKey => ({ ...each, until: Math.min(each.until, from + overlapMs) })
    const bornKey = (each: (typeof born)[number]): ListedKey => ({
      ...{ key: spkiText(each.key), purposes: purposesFor(each.use) },
      ...{ from: now, until: now + lifeMs },
    })
    const older = (before?.keys ?? born.map(bornKey)).filter(isKept).map((each) => (isFollowed(each) ? ended(each) : each))
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

  async #say(fact: KeyFact, by = this.#rootKey(), ...others: Named[]): Promise<void> {
    await this.ledger.take([vouch(fact, [by, ...others])])
  }

  #rootKey(): Named {
    const [root, where] = [this.#root, `${ROOT_KEY} in ${this.#folder}`]
    if (!root) throw new Fault('config-invalid', `there is no ${where}: this is done where the root is`)
    if (root.kid !== this.ledger.rootKid)
      throw new Fault('config-invalid', `the ${where} is not the root that counts: another took its place`)
    return root
  }

  #keep(): void {
    writeWhole(join(this.#folder, FACTS), `${JSON.stringify(this.facts as object as Json, null, 1)}\n`, 0o644)
  }
}

/** The second key that lies in a folder; made there where there is none and `isMade`. Throws Fault `config-invalid`. */
export const secondKey = (folder: string, engine: Engine, isMade = false): Named =>
  isMade && !existsSync(join(folder, SECOND_KEY)) ? makeKey(folder, SECOND_KEY, engine) : readKey(join(folder, SECOND_KEY), engine)

/** Nothing is written over the only key that can replace a root. */
const isEmpty = (nextFolder: string): void => {
  if (existsSync(join(nextFolder, NEXT_KEY)))
    throw new Fault('config-invalid', `${nextFolder} holds the key of a next root already, which may be the only one: name another folder`)
}

const makeKey = (folder: string, name: string, engine: Engine): Named => {
  const signer = generateSigner('secp256r1')
  writeKey(folder, name, signer)
  return { signer, kid: thumbprint(signer.publicKey, engine) }
}

const writeKey = (folder: string, name: string, signer: NodeSigner): void => {
  openDataFolder(folder)
  writeWhole(join(folder, name), exportPkcs8Pem(signer), 0o600)
}

const readKey = (path: string, engine: Engine): Named => {
  try {
    const signer = importSigner(readFileSync(path, 'utf8'))
    return { signer, kid: thumbprint(signer.publicKey, engine) }
  } catch (cause) {
    throw new Fault('config-invalid', `there is no private key in ${path}`, { path }, asFault(cause))
  }
}
