// The audit of journals, from exports and the auditor's own keys alone: who ordered what, whether it was obeyed, and whether the journals
// that say so are whole. Offline, without a clock; docs/audit.md is for the one who runs it.
import { AUDIT_CODES, type AuditWorld, auditChain, auditHeads, type Finding, type JournalReport, readHeads } from './audit-chain.ts'
import { auditOrders, type OrderFound } from './audit-orders.ts'
import { type OrderReport, withPower } from './audit-power.ts'
import { type ExportFile, readExports } from './audit-reader.ts'
import { auditReadings, type FoundReading } from './audit-readings.ts'
import type { JournalRow } from './journal.ts'

export interface AuditReport {
  readonly verdict: 'sound' | 'tampered' | 'unproven'
  readonly journals: readonly JournalReport[]
  readonly findings: readonly Finding[]
  readonly orders: readonly OrderReport[]
}

/** Which orders are asked for; the journals are judged whole in any case. */
export interface AuditQuestion {
  readonly station?: string
  readonly evse?: number
  /** Milliseconds since 1970, `to` not included. */
  readonly from?: number
  readonly to?: number
}

/** Audits files as one body of evidence. Never throws for what is in them: that is a finding. */
export const audit = (files: readonly ExportFile[], world: AuditWorld, question: AuditQuestion = {}): AuditReport => {
  const findings: Finding[] = []
  const tell = (finding: Finding): void => void findings.push(finding)
  const { entries, heads: found, flaws } = readExports(files)
  for (const detail of flaws) tell({ code: 'input-unusable', detail })
  if (entries.length === 0) tell({ code: 'input-unusable', detail: 'there is no entry of any journal' })
  const journals = Map.groupBy(entries, ({ node }) => node)
  const heads = Map.groupBy(readHeads(found, world, tell), ({ head }) => head.node)
  for (const of of heads.values()) auditHeads(of, tell)
  const orders: OrderFound[] = []
  const readings: FoundReading[] = []
  const reports = [...journals].map(([node, rows]) => {
    orders.push(...auditOrders(distinct(rows), world, tell))
    readings.push(...auditReadings(distinct(rows), world, tell))
    return auditChain(rows, heads.get(node) ?? [], world.engine, tell)
  })
  return {
    verdict: verdictOf(findings),
    journals: reports,
    findings,
    orders: withPower(orders, readings)
      .filter((order) => isAsked(order, question))
      .toSorted((a, b) => a.at - b.at),
  }
}

const verdictOf = (findings: readonly Finding[]): AuditReport['verdict'] => {
  const kinds = findings.map(({ code }) => AUDIT_CODES[code])
  return kinds.includes('tampered') ? 'tampered' : kinds.length > 0 ? 'unproven' : 'sound'
}

/** Pages may overlap. */
const distinct = (rows: readonly JournalRow[]): JournalRow[] =>
  [...new Map(rows.map((row) => [row.seq, row])).values()].toSorted((a, b) => a.seq - b.seq)

/** An order for the whole station is one for each of its EVSEs. */
const isAsked = ({ station, evse, at }: OrderReport, { from = 0, to = Number.POSITIVE_INFINITY, ...place }: AuditQuestion): boolean =>
  at >= from &&
  at < to &&
  (place.station === undefined || place.station === station) &&
  (place.evse === undefined || evse === undefined || place.evse === evse)
