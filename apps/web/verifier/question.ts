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

/** Name of a copy -> name of the input that it is a copy of, the first of that content. */
export type Copies = Readonly<Record<string, string>>

/** The verdict is on everything that is no copy. */
export interface Judged {
  readonly verdict: Verdict
  readonly copies: Copies
}

export type Answer = ({ readonly question: number } & Judged) | { readonly question: number; readonly fault: string }
