// Whether the one a message comes from signed it itself. That its signatures are good was judged before; a good signature of
// somebody else says nothing about the origin, and a countersignature, which may be false without anybody minding, says nothing either.
import type { Engine } from '../crypto/engine.ts'
import { type ProtectedHeader, readProtected } from '../crypto/jws.ts'
import type { Envelope } from '../ocpp/frame.ts'
import type { Asked } from './node-parts.ts'
import type { SignatureState } from './signature.ts'
import { questionHash } from './signed-text.ts'
import type { TrustStore } from './trust.ts'

type Keys = Pick<TrustStore, 'find'>

/** When the origin's own key signed the message, in seconds since 1970, or undefined where it did not; looked for when it is asked for. */
export const ownWord =
  (message: Envelope, judged: SignatureState, trust: Keys | undefined): (() => number | undefined) =>
  () =>
    judged === 'valid' && trust ? timeOf(message, isOwnOf(message, trust)) : undefined

/**
 * When the addressee of a question signed its answer to that very question, as `ownWord`. An error is an answer too, because who refuses is
 * there; nothing else binds an error to its question.
 */
export const answeredWord = (
  { question, answer, signature }: Pick<Asked, 'question' | 'answer' | 'signature'>,
  { trust, engine }: { readonly trust: Keys; readonly engine: Engine },
): number | undefined => {
  if (signature !== 'valid' || answer.path[0] !== question.destination.at(-1)) return undefined
  const isOwn = isOwnOf(answer, trust)
  return timeOf(answer, (header) => isOwn(header) && header.req === questionHash(question.message, engine))
}

type Test = (header: ProtectedHeader) => boolean

const isOwnOf =
  ({ path }: Envelope, trust: Keys): Test =>
  ({ kid, as }) =>
    as === undefined && typeof kid === 'string' && trust.find(kid)?.node === path[0]

const timeOf = ({ header }: Envelope, isOwn: Test): number | undefined => {
  for (const signature of header.signatures ?? []) {
    const read = readProtected(signature)
    if (isOwn(read) && typeof read.iat === 'number') return read.iat
  }
  return undefined
}
