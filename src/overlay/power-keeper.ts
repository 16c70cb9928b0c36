// Keeps for the auditor what was measured around an order to limit power: the last report before it, the first when it should have taken
// effect, and whatever shows more power after that. Signed frames go into the journal as they came; whether that was obedience is not judged here.
import type { Clock, Json } from '../base/ports.ts'
import { CALL, type Envelope, type Payload, RESULT, writeEnvelope } from '../ocpp/frame.ts'
import type { AnswerEnvelope } from './gatekeeper.ts'
import type { Journal } from './journal.ts'
import { LIMITING, powerReport, reportPlace, tellsPower } from './power-report.ts'

/** As `data` of a `power-measured`. */
export interface PowerEvidence {
  /** The report as an overlay frame, signatures included. */
  readonly frame: string
  /** Of a report that names a session and no EVSE: the report that says where the session is. */
  readonly begun?: string
}

/** Until a station and its vehicle must have done what they were told: a vehicle follows within seconds, a report says so at its next turn. */
export const TAKES_EFFECT_MS = 30_000
/** More than the highest kept, so that a rising power costs a few entries and not one for each report: one in twenty, and 50 W. */
const isNews = (watts: number, highest: number | undefined): boolean => highest === undefined || watts > highest * 1.05 + 50
/** How long after an order it is still looked at what flows. */
const WATCHED_MS = 86_400_000
/** Bounds of memory; whoever was heard least lately gives way. */
const ORIGINS = 10_000
const PLACES = 64

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
  watch?: { readonly since: number; readonly highest: Map<string, number> }
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
    const highest = Math.max(...settled.map(({ watts }) => watts))
    if (settled.length === 0 || !isNews(highest, watch.highest.get(place))) return
    watch.highest.set(place, highest)
    this.#write(kept)
  }

  /** A station took an order: what it drew until now is kept, and from now on it is watched; so is the meter of its site. */
  #ordered(station: string, path: readonly string[]): void {
    const site = path.slice(1).join(' ')
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
    const text = `${readings.map(({ watts }) => `${watts} W`).join(', ')} at ${evse === undefined ? subject : `${subject}/${evse}`}`
    const data = { frame: writeEnvelope(envelope), ...(begun && { begun: writeEnvelope(begun) }) }
    this.#parts.journal.write({ kind: 'power-measured', subject, text, data }).catch(this.#parts.failed)
  }
}

const readingsOf = ({ envelope }: Kept) => powerReport(envelope.message)?.readings ?? []

/** What was read of it weighs five times as much as the text, and is hardly ever wanted again. */
class TextPayload implements Payload {
  readonly text: string

  constructor({ text }: Payload) {
    this.text = text
  }

  get value(): Json {
    return JSON.parse(this.text) as Json
  }
}

const isObeyed = ({ message, question }: AnswerEnvelope): boolean => {
  if (message.type !== RESULT || question.message.type !== CALL || !LIMITING.includes(question.message.action)) return false
  return (message.payload.value as { readonly status?: unknown } | null)?.status === 'Accepted'
}

const keepNewest = <T>(map: Map<string, T>, key: string, value: T, limit: number): void => {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.size > limit ? map.keys() : []
  if (oldest !== undefined) map.delete(oldest)
}
