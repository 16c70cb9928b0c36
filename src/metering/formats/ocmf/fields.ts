// Every field of an OCMF payload with its place in the signed bytes and what the specification calls it, for the evidence.
import { utf8 } from '../../../base/bytes.ts'
import { type JsonNode, readJsonText } from '../../json-text.ts'
import type { SignedField } from '../../reading.ts'

/** @param payload from `{` to its `}`, as signed; read before without a fault */
export const ocmfFields = (payload: string): SignedField[] => {
  const fields: SignedField[] = []
  const bytesTo = byteCounter(payload)
  const walk = (node: JsonNode, name: string, member: string): void => {
    if (node.type === 'object') for (const [key, child] of node.members) walk(child, name === '' ? key : `${name}.${key}`, key)
    else if (node.type === 'array') node.items.forEach((child, index) => void walk(child, `${name}[${index}]`, member))
    else {
      const at = bytesTo(node.start)
      const value = node.type === 'literal' ? String(node.value) : node.text
      const meaning = MEANINGS.get(member)
      fields.push({ name, value, ...(meaning === undefined ? {} : { meaning }), at, length: bytesTo(node.end) - at })
    }
  }
  walk(readJsonText(payload, 0), '', '')
  return fields
}

/** Counts the UTF-8 bytes before a place in the text; places must come in rising order. */
const byteCounter = (text: string): ((place: number) => number) => {
  // nearly every payload is ASCII, where a character is a byte
  if (utf8(text).length === text.length) return (place) => place
  let seen = 0
  let bytes = 0
  return (place) => {
    bytes += utf8(text.slice(seen, place)).length
    seen = place
    return bytes
  }
}

// OCMF 1.4 tables 1 to 7; VI and VV are what version 0.1 called GI and GV
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['FV', 'format version'],
  ['GI', 'gateway identification'],
  ['GS', 'gateway serial'],
  ['GV', 'gateway version'],
  ['VI', 'vendor identification'],
  ['VV', 'vendor version'],
  ['PG', 'pagination'],
  ['MV', 'meter vendor'],
  ['MM', 'meter model'],
  ['MS', 'meter serial'],
  ['MF', 'meter firmware'],
  ['IS', 'user identified'],
  ['IL', 'identification level'],
  ['IF', 'identification flag'],
  ['IT', 'identification type'],
  ['ID', 'identification data'],
  ['TT', 'tariff text'],
  ['CF', 'charge controller firmware'],
  ['LN', 'cable name'],
  ['LI', 'cable identification'],
  ['LR', 'cable resistance'],
  ['LU', 'unit of the cable resistance'],
  ['CT', 'charge point identification type'],
  ['CI', 'charge point identification'],
  ['TM', 'time and its status'],
  ['TX', 'transaction marker'],
  ['RV', 'reading value'],
  ['RI', 'reading identification (OBIS)'],
  ['RU', 'reading unit'],
  ['RT', 'current type'],
  ['CL', 'cumulated losses'],
  ['EI', 'event counter'],
  ['EF', 'error flags'],
  ['ST', 'meter status'],
])
