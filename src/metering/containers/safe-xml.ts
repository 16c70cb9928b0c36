// The XML of the S.A.F.E. transparency software: `<values>` of `<value>`, each a record with the key beside it. Its attributes
// (transactionId, context) are not signed and decide nothing. A document type, and with it every entity, is refused.
import { unbase32, unbase64, unhex, utf8 } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { mapped } from '../../base/lists.ts'
import { type Container, type Part, unreadable } from '../container.ts'
import { type Content, contentOf } from '../content.ts'
import { unescapedRecord } from '../escaped-record.ts'
import { publicKeyOf } from '../key-text.ts'
import type { Budget } from '../limits.ts'
import type { UnsignedDetail } from '../reading.ts'
import { MAX_DEPTH, refuse, rootNameOf, strictParser } from '../xml.ts'
import { StationDetails } from './safe-station.ts'
import { type SafeField, SafeValues } from './safe-values.ts'
import { asSealed, openSealed } from './sealed.ts'

export const safeXml: Container = {
  name: 'safe-xml',
  recognise: ({ text }) => rootNameOf(text) === 'values',
  open: ({ text = '' }, budget) => {
    const station = new StationDetails()
    const { values, strays } = readValues(text, budget, station)
    const around = { unsigned: station.details, each: () => budget.checkTime() }
    const parts = mapped(values, (value, index) => partOf(value, `value[${index + 1}]`, around))
    return strays === 0 ? parts : [...parts, strayed(strays)]
  },
}

const CHUNK = 65_536

/** Another reader could take what stands in no value for a record. It is not read, and said so. */
const strayed = (count: number): Part => unreadable(undefined, `signed data outside of a value, ${count} times; it was not read`)

const readValues = (text: string, budget: Budget, station: StationDetails): SafeValues => {
  const values = new SafeValues(budget.limits.records)
  const parser = strictParser()
  let depth = 0
  parser.on('opentag', ({ local, attributes }) => {
    if (++depth > MAX_DEPTH) throw new Fault('limit-exceeded', `the XML nests deeper than ${MAX_DEPTH}`)
    if (depth === 1 && local !== 'values') refuse(`expected the element values, got ${local.slice(0, 40)}`)
    station.open(local, attributes, depth)
    values.open(local, attributes.encoding?.value.trim().toLowerCase() ?? '', depth)
  })
  const append = (more: string): void => {
    values.text(more)
    station.text(more)
  }
  parser.on('text', append)
  parser.on('cdata', append)
  parser.on('comment', () => values.tear())
  parser.on('processinginstruction', () => values.tear())
  parser.on('closetag', () => {
    values.close(--depth)
    station.close()
  })
  // blanks before the declaration are no XML, and people paste them
  for (let at = Math.max(0, text.search(/\S/)); at < text.length; at += CHUNK) {
    budget.checkTime()
    parser.write(text.slice(at, at + CHUNK))
  }
  parser.close()
  return values
}

interface Around {
  readonly unsigned: readonly UnsignedDetail[]
  /** Looks at the time. */
  readonly each: () => void
}

const partOf = (value: readonly SafeField[], name: string, { unsigned, each }: Around): Part => {
  const data = value.filter(({ name, text }) => name === 'signedData' && text.trim() !== '')
  const [signed, second] = data
  const missing = (why: string): Part => unreadable(name, why)
  const sealed = value.find((field) => field.name === 'encodedData')
  if (second !== undefined || (signed !== undefined && sealed !== undefined)) return missing('there is more than one signedData in it')
  if (value.some(({ torn }) => torn)) return missing('a comment, an instruction or an element stands in the middle of its text')
  const keys = value.filter(({ name, text }) => name === 'publicKey' && text.trim() !== '').map(({ text }) => text)
  if (keys.length > 1 && new Set(keys.map(publicKeyOf)).size > 1) return missing('there are two different keys in it')
  if (signed !== undefined) return { kind: 'slot', name, contents: contentsOf(signed), keys, unsigned }
  return sealed === undefined ? missing('there is no signed data in it') : revealedPart(sealed.text, keys[0], { name, unsigned, each })
}

const revealedPart = (text: string, key: string | undefined, { name, unsigned, each }: Around & { readonly name: string }): Part => {
  try {
    return { kind: 'slot', name, contents: [contentOf(openSealed(text, key, each))], keys: [], unsigned, annotate: asSealed }
  } catch (thrown) {
    const fault = asFault(thrown)
    if (fault.code === 'limit-exceeded') throw fault
    return { kind: 'missing', name, fault }
  }
}

/**
 * As it stands first: a text that shows its format needs no decoding. Then as declared, and then in every other encoding: `plain` and
 * nothing mean anything in the field, and a wrong word there changes no signed byte. Made one by one, since the first is nearly always the one.
 */
export const contentsOf = (field: Pick<SafeField, 'text' | 'encoding'>): Iterable<Content> => new Contents(field)

class Contents implements Iterable<Content> {
  readonly #field: Pick<SafeField, 'text' | 'encoding'>

  constructor(field: Pick<SafeField, 'text' | 'encoding'>) {
    this.#field = field
  }

  *[Symbol.iterator](): Generator<Content> {
    const { text, encoding } = this.#field
    const plain = unescapedRecord(text)
    yield { bytes: utf8(plain), text: plain }
    const declared = ENCODINGS.filter((name) => name === encoding)
    const inner: string[] = []
    for (const content of decodings(text, new Set([...declared, ...ENCODINGS]))) {
      yield content
      if (CODED.test(content.text ?? '')) inner.push(content.text ?? '')
    }
    // what a station sent in base64, its back end may have put into that of another protocol
    for (const once of inner) yield* decodings(once, ENCODINGS)
  }
}

function* decodings(text: string, names: Iterable<Encoding>): Generator<Content> {
  const bare = text.replace(/\s+/g, '')
  for (const name of names) {
    const bytes = decode(name, bare)
    if (bytes !== undefined) yield contentOf(bytes)
  }
}

const CODED = /^[\w+/=\s-]{64,}$/

const DECODERS = {
  hex: (text: string) => unhex(text.replace(/^0x/i, '').replace(PAIRS, '$1')),
  base32: unbase32,
  base64: (text: string) => unbase64(text.replaceAll('-', '+').replaceAll('_', '/')),
} as const
/** Bytes that stand apart by a colon or a dash. */
const PAIRS = /([0-9a-f]{2})[:-](?=[0-9a-f]{2})/gi
type Encoding = keyof typeof DECODERS
const ENCODINGS: readonly Encoding[] = ['hex', 'base32', 'base64']

const decode = (name: Encoding, text: string): Uint8Array | undefined => {
  try {
    return DECODERS[name](text)
  } catch (thrown) {
    if (asFault(thrown).code !== 'bytes-malformed') throw thrown
    return undefined
  }
}
