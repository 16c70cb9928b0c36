// The JSON of chargeIT mobility: `signedMeterValues`, each a record with its own signature, and around them where and at which station.
// An old layout without a context and a new one with. What stands around the records is not signed. docs/formats/chargeit.md.
import { Fault } from '../../base/fault.ts'
import { withBeside } from '../beside.ts'
import { type Container, type Part, unreadable } from '../container.ts'
import type { Content } from '../content.ts'
import { contentAt, contentOfText, detailsAt, itemsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import type { MeterRecord, UnsignedDetail } from '../reading.ts'
import { contentsOf } from './safe-xml.ts'

export const chargeit: Container = {
  name: 'chargeit',
  recognise: (content) => nodeAt(jsonOf(content), 'signedMeterValues') !== undefined,
  open: (content, budget) => {
    const document = jsonOf(content)
    const values = itemsAt(document, 'signedMeterValues')
    if (values.length === 0) throw new Fault('record-malformed', 'signedMeterValues is no list of values, or an empty one')
    budget.checkPlaces(values.length)
    const surroundings = surroundingsOf(document)
    return values.map((value, index) => partOf(content, surroundings, { value, name: `signedMeterValues[${index}]` }))
  },
}

/** What the document says once for all its values. */
interface Surroundings {
  readonly meterInfo: JsonNode | undefined
  readonly evse: string | undefined
  readonly software: string | undefined
  readonly unsigned: readonly UnsignedDetail[]
}

const surroundingsOf = (document: JsonNode | undefined): Surroundings => ({
  meterInfo: nodeAt(document, 'meterInfo'),
  evse: textAt(document, 'chargePointInfo', 'evseId') ?? textAt(document, 'placeInfo', 'evseId'),
  software: textAt(document, 'chargingStationInfo', 'controllerSoftwareVersion'),
  unsigned: detailsAt(document, '@id', 'placeInfo', 'chargePointInfo', 'chargingStationInfo'),
})

const partOf = (content: Content, surroundings: Surroundings, { value, name }: { value: JsonNode; name: string }): Part => {
  if (value.type !== 'object') return unreadable(name, 'a signed meter value is no object')
  const payload = textAt(value, 'payload')
  const own = valueContent(content, surroundings.meterInfo, value)
  return {
    kind: 'slot',
    name,
    // Alfen's lines were put whole into a member
    contents: payload === undefined ? [own] : contentsOf({ text: payload, encoding: '' }),
    keys: payload === undefined ? [] : keysIn(value, surroundings),
    // others take the key of the document where a value has one of its own
    keysAround: keyOf(surroundings.meterInfo),
    annotate: (record) => annotated(record, surroundings),
  }
}

/** With the meter where only the document names it. */
const valueContent = (content: Content, meterInfo: JsonNode | undefined, value: JsonNode): Content => {
  const own = contentAt(content, value)
  if (meterInfo === undefined || nodeAt(value, 'meterInfo') !== undefined) return own
  return contentOfText(`{"meterInfo":${contentAt(content, meterInfo).text},${own.text?.slice(1)}`)
}

const keysIn = (value: JsonNode, { meterInfo }: Surroundings): string[] => {
  const own = keyOf(nodeAt(value, 'meterInfo'))
  return own.length > 0 ? own : keyOf(meterInfo)
}

const keyOf = (meterInfo: JsonNode | undefined): string[] => {
  const key = textAt(meterInfo, 'publicKey')
  return key === undefined ? [] : [key]
}

const annotated = (record: MeterRecord, { meterInfo, evse, software, unsigned }: Surroundings): MeterRecord => {
  const { meter, chargePoint, firmware } = record.source
  return withBeside(record, {
    unsigned,
    problems: [
      ...(differ(chargePoint, evse) ? ['the evseId around the record is not the signed one'] : []),
      ...(differ(meter, textAt(meterInfo, 'meterId')) ? ['the meterId around the record is not the signed one'] : []),
    ],
    // only a BSM signs the station's software; some stations write the date of the build behind it, so it cannot be held against them
    remarks:
      record.format === 'bsm' && differ(firmware, software)
        ? ['the controllerSoftwareVersion around the record is not the signed one']
        : [],
  })
}

const differ = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a.toLowerCase() !== b.toLowerCase()
