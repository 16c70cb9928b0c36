// Keeps for the auditor what was measured around an order to limit power: the last report before it, the first when it should have taken
// effect, and whatever shows more power after that. Signed frames go into the journal as they came; whether that was obedience is not judged here.
import type { Clock, Json } from '../base/ports.ts'
import { readJson } from '../base/read-json.ts'
import { CALL, type Envelope, type Payload, RESULT, writeEnvelope } from '../ocpp/frame.ts'
import { isEncrypted } from './encrypted.ts'
import type { AnswerEnvelope } from './gatekeeper.ts'
import type { Journal } from './journal.ts'
import { LIMITING, type PowerReading, powerReport, reportPlace, tellsPower } from './power-report.ts'

/** As `data` of a `power-measured`. */
export interface PowerEvidence {
  /** The report as an overlay frame, signatures included. */
  readonly frame: string
  /** Of a report that names a session and no EVSE: the report that says where the session is. */
  readonly begun?: string
}

/** Until a station and its vehicle must have done what they were told: a vehicle follows within seconds, a report says so at its next turn. */
export const TAKES_EFFECT_MS = 30_000
/** More than the highest kept, so that a rising power costs a few entries and not one for each report: one in twenty, and 50 W or 0.2 A. */
const isNews = (now: Highest, kept: Highest = {}): boolean => isAbove(now.watts, kept.watts, 50) || isAbove(now.amperes, kept.amperes, 0.2)
const isAbove = (now: number | undefined, kept: number | undefined, least: number): boolean =>
  now !== undefined && (kept === undefined || now > kept * 1.05 + least)
/** How long after an order it is still looked at what flows. */
const WATCHED_MS = 86_400_000
/** Bounds of memory; whoever was heard least lately gives way. */
const ORIGINS = 10_000
const PLACES = 64

interface Highest {
  watts?: number | undefined
  amperes?: number | undefined
}

interface Kept {
  readonly envelope: Envelope
  readonly begun: Envelope | undefined
}

interface Origin {
  /** The last report, by EVSE. */
  readonly last: Map<string, Kept>
  /** The report that says where a session is, by session, where one did. */
  begun?: Map<string, Envelope>
  /** By EVSE, the highest power since the order took effect. */
  watch?: { readonly since: number; readonly highest: Map<string, Highest> }
}

export interface PowerKeeperParts {
  readonly journal: Pick<Journal, 'write'>
  readonly clock: Clock
  /** Whether a node is a meter of its own: its reports stand beside those of every station that comes the same way. */
  readonly isMeter: (node: string) => boolean
  /** Told when an entry could not be written. */
  readonly failed: (error: unknown) => void
}

export class PowerKeeper {
  readonly #parts: PowerKeeperParts
  readonly #origins = new Map<string, Origin>()
  readonly #written = new WeakSet<Envelope>()

  constructor(parts: PowerKeeperParts) {
    this.#parts = parts
  }

  /** A message that was let in, or through, here. */
  passed(envelope: Envelope | AnswerEnvelope): void {
    if (!('question' in envelope)) this.#reported(envelope)
    else if (isObeyed(envelope)) this.#ordered(envelope.question.destination.at(-1) as string, envelope.path)
  }

  /** For each report that passes, most of which nobody ever asks for: what it says in watts is read when an order makes it evidence. */
  #reported(envelope: Envelope): void {
    const { message } = envelope
    const about = reportPlace(message)
    if (message.type !== CALL || !about) return
    const { evse, transaction } = about
    const isBegin = transaction !== undefined && evse !== undefined
    const hasPower = tellsPower(message)
    if (!isBegin && !hasPower) return
    const origin = this.#origin(envelope.path[0] as string)
    const slim = { ...envelope, message: { ...message, payload: new TextPayload(message.payload) } }
    if (isBegin) {
      origin.begun ??= new Map()
      keepNewest(origin.begun, transaction, slim, PLACES)
    }
    if (!hasPower) return
    const begun = evse === undefined && transaction !== undefined ? origin.begun?.get(transaction) : undefined
    const place = String(evse ?? (begun && reportPlace(begun.message)?.evse) ?? transaction ?? '')
    const kept = { envelope: slim, begun }
    keepNewest(origin.last, place, kept, PLACES)
    if (origin.watch) this.#watched(origin, place, kept)
  }

  #watched(origin: Origin, place: string, kept: Kept): void {
    const { watch } = origin
    if (!watch) return
    if (this.#parts.clock.now() > watch.since + WATCHED_MS) delete origin.watch
    const settled = readingsOf(kept).filter(({ at }) => at >= watch.since + TAKES_EFFECT_MS)
    const [before, now] = [watch.highest.get(place), { watts: most(settled, 'watts'), amperes: most(settled, 'amperes') }]
    if (!isNews(now, before)) return
    const both = before ? [before, now] : [now]
    watch.highest.set(place, { watts: most(both, 'watts'), amperes: most(both, 'amperes') })
    this.#write(kept)
  }

  /** A station took an order: what it drew until now is kept, and from now on it is watched; so is the meter of its site. */
  #ordered(station: string, path: readonly string[]): void {
    const site = path.slice(1).join(' ')
    // one that has reported nothing yet is watched too
    if (!this.#origins.has(station)) this.#origin(station)
    for (const [name, origin] of this.#origins) {
      const isSite =
        this.#parts.isMeter(name) && [...origin.last.values()].some(({ envelope }) => envelope.path.slice(1).join(' ') === site)
      if (name !== station && !isSite) continue
      for (const kept of origin.last.values()) this.#write(kept)
      origin.watch = { since: this.#parts.clock.now(), highest: new Map() }
    }
  }

  #origin(name: string): Origin {
    const origin: Origin = this.#origins.get(name) ?? { last: new Map() }
    keepNewest(this.#origins, name, origin, ORIGINS)
    return origin
  }

  #write(kept: Kept): void {
    const { envelope, begun } = kept
    const readings = readingsOf(kept)
    if (readings.length === 0 || this.#written.has(envelope)) return
    this.#written.add(envelope)
    const subject = envelope.path[0] as string
    const evse = reportPlace((begun ?? envelope).message)?.evse
    const text = `${readings.map(shown).join(', ')} at ${evse === undefined ? subject : `${subject}/${evse}`}`
    const data = { frame: writeEnvelope(envelope), ...(begun && { begun: writeEnvelope(begun) }) }
    this.#parts.journal.write({ kind: 'power-measured', subject, text, data }).catch(this.#parts.failed)
  }
}

const most = (list: readonly Highest[], of: keyof Highest): number | undefined =>
  list.reduce<number | undefined>((found, { [of]: value }) => (value === undefined || (found ?? value) > value ? found : value), undefined)

const shown = ({ watts, amperes }: PowerReading): string => (watts === undefined ? `${amperes} A` : `${watts} W`)

const readingsOf = ({ envelope }: Kept) => powerReport(envelope.message)?.readings ?? []

/** What was read of it weighs five times as much as the text, and is hardly ever wanted again. */
class TextPayload implements Payload {
  readonly text: string

  constructor({ text }: Payload) {
    this.text = text
  }

  get value(): Json {
    return readJson(this.text)
  }
}

const isObeyed = ({ message, question }: AnswerEnvelope): boolean => {
  if (message.type !== RESULT || question.message.type !== CALL || !LIMITING.includes(question.message.action)) return false
  // what an encrypted answer says only who asked can read: it may be that the order was taken
  if (isEncrypted(message.payload.value)) return true
  return (message.payload.value as { readonly status?: unknown } | null)?.status === 'Accepted'
}

const keepNewest = <T>(map: Map<string, T>, key: string, value: T, limit: number): void => {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.size > limit ? map.keys() : []
  if (oldest !== undefined) map.delete(oldest)
}
