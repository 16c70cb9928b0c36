// Inputs that hold neither records nor keys: what can be said of them.
import { Fault } from '../base/fault.ts'
import type { Content } from '../metering/content.ts'
import { jsonFaultOf } from '../metering/json-document.ts'

/** One address and nothing else. It is named, and never fetched. */
export const isLink = ({ text = '' }: Content): boolean => LINK.test(text)

const LINK = /^\s*https?:\/\/[^\s<>"]{1,2000}\s*$/i

export const strangeness = (content: Content): Fault => jsonFaultOf(content) ?? new Fault('input-unknown', because(content))

const because = ({ bytes, text }: Content): string => {
  if (bytes.length === 0) return 'it is empty'
  return text === undefined ? 'neither text nor a known container' : 'no known format begins like this'
}
