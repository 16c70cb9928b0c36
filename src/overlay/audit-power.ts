// What was measured around an order to limit power, from the reports that journals keep (power-keeper.ts), judged again with the auditor's
// own keys. An answer says that an order was taken; this says what flowed.
import { asFault, Fault } from '../base/fault.ts'
import { type Envelope, readEnvelope } from '../ocpp/frame.ts'
import type { AuditWorld, Finding } from './audit-chain.ts'
import type { OrderDecision, OrderFound } from './audit-orders.ts'
import type { JournalRow } from './journal.ts'
import { type PowerEvidence, TAKES_EFFECT_MS } from './power-keeper.ts'
import { LIMITING, limitedTransaction, type PowerReading, type PowerReport, powerLimit, powerReport } from './power-report.ts'
import { judgeSignature, readTime } from './signature.ts'

type Receipt = 'verified' | 'unproven' | 'unsigned'

/** A reading, and whether a signature with a key of the auditor's stands for it. */
export interface Measured extends PowerReading {
  readonly receipt: Receipt
}

export interface OrderPower {
  /** The last reading before the order. */
  readonly before?: Measured
  /** The highest after it should have taken effect, and before the next such order. */
  readonly after?: Measured
  /** The first above the limit, and the limit at that time, W. */
  readonly exceeded?: Measured & { readonly limit: number }
  /** What the meters of the site showed then. */
  readonly site: readonly { readonly meter: string; readonly before?: Measured; readonly after?: Measured }[]
}

export interface OrderReport extends OrderDecision {
  /** What was measured around an order that limits power in watts. */
  readonly power?: OrderPower
}

export interface FoundReading extends Measured {
  readonly origin: string
  readonly evse?: number
  readonly transaction?: string
  /** In whose journal, and over which nodes it came there: what came the same way is of the same site. */
  readonly way: string
}

/** Above the limit by more than this is not obedience: one in twenty, for meters and control have their tolerances. */
const TOLERANCE = 1.05

/** Every reading that the journals hold. One whose signature does not fit is told, and does not count. */
export const auditReadings = (rows: readonly JournalRow[], world: AuditWorld, tell: (finding: Finding) => void): FoundReading[] =>
  rows
    .filter(({ kind }) => kind === 'power-measured')
    .flatMap((row) => {
      const { node, seq } = row
      try {
        return readingsOf(row, world)
      } catch (error) {
        tell({ code: 'report-forged', node, seq, detail: asFault(error).message })
        return []
      }
    })

/** The orders with what was measured around each. `obeyed` is what the meter says, where it says anything. */
export const withPower = (orders: readonly OrderFound[], readings: readonly FoundReading[]): OrderReport[] => {
  const limiting = orders.filter(({ report }) => report.decision === 'accepted' && LIMITING.includes(report.action))
  return orders.map((order) => {
    const limit = limiting.includes(order) && order.message && powerLimit(order.message, order.report.at)
    if (!limit) return order.report
    const { at, station } = order.report
    const next = Math.min(...limiting.filter(({ report }) => report.station === station && report.at > at).map(({ report }) => report.at))
    const power = powerOf(order, { readings, limit, next })
    return { ...order.report, power, obeyed: obeyedBy(order.report.obeyed, power) }
  })
}

const obeyedBy = (answered: OrderReport['obeyed'], { after, exceeded }: OrderPower): OrderReport['obeyed'] => {
  if (answered !== 'answered') return answered
  return exceeded ? 'no' : after ? 'measured' : 'answered'
}

interface Window {
  readonly readings: readonly FoundReading[]
  readonly limit: (at: number) => number | undefined
  /** When the next order may have changed the limit, ms. */
  readonly next: number
}

const powerOf = ({ report, message }: OrderFound, { readings, limit, next }: Window): OrderPower => {
  const { station, evse, at } = report
  const transaction = message && limitedTransaction(message)
  const isAfter = (each: PowerReading): boolean => each.at >= at + TAKES_EFFECT_MS && each.at < next
  const here = readings.filter((each) => each.origin === station && (evse === undefined || each.evse === undefined || each.evse === evse))
  const meant = here.filter((each) => transaction === undefined || each.transaction === transaction)
  // only while the order says a limit can it be seen whether it was kept
  const after = meant.filter((each) => isAfter(each) && limit(each.at) !== undefined)
  const over = earliest(after.filter((each) => each.watts > (limit(each.at) as number) * TOLERANCE))
  const ways = new Set(here.map(({ way }) => way))
  const meters = Map.groupBy(
    readings.filter((each) => each.origin !== station && each.evse === 0 && ways.has(each.way)),
    ({ origin }) => origin,
  )
  const around = (list: readonly FoundReading[]) => ({
    ...named('before', latest(list.filter((each) => each.at <= at))),
    ...named('after', earliest(list.filter(isAfter))),
  })
  return {
    ...named('before', latest(here.filter((each) => each.at <= at))),
    ...named('after', highest(after)),
    ...(over && { exceeded: { ...measured(over), limit: limit(over.at) as number } }),
    site: [...meters].map(([meter, list]) => ({ meter, ...around(list) })),
  }
}

const measured = ({ at, watts, receipt }: FoundReading): Measured => ({ at, watts, receipt })
const named = (name: string, found: FoundReading | undefined): object => (found ? { [name]: measured(found) } : {})
const latest = (list: readonly FoundReading[]): FoundReading | undefined => list.toSorted((a, b) => b.at - a.at)[0]
const earliest = (list: readonly FoundReading[]): FoundReading | undefined => list.toSorted((a, b) => a.at - b.at)[0]
const highest = (list: readonly FoundReading[]): FoundReading | undefined => list.toSorted((a, b) => b.watts - a.watts)[0]

/** Throws a Fault for what was not said like this. */
const readingsOf = ({ node, data }: JournalRow, world: AuditWorld): FoundReading[] => {
  const { frame, begun } = (data ?? {}) as Partial<PowerEvidence>
  const said = reportOf(frame, world)
  const began = begun === undefined ? undefined : reportOf(begun, world)
  // where a session is stands in its first report alone
  const isItsOwn = began?.origin === said.origin && began.transaction !== undefined && began.transaction === said.transaction
  const evse = said.evse ?? (isItsOwn ? began.evse : undefined)
  const receipt = isItsOwn && began.receipt !== said.receipt ? 'unproven' : said.receipt
  const { origin, transaction } = said
  const place = { ...(evse !== undefined && { evse }), ...(transaction !== undefined && { transaction }) }
  return said.readings.map((reading) => ({ ...reading, origin, ...place, receipt, way: [node, ...said.path.slice(1)].join(' ') }))
}

interface Said extends PowerReport {
  readonly origin: string
  readonly path: readonly string[]
  readonly receipt: Receipt
}

const reportOf = (frame: unknown, world: AuditWorld): Said => {
  const envelope = readEnvelope(typeof frame === 'string' ? frame : '')
  const origin = envelope.path[0] as string
  const { readings = [], ...place } = powerReport(envelope.message) ?? {}
  return { ...place, readings, origin, path: envelope.path, receipt: receiptOf(envelope, world) }
}

const receiptOf = ({ message, destination, header, path }: Envelope, world: AuditWorld): Receipt => {
  const { signatures = [], answered } = header
  const subject = {
    message,
    audience: destination.at(-1) as string,
    ...('action' in message && { action: message.action }),
    ...(answered !== undefined && { answered }),
  }
  let receipt: Receipt = 'unsigned'
  for (const [i, signature] of signatures.entries()) {
    const before = signatures.slice(0, i)
    // what was measured stays true, however late it is written down
    const judgement = judgeSignature(signature, { ...subject, before }, { ...world, nowSeconds: readTime(signature) })
    // who countersigned does not say that it is so
    if (judgement.countersigns) continue
    if (judgement.state === 'valid') receipt = judgement.key.node === path[0] ? 'verified' : receipt
    else if (judgement.flaw === 'unknown-key') receipt = receipt === 'unsigned' ? 'unproven' : receipt
    else throw new Fault('refused', `the report is not the one that was signed: ${judgement.detail}`, { rule: 'report-forged' })
  }
  return receipt
}
