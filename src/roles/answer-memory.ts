// The answers given to messages that must have their effect once, for as long as a station may repeat them. They are
// committed together with the effect, so that no crash comes between the two.
import type { Change, Json, Store } from '../base/ports.ts'
import type { Received } from './behaviours/behaviour.ts'
import { type JsonObject, objectOf, timeKey } from './behaviours/fields.ts'
import { NOTICE_DAYS } from './behaviours/notify.ts'
import { DAY } from './behaviours/time.ts'

interface Remembered {
  readonly print: string
  readonly answer: JsonObject
  readonly at: number
}

/** Old rows are looked for on every so many messages, and twice as many are taken away: it keeps up and no message pays for all. */
const PRUNE_EVERY = 32
const PRUNE_ROWS = 2 * PRUNE_EVERY

export class AnswerMemory {
  readonly #store: Pick<Store, 'get' | 'list'>
  #kept = 0

  constructor(store: Pick<Store, 'get' | 'list'>) {
    this.#store = store
  }

  /** `answer` where this very message was answered in the last 24 h; `reused` where its id was, for another one. */
  recall(received: Received): { readonly answer?: JsonObject; readonly reused: boolean } {
    const { station, id, print, at } = received
    const row = this.#store.get('answers', `${station}/${id}`) as Remembered | undefined
    if (row === undefined || at - row.at > DAY) return { reused: false }
    return row.print === printOf(received) ? { answer: row.answer, reused: false } : { reused: !row.print.startsWith(print) }
  }

  /** The rows that remember an answer, and now and then the removal of old ones. */
  changes(received: Received, answer: JsonObject): Change[] {
    const { station, id, at } = received
    const value = { print: printOf(received), answer, at } satisfies Remembered
    const kept: Change[] = [
      { collection: 'answers', key: `${station}/${id}`, value },
      { collection: 'answers-by-time', key: `${timeKey(at)}/${station}/${id}`, value: null },
    ]
    this.#kept += 1
    return this.#kept % PRUNE_EVERY === 0 ? [...this.#expired(at, `${station}/${id}`), ...kept] : kept
  }

  /** @param current the answer that is being written beside: it replaces an old one under the same key */
  #expired(now: number, current: string): Change[] {
    const changes: Change[] = []
    for (const { key } of this.#old('answers-by-time', now - DAY)) {
      changes.push({ collection: 'answers-by-time', key, value: undefined })
      const answer = key.slice(key.indexOf('/') + 1)
      const row = this.#store.get('answers', answer) as Remembered | undefined
      // a station that counts its ids from 1 again has put a newer answer in the same place
      if (row !== undefined && answer !== current && now - row.at > DAY)
        changes.push({ collection: 'answers', key: answer, value: undefined })
    }
    for (const { key } of this.#old('notices', now - NOTICE_DAYS * DAY)) changes.push({ collection: 'notices', key, value: undefined })
    return changes
  }

  #old(collection: string, before: number): readonly { readonly key: string; readonly value: Json }[] {
    const limit = timeKey(Math.max(0, before))
    return this.#store.list(collection, { limit: PRUNE_ROWS }).filter(({ key }) => key < limit)
  }
}

/** The same message with a promise of a local controller beside it is not the same: the promise must be heard. */
const printOf = ({ print, answered }: Received): string => {
  const { transactionId } = objectOf(answered)
  return transactionId === undefined ? print : `${print} ${transactionId}`
}
