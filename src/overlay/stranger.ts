// A signature by a key that nobody here knows. Thousands of them pass a hop in a second, so no more is looked at than the name of the key, as it
// stands in the header's text; a parser is asked only where the text is not of the usual kind (docs/protocol.md §4.3).
import { protectedText, readProtected } from '../crypto/jws.ts'
import type { SignatureObject } from '../ocpp/frame.ts'
import { type Judgement, strange } from './signature.ts'
import type { TrustStore } from './trust.ts'

/** What is said of a signature whose key nobody here knows; undefined where there is more to judge. */
export const judgeStranger = (signature: SignatureObject, trust: TrustStore): Judgement | undefined => {
  try {
    const seen = kidAtSight(protectedText(signature))
    if (seen !== undefined) return trust.look(seen) ? undefined : strange(seen, false)
    const { kid, as, ...rest } = readProtected(signature)
    if ((typeof kid === 'string' && trust.look(kid)) || Object.hasOwn(rest, 'OCPPAction')) return undefined
    return strange(kid, as !== undefined)
  } catch {
    // judgeSignature says what is wrong with it
    return undefined
  }
}

/** The first two members, in the order in which signers write them (docs/protocol.md §4.2). */
const BEGIN = /^\{"alg":"\w{1,8}","kid":"([\w-]{1,64})"/

/**
 * The `kid` of a header as most are written. One with a second `kid` is nobody's either: whose key the first is takes the whole header, and
 * refuses it.
 */
const kidAtSight = (text: string): string | undefined =>
  text.includes('as":') || text.includes('OCPPAction') ? undefined : BEGIN.exec(text)?.[1]
