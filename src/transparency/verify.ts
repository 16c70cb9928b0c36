// The verifier, as it is defined: open what was given, find the keys that decide, put the records into sessions by what was signed,
// judge every signature and every rule, and say the worst. Pure: no network, no clock but the one given, nothing believed that a
// file says about itself.
import { asFault, Fault } from '../base/fault.ts'
import { mapped } from '../base/lists.ts'
import type { Engine } from '../crypto/engine.ts'
import type { Openers } from '../metering/container.ts'
import { Budget, LIMITS, type Limits } from '../metering/limits.ts'
import type { Session } from './checks/check.ts'
import type { FoundRecord, Report } from './found.ts'
import { type Input, type Opened, open } from './open.ts'
import { type Draft, sessionReport } from './report.ts'
import { sessionFrom } from './session.ts'
import { type Group, sessionsOf } from './sessions.ts'
import { withTold } from './told.ts'
import { type Judged, Trust } from './trust.ts'
import { type InputReport, type Verdict, worst } from './verdict.ts'

export interface VerifyOptions {
  readonly engine: Engine
  /** Key files of a trust store. What is broken or used of them is reported; the rest is not. */
  readonly trust?: readonly Input[]
  /** Key files given with the question. */
  readonly keys?: readonly Input[]
  readonly limits?: Partial<Limits>
  /** What pictures are read with. Without it they are named and not read. */
  readonly openers?: Openers
  /** Milliseconds, of which only differences count. Without it time stands still and the limit of time has no effect. */
  readonly now?: () => number
}

/**
 * One question: all inputs together. Never rejects for anything that is in an input.
 * The order of verdicts is invalid, incomplete, unproven, valid.
 */
export const verify = async (inputs: readonly Input[], options: VerifyOptions): Promise<Verdict> => {
  const budget = new Budget(options.limits === undefined ? LIMITS : { ...LIMITS, ...options.limits }, options.now ?? (() => 0))
  const opened = await open({ inputs, keys: options.keys ?? [], trust: options.trust ?? [] }, budget, options.openers ?? {})
  const trust = new Trust(opened, options.engine, budget)
  const evidence = opened.records.length <= MAX_EVIDENCE.records && signedBytes(opened.records) <= MAX_EVIDENCE.bytes
  const unsigned = besideAll(opened.records) <= MAX_BESIDE
  const judged: Session[] = []
  for (const group of sessionsOf(opened.records)) {
    const session = within(group, trust)
    if (session !== undefined) judged.push(session)
  }
  const sessions = mapped(withTold(judged), (session, index) =>
    sessionReport(`session-${index + 1}`, session, { engine: options.engine, evidence, unsigned }),
  )
  return {
    verdict: sessions.length === 0 ? 'unreadable' : worst(mapped(sessions, ({ verdict }) => verdict)),
    inputs: inputReports(opened, trust),
    sessions,
  }
}

/** Above this number of records, or of signed bytes, the evidence is left out: nobody reads it, and it would outweigh everything else. */
const MAX_EVIDENCE = { records: 1000, bytes: 2_097_152 }

const signedBytes = (records: readonly FoundRecord[]): number =>
  records.reduce((sum, { record: { signed } }) => sum + (signed[0]?.bytes.length ?? 0), 0)

/** Characters: what a document says once stands beside each of its records, and the answer must still be written as one text. */
const MAX_BESIDE = 16_777_216

const besideAll = (records: readonly FoundRecord[]): number => {
  let sum = 0
  for (const { record } of records) for (const { name, value } of record.unsigned ?? []) sum += name.length + value.length
  return sum
}

/** Undefined when the time is up: then the inputs of the session say so, and no half-judged session is shown. */
const within = (group: Group<FoundRecord>, trust: Trust): Session | undefined => {
  try {
    const records = mapped(group.records, (found) => trust.judge(found))
    return sessionFrom({ records, copies: group.copies.length === 0 ? NONE : copiesIn(group, records, trust) })
  } catch (thrown) {
    const fault = asFault(thrown)
    if (fault.code !== 'limit-exceeded') throw fault
    for (const { report } of group.records) report.fault ??= fault
    return undefined
  }
}

const NONE: Session['copies'] = []

const copiesIn = (group: Group<FoundRecord>, records: readonly Judged[], trust: Trust): Session['copies'] => {
  const judgedOf = new Map(records.map((judged, index) => [group.records[index], judged]))
  return group.copies.flatMap(({ copy, original }) => {
    const judged = judgedOf.get(original)
    return judged === undefined ? [] : [{ copy: trust.judge(copy), original: judged }]
  })
}

const inputReports = ({ reports, keys, lists }: Opened, trust: Trust): InputReport[] => {
  for (const { report } of trust.unused())
    report.fault ??= new Fault('key-unused', 'no record here is of the meter that the name speaks of')
  const { named, used: telling } = trust.lists
  for (const list of lists.filter((each) => !telling.has(each)))
    list.report.fault ??= named.has(list)
      ? new Fault('key-malformed', 'the list is not signed by the one whose name it bears')
      : new Fault('key-unused', 'nobody here was vouched for by the issuer of the list')
  // of a trust store nothing is told that nobody asked
  const idle = [
    ...keys.filter((key) => key.trust === 'pinned' && !trust.hasUsed(key)),
    ...lists.filter((list) => list.trust === 'pinned' && !named.has(list)),
  ]
  const silent = new Set(idle.map(({ report }) => report))
  return reports.filter((report) => !silent.has(report)).map(inputReport)
}

const inputReport = ({ name, kind, format, fault }: Report): InputReport => {
  const report: Draft<InputReport> = { name, kind }
  if (format !== undefined) report.format = format
  if (fault !== undefined) report.fault = { code: fault.code, detail: fault.message }
  return report
}
