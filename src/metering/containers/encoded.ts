// A record that somebody copied out of a message, a log or the source of a page with its encoding: base64, base32 or hex, or escapes. The
// text in it is an input of its own. docs/formats/encoded.md.
import { utf8 } from '../../base/bytes.ts'
import type { Container } from '../container.ts'
import type { Content } from '../content.ts'
import { unescapedRecord } from '../escaped-record.ts'
import { formatOf } from '../formats.ts'
import { contentsOf } from './safe-xml.ts'

export const encoded: Container = {
  name: 'encoded',
  recognise: (content) => inside(content) !== undefined,
  open: (content) => [{ kind: 'member', name: undefined, bytes: inside(content) ?? new Uint8Array() }],
}

/** One word, perhaps in quotes and over several lines. */
const WORD = /^[A-Za-z0-9+/_\s"][A-Za-z0-9+/_=\s"-]+$/
/** DER in hex or base64, as keys are: no record begins so, and keys are asked for all the time. */
const KEY = /^(?:30[0-9A-Fa-f]+|M[A-P][A-Za-z0-9+/]+={0,2})\s*$/
/** Shorter ones are no records, and longer ones no people copy. */
const LENGTHS = { least: 64, most: 1_048_576 }

const inside = ({ text }: Content): Uint8Array | undefined => {
  if (text === undefined || text.length < LENGTHS.least || text.length > LENGTHS.most) return undefined
  if (KEY.test(text)) return undefined
  const plain = unescapedRecord(text)
  if (plain !== text) return utf8(plain)
  if (!WORD.test(text)) return undefined
  const word = text.replace(/["\s]/g, '').replaceAll('-', '+').replaceAll('_', '/')
  const [itself, ...others] = contentsOf({ text: word, encoding: '' })
  // what is a record as it stands, such as a telegram in hex, is none in an encoding
  if (itself !== undefined && formatOf(itself) !== undefined) return undefined
  return others.find((content) => formatOf(content) !== undefined)?.bytes
}
