// What was found of the signatures of one message and of its answer, for people. Kept by who handles the message, for as long as that
// takes: a table of all messages, however weak, costs more than the look at a signature.
import type { SignatureObject } from '../ocpp/frame.ts'
import type { Judgement } from './signature.ts'

export class Findings {
  readonly #noted: { readonly signatures: readonly SignatureObject[]; readonly judgements: readonly Judgement[] }[] = []

  /** One judgement for each signature, in their order. */
  note(signatures: readonly SignatureObject[], judgements: readonly Judgement[]): void {
    this.#noted.push({ signatures, judgements })
  }

  /** By identity: who signs a message anew makes another object of it, and nobody has judged that. */
  of(signature: SignatureObject): Judgement | undefined {
    for (const { signatures, judgements } of this.#noted) {
      const at = signatures.indexOf(signature)
      if (at >= 0) return judgements[at]
    }
    return undefined
  }
}
