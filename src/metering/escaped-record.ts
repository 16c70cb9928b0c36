// A record whose quotes were escaped once more than they were unescaped: copied out of a page's source, a log or an address. The signature
// covers the text as the meter wrote it, so a wrong guess here is a signature that does not hold.
import { unescapeHtml, unescapeJson, unescapeUrl } from '../base/escapes.ts'

/** By how the text begins. No record begins so itself. */
const ESCAPED = [
  { shape: /^\s*(?:OCMF\|\s*\{\s*&(?:quot|#34|#x22);|&(?:lt|#60|#x3c);)/i, undo: unescapeHtml },
  { shape: /^\s*OCMF\|\s*\{\s*(?:\\[nrt]\s*)*\\"/, undo: unescapeJson },
  { shape: /^\s*OCMF(?:\||%7C)(?:\{|%7B)(?:%20|%0[AD])*%22/i, undo: unescapeUrl },
] as const

/** The text as it was; the same text where it does not look escaped. */
export const unescapedRecord = (text: string): string => ESCAPED.find(({ shape }) => shape.test(text))?.undo(text) ?? text
