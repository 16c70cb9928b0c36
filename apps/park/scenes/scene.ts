// What the scenes of the incident share: how a claim is told, who charges, and what the back end's books say of a session.
import { asFault } from '../../../src/base/fault.ts'
import { getEvents, listTransactions, type TransactionView } from '../../../src/roles/csms-views.ts'
import { order, type Target } from '../orders.ts'
import type { Park } from '../park.ts'

export interface Claim {
  readonly claim: string
  readonly expected: string
  readonly observed: string
  readonly ok: boolean
}

export type Tell = (claim: Claim) => void

/** One group of claims: makes something happen in a park that runs, and looks at what the nodes themselves keep of it. */
export type Scene = (park: Park, tell: Tell) => Promise<void>

/** The stations at lc1, one of each version: all of them charge during the incident. */
export const CHARGING = ['cs-16-a', 'cs-201-a', 'cs-21-a'] as const

/** Their sessions as the back end knows them. */
export const sessionsOf = (park: Park): TransactionView[] => CHARGING.flatMap((id) => listTransactions(park.store('csms'), id))

/** OCPP 2.x numbers the events of a transaction from 0 without a gap (E01.FR.07), so what is missing or double shows. */
export const countEvents = (park: Park, id: string): { events: number; lost: number; doubled: number } => {
  const numbers = getEvents(park.store('csms'), id).map(({ seqNo }) => Number(seqNo))
  const distinct = new Set(numbers)
  const highest = Math.max(-1, ...numbers)
  return { events: numbers.length, lost: highest + 1 - distinct.size, doubled: numbers.length - distinct.size }
}

/** Asks a station from the back end until it answers, at most 10 s; how long that took, in whole milliseconds. */
export const msUntilAnswered = async (park: Park, station: Target): Promise<number> => {
  const began = performance.now()
  const elapsed = (): number => Math.round(performance.now() - began)
  const question = { action: 'TriggerMessage', payload: { requestedMessage: 'Heartbeat' }, timeoutMs: 1_000 }
  // what was on the way when a line broke is answered with an error: nobody repeats an order but who gave it
  const answer = async (): Promise<string | undefined> => {
    try {
      return (await order(park.network('csms'), station, question)).status
    } catch (thrown) {
      // in the moment between two ways there is none
      if (asFault(thrown).code === 'unreachable') return undefined
      throw thrown
    }
  }
  while ((await answer()) === undefined && elapsed() < 10_000) await pause()
  return elapsed()
}

/** Waits until something holds, at most `ms` milliseconds, and says how many it was; what a claim then finds is the claim's to say. */
export const until = async (holds: () => boolean, ms: number): Promise<number> => {
  const began = performance.now()
  while (!holds() && performance.now() - began < ms) await pause()
  return Math.round(performance.now() - began)
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
