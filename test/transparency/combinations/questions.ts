// Random questions about meters of every format: who measured what, how it is written and packed, which keys are given in which way, and
// what somebody did to it. What the answer must be is said by rules.ts, from the same question.
import fc from 'fast-check'
import { hex, utf8 } from '../../../src/base/bytes.ts'
import { type SessionReport, verify } from '../../../src/transparency/index.ts'
import { keyDocument } from '../../../tools/transparency-vectors/keys.ts'
import { pemOf } from '../../../tools/transparency-vectors/maker.ts'
import { ENGINE, inputsOf } from '../support.ts'
import { type Numbers, WAYS } from './containers.ts'
import { MAKERS } from './makers/index.ts'
import { AROUND, type Packed, packed } from './packing.ts'
import { type Family, type Holder, METERS, type Meter, type Said, type Signed, signerOf } from './said.ts'

/** A key in the question or beside it, of which a file's name says whose it is; `lone` has no name. */
export interface KeySetting {
  readonly way: 'pinned' | 'given' | 'beside' | 'registered' | 'expired' | 'unverified' | 'wrong-meter'
  readonly meter: Meter
  readonly key: Holder
  readonly lone: boolean
}

/** All that rules.ts needs to know. */
export interface Question {
  readonly records: readonly Packed[]
  readonly keys: readonly KeySetting[]
  readonly families: Readonly<Record<Meter, Family>>
}

const FAMILIES = Object.keys(MAKERS) as Family[]
const holder = fc.constantFrom<Holder>('m0', 'm1', 'm2', 'forger')
const CHANGES = [
  ...['drop', 'double', 'tamper', 'signature', 'forge', 'forge-all', 'key', 'no-key', 'beside'],
  ...['session', 'kind', 'meter', 'number', 'energy', 'time', 'user', 'log', 'status'],
] as const
const change = fc.record({ kind: fc.constantFrom(...CHANGES), at: fc.nat(20), other: fc.nat(20), holder })
const setting = fc.record({
  way: fc.constantFrom<KeySetting['way']>('pinned', 'given', 'beside', 'registered', 'expired', 'unverified', 'wrong-meter'),
  meter: fc.constantFrom(...METERS),
  key: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: holder }),
  lone: fc.nat(5).map((n) => n === 0),
})

/** About numbers that are right. */
const LIES: readonly ((right: Numbers) => Partial<Numbers>)[] = [
  () => ({}),
  ({ total }) => ({ total: total + 7000 }),
  ({ last }) => ({ last: last + 7000 }),
  () => ({ last: 700 }),
  ({ first }) => ({ first: first - 7000 }),
  ({ start }) => ({ start: start + 2000 }),
  ({ until }) => ({ until: until - 2000 }),
]

export const anyQuestion = fc.record({
  families: fc.record({ m0: fc.constantFrom(...FAMILIES), m1: fc.constantFrom(...FAMILIES), m2: fc.constantFrom(...FAMILIES) }),
  sessions: fc.array(fc.record({ meter: fc.constantFrom(...METERS), length: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  changes: fc.array(change, { maxLength: 3 }),
  keys: fc.array(setting, { maxLength: 3 }),
  order: fc.array(fc.nat(1000), { minLength: 20, maxLength: 20 }),
  writers: fc.array(fc.nat(11), { minLength: 20, maxLength: 20 }),
  cuts: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
  ways: fc.array(fc.nat(WAYS.length - 1), { minLength: 5, maxLength: 5 }),
  around: fc.array(fc.nat(AROUND.length - 1), { minLength: 5, maxLength: 5 }),
  lies: fc.array(fc.nat(LIES.length + 1), { minLength: 5, maxLength: 5 }),
})

type Plan = typeof anyQuestion extends fc.Arbitrary<infer T> ? T : never

const DAY = 86_400
const FIRST = 1_772_348_400

/** Every record of every session, as its meter made it. */
const honest = ({ sessions, families }: Plan): Signed[] => {
  const numbers = new Map<Meter, number>()
  return sessions.flatMap(({ meter, length }, session) => {
    const family = families[meter]
    const count = MAKERS[family].lengthOf(length)
    const from = { time: FIRST + DAY * session, wh: 100_000 * (session + 1) }
    return Array.from({ length: count }, (_, index): Signed => {
      const number = (numbers.get(meter) ?? 0) + 1
      numbers.set(meter, number)
      const kind = count === 1 ? (family === 'isa' ? 'end' : 'whole') : index === 0 ? 'begin' : index === count - 1 ? 'end' : 'between'
      const step = count === 1 ? 1 : index
      const measured = { time: from.time + 1800 * step, wh: from.wh + 5000 * step }
      const said: Said = { family, meter, session, kind, number, ...measured, user: 'DEADBEEF', log: 7, healthy: true, from }
      return { honest: said, said, signs: said, signer: meter, embedded: meter }
    })
  })
}

/** What the meter itself says otherwise. */
const OTHERWISE: Readonly<Record<string, (said: Said, by: number) => Partial<Said>>> = {
  energy: ({ wh }, by) => ({ wh: wh - 1000 * (1 + (by % 12)) }),
  time: ({ time }, by) => ({ time: time - 600 * (1 + (by % 8)) }),
  user: () => ({ user: 'CAFEBABE' }),
  log: () => ({ log: 8 }),
  status: () => ({ healthy: false }),
}

const altered = (records: readonly Signed[], { kind, at, other, holder }: Plan['changes'][number]): Signed[] => {
  const one = records[at % records.length]
  const second = records[other % records.length]
  if (one === undefined || second === undefined) return [...records]
  const instead = (change: Partial<Signed>): Signed[] => records.map((each) => (each === one ? { ...each, ...change } : each))
  const says = (said: Said): Signed[] => instead({ said, ...(one.signs === one.said ? { signs: said } : {}) })
  if (kind === 'drop') return records.filter((each) => each !== one)
  if (kind === 'double') return [...records, { ...one }]
  if (kind === 'tamper') return instead({ said: { ...one.said, ...[{ wh: one.said.wh + 100 }, { user: 'FEEDBABE' }][other % 2] } })
  if (kind === 'signature') return instead(second.said.family === one.said.family ? { signs: second.signs, signer: second.signer } : {})
  if (kind === 'forge') return instead(forged(one))
  if (kind === 'forge-all') return records.map((each) => (each.said.session === one.said.session ? { ...each, ...forged(each) } : each))
  if (kind === 'beside') return instead({ beside: holder })
  if (kind === 'key' || kind === 'no-key') return instead({ embedded: kind === 'key' ? holder : undefined })
  if (kind === 'number') return says({ ...one.said, number: other % 2 === 0 ? one.said.number + other : second.said.number })
  if (kind === 'session') return says({ ...one.said, ...sessionOf(one.said, second.said) })
  if (kind === 'kind') return says({ ...one.said, kind: kindOf(one.said, second.said) })
  if (kind === 'meter') return says({ ...one.said, meter: second.said.family === one.said.family ? second.said.meter : one.said.meter })
  return says({ ...one.said, ...OTHERWISE[kind]?.(one.said, other) })
}

const NAMED: ReadonlySet<Family> = new Set(['alfen', 'edl', 'isa', 'chargepoint', 'pcdf'])

/** The name of another session of the meter. */
const sessionOf = (said: Said, { meter, session, from }: Said): Partial<Said> =>
  meter !== said.meter || !NAMED.has(said.family) ? {} : { session, ...(said.kind === 'whole' ? {} : { from }) }

/** An EMOC knows begin and end only; and what holds a whole session stays so. */
const kindOf = ({ kind, family }: Said, other: Said): Said['kind'] =>
  kind === 'whole' || other.kind === 'whole' || (family === 'emoc' && other.kind === 'between') ? kind : other.kind

/** The same record, signed anew by somebody else, who puts his own key beside it. */
const forged = ({ said }: Signed): Partial<Signed> => ({ signs: said, signer: 'forger', embedded: 'forger' })

/** Somebody tells numbers of a session rightly, or one of them wrongly, or none, or exchanges what is begin and end. */
const toldBy = ({ said, honest }: Signed, { sessions, families }: Plan, lie: number): Pick<Packed, 'told' | 'calls'> => {
  const count = MAKERS[families[honest.meter]].lengthOf(sessions[said.session]?.length ?? 0)
  const total = 5000 * Math.max(1, count - 1)
  const { time, wh } = said.from
  const right: Numbers = { total, first: wh, last: wh + total, start: time, until: time + 1800 * Math.max(1, count - 1) }
  const calls = lie === 1 ? OPPOSITE[said.kind] : said.kind
  return { told: lie < 2 ? {} : { ...right, ...LIES[lie - 2]?.(right) }, calls }
}

const OPPOSITE = { begin: 'end', between: 'between', end: 'begin', whole: 'whole' } as const

/** Cut into up to five groups of files, in any order. */
const written = (records: readonly Signed[], plan: Plan): { files: Record<string, Uint8Array>; records: Packed[] } => {
  const { order, cuts, ways, around, writers, lies } = plan
  const mixed = records.map((record, index) => ({ record, by: order[index % order.length] ?? 0 })).sort((a, b) => a.by - b.by)
  const groups = Map.groupBy(mixed, (_, index) => cuts.filter((cut) => cut <= index % 4).length)
  const files: Record<string, Uint8Array> = {}
  const placed: Packed[] = []
  for (const [number, group] of groups) {
    const [way, wrap] = [WAYS[ways[number] ?? 0], AROUND[around[number] ?? 0]]
    if (way === undefined || wrap === undefined) continue
    const inside = group.map(({ record }, index): Packed => {
      const all = MAKERS[record.said.family].writers
      const write = all[(writers[(index + 5 * number) % writers.length] ?? 0) % all.length] ?? all[0]
      if (write === undefined) throw new Error(`nobody writes ${record.said.family}`)
      // the key of a PCDF is signed with it
      const signed = record.said.family === 'pcdf' ? { ...record, embedded: record.signer } : record
      return { ...signed, written: write(signed), ...toldBy(record, plan, lies[number] ?? 0) }
    })
    const made = packed(`f${number}`, inside, way)
    const bytes = Object.entries(made.files).map(
      ([name, content]) => [name, typeof content === 'string' ? utf8(content) : content] as const,
    )
    Object.assign(files, wrap(`f${number}`, Object.fromEntries(bytes)))
    placed.push(...made.records)
  }
  return { files, records: placed }
}

/** Files of keys by where they are given. */
const keyFiles = ({ keys, families }: Question): Record<'pinned' | 'given' | 'beside', Record<string, string>> => {
  const files: Record<'pinned' | 'given' | 'beside', Record<string, string>> = { pinned: {}, given: {}, beside: {} }
  keys.forEach(({ way, meter, key, lone }, index) => {
    const { curve, idOf, keyNameOf = idOf } = MAKERS[families[meter]]
    const name = keyNameOf(meter)
    const signer = signerOf(key, curve)
    // two keys of one name lie in two folders
    if (way === 'pinned' || way === 'given' || way === 'beside') files[way][`k${index}/${lone ? 'publicKey' : name}.pem`] = pemOf(signer)
    else {
      const subject = { meterId: way === 'wrong-meter' ? 'ANOTHER' : name }
      const entry = way === 'expired' ? { notAfter: '2026-02-01T00:00:00Z' } : {}
      const value = `04${hex(signer.publicKey.point)}`
      const by = signerOf(way === 'unverified' ? 'stranger' : 'authority', 'secp384r1')
      files.beside[`k${index}/${name}.json`] = keyDocument({ subject, value, algorithm: curve }, entry, by)
    }
  })
  return files
}

export interface Told {
  readonly verdict: SessionReport['verdict']
  readonly meter: string
  readonly keyTrust: SessionReport['keyTrust']
  readonly records: number
  /** Of a valid session, and the times in seconds. */
  readonly energyWh?: number
  readonly begin?: number
  readonly end?: number
}

/** Of a time without an offset too: all places of this world are an hour to the east. */
const secondsOf = (iso = ''): number => Date.parse(/[+-]\d\d:\d\d$/.test(iso) ? iso : `${iso}+01:00`) / 1000

const toldOf = ({ verdict, meter, keyTrust, records, energyWh, begin, end }: SessionReport): Told => ({
  ...{ verdict, meter: meter.id ?? '', keyTrust, records: records.length },
  ...(verdict === 'valid' ? { energyWh: Number(energyWh), begin: secondsOf(begin), end: secondsOf(end) } : {}),
})

export const asked = async (plan: Plan) => {
  const { files, records } = written(plan.changes.reduce(altered, honest(plan)), plan)
  const question: Question = { records, keys: plan.keys.map((each) => ({ ...each, key: each.key ?? each.meter })), families: plan.families }
  const { pinned, given, beside } = keyFiles(question)
  const verdict = await verify(inputsOf({ ...files, ...beside }), {
    engine: ENGINE,
    keys: inputsOf(given),
    trust: inputsOf({ ...pinned, 'key-authority.pem': pemOf(signerOf('authority', 'secp384r1')) }),
  })
  return {
    question,
    verdict,
    files: [...Object.keys(files), ...Object.keys(beside), ...Object.keys(given)],
    told: verdict.sessions.map(toldOf),
  }
}
