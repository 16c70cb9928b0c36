// What the contract (§2) says of a question, in the fewest words: which key decides, which records are a session, and which rules it breaks.
// It knows what each record says, and reads none. What the formats sign is a table.

import type { Numbers } from './containers.ts'
import { MAKERS } from './makers/index.ts'
import type { Packed } from './packing.ts'
import type { KeySetting, Question, Told } from './questions.ts'
import type { Family, Holder, Meter, Said } from './said.ts'

interface Traits {
  /** The meter's count: up by one each time, up by any step, or none. */
  readonly count: 'next' | 'rising' | 'none'
  /** Which records are of one session: those that name it, or those that the count puts between a begin and an end. */
  readonly session: 'named' | 'counted'
  /** Whether a record says itself that it begins or ends; otherwise what is called so does, or else the first and the last one. */
  readonly marks: boolean
  /** Whether every record holds the session's begin. */
  readonly repeats?: true
  /** Whether the clock may not stand still. */
  readonly strict?: true
  /** What else is signed. */
  readonly also: readonly ('log' | 'healthy')[]
}

const TRAITS: Readonly<Record<Family, Traits>> = {
  ocmf: { count: 'next', session: 'counted', marks: true, also: ['healthy'] },
  alfen: { count: 'rising', session: 'named', marks: true, also: ['healthy'] },
  edl: { count: 'rising', session: 'named', marks: false, also: ['log', 'healthy'] },
  emoc: { count: 'next', session: 'counted', marks: true, also: ['log', 'healthy'] },
  isa: { count: 'rising', session: 'named', marks: true, repeats: true, also: ['log'] },
  bsm: { count: 'next', session: 'counted', marks: true, strict: true, also: ['log'] },
  chargepoint: { count: 'none', session: 'named', marks: true, also: [] },
  pcdf: { count: 'none', session: 'named', marks: true, also: ['healthy'] },
}

const TRUST = ['none', 'embedded', 'supplied', 'registered', 'pinned'] as const
type Trust = (typeof TRUST)[number]

/** Keys are told apart by whose they are and by their curve. */
const keyOf = (holder: Holder, family: Family): string => `${holder} ${MAKERS[family].curve}`

interface Judged extends Packed {
  readonly trust: Trust
  readonly state: 'good' | 'bad' | 'keyless'
  /** What is on record, less what the format does not sign. */
  readonly content: Said
}

/** Keys that speak of the meter; where there is none, one without a name that is alone. */
const speaking = ({ families }: Question, keys: readonly KeySetting[], meter: Meter): string[] => {
  const nameOf = (each: KeySetting): string => keyOf(each.key, families[each.meter])
  const own = keys.filter((each) => each.meter === meter && !each.lone).map(nameOf)
  const lone = keys.filter((each) => each.lone).map(nameOf)
  return own.length > 0 ? own : new Set(lone).size === 1 ? lone : []
}

const deciding = (question: Question, { said, embedded }: Packed): { trust: Trust; keys: readonly string[] } => {
  const of = (...ways: readonly KeySetting['way'][]): KeySetting[] => question.keys.filter(({ way }) => ways.includes(way))
  // a document always has a name
  const inside = of('beside', 'registered', 'expired', 'unverified', 'wrong-meter').map((each) =>
    each.way === 'beside' ? each : { ...each, lone: false },
  )
  const rows: [Trust, string[]][] = [
    ['pinned', speaking(question, of('pinned'), said.meter)],
    [
      'registered',
      speaking(
        question,
        inside.filter(({ way }) => way === 'registered'),
        said.meter,
      ),
    ],
    ['supplied', speaking(question, of('given'), said.meter)],
    ['supplied', speaking(question, inside, said.meter)],
  ]
  const [trust, keys] = rows.find(([, found]) => found.length > 0) ?? ['none', []]
  if (keys.length > 0) return { trust, keys }
  return embedded === undefined ? { trust: 'none', keys: [] } : { trust: 'embedded', keys: [keyOf(embedded, said.family)] }
}

const contentOf = (said: Said): Said => {
  const { also, count, repeats, marks } = TRAITS[said.family]
  const measured =
    repeats && said.kind === 'begin' ? said.from : said.family === 'pcdf' ? { ...said, wh: Math.max(said.wh, said.from.wh) } : said
  return {
    ...said,
    ...{ time: measured.time, wh: measured.wh },
    kind: marks ? said.kind : 'between',
    number: count === 'none' ? 0 : said.number,
    log: also.includes('log') ? said.log : 0,
    healthy: also.includes('healthy') ? said.healthy : true,
  }
}

const textOf = (said: Said): string => JSON.stringify(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1)))

const judged = (question: Question, record: Packed): Judged => {
  const { trust, keys } = deciding(question, record)
  const [content, signed] = [record.said, record.signs].map(contentOf) as [Said, Said]
  const signs = record.conflict !== true && textOf(content) === textOf(signed) && keys.includes(keyOf(record.signer, record.said.family))
  return { ...record, trust, content, state: keys.length === 0 ? 'keyless' : signs ? 'good' : 'bad' }
}

/** The signed bytes; those of a PCDF name the key. */
const nameOf = ({ content, signer }: Judged): string => `${content.family === 'pcdf' ? signer : ''}${textOf(content)}`

/** With the place that each has where it signs none. */
const placed = (records: readonly Judged[]): readonly Judged[] =>
  records.map((record, index) => {
    const place = index === 0 ? 'begin' : index === records.length - 1 ? 'end' : 'between'
    const kind = record.written.label ?? (records.length < 2 ? 'between' : place)
    return TRAITS[record.said.family].marks ? record : { ...record, content: { ...record.content, kind } }
  })

const begins = ({ content: { kind, family } }: Judged): boolean => kind === 'begin' || kind === 'whole' || TRAITS[family].repeats === true
const ends = ({ content: { kind } }: Judged): boolean => kind === 'end' || kind === 'whole'

/** By the names of sessions where they are signed; else a begin opens one, and what stands behind an end is of another. */
const sessionsOf = (records: readonly Judged[]): Judged[][] => {
  const sorted = [...records].sort((a, b) => a.content.number - b.content.number || a.content.time - b.content.time)
  return [...Map.groupBy(sorted, ({ said }) => said.meter).values()].flatMap((own) => {
    if (own[0] === undefined || TRAITS[own[0].said.family].session === 'named')
      return [...Map.groupBy(own, ({ said }) => said.session).values()]
    const groups: Judged[][] = []
    for (const record of own) {
      const current = groups.at(-1)
      if (current === undefined || begins(record) || current.some(ends)) groups.push([record])
      else current.push(record)
    }
    return groups
  })
}

const differ = <T>(values: readonly T[]): boolean => new Set(values).size > 1
const pairs = <T>(values: readonly T[]): [T, T][] => values.slice(1).map((after, index) => [values[index] as T, after])

/** Every rule of a session that the table does not excuse it from. */
const breaks = (records: readonly Judged[], { count, repeats, strict }: Traits): boolean => {
  const contents = records.map(({ content }) => content)
  const first = contents[0]
  const measured =
    repeats && first !== undefined ? [{ ...first, ...first.from }, ...contents.filter(({ kind }) => kind !== 'begin')] : contents
  const bounds = contents.filter(({ kind }) => kind !== 'between')
  const wholes = contents.filter(({ kind }) => kind === 'whole')
  return [
    count !== 'none' && pairs(contents).some(([a, b]) => a.number === b.number || (count === 'next' && b.number !== a.number + 1)),
    !repeats && records.filter(begins).length > 1,
    records.filter(ends).length > 1,
    pairs(records).some(([a, b]) => ends(a) || (b.content.kind === 'begin' && !(repeats && a.content.kind === 'begin'))),
    [...pairs(measured), ...wholes.map((each) => [each.from, each] as const)].some(([a, b]) => b.time < a.time || b.wh < a.wh),
    strict && pairs(contents).some(([a, b]) => b.time === a.time),
    differ(contents.map(({ user }) => user)),
    differ(contents.map(({ log }) => log)),
    bounds.some(({ healthy }) => !healthy),
    differ(records.filter(({ state }) => state === 'good').map(({ signer }) => signer)),
    differ(records.map(({ written }) => written.offset)),
  ].includes(true)
}

/** The message that ends a transaction tells once more what earlier ones told. */
const isToldAgain = ([a, b, third]: readonly Judged[]): boolean =>
  third === undefined && a?.message !== undefined && b?.message !== undefined && a.message !== b.message

/** What is told beside records of a whole session is not what they say. */
const contradicts = (told: Partial<Numbers>, { from, last }: { from: Said['from']; last: Said }): boolean => {
  const charged = last.wh - from.wh
  const isFar = (number: number | undefined, ...signed: readonly number[]): boolean =>
    // taken a moment apart
    number !== undefined && signed.every((wh) => Math.abs(wh - number) > 100)
  return [
    (told.total ?? charged) !== charged,
    // a register that begins at zero may have another one beside it, which counted as much, or no less
    ...(last.family === 'pcdf'
      ? [isFar(told.first && told.last && told.last - told.first, charged), (told.last ?? charged) < charged]
      : [isFar(told.first, from.wh), isFar(told.last, last.wh, charged)]),
    (told.start ?? from.time) - 900 > from.time,
    (told.until ?? last.time) + 900 < last.time,
    (told.until ?? 0) < (told.start ?? 0),
  ].includes(true)
}

const isWhole = (records: readonly Judged[]): boolean => records.some(begins) && records.some(ends)

const sessionOf = (group: readonly Judged[], copies: readonly Judged[]): Told | undefined => {
  const records = placed(group)
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const traits = TRAITS[first.said.family]
  const all = [...records, ...copies]
  const whole = isWhole(records)
  const from = traits.repeats || first.content.kind === 'whole' ? first.content.from : first.content
  const energyWh = last.content.wh - from.wh
  const repeated = copies.some((copy) => {
    const [one, more] = [group.filter((each) => nameOf(each) === nameOf(copy)), copies.filter((each) => nameOf(each) === nameOf(copy))]
    const same = [...one, ...more]
    return !isToldAgain(same) && same.some(({ state }) => state !== 'keyless')
  })
  const contradicted = whole && all.some(({ told }) => contradicts(told, { from, last: last.content }))
  const invalid = all.some(({ state }) => state === 'bad') || repeated || breaks(records, traits) || contradicted
  const verdict = invalid ? 'invalid' : !whole ? 'incomplete' : all.some(({ state }) => state === 'keyless') ? 'unproven' : 'valid'
  const told: Told = {
    verdict,
    meter: MAKERS[first.said.family].idOf(first.said.meter),
    keyTrust: TRUST[Math.min(...all.map(({ trust }) => TRUST.indexOf(trust)))] ?? 'none',
    records: all.length,
  }
  return verdict === 'valid' ? { ...told, energyWh, begin: from.time, end: last.content.time } : told
}

/** Where a count was altered and nothing else tells the sessions, the contract does not say which are torn: only that none is valid. */
const isTorn = (records: readonly Judged[]): boolean =>
  records.some(({ honest, said }) => said.number !== honest.number || said.kind !== honest.kind) ||
  records.some((a) => records.some((b) => clash(a, b)))

/** Two records of one number that say different things. */
const clash = (a: Judged, b: Judged): boolean => a !== b && a.content.number === b.content.number && nameOf(a) !== nameOf(b)

const isCounted = ([first]: readonly Judged[]): boolean => first !== undefined && TRAITS[first.said.family].session === 'counted'

/** Nor does it say whether a begin of one meter and an end of another are two halves, or one session whose meter changed. */
const halves = (groups: readonly (readonly Judged[])[]): Judged[] => {
  const [begun, rest] = [groups.filter((group) => !group.some(ends)), groups.filter((group) => !group.some(begins))]
  const fits = ([a]: readonly Judged[], [b]: readonly Judged[]): boolean =>
    a?.said.family === b?.said.family && a?.said.meter !== b?.said.meter
  return [...begun, ...rest].filter((a) => [...begun, ...rest].some((b) => fits(a, b))).flat()
}

export const toldBy = (question: Question): { readonly sessions: readonly Told[]; readonly torn: ReadonlySet<string> } => {
  const all = question.records.map((record) => judged(question, record))
  const copies = Map.groupBy(all, nameOf)
  const originals = [...copies.values()].flatMap(([first]) => first ?? [])
  const groups = sessionsOf(originals)
  const counted = groups.filter(isCounted)
  const meters = [...Map.groupBy(counted.flat(), ({ said }) => said.meter).values()].filter(isTorn)
  const moved = all.filter(({ honest, said }) => said.meter !== honest.meter)
  // nor what numbers beside half a session can contradict
  const half = groups.filter((group) => !isWhole(placed(group)) && group.some(({ told }) => Object.keys(told).length > 0))
  const torn = [...meters.flat(), ...halves(counted), ...moved, ...half.flat()].flatMap(({ said, honest }) => [said, honest])
  const sessions = groups.flatMap((records) => {
    const repeated = records.flatMap((record) => copies.get(nameOf(record))?.slice(1) ?? [])
    return sessionOf(records, repeated) ?? []
  })
  return { sessions, torn: new Set(torn.map(({ family, meter }) => MAKERS[family].idOf(meter))) }
}
