// One judged session as the JSON of the verdict.
import { hex } from '../base/bytes.ts'
import { type Decimal, formatDecimal } from '../base/decimal.ts'
import { joined, mapped } from '../base/lists.ts'
import type { Engine } from '../crypto/engine.ts'
import { spkiHex } from '../crypto/key.ts'
import type { Reading } from '../metering/reading.ts'
import { type CheckCode, type Finding, INCOMPLETE, MAX_FINDINGS, type Session } from './checks/check.ts'
import { CHECKS } from './checks.ts'
import { costOf } from './cost.ts'
import { soFarOf } from './so-far.ts'
import type { Judged } from './trust.ts'
import {
  type CheckReport,
  type Evidence,
  type KeyTrust,
  type MeterReport,
  type RecordReport,
  type SessionReport,
  type SessionState,
  type SignatureReport,
  type SignatureState,
  type ValueReport,
  worst,
} from './verdict.ts'

export interface ReportOptions {
  readonly engine: Engine
  /** Whether each record carries what an engineer needs to repeat the check. */
  readonly evidence: boolean
  /** Whether each record is shown with what stood beside it. */
  readonly unsigned: boolean
}

/** An answer in the making. What is not there is never set: the answer is plain JSON, and its members come in the order of verdict.ts. */
export type Draft<T> = { -readonly [Name in keyof T]: T[Name] }

export const sessionReport = (id: string, session: Session, options: ReportOptions): SessionReport => {
  const records = joined(
    session.records,
    mapped(session.copies, ({ copy }) => copy),
  )
  const states: SessionState[] = mapped(records, ({ signature }) => STATES[signature.state])
  const checks: CheckReport[] = []
  for (const { id, judge } of CHECKS) {
    const found = judge(session)
    if (found.length === 0) checks.push({ id, state: 'pass' })
    found.forEach((finding, index) => {
      if (index < MAX_FINDINGS) checks.push(checkReport(id, finding))
      states.push(stateOf(finding))
    })
  }
  const verdict = worst(states)
  return {
    ...summaryOf(id, verdict, session),
    meter: meterOf(session),
    keyTrust: leastTrusted(records),
    records: mapped(records, (record) => recordReport(record, options)),
    checks,
  }
}

type Summary = Pick<SessionReport, 'id' | 'verdict' | 'begin' | 'end' | 'energyWh' | 'cost' | 'soFar'>

const summaryOf = (id: string, verdict: SessionState, session: Session): Summary => {
  const { readings, energyWh } = session
  const summary: Draft<Summary> = { id, verdict }
  const begin = readings.find(({ reading }) => reading.marker === 'begin')?.reading.time?.iso
  const end = readings.findLast(({ reading }) => reading.marker === 'end')?.reading.time?.iso
  if (begin !== undefined) summary.begin = begin
  if (end !== undefined) summary.end = end
  if (verdict === 'invalid') return summary
  const [cost, soFar] = [costOf(session), soFarOf(session)]
  if (energyWh !== undefined) summary.energyWh = energyWh
  if (cost !== undefined) summary.cost = cost
  if (soFar !== undefined) summary.soFar = soFar
  return summary
}

const meterOf = ({ records: [first] }: Session): MeterReport => {
  const meter: Draft<MeterReport> = {}
  const id = first?.record.source.meter ?? first?.record.source.gateway
  const keyFingerprint = first?.signature.keyFingerprint
  if (id !== undefined) meter.id = id
  if (keyFingerprint !== undefined) meter.keyFingerprint = keyFingerprint
  return meter
}

const STATES = {
  valid: 'valid',
  invalid: 'invalid',
  malformed: 'invalid',
  'key-missing': 'unproven',
  unsupported: 'unproven',
  absent: 'unproven',
} as const satisfies Record<SignatureState, SessionState>

const stateOf = ({ state, code }: Finding): SessionState => (state !== 'fail' ? 'valid' : INCOMPLETE.has(code) ? 'incomplete' : 'invalid')

const TRUST: readonly KeyTrust[] = ['none', 'embedded', 'supplied', 'registered', 'pinned']

/** A chain is as strong as its weakest link. */
const leastTrusted = (records: readonly Judged[]): KeyTrust =>
  records.reduce<KeyTrust>(
    (least, { signature }) => (TRUST.indexOf(signature.trust) < TRUST.indexOf(least) ? signature.trust : least),
    'pinned',
  )

const checkReport = (id: string, { state, code, detail, records }: Finding): CheckReport => ({
  id,
  state,
  code: code satisfies CheckCode,
  ...(detail === '' ? {} : { detail }),
  records: records.map((record) => record.id),
})

const recordReport = (judged: Judged, { engine, evidence, unsigned }: ReportOptions): RecordReport => {
  const report = plainReport(judged)
  if (unsigned && judged.record.unsigned !== undefined) report.unsigned = judged.record.unsigned
  if (!evidence) return report
  Object.defineProperty(report, SOURCE, { value: { judged, engine } satisfies Source })
  return Object.defineProperty(report, 'evidence', EVIDENCE)
}

interface Source {
  readonly judged: Judged
  readonly engine: Engine
  made?: Evidence
}

const SOURCE = Symbol('what the evidence is made from')

/**
 * Most readers never look: made when it is asked for or written, by JSON.stringify and structuredClone too. One getter for all records,
 * since V8 keeps what a getter of their own would close over until it next collects everything.
 */
const EVIDENCE = {
  enumerable: true,
  configurable: true,
  get(this: { readonly [SOURCE]: Source }): Evidence {
    const source = this[SOURCE]
    source.made ??= evidenceOf(source.judged, source.engine)
    return source.made
  },
}

const plainReport = (judged: Judged): Draft<RecordReport> => {
  const { id, record } = judged
  const { format } = record
  const input = judged.report.name
  const time = record.readings.at(-1)?.time?.iso
  const values = record.readings.filter(isRead).map(valueReport)
  const signature = signatureReport(judged)
  return time === undefined ? { id, input, format, values, signature } : { id, input, format, time, values, signature }
}

const signatureReport = ({ record, signature }: Judged): SignatureReport => {
  const { state, method, keyFingerprint, keySource, keySigners } = signature
  const { algorithm } = record.signature
  const report: Draft<SignatureReport> = { state }
  if (algorithm !== undefined) report.algorithm = algorithm
  if (method !== undefined && 'curve' in method) {
    report.curve = method.curve
    report.hash = method.hash
  }
  if (keyFingerprint !== undefined) report.keyFingerprint = keyFingerprint
  if (keySource !== undefined) report.keySource = keySource
  if (keySigners !== undefined) report.keySigners = keySigners
  return report
}

type Read = Reading & { readonly value: Decimal }

const isRead = (reading: Reading): reading is Read => reading.value !== undefined

const valueReport = ({ obis, value, unit, time }: Read): ValueReport => {
  const text = formatDecimal(value)
  const report: Draft<ValueReport> = obis === undefined ? { value: text, unit } : { obis, value: text, unit }
  if (time !== undefined) report.time = time.iso
  return report
}

const evidenceOf = ({ record, signature }: Judged, engine: Engine): Evidence => {
  const part = signature.part ?? record.signed[0]
  const bytes = part?.bytes ?? new Uint8Array()
  const { method, key } = signature
  const signedBytes = hex(bytes)
  const hash = method !== undefined && 'hash' in method ? hex(engine.digest(method.hash, bytes)) : ''
  const publicKey = key === undefined ? '' : spkiHex(key)
  const encoded = hex(record.signature.encoded ?? new Uint8Array())
  const fields = record.fields()
  return part === undefined
    ? { signedBytes, hash, publicKey, signature: encoded, fields }
    : { signedBytes, signedPart: part.name, hash, publicKey, signature: encoded, fields }
}
