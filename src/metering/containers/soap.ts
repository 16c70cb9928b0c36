// A message of OCPP as its SOAP editions write it (1.5, and 1.6 in its edition for SOAP), turned into what the JSON edition would have
// written, which is then an input of its own. Header and body go along whole, so that nothing in them is unseen. docs/formats/ocpp.md.
import { utf8 } from '../../base/bytes.ts'
import { Fault } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import type { Container } from '../container.ts'
import { readXml, rootNameOf, type XmlElement } from '../xml.ts'

export const soap: Container = {
  name: 'soap',
  recognise: ({ text }) => rootNameOf(text) === 'Envelope',
  open: ({ text = '' }) => {
    if (text.length > LONGEST) throw new Fault('limit-exceeded', `more than ${LONGEST} characters in one message`)
    return [{ kind: 'member', name: undefined, bytes: utf8(JSON.stringify(jsonFrom(readXml(text)))) }]
  },
}

/** A message is some kB, and stands in memory several times while it is turned. */
const LONGEST = 4_194_304

/** An element that stands several times is a list. The value of 1.5 has its members as attributes. */
const jsonFrom = ({ children, text, attributes }: XmlElement): Json => {
  if (children.length === 0) return isSample(attributes) ? { ...Object.fromEntries(attributes), value: text } : text.trim()
  const members = [...Map.groupBy(children, ({ name }) => name)].map(([name, found]): [string, Json] => {
    const [only, second] = found
    return [name, only === undefined || second !== undefined ? found.map(jsonFrom) : jsonFrom(only)]
  })
  return Object.fromEntries(text.trim() === '' ? members : [...members, [OWN_TEXT, text]])
}

const isSample = (attributes: XmlElement['attributes']): boolean => attributes.has('format') || attributes.has('context')

/** No element has such a name. */
const OWN_TEXT = '#text'
