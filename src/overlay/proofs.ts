// Which signatures of a message were found to hold. A node looks at one message more than once: as it comes in, against the policy, and
// as an order. Only the mathematics are remembered; whose key counts, for whom and when is judged anew each time.
import { beside } from '../base/beside.ts'
import type { Message, SignatureObject } from '../ocpp/frame.ts'
import type { TrustedKey } from './trust.ts'

interface Proof {
  readonly message: Message
  readonly key: TrustedKey['publicKey']
}

/** By identity: what is read from another frame is another object, whatever it says. */
export class Proofs {
  readonly #proofs = beside<Proof>()

  has(signature: SignatureObject, message: Message, { publicKey }: TrustedKey): boolean {
    const proof = this.#proofs.of(signature)
    return proof !== undefined && proof.message === message && proof.key === publicKey
  }

  add(signature: SignatureObject, message: Message, { publicKey: key }: TrustedKey): void {
    this.#proofs.keep(signature, { message, key })
  }
}
