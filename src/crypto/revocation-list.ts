// What a list of revoked certificates says (RFC 5280 §5): which numbers, and from when on. Whether it is the issuer's own is asked
// elsewhere; nothing is verified here.
import { hex } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { take, whole } from './der.ts'
import {
  type Element,
  elementsIn,
  extensionsIn,
  FAIL,
  isTime,
  type SignedPart,
  serialOf,
  signedParts,
  TAGS,
  textsIn,
  timeOf,
} from './x509.ts'

export interface RevocationList extends SignedPart {
  /** DER of the name in hex, as `Certificate.issuer` has it. */
  readonly issuer: string
  readonly issuerTexts: readonly string[]
  /** Milliseconds since 1970: when it was made, and when the next one is due. */
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** By the serial number in hex: from when on the certificate counts for nothing; `-Infinity` where it never did. */
  readonly revoked: ReadonlyMap<string, number>
  /** Object identifiers of critical extensions that are not understood: such a list tells of nobody (RFC 5280 §5.2, §5.3). */
  readonly strange: readonly string[]
}

/** Whether the bytes are built like a list of revoked certificates: a time stands where a certificate has two of them in a sequence. */
export const looksLikeRevocationList = (der: Uint8Array): boolean => {
  // most of what is asked about is text, and an error costs a hundred times this look
  if (der[0] !== TAGS.sequence) return false
  try {
    const [first] = take(TAGS.sequence, der, FAIL)
    return isTime(bodyOf(elementsIn(take(TAGS.sequence, first, FAIL)[0]))[2])
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return false
  }
}

/** @throws Fault `key-malformed` on anything but strict DER, and where it does not say when the next one is due (RFC 5280 §5.1.2.5) */
export const readRevocationList = (der: Uint8Array): RevocationList => {
  const { part, fields, named } = signedParts(der)
  const [inner, issuer, made, due, ...more] = bodyOf(fields)
  if (inner === undefined || issuer === undefined || !isTime(made) || !isTime(due))
    throw new Fault(FAIL, 'expected a list of revoked certificates with the time of the next one')
  if (hex(inner.content) !== named) throw new Fault(FAIL, 'the list names two algorithms')
  const entries = (more[0]?.tag === TAGS.sequence ? elementsIn(more[0].content) : []).map(entryOf)
  const extensions = extensionsIn(more.find(({ tag }) => tag === EXTENSIONS)?.content)
  return {
    ...part,
    issuer: hex(issuer.raw),
    issuerTexts: textsIn(issuer.content),
    thisUpdate: timeOf(made),
    nextUpdate: timeOf(due),
    revoked: earliest(entries),
    strange: [...critical(extensions), ...entries.flatMap(({ strange }) => strange)],
  }
}

/** Of a number that comes twice the earlier time. */
const earliest = (entries: readonly { serial: string; from: number }[]): ReadonlyMap<string, number> => {
  const times = new Map<string, number>()
  for (const { serial, from } of entries) times.set(serial, Math.min(from, times.get(serial) ?? from))
  return times
}

/** Without the number of the version, which may be left out. */
const bodyOf = (fields: readonly Element[]): readonly Element[] => (fields[0]?.tag === TAGS.integer ? fields.slice(1) : fields)

const EXTENSIONS = 0xa0
const REASON = '2.5.29.21'
const INVALIDITY_DATE = '2.5.29.24'

/** keyCompromise, cACompromise, aACompromise (RFC 5280 §5.3.1): who has the key writes any time. */
const COMPROMISES: readonly (number | undefined)[] = [1, 2, 10]

const entryOf = ({ tag, content }: Element): { serial: string; from: number; strange: readonly string[] } => {
  const [serial, date, more] = tag === TAGS.sequence ? elementsIn(content) : []
  const extensions = extensionsIn(more?.raw)
  const extensionOf = (oid: string): Uint8Array | undefined => extensions.find((extension) => extension.oid === oid)?.value
  const [reason, invalid] = [extensionOf(REASON), extensionOf(INVALIDITY_DATE)]
  const compromised = reason !== undefined && COMPROMISES.includes(whole(TAGS.enumerated, reason, FAIL)[0])
  const times = [timeOf(date), ...(invalid === undefined ? [] : [timeOf(elementsIn(invalid)[0])])]
  return {
    serial: serialOf(serial),
    from: compromised ? Number.NEGATIVE_INFINITY : Math.min(...times),
    strange: critical(extensions.filter(({ oid }) => oid !== REASON && oid !== INVALIDITY_DATE)),
  }
}

const critical = (extensions: readonly { readonly oid: string; readonly critical: boolean }[]): string[] =>
  extensions.filter((extension) => extension.critical).map(({ oid }) => oid)
