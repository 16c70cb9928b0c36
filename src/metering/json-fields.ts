// Every scalar of a signed JSON document with its place in the signed bytes, for the evidence.
import { utf8, utf8Text } from '../base/bytes.ts'
import { type JsonNode, readJsonText } from './json-text.ts'
import type { SignedField } from './reading.ts'

/**
 * @param signed UTF-8 that was read before without a fault
 * @param meanings by a member's own name
 */
export const jsonFields = (signed: Uint8Array | string, meanings: ReadonlyMap<string, string> = new Map()): SignedField[] => {
  const text = typeof signed === 'string' ? signed : utf8Text(signed)
  const fields: SignedField[] = []
  const bytesTo = byteCounter(text)
  const walk = (node: JsonNode, name: string, member: string): void => {
    if (node.type === 'object') for (const [key, child] of node.members) walk(child, name === '' ? key : `${name}.${key}`, key)
    else if (node.type === 'array') node.items.forEach((child, index) => void walk(child, `${name}[${index}]`, member))
    else {
      const at = bytesTo(node.start)
      const value = node.type === 'literal' ? String(node.value) : node.text
      const meaning = meanings.get(member)
      const length = bytesTo(node.end) - at
      fields.push(meaning === undefined ? { name, value, at, length } : { name, value, meaning, at, length })
    }
  }
  walk(readJsonText(text, text.search(/[^\s\ufeff]/)), '', '')
  return fields
}

/** Counts the UTF-8 bytes before a place in the text; places must come in rising order. */
const byteCounter = (text: string): ((place: number) => number) => {
  // nearly every document is ASCII, where a character is a byte
  if (utf8(text).length === text.length) return (place) => place
  let seen = 0
  let bytes = 0
  return (place) => {
    bytes += utf8(text.slice(seen, place)).length
    seen = place
    return bytes
  }
}
