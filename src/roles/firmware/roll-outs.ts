// Every roll-out of a back end: kept in the store, moved on by what stations say and by the clock, over any number of restarts. What
// follows from what is decided in roll-out.ts; here it is made durable first, and then done.
import { asFault, Fault } from '../../base/fault.ts'
import type { Cancel, Change, Clock, Json, Store } from '../../base/ports.ts'
import type { Engine } from '../../crypto/engine.ts'
import { isVersion, type Version } from '../../ocpp/version.ts'
import type { Journal } from '../../overlay/journal.ts'
import type { TrustStore } from '../../overlay/trust.ts'
import type { DeskEvent } from '../behaviours/behaviour.ts'
import { documentOf, integerOf, objectOf, storedAs, textOf } from '../behaviours/fields.ts'
import type { CsmsDesk } from '../csms-desk.ts'
import { type Order, orderOf, questionOf, refusalIn } from './orders.ts'
import { type Plan, planMisfit } from './plan.ts'
import { judgeRelease, type Release, type SignedRelease } from './release.ts'
import { begin, type Happening, type Head, type RollOut, type Step, step, type World } from './roll-out.ts'
import type { StationFacts, StationRow } from './station-row.ts'
import { isFirmwareStatus, STATUS_ACTIONS } from './status.ts'

export const FIRMWARE = {
  releases: 'firmware-releases',
  heads: 'firmware-roll-outs',
  rows: 'firmware-stations',
  count: 'firmware-count',
} as const

/** What came of a question: an answer, a refusal with its reason, or nothing that tells. */
export type Asked = { readonly answer: Json } | { readonly refused: string; readonly code?: string } | { readonly lost: string }

export interface RollOutParts {
  readonly store: Store
  readonly clock: Clock
  readonly trust: TrustStore
  readonly engine: Engine
  readonly journal: Pick<Journal, 'write'>
  readonly desk: Pick<CsmsDesk, 'onEvent'>
  /** Asks a station; never rejects. */
  ask(station: string, version: Version, order: Order): Promise<Asked>
  isOnline(station: string): boolean
  /** The address that a station fetches a release from. @throws Fault where it can have none now */
  locate(station: string, release: Release): Promise<string>
  /** A roll-out, or a station of it, is not what it was. */
  told(roll: RollOut, rows: readonly StationRow[]): void
  failed(fault: Fault): void
}

export class RollOuts {
  readonly #parts: RollOutParts
  readonly #rolls = new Map<string, RollOut>()
  readonly #timers = new Map<string, Cancel>()
  /** Steps of one roll-out are made one after the other: each begins where the one before it is durable. */
  readonly #turns = new Map<string, Promise<void>>()
  readonly #unlisten: Cancel
  #count: number
  #stopped = false

  constructor(parts: RollOutParts) {
    this.#parts = parts
    this.#count = integerOf(parts.store.get(FIRMWARE.count, 'requests')) ?? 0
    for (const { key, value } of parts.store.list(FIRMWARE.heads)) this.#rolls.set(key, this.#restored(key, storedAs<Head>(value)))
    this.#unlisten = parts.desk.onEvent((event) => this.#heard(event))
    for (const id of this.#rolls.keys()) this.#happen(id, { kind: 'restart' })
  }

  /**
   * Takes a release that its manufacturer has signed.
   * @throws Fault `refused` with the flaw, also where another release has its name; `store-failed`
   */
  async publish(value: Json): Promise<Release> {
    const judged = judgeRelease(value, this.#parts)
    if (judged.state === 'refused') throw new Fault('refused', judged.reason, { rule: judged.flaw })
    const { release } = judged.signed
    const known = this.release(release.id)
    if (known && known.release.sha256 !== release.sha256) throw new Fault('refused', `${release.id} is another release already`)
    await this.#parts.store.commit([{ collection: FIRMWARE.releases, key: release.id, value: documentOf(judged.signed) }])
    const text = `${release.vendor} ${release.model} ${release.version}, signed by ${judged.kid}, was taken`
    await this.#parts.journal.write({ kind: 'firmware', subject: release.id, text, data: { sha256: release.sha256 } })
    return release
  }

  release(id: string): SignedRelease | undefined {
    const value = this.#parts.store.get(FIRMWARE.releases, id)
    return value === undefined ? undefined : storedAs<SignedRelease>(value)
  }

  releases(): readonly Release[] {
    return this.#parts.store.list(FIRMWARE.releases).map(({ value }) => storedAs<SignedRelease>(value).release)
  }

  all(): readonly RollOut[] {
    return [...this.#rolls.values()]
  }

  find(id: string): RollOut | undefined {
    return this.#rolls.get(id)
  }

  /**
   * Begins a roll-out; the same plan again changes nothing.
   * @throws Fault `payload-invalid` for what is no plan, `refused` for a release that is not here or not trusted any more, or a name that is taken
   */
  async start(value: Json): Promise<RollOut> {
    const misfit = planMisfit(value)
    if (misfit !== undefined) throw new Fault('payload-invalid', misfit)
    const plan = value as object as Plan
    const known = this.find(plan.id)
    if (known) return same(known, plan)
    const signed = this.release(plan.release)
    if (!signed) throw new Fault('refused', `there is no release ${plan.release}`)
    // keys are revoked: what was good when it was published need not be good now
    const judged = judgeRelease(documentOf(signed), this.#parts)
    if (judged.state === 'refused') throw new Fault('refused', judged.reason, { rule: judged.flaw })
    const roll = begin(plan, signed.release, this.#parts.clock.now())
    await this.#parts.store.commit([headChange(roll.head), ...[...roll.rows.values()].map((row) => rowChange(plan.id, row))])
    this.#rolls.set(plan.id, roll)
    await this.#note(roll.head, `${plan.stations.length} stations are to have ${signed.release.version}`)
    await this.#happen(plan.id, { kind: 'tick' })
    return this.find(plan.id) as RollOut
  }

  /** @throws Fault `input-missing` where there is none of that name */
  async command(id: string, happening: Extract<Happening, { kind: 'pause' | 'resume' | 'cancel' }>): Promise<RollOut> {
    if (!this.#rolls.has(id)) throw new Fault('input-missing', `there is no roll-out ${id}`)
    await this.#happen(id, happening)
    return this.find(id) as RollOut
  }

  /** Stations came or went. */
  moved(stations: readonly string[]): void {
    for (const [id, { rows }] of this.#rolls) if (stations.some((station) => rows.has(station))) this.#happen(id, { kind: 'tick' })
  }

  stop(): void {
    this.#stopped = true
    this.#unlisten()
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }

  #heard({ type, data }: DeskEvent): void {
    const { station, id, action, payload, firmware } = objectOf(data)
    if (type === 'boot') this.#told({ kind: 'boot', station: String(id), firmware: textOf(firmware) })
    else if (type === 'notice' && STATUS_ACTIONS.includes(String(action))) {
      const { status, requestId } = objectOf(payload)
      if (isFirmwareStatus(status)) this.#told({ kind: 'status', station: String(station), status, requestId: integerOf(requestId) })
    }
  }

  #told(word: Extract<Happening, { station: string }>): void {
    for (const [id, { rows }] of this.#rolls) if (rows.has(word.station)) this.#happen(id, word)
  }

  #happen(id: string, happening: Happening): Promise<void> {
    const before = this.#turns.get(id) ?? Promise.resolve()
    const turn = before.then(() => this.#step(id, happening)).catch((thrown) => this.#stumbled(id, happening, asFault(thrown)))
    this.#turns.set(id, turn)
    return turn
  }

  /** A disk that is full now may not be later; what a station said is asked for again by the silence rule. */
  #stumbled(id: string, { kind }: Happening, fault: Fault): void {
    this.#parts.failed(fault)
    this.#plan(id, kind === 'restart' ? { kind } : { kind: 'tick' }, RETRY_MS)
  }

  async #step(id: string, happening: Happening): Promise<void> {
    const roll = this.#rolls.get(id)
    if (!roll || this.#stopped) return
    const now = this.#parts.clock.now()
    const before = this.#count
    const made = step(roll, happening, this.#world(now))
    await this.#commit(id, roll, made, before)
    const rows = new Map(roll.rows)
    for (const row of made.rows) rows.set(row.station, row)
    const next = { head: made.head, rows: made.rows.length > 0 ? rows : roll.rows }
    this.#rolls.set(id, next)
    this.#plan(id, { kind: 'tick' }, made.wake === undefined ? undefined : made.wake - now)
    if (made.rows.length > 0 || made.head !== roll.head) this.#parts.told(next, made.rows)
    for (const row of made.orders) this.#order(made.head, row).catch((thrown) => this.#parts.failed(asFault(thrown)))
    for (const row of made.questions) this.#question(made.head, row).catch((thrown) => this.#parts.failed(asFault(thrown)))
    if (made.head.state !== roll.head.state) await this.#note(made.head, `is ${made.head.state}`)
  }

  async #commit(id: string, roll: RollOut, made: Step, count: number): Promise<void> {
    const changes = [
      ...(made.head === roll.head ? [] : [headChange(made.head)]),
      ...made.rows.map((row) => rowChange(id, row)),
      ...(count === this.#count ? [] : [{ collection: FIRMWARE.count, key: 'requests', value: this.#count }]),
    ]
    if (changes.length > 0) await this.#parts.store.commit(changes)
  }

  #world(now: number): World {
    return {
      now,
      facts: (station) => this.#factsOf(station),
      nextRequestId: () => {
        this.#count += 1
        return this.#count
      },
    }
  }

  #factsOf(station: string): StationFacts | undefined {
    const known = this.#parts.store.get('stations', station)
    if (known === undefined) return undefined
    const { vendorName = '', model = '', firmware } = objectOf(known)
    return { vendor: String(vendorName), model: String(model), firmware: textOf(firmware), online: this.#parts.isOnline(station) }
  }

  #versionOf(station: string): Version {
    const { protocol } = objectOf(this.#parts.store.get('stations', station))
    return isVersion(protocol) ? protocol : 'ocpp2.1'
  }

  async #order({ plan, release }: Head, { station, requestId = 0 }: StationRow): Promise<void> {
    const version = this.#versionOf(station)
    const asked = await this.#asked(async () => {
      const location = await this.#parts.locate(station, release)
      const facts = { version, release, requestId, location, now: this.#parts.clock.now(), installAt: plan.installAt }
      const answer = await this.#parts.ask(station, version, orderOf(facts))
      if (!('refused' in answer) || !plan.plain || !isNotKnown(answer.code)) return answer
      return this.#parts.ask(station, version, orderOf({ ...facts, plain: true }))
    })
    await this.#happen(plan.id, { kind: 'answer', station, ...outcomeOf(asked) })
  }

  /** Where a file cannot be had from is no refusal of the station: it is tried again. */
  async #asked(work: () => Promise<Asked>): Promise<Asked> {
    try {
      return await work()
    } catch (thrown) {
      const { code, message } = asFault(thrown)
      return code === 'refused' || code === 'remote-error' ? { refused: message } : { lost: message }
    }
  }

  async #question({ release }: Head, { station }: StationRow): Promise<void> {
    const version = this.#versionOf(station)
    await this.#parts.ask(station, version, questionOf(version, release.signature === undefined))
  }

  #plan(id: string, happening: Happening, ms: number | undefined): void {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
    if (ms === undefined || this.#stopped) return
    // a timer of Node holds 24.8 days; who wakes early looks, and sleeps on
    this.#timers.set(
      id,
      this.#parts.clock.after(Math.min(ms, LONGEST_MS), () => void this.#happen(id, happening)),
    )
  }

  async #note({ plan, reason }: Head, text: string): Promise<void> {
    const why = reason === undefined ? '' : `: ${reason}`
    await this.#parts.journal.write({ kind: 'firmware', subject: plan.id, text: `the roll-out of ${plan.release} ${text}${why}` })
  }

  #restored(id: string, head: Head): RollOut {
    const rows = this.#parts.store.list(FIRMWARE.rows, { prefix: `${id}/` }).map(({ value }) => storedAs<StationRow>(value))
    return { head, rows: new Map(rows.map((row) => [row.station, row])) }
  }
}

const RETRY_MS = 5_000
const LONGEST_MS = 24 * 3_600_000

const headChange = (head: Head): Change => ({ collection: FIRMWARE.heads, key: head.plan.id, value: documentOf(head) })
const rowChange = (id: string, row: StationRow): Change => ({
  collection: FIRMWARE.rows,
  key: `${id}/${row.station}`,
  value: documentOf(row),
})

const same = (known: RollOut, plan: Plan): RollOut => {
  if (JSON.stringify(known.head.plan) === JSON.stringify(plan)) return known
  throw new Fault('refused', `${plan.id} is another roll-out already`)
}

/** NotSupported and NotImplemented, as each version spells them. */
const isNotKnown = (code: string | undefined): boolean => code === 'NotSupported' || code === 'NotImplemented'

const outcomeOf = (asked: Asked): { outcome: 'taken' | 'refused' | 'lost'; why?: string } => {
  if ('lost' in asked) return { outcome: 'lost' }
  if ('refused' in asked) return { outcome: 'refused', why: asked.refused }
  const why = refusalIn(asked.answer)
  return why === undefined ? { outcome: 'taken' } : { outcome: 'refused', why }
}
