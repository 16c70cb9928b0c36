// The signatures of a message one by one, as people are shown them: who, in which role, with which key, and what was found. Nothing is
// verified for it: what was judged on the message's way is told again.
import { readProtected } from '../crypto/jws.ts'
import type { Envelope, SignatureObject } from '../ocpp/frame.ts'
import type { Findings } from './findings.ts'
import type { Judgement, SignatureFlaw } from './signature.ts'

/** What a stranger wrote longer is cut. */
const LONGEST = { name: 64, detail: 200 } as const

/** `own`: this node made it and judges it no more. `unjudged`: the message was turned away before anybody looked. */
export interface SignatureTrace {
  readonly state: 'valid' | 'invalid' | 'own' | 'unjudged'
  /** Whose key it is; where it is not `valid` a claim; empty where it names nobody. */
  readonly node: string
  /** The role of the key in this node's trust store; of a `valid` one only. */
  readonly role?: string
  readonly kid: string
  /** Whether it says only that its node passed the message on. */
  readonly countersigns: boolean
  readonly flaw?: SignatureFlaw
  readonly detail?: string
}

/** `self` tells it, which found that much of the signatures. */
export const signatureTraces = ({ header }: Envelope, self: string, findings: Findings | undefined): readonly SignatureTrace[] => {
  const { signatures } = header
  return Array.isArray(signatures) ? signatures.map((signature: SignatureObject) => traceOf(signature, self, findings?.of(signature))) : []
}

const traceOf = (signature: SignatureObject, self: string, judgement: Judgement | undefined): SignatureTrace => {
  if (judgement?.state === 'valid') {
    const { key, countersigns } = judgement
    const loose = judgement.claims.mid === '' && { detail: 'it names no message: it may be from another call' }
    return { state: 'valid', node: key.node, role: key.role, kid: key.kid, countersigns, ...loose }
  }
  const { node, kid, countersigns } = claimOf(signature)
  if (!judgement) return { state: node === self ? 'own' : 'unjudged', node, kid, countersigns }
  const { flaw, detail } = judgement
  return { state: 'invalid', node, kid, countersigns, flaw, detail: detail.slice(0, LONGEST.detail) }
}

/** What a signature says of itself. */
const claimOf = (signature: SignatureObject): Pick<SignatureTrace, 'node' | 'kid' | 'countersigns'> => {
  try {
    const { iss, kid, as } = readProtected(signature) as { readonly iss?: unknown; readonly kid?: unknown; readonly as?: unknown }
    return { node: textOf(iss), kid: textOf(kid), countersigns: as !== undefined }
  } catch {
    // what cannot be read names nobody; its judgement says why
    return { node: '', kid: '', countersigns: false }
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, LONGEST.name) : '')
