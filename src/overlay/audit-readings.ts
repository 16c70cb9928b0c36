// What was measured, from the reports that journals keep (power-keeper.ts), with the signatures judged again by the auditor's own keys. Whether
// it was obedience is audit-power.ts.
import { asFault, Fault } from '../base/fault.ts'
import { type Envelope, readEnvelope } from '../ocpp/frame.ts'
import type { AuditWorld, Finding } from './audit-chain.ts'
import type { JournalRow } from './journal.ts'
import type { PowerEvidence } from './power-keeper.ts'
import { type PowerReading, type PowerReport, powerReport } from './power-report.ts'
import { isOnThis, judgeSignature, readTime } from './signature.ts'

type Receipt = 'verified' | 'unproven' | 'unsigned'

/** A reading, and whether a signature with a key of the auditor's stands for it. */
export interface Measured extends PowerReading {
  readonly receipt: Receipt
}

export interface FoundReading extends Measured {
  readonly origin: string
  readonly evse?: number
  readonly transaction?: string
  /** When its session began, where a report of the same station says so, ms. */
  readonly began?: number
  /** In whose journal, and over which nodes it came there: what came the same way is of the same site. */
  readonly way: string
}

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
  const since = said.began ?? (isItsOwn ? began.began : undefined)
  const place = {
    ...(evse !== undefined && { evse }),
    ...(transaction !== undefined && { transaction }),
    ...(since !== undefined && { began: since }),
  }
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
    if (judgement.state === 'valid') receipt = isOnThis(judgement) && judgement.key.node === path[0] ? 'verified' : receipt
    else if (judgement.flaw === 'unknown-key') receipt = receipt === 'unsigned' ? 'unproven' : receipt
    else throw new Fault('refused', `the report is not the one that was signed: ${judgement.detail}`, { rule: 'report-forged' })
  }
  return receipt
}
