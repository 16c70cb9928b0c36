// Asks stations for their own word over the nodes that claim them: after a while in which they could have spoken by themselves, a few at a
// time, and again with ever longer pauses. What an answer proves is words.ts' business.
import { asFault } from '../base/fault.ts'
import type { Cancel, Clock } from '../base/ports.ts'
import type { Version } from '../ocpp/version.ts'
import { Bucket, type Rate } from './damping.ts'

/** A station that is there usually speaks within this time by itself. */
const GRACE_MS = 300
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
/** Questions over one neighbour: some 3 % of a core at the most, for this node and for the neighbour. */
const QUESTIONS: Rate = { burst: 50, perSecond: 100 }
/** Questions over one claimant that wait for their answer: one who is silent has no more of its neighbour's share. */
const AT_ONCE = 16
/** How long until a share is looked at again that was used up. */
const REFILL_MS = 100
/** Questions in vain after which people are told. */
const VAIN = 3
/** These say nothing of the station: the question did not arrive. */
const NOT_ASKED: readonly string[] = ['unreachable', 'link-lost', 'queue-full', 'limit-exceeded']

/** A node's claim of a station that waits for the station's word. */
export interface Waiting {
  readonly station: string
  readonly node: string
  /** Missing where the station cannot be asked: OCPP 1.6 has no place for a signature. */
  readonly ocpp?: Version
}

export interface WordAskerParts {
  readonly clock: Clock
  /** The neighbour over which a node is reached. */
  readonly towards: (node: string) => string | undefined
  /** Asks, and takes the word where it is one; resolves with whether it was. Rejects where there was no answer. */
  readonly ask: (waiting: Waiting) => Promise<boolean>
  /** Nobody answers over that claimant in the station's name. */
  readonly vain: (waiting: Waiting) => void
}

interface Open extends Waiting {
  vain: number
  pauseMs: number
  cancel: Cancel
}

interface Claimant {
  readonly ready: Set<Open>
  asked: number
}

export class WordAsker {
  readonly #parts: WordAskerParts
  /** By station, then by the node that claims it. */
  readonly #open = new Map<string, Map<string, Open>>()
  readonly #claimants = new Map<string, Claimant>()
  readonly #shares = new Map<string, Bucket>()
  #refill: Cancel | undefined

  constructor(parts: WordAskerParts) {
    this.#parts = parts
  }

  isOpen(station: string, node: string): boolean {
    return this.#open.get(station)?.has(node) ?? false
  }

  /** A claim waits. Said again, it goes on waiting. */
  expect(waiting: Waiting): void {
    const { station, node } = waiting
    if (this.isOpen(station, node)) return
    const open: Open = { ...waiting, vain: 0, pauseMs: FIRST_PAUSE_MS, cancel: () => undefined }
    this.#open.set(station, (this.#open.get(station) ?? new Map<string, Open>()).set(node, open))
    this.#plan(open, GRACE_MS)
  }

  /** The claim was taken back, or believed. */
  forget(station: string, node: string): void {
    const claims = this.#open.get(station)
    const open = claims?.get(node)
    if (!claims || !open) return
    open.cancel()
    this.#claimants.get(node)?.ready.delete(open)
    claims.delete(node)
    if (claims.size === 0) this.#open.delete(station)
  }

  /** There is nobody to ask. */
  stop(): void {
    for (const claims of this.#open.values()) for (const { cancel } of claims.values()) cancel()
    this.#refill?.()
    this.#refill = undefined
    for (const all of [this.#open, this.#claimants, this.#shares]) all.clear()
  }

  #plan(open: Open, ms: number): void {
    if (open.ocpp === undefined) return
    open.cancel = this.#parts.clock.after(ms, () => {
      const claimant = this.#claimants.get(open.node) ?? { ready: new Set(), asked: 0 }
      claimant.ready.add(open)
      this.#claimants.set(open.node, claimant)
      this.#pump()
    })
  }

  /** One question for each claimant in turn, so that whoever claims much waits for himself. */
  #pump(): void {
    let isAsking = true
    while (isAsking) {
      isAsking = false
      for (const [node, claimant] of this.#claimants) {
        const [open] = claimant.asked < AT_ONCE ? claimant.ready : []
        if (!open || !this.#hasShare(node)) continue
        claimant.ready.delete(open)
        void this.#ask(open, claimant)
        isAsking = true
      }
    }
  }

  #hasShare(node: string): boolean {
    const { clock, towards } = this.#parts
    const neighbour = towards(node) ?? ''
    const share = this.#shares.get(neighbour) ?? new Bucket(QUESTIONS, clock.now())
    this.#shares.set(neighbour, share)
    if (share.take(clock.now())) return true
    this.#refill ??= clock.after(REFILL_MS, () => {
      this.#refill = undefined
      this.#pump()
    })
    return false
  }

  async #ask(open: Open, claimant: Claimant): Promise<void> {
    claimant.asked++
    const isVain = await this.#parts.ask(open).then(
      (isWord) => !isWord,
      (error) => !NOT_ASKED.includes(asFault(error).code),
    )
    claimant.asked--
    if (claimant.asked === 0 && claimant.ready.size === 0) this.#claimants.delete(open.node)
    if (this.#open.get(open.station)?.get(open.node) === open) {
      if (isVain && ++open.vain === VAIN) this.#parts.vain(open)
      this.#plan(open, open.pauseMs)
      open.pauseMs = Math.min(2 * open.pauseMs, LONGEST_PAUSE_MS)
    }
    this.#pump()
  }
}
