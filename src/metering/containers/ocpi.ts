// Signed data of OCPI 2.2.1 and 2.3 (mod_cdrs §1.4.7): the bare object, a CDR, a list of them, or an answer that carries them. The names
// and plain texts around the signed ones are not signed. docs/formats/ocpi.md.
import { unbase64, utf8Text } from '../../base/bytes.ts'
import { asFault } from '../../base/fault.ts'
import { type Beside, withBeside } from '../beside.ts'
import { type Container, type Part, unreadable } from '../container.ts'
import type { Content } from '../content.ts'
import { contentOfText, detailsAt, itemsAt, jsonOf, nodeAt, sameJson, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { publicKeyOf } from '../key-text.ts'
import type { Marker, MeterRecord, Told, ToldTime } from '../reading.ts'
import { toldNumber } from '../told-number.ts'
import { MANY_BILLS, toldOfPlaces } from '../told-places.ts'
import { toldTime } from '../told-time.ts'
import { contentsOf } from './safe-xml.ts'

export const ocpi: Container = {
  name: 'ocpi',
  recognise: (content) => holders(jsonOf(content)).length > 0,
  open: (content, budget) => {
    const found = holders(jsonOf(content))
    budget.checkPlaces(found.reduce((sum, { signedData }) => sum + Math.max(1, itemsAt(signedData, 'signed_values').length), 0))
    return found.flatMap((holder, index) => partsOf(holder, found.length === 1 ? '' : `[${index}].`))
  },
}

/** A CDR or a bare signed_data. */
interface Holder {
  readonly cdr: JsonNode | undefined
  readonly signedData: JsonNode | undefined
  /** CDRs within it, whose signed data is not read. */
  readonly others: readonly JsonNode[]
}

const holders = (node: JsonNode | undefined): Holder[] => {
  if (node?.type === 'array') return node.items.flatMap((item) => (item.type === 'object' ? holders(item) : []))
  if (node?.type !== 'object') return []
  // an answer with CDRs may look like one itself: others read the one or the other
  const carried = CARRIERS.flatMap((name) => holders(nodeAt(node, name)))
  const others = carried.flatMap(({ cdr, others }) => (cdr === undefined ? others : [...others, cdr])).slice(0, MANY_BILLS)
  if (nodeAt(node, 'signed_values') !== undefined) return [{ cdr: isCdr(node) ? node : undefined, signedData: node, others }]
  return isCdr(node) ? [{ cdr: node, signedData: nodeAt(node, 'signed_data'), others }] : carried
}

/** Where answers and exports carry them: the first is OCPI's own (transport and format, response format). */
const CARRIERS = ['data', 'cdr', 'cdrs', 'CDR', 'CDRs', 'items', 'results'] as const

const isCdr = (node: JsonNode | undefined): boolean =>
  nodeAt(node, 'signed_data') !== undefined || CDR.every((name) => nodeAt(node, name) !== undefined)

/** Members that every CDR has, with signed data or without. */
const CDR = ['cdr_token', 'charging_periods', 'total_energy']

const partsOf = ({ cdr, signedData, others }: Holder, prefix: string): Part[] => {
  const place = cdr === undefined || cdr === signedData ? prefix : `${prefix}signed_data.`
  const values = itemsAt(signedData, 'signed_values')
  if (values.length === 0) return [unreadable(`${place}signed_values`, 'there are no signed values in it')]
  const key = textAt(signedData, 'public_key') ?? ''
  const keys = key.trim() === '' ? [] : [publicKeyOf(key)]
  const toldOf = [cdr, ...others].map((each) => toldOfPlaces(toldBy(each), values.length))
  const isCredit = isCreditOf(cdr)
  const unsigned = [...detailsAt(cdr, ...SHOWN), ...detailsAt(signedData, 'encoding_method', 'encoding_method_version', 'url')]
  return values.map((value, index): Part => {
    const name = `${place}signed_values[${index}]`
    const signed = textAt(value, 'signed_data') ?? ''
    const plain = textAt(value, 'plain_data') ?? ''
    const nature = textAt(value, 'nature') ?? ''
    const told = toldOf.map((each) => each())
    if (signed.trim() === '') return unreadable(name, 'there is no signed_data in it')
    return {
      kind: 'slot',
      name,
      contents: { [Symbol.iterator]: () => readings(signed, plain) },
      keys,
      annotate: (record, alone) =>
        withBeside(record, {
          message: isCredit ? { kind: 'credit', transaction: '' } : undefined,
          label: alone ? NATURES.get(nature.toLowerCase()) : undefined,
          told: told.flatMap((each) => each()),
          unsigned: nature === '' ? unsigned : [...unsigned, { name: `${name}.nature`, value: nature }],
          ...compared(record, plain, readings(signed, '')),
        }),
    }
  })
}

/** OCPI 2.2.1 mod_cdrs §1.1.1: it takes another CDR back, with all the data of that one. */
const isCreditOf = (cdr: JsonNode | undefined): boolean => {
  const credit = nodeAt(cdr, 'credit')
  return credit?.type === 'literal' && credit.value === true && (textAt(cdr, 'credit_reference_id') ?? '').trim() !== ''
}

/** Of the CDR: what a reader may want to see beside the records. */
const SHOWN = [
  'id',
  'start_date_time',
  'end_date_time',
  'stop_date_time',
  'session_id',
  'cdr_location',
  'meter_id',
  'total_energy',
] as const

/** The second name of the end is that of 2.1.1, whose CDRs some operators extend. */
export const toldBy = (cdr: JsonNode | undefined): Omit<Told, 'records'> => {
  const timeAt = (name: string): ToldTime | undefined => toldTime(name, textAt(cdr, name))
  return { energy: energyIn(cdr), begin: timeAt('start_date_time'), end: timeAt('end_date_time') ?? timeAt('stop_date_time') }
}

/** OCPI 2.2.1 mod_cdrs §1.3.1: kWh. A text that is no number says nothing. */
const energyIn = (cdr: JsonNode | undefined): Told['energy'] => {
  const value = toldNumber(textAt(cdr, 'total_energy'))
  return value === undefined ? undefined : { name: 'total_energy', value, unit: 'kWh' }
}

const NATURES: ReadonlyMap<string, Marker> = new Map([
  ['start', 'begin'],
  ['intermediate', 'during'],
  ['end', 'end'],
])

/** Whole, in whatever encoding; or only the signature's section, whose payload is the plain text (OCPI does not say which). */
function* readings(signed: string, plain: string): Generator<Content> {
  yield* contentsOf({ text: signed, encoding: '' })
  const payload = plain.replace(/^\s*OCMF\|/, '').replace(/\|\s*$/, '')
  if (!/^\s*\{/.test(payload)) return
  for (const section of [signed.trim(), decoded(signed)]) {
    if (section !== undefined && /^\{/.test(section)) yield contentOfText(`OCMF|${payload}|${section}`)
  }
}

const decoded = (text: string): string | undefined => {
  try {
    return utf8Text(unbase64(text.replace(/\s/g, ''))).trim()
  } catch (thrown) {
    if (asFault(thrown).code !== 'bytes-malformed') throw thrown
    return undefined
  }
}

/**
 * The plain text is what a reader sees, so it has to be what was signed: the very text, a document that says the same, or with the frame
 * of its format around it. A text in a form of its own cannot be compared.
 * @param whole the record as it came, in every way in which it can be read
 */
const compared = ({ signed: [part] }: MeterRecord, plain: string, whole: Iterable<Content>): Pick<Beside, 'problems' | 'remarks'> => {
  const text = plain.trim()
  if (text === '' || [...whole].some((content) => content.text?.trim() === text)) return {}
  const signed = part === undefined ? undefined : signedText(part.bytes)
  const payload = FRAME.exec(text)?.[1] ?? text
  const [a, b] = [payload, signed ?? ''].map((each) => jsonOf(contentOfText(each)))
  if (payload === signed || (a !== undefined && b !== undefined && sameJson(a, b))) return {}
  const comparable = /^(?:AP;|128\.8\.0\(|OCMF\|)/.test(text) || (b !== undefined && /^\{/.test(text))
  return comparable
    ? { problems: ['plain_data is not what is signed'] }
    : { remarks: ['plain_data cannot be compared with what is signed'] }
}

/** The payload of an OCMF document, with or without its signature, which has no braces inside. */
const FRAME = /^OCMF\|(\{.*?\})(?:\|(?:\{[^{}|]*\})?\|?)?$/s

const signedText = (bytes: Uint8Array): string | undefined => {
  try {
    return utf8Text(bytes).trim()
  } catch (thrown) {
    if (asFault(thrown).code !== 'bytes-malformed') throw thrown
    return undefined
  }
}
