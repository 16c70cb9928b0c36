// The first frames of a link between nodes: each side proves that it holds its node key before anything that it says is
// believed (docs/protocol.md §3.1.1). Who may connect at all was decided at the door; what is said afterwards is NodeLink's.
import { base64url, unbase64url, utf8 } from '../base/bytes.ts'
import { canonicalJson, parseJsonStrict } from '../base/canonical-json.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json, Link, Random } from '../base/ports.ts'
import { writeSpki } from '../crypto/der.ts'
import type { Engine, PublicKey } from '../crypto/engine.ts'
import { type DetachedSignature, readProtected, signDetached, verifyDetached } from '../crypto/jws.ts'
import { readPublicKey, thumbprint } from '../crypto/key.ts'
import { HeldLink } from './held-link.ts'
import type { Identity } from './signature.ts'
import type { TrustStore } from './trust.ts'

/** The `typ` of a proof: no signature of a message has one, so neither can stand for the other. */
export const PROOF_TYPE = 'chargeproof.overlay.1'
const VERSION = 1
const NONCE_BYTES = 32
/** Of a hello whose speaker signs the name of the TLS session along (RFC 9266). */
const BINDING = 'tls-exporter'
/** Characters of a handshake frame. */
const FRAME_LIMIT = 4_096
/** From the opening of the link to the neighbour's proof. */
export const HANDSHAKE_MS = 10_000

/** Which end of the link this is: the one that dialled, or the one that listened. */
export type LinkEnd = 'dialler' | 'listener'

/** Members that this version needs; others are signed along and mean nothing. */
export interface Hello {
  readonly version: number
  /** Who speaks, and with whom it believes to speak. */
  readonly node: string
  readonly peer: string
  /** Name and SubjectPublicKeyInfo (base64url) of the speaker's key. */
  readonly kid: string
  readonly key: string
  readonly nonce: string
  /** `tls-exporter`: the speaker's end of the link is bound to its TLS session. */
  readonly binding?: string
  readonly [member: string]: Json | undefined
}

export interface HandshakeParts {
  readonly clock: Clock
  readonly random: Random
  readonly engine: Engine
  readonly trust: TrustStore
  readonly identity: Identity
}

/** A link whose other end proved to hold the key `kid`. It is to be opened as any link; nothing of the handshake is seen on it. */
export interface ProvenLink {
  readonly link: Link
  readonly kid: string
}

/**
 * Opens the link and resolves when both sides proved their keys. An id with a key in the trust store has to prove that key; of
 * another id the key that it presents is proven, and stands for no role.
 * @throws Fault `refused` with rule `link-proof` where the proof failed (the link is closed then), `link-lost` where the link ended before
 */
export const proveLink = (link: Link, ends: { peer: string; as: LinkEnd }, parts: HandshakeParts): Promise<ProvenLink> =>
  new Promise((resolve, reject) => {
    // the key that the hello names makes the proof, also where the node changes keys in between
    new Handshake(link, { ...ends, ...parts, identity: { ...parts.identity }, resolve, reject }).begin()
  })

/** What is said on a link before it is open: both hellos, and the name of its TLS session where it is bound to that. */
export interface Exchange extends Readonly<Record<LinkEnd, Hello>> {
  readonly exporter?: Uint8Array | undefined
}

/** What both sides sign: the exchange, and which end it is that signs. */
export const transcript = ({ dialler, listener, exporter }: Exchange, by: LinkEnd): string =>
  canonicalJson({ by, dialler: asJson(dialler), listener: asJson(listener), ...(exporter && { exporter: base64url(exporter) }) })

export const signProof = (exchange: Exchange, by: LinkEnd, { kid, signer }: Identity): DetachedSignature =>
  signDetached({ kid, typ: PROOF_TYPE }, utf8(transcript(exchange, by)), signer)

export const helloOf = (
  { bound, ...ends }: { node: string; peer: string; bound?: boolean },
  { kid, signer }: Identity,
  nonce: Uint8Array,
): Hello => ({
  version: VERSION,
  ...ends,
  ...(bound && { binding: BINDING }),
  kid,
  key: base64url(writeSpki(signer.publicKey)),
  nonce: base64url(nonce),
})

interface Attempt extends HandshakeParts {
  readonly peer: string
  readonly as: LinkEnd
  readonly resolve: (proven: ProvenLink) => void
  readonly reject: (fault: Fault) => void
}

const UNBOUND = 'it does not bind the link to its TLS session: somebody ends TLS between the two, or channelBinding is off there'

const asJson = (hello: Hello): Json => hello as { readonly [member: string]: Json }

/** hello → proof → done; or over, from each of them. */
class Handshake {
  readonly #held: HeldLink
  readonly #attempt: Attempt
  readonly #mine: Hello
  readonly #exporter: Uint8Array | undefined
  #theirs: { readonly hello: Hello; readonly key: PublicKey } | undefined
  #state: 'hello' | 'proof' | 'done' | 'over' = 'hello'
  #timer: Cancel = () => undefined

  constructor(link: Link, attempt: Attempt) {
    this.#attempt = attempt
    const { identity, peer, random } = attempt
    this.#exporter = link.exporter
    const ends = { node: identity.node, peer, bound: link.exporter !== undefined }
    this.#mine = helloOf(ends, identity, random.bytes(NONCE_BYTES))
    this.#held = new HeldLink(link, {
      text: (frame) => this.#text(frame),
      binary: () => this.#refuse('expected a handshake, got a binary frame'),
      closed: (code) => this.#fail(new Fault('link-lost', `${peer} ended the link with ${code} before it proved its key`)),
    })
  }

  begin(): void {
    this.#timer = this.#attempt.clock.after(HANDSHAKE_MS, () => this.#refuse(`no proof of its key within ${HANDSHAKE_MS} ms`))
    if (this.#exporter?.length === 0) this.#refuse('its TLS session has no name to bind the link to, which takes TLS 1.3')
    else this.#held.send(JSON.stringify(['hello', this.#mine]))
  }

  #text(frame: string): void {
    if (this.#state === 'over') return
    try {
      if (this.#state === 'hello') this.#hello(readStep(frame, 'hello'))
      else this.#proof(readStep(frame, 'proof'))
    } catch (thrown) {
      this.#refuse(asFault(thrown).message)
    }
  }

  #hello(value: JsonObject): void {
    const { peer, as, identity } = this.#attempt
    const hello = readHello(value)
    if (hello.node !== peer) throw new Fault('refused', `expected ${peer} at the other end, it says it is ${hello.node.slice(0, 48)}`)
    if (hello.peer !== identity.node) throw new Fault('refused', `it believes to speak with ${hello.peer.slice(0, 48)}`)
    // said inside what both sign, so nobody between them can talk them out of it
    if (hello.binding !== this.#mine.binding)
      throw new Fault('refused', this.#exporter ? UNBOUND : 'it binds the link to a TLS session, and here there is none to bind to')
    // a key that cannot count is refused before anything is signed for it
    this.#theirs = { hello, key: this.#keyOf(hello) }
    this.#state = 'proof'
    this.#held.send(JSON.stringify(['proof', { ...signProof(this.#exchange(hello), as, identity) }]))
  }

  #proof(value: JsonObject): void {
    if (!this.#theirs) throw new Fault('internal', 'a proof before the hello')
    const { hello, key } = this.#theirs
    const { protected: encoded, signature } = value
    if (typeof encoded !== 'string' || typeof signature !== 'string') throw new Fault('refused', 'the proof has no signature')
    const proof = { protected: encoded, signature }
    const { kid, typ } = readProtected(proof)
    if (kid !== hello.kid || typ !== PROOF_TYPE) throw new Fault('refused', 'the signature is no proof by the key that was named')
    const by = this.#attempt.as === 'dialler' ? 'listener' : 'dialler'
    const bytes = utf8(transcript(this.#exchange(hello), by))
    if (!verifyDetached(proof, bytes, key, this.#attempt.engine))
      throw new Fault('refused', 'its proof was not made by its key for this link')
    this.#state = 'done'
    this.#timer()
    this.#held.hold()
    this.#attempt.resolve({ link: this.#held, kid: hello.kid })
  }

  /** The key that must sign: of a node whose keys are listed one of them, of another the one that it presents. */
  #keyOf({ kid, key }: Hello): PublicKey {
    const { trust, engine, peer } = this.#attempt
    const listed = trust.look(kid)
    if (listed && listed.node !== peer) throw new Fault('refused', `its key belongs to ${listed.node}`)
    if (listed && !trust.find(kid, 'link'))
      throw new Fault(
        'refused',
        `its key is ${trust.stateOf(listed).replaceAll('-', ' ')}${listed.purposes.includes('link') ? '' : ' and not one for links'}`,
      )
    if (listed) return listed.publicKey
    if (trust.knows(peer)) throw new Fault('refused', 'its key is not the one that is listed for it')
    const presented = readPublicKey(unbase64url(key))
    if (thumbprint(presented, engine) !== kid) throw new Fault('refused', 'the key it presents has another name')
    return presented
  }

  #exchange(theirs: Hello): Exchange {
    const hellos = this.#attempt.as === 'dialler' ? { dialler: this.#mine, listener: theirs } : { dialler: theirs, listener: this.#mine }
    return { ...hellos, exporter: this.#exporter }
  }

  #refuse(why: string): void {
    this.#fail(new Fault('refused', `${this.#attempt.peer} did not prove its key: ${why}`, { rule: 'link-proof' }))
    this.#held.close(1008, 'the node key was not proven')
  }

  #fail(fault: Fault): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#timer()
    this.#attempt.reject(fault)
  }
}

type JsonObject = { readonly [member: string]: Json }

/** `[name, {…}]`. Anything else is somebody who speaks before its turn. */
const readStep = (frame: string, name: 'hello' | 'proof'): JsonObject => {
  if (frame.length > FRAME_LIMIT) throw new Fault('limit-exceeded', `expected a ${name} of at most ${FRAME_LIMIT} characters`)
  const value = parseJsonStrict(frame)
  if (!Array.isArray(value) || value.length !== 2 || value[0] !== name) throw new Fault('frame-malformed', `expected its ${name} first`)
  const body: unknown = value[1]
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw new Fault('frame-malformed', `the ${name} is not an object`)
  return body as JsonObject
}

const readHello = (value: JsonObject): Hello => {
  const { version, node, peer, kid, key, nonce } = value
  if (version !== VERSION) throw new Fault('refused', `it speaks version ${String(version).slice(0, 10)} of the handshake, not ${VERSION}`)
  const texts = [node, peer, kid, key, nonce].every((text) => typeof text === 'string')
  if (!texts || unbase64url(String(nonce)).length !== NONCE_BYTES)
    throw new Fault('frame-malformed', 'the hello lacks a node, peer, kid, key or a nonce of 32 bytes')
  return value as Hello
}
