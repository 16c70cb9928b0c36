// What the page and its worker say to each other.
import type { Verdict } from '../../../src/transparency/index.ts'

export interface Input {
  readonly name: string
  readonly bytes: Uint8Array
  /** Why there are no bytes, as the browser names it: a file that it could not read. */
  readonly unread?: string
}

export interface Question {
  readonly question: number
  readonly inputs: readonly Input[]
}

export type Answer = { readonly question: number; readonly verdict: Verdict } | { readonly question: number; readonly fault: string }

export interface Judge {
  /** Rejects with an Error whose message is for an engineer. */
  judge(inputs: readonly Input[]): Promise<Verdict>
}
