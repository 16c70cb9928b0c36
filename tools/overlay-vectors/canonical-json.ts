// Canonical JSON, docs/protocol.md §4.1: what a payload becomes before it is signed.
import { canonicalJson } from '../../src/base/canonical-json.ts'
import { caught } from './caught.ts'

export const canonicalJsonVectors = () => ({
  about:
    'RFC 8785: the text of a payload as it came, and the canonical text that is signed, which in a message has no number of 2^53 or more. docs/protocol.md §4.1',
  cases: CASES.map(({ name, text }) => ({ name, text, canonical: canonicalJson(JSON.parse(text)) })),
  refused: [{ name: 'a lone surrogate', text: '{"a":"\\ud800"}' }].map((refused) => ({
    ...refused,
    fault: caught(() => canonicalJson(JSON.parse(refused.text))),
  })),
})

const CASES = [
  { name: 'members in order, no blanks', text: '{ "b": 2, "a": 1, "A": 0, "aa": [ 3, { "z": null, "y": true } ] }' },
  { name: 'numbers', text: '[1.0,1.50,1e3,1E-7,0.000001,1e21,-0,333333333.33333329,4.50,2e-3,1e-27]' },
  { name: 'escapes', text: '["\\u20ac\\u000a\\u001f\\"\\\\\\/","\\u0041","\u00fc","\\ud83d\\ude00"]' },
  {
    name: 'order is by UTF-16 code unit (RFC 8785 §3.2.3)',
    text: '{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}',
  },
  { name: 'empty', text: '{"a":{},"b":[],"c":""}' },
] as const
