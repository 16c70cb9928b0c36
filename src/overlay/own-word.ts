// Whether the one a message comes from signed it itself. That its signatures are good was judged before; a good signature of
// somebody else says nothing about the origin.
import { readProtected } from '../crypto/jws.ts'
import type { Envelope } from '../ocpp/frame.ts'
import type { SignatureState } from './signature.ts'
import type { TrustStore } from './trust.ts'

/** When the origin's own key signed the message, in seconds since 1970, or undefined where it did not; looked for when it is asked for. */
export const ownWord =
  ({ path, header }: Envelope, judged: SignatureState, trust: Pick<TrustStore, 'find'> | undefined): (() => number | undefined) =>
  () => {
    for (const signature of (judged === 'valid' && header.signatures) || []) {
      const { kid, iat } = readProtected(signature)
      if (typeof kid === 'string' && trust?.find(kid)?.node === path[0] && typeof iat === 'number') return iat
    }
    return undefined
  }
