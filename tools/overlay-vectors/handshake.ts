// The proof of keys on a link, docs/protocol.md §3.1.1: every step of a good handshake, and what the one who listens makes of others.
import { base64url } from '../../src/base/bytes.ts'
import { asFault } from '../../src/base/fault.ts'
import type { Clock, Link, LinkEvents } from '../../src/base/ports.ts'
import { type Exchange, type Hello, helloOf, PROOF_TYPE, proveLink, signProof, transcript } from '../../src/overlay/handshake.ts'
import type { Identity } from '../../src/overlay/signature.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import { backend, engine, operator, stranger } from './keys.ts'

const nonceOf = (first: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => first + i)
const DIALLER_NONCE = nonceOf(0)
const LISTENER_NONCE = nonceOf(128)

const DIALLER = helloOf({ node: operator.node, peer: backend.node }, operator, DIALLER_NONCE)
const LISTENER = helloOf({ node: backend.node, peer: operator.node }, backend, LISTENER_NONCE)
const HELLOS = { dialler: DIALLER, listener: LISTENER }
/** The same over TLS; the session is called by the bytes 64 to 95. */
const EXPORTER = nonceOf(64)
const BOUND = {
  dialler: helloOf({ node: operator.node, peer: backend.node, bound: true }, operator, DIALLER_NONCE),
  listener: helloOf({ node: backend.node, peer: operator.node, bound: true }, backend, LISTENER_NONCE),
  exporter: EXPORTER,
}

const step = (name: 'hello' | 'proof', value: object): string => JSON.stringify([name, value])
const helloFrame = (hello: Hello): string => step('hello', hello)
const GOOD = [helloFrame(DIALLER), step('proof', signProof(HELLOS, 'dialler', operator))]
/** A hello and a proof that is good for it. */
const said = (hello: Hello, by: Identity = operator): string[] => [
  helloFrame(hello),
  step('proof', signProof({ dialler: hello, listener: LISTENER }, 'dialler', by)),
]
const boundTo = (exporter: Uint8Array): string[] => [
  helloFrame(BOUND.dialler),
  step('proof', signProof({ ...BOUND, exporter }, 'dialler', operator)),
]
const theirs = helloOf({ node: operator.node, peer: backend.node }, stranger, DIALLER_NONCE)

interface Case {
  readonly name: string
  readonly frames: readonly string[]
  /** Of the listener's TLS session. */
  readonly exporter?: Uint8Array
  /** Whose keys the listener's trust store has. */
  readonly listed?: readonly Identity[]
}

const CASES: readonly Case[] = [
  { name: 'a listed node proves its key', frames: GOOD },
  { name: 'an id that nobody listed proves the key it presents', frames: said(theirs, stranger), listed: [] },
  { name: 'members that nobody knows are signed along', frames: said({ ...DIALLER, 'org.example': [1.0, 'x'] }) },
  { name: 'a listed node with another key', frames: said(theirs, stranger) },
  { name: 'the name of the listed key without the key', frames: said(DIALLER, { ...stranger, kid: operator.kid }) },
  { name: 'the key of another listed node', frames: said(DIALLER), listed: [{ ...operator, node: 'lc1' }] },
  { name: 'a key with the name of another', frames: said({ ...theirs, kid: operator.kid }, operator), listed: [] },
  { name: 'another id than the door let in', frames: said({ ...DIALLER, node: 'lc1' }) },
  { name: 'a hello that was meant for another node', frames: said({ ...DIALLER, peer: 'gateway' }) },
  {
    name: 'the proof of another link: the listener’s nonce was another',
    frames: [
      helloFrame(DIALLER),
      step('proof', signProof({ ...HELLOS, listener: { ...LISTENER, nonce: DIALLER.nonce } }, 'dialler', operator)),
    ],
  },
  { name: 'a proof made for the other end', frames: [helloFrame(DIALLER), step('proof', signProof(HELLOS, 'listener', operator))] },
  { name: 'the listener’s own frames sent back', frames: [helloFrame(LISTENER), step('proof', signProof(HELLOS, 'listener', backend))] },
  { name: 'another version', frames: said({ ...DIALLER, version: 2 }) },
  { name: 'a nonce that is too short', frames: said({ ...DIALLER, nonce: 'AAEC' }) },
  { name: 'two members of one name', frames: [helloFrame(DIALLER).replace('"version":1', '"version":1,"version":1')] },
  { name: 'over TLS: both ends name one session', frames: boundTo(EXPORTER), exporter: EXPORTER },
  { name: 'over TLS: somebody between ends one session and begins another', frames: boundTo(nonceOf(65)), exporter: EXPORTER },
  { name: 'over TLS: the dialler does not bind', frames: GOOD, exporter: EXPORTER },
  { name: 'the dialler binds, and the listener sees no TLS', frames: boundTo(EXPORTER) },
  { name: 'over TLS: a session that has no name', frames: boundTo(EXPORTER), exporter: new Uint8Array() },
  { name: 'a proof before the hello', frames: [...GOOD].reverse() },
  { name: 'a CALL before the proof', frames: [helloFrame(DIALLER), '[2,"csms","grid-operator","1","Heartbeat",{}]'] },
]

export const handshakeVectors = async () => {
  const judgements: object[] = []
  for (const { name, frames, listed = [operator], exporter } of CASES) {
    const world = { listed: listed.map(({ node, kid }) => ({ node, kid })), ...(exporter && { exporter: base64url(exporter) }) }
    judgements.push({ name, ...world, frames, ...(await judged(frames, listed, exporter)) })
  }
  return {
    about: `"${operator.node}" dials "${backend.node}"; the nonces are the bytes 0 to 31 and 128 to 159. "bound" is the same over TLS; "exporter" names the session, and is missing without TLS. Judgements are the listener's. docs/protocol.md §3.1.1`,
    dialler: explained('dialler', operator),
    listener: explained('listener', backend),
    bound: {
      exporter: base64url(EXPORTER),
      dialler: explained('dialler', operator, BOUND),
      listener: explained('listener', backend, BOUND),
    },
    judgements,
  }
}

const explained = (end: 'dialler' | 'listener', identity: Identity, exchange: Exchange = HELLOS) => {
  const proof = signProof(exchange, end, identity)
  return {
    hello: ['hello', exchange[end]],
    transcript: transcript(exchange, end),
    protectedHeader: { alg: 'ES256', kid: identity.kid, typ: PROOF_TYPE },
    proof: ['proof', proof],
  }
}

/** What the listener of the vectors makes of these frames. */
const judged = async (
  frames: readonly string[],
  listed: readonly Identity[],
  exporter: Uint8Array | undefined,
): Promise<{ outcome: string; kid?: string; reason?: string }> => {
  const trust = new TrustStore(engine)
  for (const { node, signer } of listed) trust.add({ node, role: 'any', publicKey: signer.publicKey })
  const random = { bytes: () => LISTENER_NONCE, uuid: () => '' }
  try {
    const { kid } = await proveLink(
      { ...scripted(frames), exporter },
      { peer: operator.node, as: 'listener' },
      { clock, random, engine, trust, identity: backend },
    )
    return { outcome: trust.knows(operator.node) ? 'proven' : 'not proven', kid }
  } catch (thrown) {
    const { code, message } = asFault(thrown)
    return { outcome: code, reason: message }
  }
}

const clock: Clock = { now: () => 0, after: () => () => undefined }

/** A link on which these frames arrive, whatever is answered. */
const scripted = (frames: readonly string[]): Link => ({
  id: 'vector',
  waiting: 0,
  open: (events: LinkEvents) => queueMicrotask(() => frames.forEach((frame) => void events.text(frame))),
  send: () => undefined,
  alive: () => Promise.resolve(true),
  close: () => undefined,
})
