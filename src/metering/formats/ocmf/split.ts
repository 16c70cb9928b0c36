// Cuts a text into OCMF documents `OCMF|payload|signature`, one or many, in one pass. A bar or a brace inside a JSON string
// cuts nothing. Nothing is dropped: what is no document comes out as a Fault where it stood.
import { asFault, Fault } from '../../../base/fault.ts'
import { type JsonNode, readJsonText, skipBlanks } from '../../json-text.ts'

export interface OcmfParts {
  readonly payload: JsonNode & { type: 'object' }
  /** From `{` to its `}`: the text that is signed (OCMF 1.4 §3.1). */
  readonly payloadText: string
  /** Everything between the first two bars, blanks included. */
  readonly sectionText: string
  /** Undefined where there is none; a Fault where it is no JSON object. */
  readonly signature: (JsonNode & { type: 'object' }) | Fault | undefined
  /** The public key of a fourth section, which older stations wrote. */
  readonly key: string | undefined
}

export const OCMF_PREFIX = 'OCMF|'

/** More broken pieces than this in one input tell nobody anything. */
const MAX_FAULTS = 100

export function* splitOcmf(text: string): Generator<OcmfParts | Fault> {
  let faults = 0
  let at = 0
  while (at < text.length) {
    const start = text.indexOf(OCMF_PREFIX, at)
    const between = text.slice(at, start < 0 ? undefined : start).trim()
    if (between !== '') {
      faults++
      yield new Fault('input-unknown', `text that is no OCMF document: ${JSON.stringify(between.slice(0, 40))}`)
    }
    if (start < 0) return
    const { part, end } = readDocument(text, start)
    if (part instanceof Fault) faults++
    yield part
    at = end
    if (faults >= MAX_FAULTS) return yield new Fault('limit-exceeded', `more than ${MAX_FAULTS} broken pieces; the rest was not read`)
  }
}

interface Next {
  readonly part: OcmfParts | Fault
  /** Where reading goes on. */
  readonly end: number
}

const readDocument = (text: string, start: number): Next => {
  const section = start + OCMF_PREFIX.length
  const open = skipBlanks(text, section)
  try {
    const payload = readJsonText(text, open)
    if (payload.type !== 'object') throw new Fault('json-malformed', 'expected an object as the payload')
    const bar = skipBlanks(text, payload.end)
    const signed = text[bar] === '|'
    const { signature, key, end } = signed ? readSignature(text, bar + 1) : { signature: undefined, key: undefined, end: payload.end }
    const payloadText = text.slice(payload.start, payload.end)
    return { part: { payload, payloadText, sectionText: text.slice(section, signed ? bar : payload.end), signature, key }, end }
  } catch (thrown) {
    const cause = asFault(thrown)
    const code = cause.code === 'limit-exceeded' ? cause.code : 'record-malformed'
    const following = text.indexOf(OCMF_PREFIX, section)
    return {
      part: new Fault(code, `the OCMF payload cannot be read: ${cause.message}`, cause.data, cause),
      end: following < 0 ? text.length : following,
    }
  }
}

const readSignature = (text: string, from: number): Pick<OcmfParts, 'signature' | 'key'> & { end: number } => {
  const open = skipBlanks(text, from)
  try {
    const signature = readJsonText(text, open)
    if (signature.type !== 'object') throw new Fault('json-malformed', 'expected an object as the signature')
    const bar = skipBlanks(text, signature.end)
    if (text[bar] !== '|') return { signature, key: undefined, end: signature.end }
    const end = until(text, bar + 1, /\r|\n|OCMF\|/g)
    return { signature, key: text.slice(bar + 1, end).trim() || undefined, end }
  } catch (thrown) {
    const end = until(text, from, /OCMF\|/g)
    const signature = text.slice(from, end).trim() === '' ? undefined : asFault(thrown)
    return { signature, key: undefined, end }
  }
}

const until = (text: string, from: number, stop: RegExp): number => {
  stop.lastIndex = from
  return stop.exec(text)?.index ?? text.length
}
