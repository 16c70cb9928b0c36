// What should have arrived here and did not. Who signs says how far it has come and when it speaks next (count.ts); a number that
// stays away, or a silence while the way is said to be up, is in the journal within ten seconds where stations speak every five.
import type { Cancel, Clock } from '../base/ports.ts'
import { type Count, readCount } from '../overlay/count.ts'
import type { JournalEntry } from '../overlay/journal.ts'
import type { Claims } from '../overlay/signature.ts'

const LOOK_MS = 1_000
/** For what was said before to arrive after all: a hop that repeats, a controller that says what it keeps. */
const PATIENCE_MS = 4_000
/** How long a controller may keep what is missing without any of it coming, while the way is up. */
const KEEPING_MS = 600_000
/** Signers followed; their keys are listed, so this is a bound and no defence. */
const FOLLOWED = 20_000
/** Numbers that came before a missing one did. A queue goes out in order, so more than a few are no honest station's. */
const AHEAD = 1_024
/** Ranges of missing numbers that an entry names. */
const RANGES = 8

export interface ArrivalsParts {
  readonly clock: Clock
  /** Whether a way to the signer is said to be up. */
  readonly isOnline: (origin: string) => boolean
  /** Who on the way of the signer's last message says that it keeps its messages on disk: they are late, not missing. */
  readonly keeper: (origin: string, path: readonly string[]) => string | undefined
  readonly missed: (entry: JournalEntry) => void
}

interface Followed {
  /** Every number below has arrived, or was written down as missing. */
  next: number
  /** Those above that arrived. */
  readonly ahead: Set<number>
  /** Numbers up to this one should be here. */
  top: number
  /** When the newest word of the signer was signed, seconds since 1970. */
  iat: number
  /** Since when nothing moved while something is missing, ms; that is looked at again where somebody keeps it. */
  since: number
  keptSince: number | undefined
  heardAt: number
  due: number | undefined
  isSilent: boolean
  path: readonly string[]
}

export class Arrivals {
  readonly #parts: ArrivalsParts
  readonly #followed = new Map<string, Followed>()
  #timer: Cancel | undefined
  #lookedAt = 0

  constructor(parts: ArrivalsParts) {
    this.#parts = parts
  }

  /** A message arrived, signed by its origin; `cnt` says how far that has come. The path is empty where it is not to be believed. */
  heard({ iss, cnt, iat }: Pick<Claims, 'iss' | 'cnt' | 'iat'>, path: readonly string[]): void {
    const count = readCount(cnt)
    const followed = count && (this.#followed.get(iss) ?? this.#begin(iss, count))
    if (!count || !followed) return
    // a report stays true, so somebody may bring it again: only what is newer says how far its signer is
    if (iat > followed.iat) this.#learn(followed, count, { iat, path })
    const { next, ahead } = followed
    if (count.own !== undefined && count.own >= next && ahead.size < AHEAD) ahead.add(count.own)
    while (ahead.delete(followed.next)) followed.next++
    if (followed.next > next) Object.assign(followed, { since: this.#parts.clock.now(), keptSince: undefined })
    if (!this.#timer) this.#wait()
  }

  stop(): void {
    this.#timer?.()
  }

  /** What was answered before this node ever heard of the signer is not missed here. */
  #begin(origin: string, { low }: Count): Followed | undefined {
    if (this.#followed.size >= FOLLOWED) return undefined
    const fresh = {
      next: low,
      ahead: new Set<number>(),
      top: low - 1,
      iat: 0,
      since: 0,
      keptSince: undefined,
      heardAt: 0,
      due: undefined,
      isSilent: false,
      path: [],
    }
    this.#followed.set(origin, fresh)
    return fresh
  }

  #learn(followed: Followed, { low, top, due }: Count, { iat, path }: Pick<Followed, 'iat' | 'path'>): void {
    const now = this.#parts.clock.now()
    const isWhole = followed.next > followed.top
    // a station whose store is gone counts anew
    if (top < followed.next - 1) followed.next = low
    if (isWhole) followed.since = now
    Object.assign(followed, { top, due, iat, path, heardAt: now, isSilent: false })
  }

  #look(): void {
    const { clock, isOnline } = this.#parts
    const now = clock.now()
    // who was held up itself has not listened either: what came meanwhile is not read yet
    const isLate = now - this.#lookedAt > 2 * LOOK_MS
    this.#wait()
    for (const [origin, followed] of this.#followed) {
      // where the way is down everybody knows that nothing comes
      if (isLate || !isOnline(origin)) Object.assign(followed, { heardAt: now, since: now, keptSince: undefined })
      else if (followed.next <= followed.top && now - followed.since >= PATIENCE_MS) this.#gap(origin, followed, now)
      else if (!followed.isSilent && now - followed.heardAt >= dueMs(followed)) this.#silence(origin, followed, now)
    }
  }

  #wait(): void {
    const { clock } = this.#parts
    this.#lookedAt = clock.now()
    this.#timer = clock.after(LOOK_MS, () => this.#look())
  }

  #gap(origin: string, followed: Followed, now: number): void {
    const keeper = this.#parts.keeper(origin, followed.path)
    followed.keptSince = keeper === undefined ? undefined : (followed.keptSince ?? followed.since)
    if (followed.keptSince !== undefined && now - followed.keptSince < KEEPING_MS) {
      followed.since = now
      return
    }
    const missing = rangesOf(followed)
    Object.assign(followed, { next: followed.top + 1, keptSince: undefined })
    followed.ahead.clear()
    const though = keeper === undefined ? '' : `, though ${keeper} says that it keeps them`
    const text = `messages ${missing} of ${origin} were said and never arrived, over ${way(followed)}${though}`
    this.#parts.missed({ kind: 'security', subject: origin, rule: 'reports-missing', text, data: { missing, path: [...followed.path] } })
  }

  #silence(origin: string, followed: Followed, now: number): void {
    followed.isSilent = true
    const text = `nothing of ${origin} arrived for ${Math.round((now - followed.heardAt) / 1000)} s, and it speaks every ${followed.due} s, over ${way(followed)}`
    this.#parts.missed({ kind: 'security', subject: origin, rule: 'reports-silent', text, data: { path: [...followed.path] } })
  }
}

const dueMs = ({ due }: Followed): number => (due ? due * 1000 + PATIENCE_MS : Number.POSITIVE_INFINITY)

const way = ({ path }: Followed): string => (path.length > 0 ? path.join(' > ') : 'a way that cannot be told')

/** `4, 7-9`; of very many the first few. */
const rangesOf = ({ next, top, ahead }: Followed): string => {
  const ranges: string[] = []
  const arrived = [...ahead].sort((a, b) => a - b)
  let from = next
  for (const number of [...arrived, top + 1]) {
    if (number > from) ranges.push(number - 1 === from ? `${from}` : `${from}-${number - 1}`)
    from = number + 1
  }
  return ranges.length > RANGES ? `${ranges.slice(0, RANGES).join(', ')} and more` : ranges.join(', ')
}
