// A session of a charge transparency record without the record that a meter signed: what some program once read out of it. There are no
// signed bytes, so nothing in it can be verified and the session stays unproven, whatever it says about itself. docs/formats/ctr.md.
import { decimalIn, isMeasurable } from '../../base/decimal.ts'
import type { Format } from '../format.ts'
import { itemsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { registerOf } from '../obis.ts'
import type { MeterRecord, Reading, ReadingTime } from '../reading.ts'

export const ctr: Format = {
  name: 'ctr',
  recognise: (content) => itemsAt(jsonOf(content), 'measurements').some((item) => nodeAt(item, 'values') !== undefined),
  *read(content) {
    yield recordOf(jsonOf(content), content.bytes)
  },
}

const recordOf = (session: JsonNode | undefined, bytes: Uint8Array): MeterRecord => {
  const measurements = itemsAt(session, 'measurements')
  const meter = measurements.map((item) => textAt(item, 'energyMeterId')).find((text) => text !== undefined && text !== '')
  const name = textAt(session, '@id')
  return {
    format: 'ctr',
    signed: [{ name: 'session', bytes }],
    signature: { state: 'absent', detail: 'only what a program read out of the record; the record itself is not here' },
    keys: [],
    source: meter === undefined ? {} : { meter },
    ...(name === undefined || name === '' ? {} : { session: name }),
    readings: measurements.flatMap((item) => itemsAt(item, 'values').map((value) => readingOf(item, value))),
    problems: [],
    fields: () => [],
  }
}

const readingOf = (measurement: JsonNode, value: JsonNode): Reading => {
  const unit = UNITS.get((textAt(measurement, 'unit') ?? '').toUpperCase()) ?? ''
  const obis = textAt(measurement, 'obis')
  const time = timeOf(textAt(value, 'timestamp') ?? '')
  const number = decimalIn(textAt(value, 'value') ?? '', textAt(measurement, 'scale'))
  const { name: register, purpose, preference } = registerOf(obis, unit)
  return {
    ...(obis === undefined ? {} : { obis }),
    register,
    purpose,
    ...(preference === undefined ? {} : { preference }),
    ...(number === undefined || !isMeasurable(number) ? {} : { value: number }),
    unit,
    ...(time === undefined ? {} : { time }),
    unusable: [],
  }
}

const UNITS: ReadonlyMap<string, string> = new Map([
  ['KWH', 'kWh'],
  ['WH', 'Wh'],
  ['WATT_HOUR', 'Wh'],
  ['WATT_HOURS', 'Wh'],
])

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

const timeOf = (text: string): ReadingTime | undefined => {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : { iso: text, ms, clock: 'unstated' }
}
