// Charge detail records of OICP (Hubject, 2.2 and 2.3): one, a list of them, or an answer that carries them. What stands around the signed
// values is not signed. docs/formats/oicp.md.
import { compareDecimal, type Decimal } from '../../base/decimal.ts'
import { ofSeveral, withBeside } from '../beside.ts'
import { type Container, type Part, unreadable } from '../container.ts'
import { detailsAt, itemsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { publicKeyOf } from '../key-text.ts'
import type { Marker, Told, ToldValue } from '../reading.ts'
import { toldNumber } from '../told-number.ts'
import { toldOfPlaces } from '../told-places.ts'
import { toldTime } from '../told-time.ts'
import { contentsOf } from './safe-xml.ts'

export const oicp: Container = {
  name: 'oicp',
  recognise: (content) => recordsIn(jsonOf(content)).some(isRecord),
  open: (content) => {
    const found = recordsIn(jsonOf(content))
    return found.flatMap((cdr, index) => partsOf(cdr, found.length === 1 ? '' : `[${index}].`))
  },
}

/** Members that every record has (OICP 2.3, eRoamingChargeDetailRecord). */
const ALWAYS = ['SessionID', 'EvseID', 'ChargingStart', 'ChargingEnd', 'ConsumedEnergy'] as const
/** Where answers carry them: a page (2.3), and a list (2.2). */
const LISTS = ['content', 'eRoamingChargeDetailRecords', 'eroamingChargeDetailRecords'] as const
const SIGNED = 'SignedMeteringValues'

const isRecord = (node: JsonNode): boolean => nodeAt(node, SIGNED) !== undefined || ALWAYS.every((name) => nodeAt(node, name) !== undefined)

/** What stands in a list is one of them, whatever it looks like. */
const recordsIn = (node: JsonNode | undefined): JsonNode[] => {
  if (node?.type === 'array')
    return node.items.flatMap((item) => {
      const found = item.type === 'object' ? recordsIn(item) : []
      return found.length === 0 ? [item] : found
    })
  if (node?.type !== 'object') return []
  const listed = LISTS.flatMap((name) => recordsIn(nodeAt(node, name)))
  return isRecord(node) ? [node, ...listed] : listed
}

/** A signed value; before 2.3 there was one for the whole session. */
interface Place {
  readonly name: string
  readonly text: string
  readonly status: string
}

const placesIn = (cdr: JsonNode): Place[] => {
  const whole = textAt(cdr, 'MeteringSignature') ?? ''
  return [
    ...itemsAt(cdr, SIGNED).map((item, index) => ({
      name: `${SIGNED}[${index}]`,
      text: textAt(item, 'SignedMeteringValue') ?? '',
      status: textAt(item, 'MeteringStatus') ?? '',
    })),
    ...(whole.trim() === '' ? [] : [{ name: 'MeteringSignature', text: whole, status: '' }]),
  ]
}

const partsOf = (cdr: JsonNode, prefix: string): Part[] => {
  const places = placesIn(cdr)
  const missing = (name: string, why: string): Part => unreadable(`${prefix}${name}`, why)
  if (places.length === 0) return [missing(SIGNED, 'there are no signed values in it')]
  const key = textAt(cdr, 'CalibrationLawVerificationInfo', 'PublicKey') ?? ''
  const keys = key.trim() === '' ? [] : [publicKeyOf(key)]
  const toldOf = toldOfPlaces(toldBy(cdr), places.length)
  const unsigned = detailsAt(cdr, ...SHOWN)
  return places.map(({ name, text, status }): Part => {
    if (text.trim() === '') return missing(name, 'there is no SignedMeteringValue in it')
    const told = toldOf()
    return {
      kind: 'slot',
      name: `${prefix}${name}`,
      contents: contentsOf({ text, encoding: '' }),
      keys,
      annotate: (record, alone) => {
        const beside = {
          label: STATUSES.get(status.toLowerCase()),
          told: told(),
          // what comes last may tell all of it once more, as the last message of OCPP does
          message: { kind: status.toLowerCase() === 'end' ? 'ending' : 'earlier', transaction: '' } as const,
          unsigned: status === '' ? unsigned : [...unsigned, { name: `${prefix}${name}.MeteringStatus`, value: status }],
        }
        return withBeside(record, alone ? beside : ofSeveral(beside))
      },
    }
  })
}

/** What a reader may want to see beside the records. Nothing of who charged. */
const SHOWN = [
  ...ALWAYS,
  'SessionStart',
  'SessionEnd',
  'CPOPartnerSessionID',
  'EMPPartnerSessionID',
  'PartnerProductID',
  'MeterValueStart',
  'MeterValueInBetween',
  'MeterValueEnd',
  'CalibrationLawVerificationInfo',
] as const

const STATUSES: ReadonlyMap<string, Marker> = new Map([
  ['start', 'begin'],
  ['progress', 'during'],
  ['end', 'end'],
])

export const toldBy = (cdr: JsonNode): Omit<Told, 'records'> => {
  const energy = numberAt(cdr, 'ConsumedEnergy')
  return {
    energy: energy === undefined ? undefined : { name: 'ConsumedEnergy', value: energy, unit: 'kWh' },
    begin: toldTime('ChargingStart', textAt(cdr, 'ChargingStart')),
    end: toldTime('ChargingEnd', textAt(cdr, 'ChargingEnd')),
    values: valuesIn(cdr),
  }
}

/** In kWh. Values in between need not be signed ones; and who begins at zero may count the session, which its energy says too. */
const valuesIn = (cdr: JsonNode): ToldValue[] => {
  const values = (['MeterValueStart', 'MeterValueEnd'] as const).flatMap((name) => {
    const value = numberAt(cdr, name)
    return value === undefined || value.digits === 0n
      ? []
      : [{ name, value, powers: [3], place: name === 'MeterValueEnd' ? ('end' as const) : ('begin' as const) }]
  })
  const [first] = values
  const energy = numberAt(cdr, 'ConsumedEnergy')
  // a number of the end is the first where there is none of the begin
  const isCounted = first?.name === 'MeterValueEnd' && energy !== undefined && compareDecimal(first.value, energy) === 0
  return isCounted ? [] : values
}

const numberAt = (cdr: JsonNode, name: string): Decimal | undefined => toldNumber(textAt(cdr, name))
