// A file of firmware as our simulated stations take it: one line that names the format, one of JSON that says what it is, then the program.
// Real manufacturers have forms of their own; nothing but a simulated station looks into one.
import { concat, utf8, utf8Text } from '../../base/bytes.ts'
import { parseJsonStrict } from '../../base/canonical-json.ts'
import type { Json } from '../../base/ports.ts'
import { objectOf, textOf } from '../behaviours/fields.ts'
import type { Release } from './release.ts'

export type Image = Pick<Release, 'vendor' | 'model' | 'version' | 'from' | 'rollback'>

const FORMAT = 'chargeproof-firmware/1\n'
const MOST = 4_096

export const writeImage = ({ vendor, model, version, from, rollback }: Image, program: Uint8Array): Uint8Array => {
  const about = { vendor, model, version, ...(from !== undefined && { from }), ...(rollback !== undefined && { rollback }) }
  return concat(utf8(`${FORMAT}${JSON.stringify(about)}\n`), program)
}

/** What a file says it is; nothing for any other file. */
export const readImage = (bytes: Uint8Array): Image | undefined => {
  const head = bytes.subarray(0, MOST)
  const end = head.indexOf(10, FORMAT.length)
  if (end < 0) return undefined
  try {
    const text = utf8Text(head.subarray(0, end))
    return text.startsWith(FORMAT) ? imageIn(parseJsonStrict(text.slice(FORMAT.length))) : undefined
  } catch {
    return undefined // bytes that are no text, or a text that is no JSON
  }
}

const imageIn = (value: Json): Image | undefined => {
  const { rollback, ...texts } = objectOf(value)
  const [vendor, model, version, from] = ['vendor', 'model', 'version', 'from'].map((name) => textOf(texts[name]))
  if (vendor === undefined || model === undefined || version === undefined) return undefined
  return { vendor, model, version, ...(from !== undefined && { from }), ...(rollback === true && { rollback }) }
}
