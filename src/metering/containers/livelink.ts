// A charge transparency live link: a document that says where a running session can be watched, and may hold what its meter has signed so
// far. Its addresses are never fetched, and of what it says of itself nothing is believed. docs/formats/livelink.md.
import { Fault } from '../../base/fault.ts'
import { withBeside } from '../beside.ts'
import { type Container, type Part, unreadable } from '../container.ts'
import { detailsAt, itemsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { fewKeys } from '../key-text.ts'
import { contentsOf } from './safe-xml.ts'

export const livelink: Container = {
  name: 'livelink',
  kind: 'link',
  recognise: (content) => CONTEXT.test(textAt(jsonOf(content), '@context') ?? ''),
  open: (content) => {
    const document = jsonOf(content)
    const values = valuesIn(document)
    // one that leads nowhere is nothing but what is in it
    return values.length > 0 && !leadsAway(document) ? values : [...values, NOT_FOLLOWED]
  },
}

const CONTEXT = /^https:\/\/open\.charging\.cloud\/contexts\/chargeTransparency\/live\/link\//

const NOT_FOLLOWED: Part = {
  kind: 'missing',
  name: undefined,
  fault: new Fault('link-not-followed', 'a live link leads to records somewhere else'),
}

/** Under the name that the first programs gave it too. */
const leadsAway = (document: JsonNode | undefined): boolean =>
  ['liveTransports', 'transports'].some((name) => nodeAt(document, name) !== undefined)

const valuesIn = (document: JsonNode | undefined): Part[] => {
  const signed = nodeAt(document, 'signedMeterValues')
  if (signed === undefined) return []
  const values = itemsAt(signed, 'values')
  if (values.length === 0) {
    return [unreadable('signedMeterValues', 'there are no signed values in it')]
  }
  const encoding = itemsAt(signed, 'encodings').at(-1)
  const keys = fewKeys(keysIn(document))
  const unsigned = detailsAt(document, '@id', 'created', 'lastUpdated', 'contract', 'chargingStation')
  return values.map((value, index): Part => {
    const name = `signedMeterValues.values[${index}]`
    if (value.type !== 'string') return unreadable(name, 'a signed meter value is no text')
    const contents = contentsOf({ text: value.text, encoding: encoding?.type === 'string' ? encoding.text.toLowerCase() : '' })
    return { kind: 'slot', name, contents, keys, annotate: (record) => withBeside(record, { unsigned }) }
  })
}

const HOLDERS = [['chargingStation', 'EVSE', 'energyMeter'], ['chargingStationOperator']] as const
/** Of a key that signs what meters measure; others sign the document, or bills. */
const USES = ['signMeterValues', 'signEnergyMeterValues']

const keysIn = (document: JsonNode | undefined): string[] =>
  HOLDERS.flatMap((path) => itemsAt(nodeAt(document, ...path), 'publicKeys')).flatMap((key) => {
    const uses = itemsAt(key, 'keyUsage').map((use) => (use.type === 'string' ? use.text : ''))
    const value = textAt(key, 'value')
    return value === undefined || (uses.length > 0 && !USES.some((use) => uses.includes(use))) ? [] : [value]
  })
