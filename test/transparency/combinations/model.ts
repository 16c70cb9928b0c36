// What the contract (§2) says about a world, in the fewest words: which key decides, whether each record is signed by it, and which sessions are
// whole. It knows where each record comes from, and reads none.
import { energyAt, type Holder, type KeySetting, type Placed, type Told, timeAt, type World } from './world.ts'

const TRUST = ['none', 'embedded', 'supplied', 'registered', 'pinned'] as const
type Trust = (typeof TRUST)[number]

interface Deciding {
  readonly trust: Trust
  readonly keys: readonly Holder[]
}

/** Keys that speak of the meter; where there is none, one without a name that is alone. */
const speaking = (keys: readonly KeySetting[], meter: Holder): KeySetting[] => {
  const own = keys.filter((each) => each.meter === meter && !each.lone)
  const lone = keys.filter((each) => each.lone)
  return own.length > 0 ? own : lone.every(({ key }) => key === lone[0]?.key) ? lone : []
}

const deciding = ({ keys }: World, { meter, embedded }: Placed): Deciding => {
  const of = (...ways: readonly KeySetting['way'][]): KeySetting[] =>
    // a document always has a name
    keys.filter(({ way }) => ways.includes(way)).map((each) => (ways.length > 1 && each.way !== 'beside' ? { ...each, lone: false } : each))
  const rows: [Trust, KeySetting[]][] = [
    ['pinned', speaking(of('pinned'), meter)],
    [
      'registered',
      speaking(of('beside', 'registered', 'expired', 'unverified', 'wrong-meter'), meter).filter(({ way }) => way === 'registered'),
    ],
    ['supplied', speaking(of('given'), meter)],
    ['supplied', speaking(of('beside', 'registered', 'expired', 'unverified', 'wrong-meter'), meter)],
  ]
  const [trust, found] = rows.find(([, found]) => found.length > 0) ?? ['none', []]
  if (found.length > 0) return { trust, keys: found.map(({ key }) => key) }
  return embedded === undefined ? { trust: 'none', keys: [] } : { trust: 'embedded', keys: [embedded] }
}

/** A whole session says what its meter measured; any other is not valid, and here no more is asked of it. */
const sessionOf = (world: World, session: number, own: readonly Placed[]): Told => {
  const length = world.lengths[session] ?? 0
  const whole = own.length === length && new Set(own.map(({ index }) => index)).size === length
  const decided = own.map((record) => ({ record, ...deciding(world, record) }))
  const good = decided.every(({ record, keys }) => record.signer !== undefined && keys.includes(record.signer))
  const oneKey = new Set(own.map(({ signer }) => signer)).size === 1
  const least = Math.min(...decided.map(({ trust }) => TRUST.indexOf(trust)))
  const last = length === 1 ? 1 : length - 1
  const wh = Math.round(1000 * (Number(energyAt(session, last)) - Number(energyAt(session, 0))))
  const at = (index: number): string => timeAt(session, index).replace(',', '.').replace('+0100 S', '+01:00')
  return {
    verdict: whole && good && oneKey ? 'valid' : 'invalid',
    meter: (world.meters[session] ?? '').toUpperCase(),
    keyTrust: TRUST[least] ?? 'none',
    energyWh: String(wh),
    begin: at(0),
    end: at(last),
  }
}

/** Records of one session; one that holds all of a session is none with another of its number that says something else. */
const groupsOf = ({ lengths, records }: World, session: number): Placed[][] => {
  const own = records.filter((record) => record.session === session)
  return [...Map.groupBy(own, ({ text }) => (lengths[session] === 1 ? text.slice(0, text.lastIndexOf('|')) : '')).values()]
}

export const modelOf = (world: World): { readonly sessions: readonly Told[]; readonly records: number } => ({
  sessions: world.lengths.flatMap((_, session) => groupsOf(world, session).map((own) => sessionOf(world, session, own))),
  records: world.records.length,
})
