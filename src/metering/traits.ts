// What the rules of a session need to know of each format, as data: a rule asks the table and never the name of a format.
import type { FormatName } from './reading.ts'

export interface Traits {
  /**
   * How the meter's count moves within a session: `next` by one from record to record, `rising` by any step because records of other
   * kinds take numbers too, `none` where the format has no count.
   */
  readonly count: 'next' | 'rising' | 'none'
  /**
   * Who says where a session begins and ends. `signed`: the reading's own marker, and nothing else. `order`: the format signs none (or
   * not in every record), so a marker that is there counts, then the unsigned label, then the place: the first of several readings is
   * the begin and the last one the end. One reading alone is neither.
   */
  readonly bounds: 'signed' | 'order'
  /**
   * Whether a record may hold the session's begin again, where equal ones count once: `repeated` every one, `with-end` one that holds the
   * end too, for a station that signs the begin when it begins and both when it ends; one that signs the end by itself before may repeat that too.
   */
  readonly begin: 'once' | 'repeated' | 'with-end'
  /** Whether the clock must move on from record to record, or may stand still: many meters write whole minutes. */
  readonly time: 'rising' | 'level'
  /**
   * The block that is signed where several formats carry the same, each with other words around it: a record is one record in whichever it
   * is told, and its session one session. A format alone with its bytes has its own name here.
   */
  readonly signs: string
  /** Whether the meter must say at begin and end that it is well; otherwise silence is good. */
  readonly status: 'required' | 'optional'
}

const BLOCK = {
  count: 'rising',
  bounds: 'order',
  begin: 'once',
  time: 'level',
  signs: 'EDL40',
  status: 'optional',
} as const satisfies Traits
const WHOLE = { count: 'none', bounds: 'signed', begin: 'once', time: 'level', status: 'optional' } as const satisfies Omit<Traits, 'signs'>

export const TRAITS = {
  // OCMF 1.4 §4.2.2 (PG), table 7 (TX, ST)
  ocmf: { count: 'next', bounds: 'signed', begin: 'with-end', time: 'level', signs: 'ocmf', status: 'required' },
  alfen: { ...BLOCK, signs: 'alfen' },
  edl40: BLOCK,
  emoc: BLOCK,
  'edl40-sig': BLOCK,
  mennekes: BLOCK,
  'chargeit-emh': BLOCK,
  // the name of the telegram's list is signed: start, update or stop; each telegram holds the begin too
  'isa-edl40': { count: 'rising', bounds: 'signed', begin: 'repeated', time: 'level', signs: 'isa-edl40', status: 'optional' },
  // Typ and RCnt of every snapshot are signed
  bsm: { count: 'next', bounds: 'signed', begin: 'once', time: 'rising', signs: 'bsm', status: 'optional' },
  // one record is a whole session
  chargepoint: { ...WHOLE, signs: 'chargepoint' },
  pcdf: { ...WHOLE, signs: 'pcdf' },
  // what another program read out of a record that is not there
  ctr: { count: 'none', bounds: 'order', begin: 'once', time: 'level', signs: 'ctr', status: 'optional' },
} as const satisfies Record<FormatName, Traits>
