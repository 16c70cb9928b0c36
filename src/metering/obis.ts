// OBIS codes of energy registers (IEC 62056-61; OCMF 1.4 table 25): one name for the many spellings of a register, and whether a
// bill may rest on it.
import { latest } from '../base/latest.ts'

export interface Register {
  /** Canonical: decimal groups `A-B:C.D.E*F`; letters that stand for nothing in particular are kept. */
  readonly name: string
  readonly purpose: 'billing' | 'other'
  /** 1 loss-compensated import, 2 import, 3 a register whose direction the code does not tell, 4 to 6 the same for one rate of several; absent for export. */
  readonly preference?: number
}

/** @param unit of the reading: only energy is billed here */
export const registerOf = (obis: string | undefined, unit: string): Register => {
  const energy = unit === 'Wh' || unit === 'kWh'
  const code = obis === undefined ? undefined : readObis(obis)
  if (code === undefined) {
    const name = obis ?? (energy ? 'energy' : unit)
    return energy ? { name, purpose: 'billing', preference: 3 } : { name, purpose: 'other' }
  }
  if (!energy || !TOTALS.has(code.d)) return { name: code.name, purpose: 'other' }
  if (EXPORT.has(code.c)) return { name: code.name, purpose: 'billing' }
  const standing = COMPENSATED.has(code.c) ? 1 : IMPORT.has(code.c) ? 2 : 3
  return { name: code.name, purpose: 'billing', preference: RATE.test(code.e) ? standing + 3 : standing }
}

// group E: 0 is the total, of which each rate counts a part
const RATE = /^[1-9][0-9]*$/

// group D: 8 is the time integral since the meter was made, 17 the form of it that EDL40 meters sign; 9 and others are maxima and the like
const TOTALS = new Set(['8', '17'])
// group C: 1 and 98h, 9Eh total import, B0h to B3h total and transaction import at mains and device; 2 and C0h to C3h their export twins,
// and 22, 42 and 62 those of one phase
const COMPENSATED = new Set(['152', '177', '179'])
const IMPORT = new Set(['1', '158', '176', '178'])
const EXPORT = new Set(['2', '22', '42', '62', '192', '193', '194', '195'])

const OBIS = /^([0-9a-z]{1,3})-([0-9a-z]{1,3}):([0-9a-z]{1,3})\.([0-9a-z]{1,3})(?:\.([0-9a-z]{1,3})(?:[*.&]([0-9a-z]{1,3}))?)?$/i
/** Two digits in every group is how OCMF writes hexadecimal codes. */
const HEX = /^[0-9a-f]{2}-[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]{2}\.[0-9a-f]{2}(?:[*.][0-9a-f]{2})?$/i
/** Without the groups A and B, which are those of electricity then (IEC 62056-61, reduced codes); and the six bytes of a code. */
const SHORT = /^[0-9a-f]{1,2}\.[0-9]{1,2}\.[0-9]{1,3}(?:[*.&][0-9]{1,3})?$/i
const PACKED = /^([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i

type Code = { readonly name: string; readonly c: string; readonly d: string; readonly e: string } | undefined

/** A site has a handful of codes, and every reading names one. */
const readObis = (text: string): Code => (text.length > LONGEST ? parsed(text) : kept(text, () => parsed(text)))

const kept = latest<Code>(64)
const LONGEST = 32

const parsed = (text: string): Code => {
  const bare = text.trim()
  const whole = SHORT.test(bare) ? `1-0:${bare}` : bare.replace(PACKED, '$1-$2:$3.$4.$5*$6')
  const groups = OBIS.exec(whole)
  if (groups === null) return undefined
  const hex = HEX.test(whole)
  const [a, b, c, d, e = '0', f = '255'] = groups.slice(1).map((group) => group && canonical(group, hex)) as [
    string,
    string,
    string,
    string,
    ...string[],
  ]
  return { name: `${a}-${b}:${c}.${d}.${e}*${f}`, c, d, e }
}

/** Group values as decimal numbers; a lone letter, as in `1-b:1.8.e`, is a placeholder and stays. */
const canonical = (group: string, hex: boolean): string => {
  if (!hex && /^[0-9]+$/.test(group)) return String(Number(group))
  if (/^[0-9a-f]{2}$/i.test(group)) return String(Number.parseInt(group, 16))
  return group.toLowerCase()
}
