// A roll-out as a pure machine: what is known of each station, and what follows from what happens. No clock, no store, no network:
// each step says what to keep and what to order, and roll-outs.ts does both in that order.
import { DEFAULTS, mayFail, nextOpening, type Plan, reach } from './plan.ts'
import type { Release } from './release.ts'
import { failed, heard, isFinal, isUnderWay, type StationFacts, type StationRow, unfit, type Word } from './station-row.ts'
import { FIRMWARE_STATUS } from './status.ts'

/** `planned`: its time has not come. `stopped`: too many failed. `cancelled` and `done` are final. */
export type RollOutState = 'planned' | 'running' | 'paused' | 'stopped' | 'cancelled' | 'done'

export interface Head {
  readonly plan: Plan
  readonly release: Release
  readonly state: RollOutState
  /** From 0. */
  readonly stage: number
  /** No order before, milliseconds since 1970. */
  readonly notBefore: number
  /** Why it is in that state. */
  readonly reason?: string
}

export interface RollOut {
  readonly head: Head
  readonly rows: ReadonlyMap<string, StationRow>
}

export type Happening =
  | { readonly kind: 'tick' }
  | Word
  /** The process began again: what was being ordered may or may not have left. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'pause' | 'cancel' }
  /** `retry`: what failed is tried again; otherwise it is let be. */
  | { readonly kind: 'resume'; readonly retry: boolean }

export interface World {
  readonly now: number
  facts(station: string): StationFacts | undefined
  /** A number that no order had. */
  nextRequestId(): number
}

export interface Step {
  readonly head: Head
  /** Those that changed. */
  readonly rows: readonly StationRow[]
  /** To be ordered, or asked about, once that is durable. */
  readonly orders: readonly StationRow[]
  readonly questions: readonly StationRow[]
  /** When to look again though nothing happens. */
  readonly wake?: number
}

/** Between two questions about an order whose answer was lost. */
export const ASK_EVERY_MS = 30_000

export const begin = (plan: Plan, release: Release, now: number): RollOut => ({
  head: { plan, release, state: 'planned', stage: 0, notBefore: plan.startAt ?? now },
  rows: new Map(plan.stations.map((station) => [station, { station, state: 'waiting', heardAt: now, attempts: 0 }])),
})

/** What follows from what happened. */
export const step = ({ head, rows }: RollOut, happening: Happening, world: World): Step => {
  const draft = new Draft(head, rows, world)
  react(draft, happening)
  draft.silence()
  draft.advance()
  return draft.step()
}

const react = (draft: Draft, happening: Happening): void => {
  if ('station' in happening) {
    const row = draft.row(happening.station)
    if (row !== undefined) draft.put(heard(row, happening, draft.head.release, draft.world.now))
  } else REACTIONS[happening.kind](draft, 'retry' in happening && happening.retry)
}

const REACTIONS = {
  tick: () => undefined,
  restart: (draft) => draft.restart(),
  pause: (draft) => draft.turn(['planned', 'running'], 'paused', 'somebody paused it'),
  cancel: (draft) => draft.cancel(),
  resume: (draft, retry) => draft.resume(retry),
} as const satisfies Record<Exclude<Happening, Word>['kind'], (draft: Draft, retry: boolean) => void>

/** A step while it is made: the rows that changed lie over those that were. */
class Draft {
  head: Head
  readonly world: World
  readonly #before: ReadonlyMap<string, StationRow>
  readonly #changed = new Map<string, StationRow>()
  readonly #orders: StationRow[] = []

  constructor(head: Head, rows: ReadonlyMap<string, StationRow>, world: World) {
    this.head = head
    this.world = world
    this.#before = rows
  }

  row(station: string): StationRow | undefined {
    return this.#changed.get(station) ?? this.#before.get(station)
  }

  put(row: StationRow): void {
    if (row !== this.row(row.station)) this.#changed.set(row.station, row)
  }

  turn(from: readonly RollOutState[], state: RollOutState, reason?: string): void {
    if (!from.includes(this.head.state)) return
    const { reason: _, ...head } = this.head
    this.head = { ...head, state, ...(reason !== undefined && { reason }) }
  }

  /** What is under way goes on: OCPP has no order that takes an update back. */
  cancel(): void {
    this.turn(['planned', 'running', 'paused', 'stopped'], 'cancelled', 'somebody cancelled it')
    if (this.head.state !== 'cancelled') return
    for (const row of this.#all(this.head.plan.stations.length)) if (row.state === 'waiting') this.put({ ...row, state: 'withdrawn' })
  }

  resume(retry: boolean): void {
    if (this.head.state !== 'paused' && this.head.state !== 'stopped') return
    const heardAt = this.world.now
    for (const row of this.#all(this.head.plan.stations.length)) {
      const { reason: _, requestId: __, status: ___, ...bare } = row
      if (row.state === 'waiting') this.put({ ...row, heardAt })
      else if (row.state === 'failed') this.put(retry ? { ...bare, state: 'waiting', attempts: 0, heardAt } : { ...row, excused: true })
    }
    this.turn(['paused', 'stopped'], 'running')
  }

  /** What was being ordered may have left; it is asked about like any order whose answer was lost. */
  restart(): void {
    for (const row of this.#all(this.head.plan.stations.length)) {
      const facts = isUnderWay(row) ? this.world.facts(row.station) : undefined
      if (facts?.firmware === this.head.release.version) this.put({ ...row, state: 'installed' })
      else if (row.state === 'ordering') this.put({ ...row, state: 'unknown' })
    }
  }

  /** Whoever is under way and silent has failed; so has whoever could not be reached since its stage began. */
  silence(): void {
    const { plan, state } = this.head
    if (state === 'planned' || state === 'done') return
    const { silentMs = DEFAULTS.silentMs, installAt = 0 } = plan
    for (const row of this.#all(reach(plan, this.head.stage))) {
      const since = Math.max(row.heardAt, row.status === undefined || FIRMWARE_STATUS[row.status] === 'under way' ? installAt : 0)
      if (isUnderWay(row) && this.world.now - since >= silentMs) this.put(failed(row, 'went silent'))
    }
  }

  /** Goes as far as it can: over stages that are done, to orders, a stop or the end. */
  advance(): void {
    if (this.head.state === 'planned' && this.world.now >= (this.head.plan.startAt ?? 0)) this.head = { ...this.head, state: 'running' }
    while (this.head.state === 'running') {
      const members = this.#members()
      const failures = members.filter((row) => row.state === 'failed' && !row.excused)
      if (failures.length > mayFail(this.head.plan, members.length)) this.#stop(failures)
      else if (members.every(isFinal)) this.#leaveStage()
      else if (!this.#order()) return
    }
  }

  step(): Step {
    const questions = this.#asking()
    const wake = this.#wake()
    const rows = [...this.#changed.values()]
    return { head: this.head, rows, orders: this.#orders, questions, ...(wake !== undefined && { wake }) }
  }

  #stop(failures: readonly StationRow[]): void {
    const [first] = failures
    const which = failures.length === 1 ? `${first?.station} failed` : `${failures.length} stations failed, ${first?.station} first`
    this.turn(['running'], 'stopped', `${which}: ${first?.reason ?? 'no reason given'}`)
  }

  #leaveStage(): void {
    const { plan, stage } = this.head
    if (stage >= plan.stages.length - 1) this.turn(['running'], 'done')
    else this.head = { ...this.head, stage: stage + 1, notBefore: this.world.now + (plan.waitMs ?? DEFAULTS.waitMs) }
  }

  /** Orders for those of the stage whose turn it is; true where somebody was skipped or given up, and more may follow. */
  #order(): boolean {
    const { plan, notBefore, release } = this.head
    const { atOnce = DEFAULTS.atOnce, silentMs = DEFAULTS.silentMs } = plan
    const opening = nextOpening(plan, Math.max(this.world.now, notBefore))
    if (opening > this.world.now) return false
    // patience with a station that is away begins when it could first have been ordered
    const first = nextOpening(plan, notBefore)
    const members = this.#members()
    let room = atOnce - members.filter(isUnderWay).length
    let isShorter = false
    for (const row of members) {
      if (row.state !== 'waiting') continue
      const facts = this.world.facts(row.station)
      const misfit = facts && unfit(release, facts)
      const isLate = !facts?.online && this.world.now - Math.max(row.heardAt, first) >= silentMs
      if (misfit !== undefined) this.put({ ...row, state: 'skipped', reason: misfit })
      else if (isLate) this.put(failed(row, 'could not be reached'))
      else if (facts?.online && room-- > 0) this.#give(row)
      isShorter ||= misfit !== undefined || isLate
    }
    return isShorter
  }

  #give(row: StationRow): void {
    const { requestId = this.world.nextRequestId(), attempts } = row
    const ordering: StationRow = { ...row, state: 'ordering', requestId, attempts: attempts + 1, heardAt: this.world.now }
    this.put(ordering)
    this.#orders.push(ordering)
  }

  /** Those whose order was lost, each asked again after a while. */
  #asking(): StationRow[] {
    const { now } = this.world
    const due = this.#members().filter(({ state, askedAt = 0 }) => state === 'unknown' && now - askedAt >= ASK_EVERY_MS)
    const asked = due.map((row) => ({ ...row, askedAt: now }))
    for (const row of asked) this.put(row)
    return asked
  }

  #wake(): number | undefined {
    const { plan, state, notBefore } = this.head
    const { silentMs = DEFAULTS.silentMs, installAt = 0 } = plan
    const { now } = this.world
    if (state === 'planned') return plan.startAt
    const members = this.#all(reach(plan, this.head.stage))
    const times = members.flatMap((row) => {
      if (row.state === 'unknown') return [(row.askedAt ?? now) + ASK_EVERY_MS, row.heardAt + silentMs]
      if (isUnderWay(row)) return [Math.max(row.heardAt, installAt) + silentMs]
      const opening = nextOpening(plan, notBefore)
      return row.state === 'waiting' && state === 'running'
        ? [nextOpening(plan, Math.max(now, notBefore)), Math.max(row.heardAt, opening) + silentMs]
        : []
    })
    const ahead = times.filter((time) => time > now)
    return ahead.length === 0 ? undefined : ahead.reduce((least, time) => Math.min(least, time))
  }

  #members(): StationRow[] {
    return this.#all(reach(this.head.plan, this.head.stage))
  }

  /** The first so many stations. */
  #all(count: number): StationRow[] {
    return this.head.plan.stations.slice(0, count).flatMap((station) => this.row(station) ?? [])
  }
}
