// One judged session as the JSON of the verdict.
import { hex } from '../base/bytes.ts'
import { type Decimal, formatDecimal } from '../base/decimal.ts'
import type { Engine } from '../crypto/engine.ts'
import { spkiHex } from '../crypto/key.ts'
import type { Reading } from '../metering/reading.ts'
import { type CheckCode, type Finding, INCOMPLETE, type Session } from './checks/check.ts'
import { CHECKS } from './checks.ts'
import { costOf } from './cost.ts'
import { soFarOf } from './so-far.ts'
import type { Judged } from './trust.ts'
import {
  type CheckReport,
  type Evidence,
  type KeyTrust,
  type RecordReport,
  type SessionReport,
  type SessionState,
  type SignatureState,
  type ValueReport,
  worst,
} from './verdict.ts'

export interface ReportOptions {
  readonly engine: Engine
  /** Whether each record carries what an engineer needs to repeat the check. */
  readonly evidence: boolean
}

export const sessionReport = (id: string, session: Session, options: ReportOptions): SessionReport => {
  const records = [...session.records, ...session.copies.map(({ copy }) => copy)]
  const states: SessionState[] = records.map(({ signature }) => STATES[signature.state])
  const checks: CheckReport[] = []
  for (const { id, judge } of CHECKS) {
    const found = judge(session)
    if (found.length === 0) checks.push({ id, state: 'pass' })
    for (const finding of found) {
      checks.push(checkReport(id, finding))
      states.push(stateOf(finding))
    }
  }
  const verdict = worst(states)
  const energyWh = verdict === 'invalid' ? undefined : session.energyWh
  const cost = verdict === 'invalid' ? undefined : costOf(session)
  const soFar = verdict === 'invalid' ? undefined : soFarOf(session)
  const [first] = session.records
  const meter = first?.record.source.meter ?? first?.record.source.gateway
  const keyFingerprint = first?.signature.keyFingerprint
  return {
    id,
    verdict,
    ...timesOf(session),
    ...(energyWh === undefined ? {} : { energyWh }),
    ...(cost === undefined ? {} : { cost }),
    ...(soFar === undefined ? {} : { soFar }),
    meter: { ...(meter === undefined ? {} : { id: meter }), ...(keyFingerprint === undefined ? {} : { keyFingerprint }) },
    keyTrust: leastTrusted(records),
    records: records.map((record) => recordReport(record, options)),
    checks,
  }
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

const timesOf = ({ readings }: Session): { begin?: string; end?: string } => {
  const begin = readings.find(({ reading }) => reading.marker === 'begin')?.reading.time?.iso
  const end = readings.findLast(({ reading }) => reading.marker === 'end')?.reading.time?.iso
  return { ...(begin === undefined ? {} : { begin }), ...(end === undefined ? {} : { end }) }
}

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

const recordReport = (judged: Judged, { engine, evidence }: ReportOptions): RecordReport => {
  const report = plainReport(judged)
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

const plainReport = (judged: Judged): RecordReport => {
  const { record, signature } = judged
  const time = record.readings.at(-1)?.time?.iso
  const method = signature.method !== undefined && 'curve' in signature.method ? signature.method : {}
  const { algorithm } = record.signature
  return {
    id: judged.id,
    input: judged.report.name,
    format: record.format,
    ...(time === undefined ? {} : { time }),
    values: record.readings.filter(isRead).map(valueReport),
    signature: {
      state: signature.state,
      ...(algorithm === undefined ? {} : { algorithm }),
      ...method,
      ...(signature.keyFingerprint === undefined ? {} : { keyFingerprint: signature.keyFingerprint }),
      ...(signature.keySource === undefined ? {} : { keySource: signature.keySource }),
      ...(signature.keySigners === undefined ? {} : { keySigners: signature.keySigners }),
    },
    ...(record.unsigned === undefined ? {} : { unsigned: record.unsigned }),
  }
}

type Read = Reading & { readonly value: Decimal }

const isRead = (reading: Reading): reading is Read => reading.value !== undefined

const valueReport = ({ obis, value, unit, time }: Read): ValueReport => ({
  ...(obis === undefined ? {} : { obis }),
  value: formatDecimal(value),
  unit,
  ...(time === undefined ? {} : { time: time.iso }),
})

const evidenceOf = ({ record, signature }: Judged, engine: Engine): Evidence => {
  const part = signature.part ?? record.signed[0]
  const bytes = part?.bytes ?? new Uint8Array()
  return {
    signedBytes: hex(bytes),
    ...(part === undefined ? {} : { signedPart: part.name }),
    hash: signature.method !== undefined && 'hash' in signature.method ? hex(engine.digest(signature.method.hash, bytes)) : '',
    publicKey: signature.key === undefined ? '' : spkiHex(signature.key),
    signature: hex(record.signature.encoded ?? new Uint8Array()),
    fields: record.fields(),
  }
}
