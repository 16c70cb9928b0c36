// tar archives: ustar (POSIX.1-1988), its extended headers (pax, POSIX.1-2001) and the long names of GNU tar. Names are shown and never
// used; what is neither a file nor a folder is named and not followed.
import { concat, utf8Text } from '../../base/bytes.ts'
import { Fault } from '../../base/fault.ts'
import type { Container, Member, Part } from '../container.ts'
import type { Budget } from '../limits.ts'
import { Account } from './account.ts'

export const tar: Container = {
  name: 'tar',
  recognise: ({ bytes }) => bytes.length >= BLOCK && bytes[0] !== 0 && sumHolds(bytes.subarray(0, BLOCK)),
  open: ({ bytes }, budget) => [...unpack(bytes, budget)],
}

const BLOCK = 512

/** Places in a header, POSIX.1-2017 pax "ustar Interchange Format". */
const FIELDS = {
  name: [0, 100],
  size: [124, 12],
  sum: [148, 8],
  magic: [257, 5],
  prefix: [345, 155],
} as const satisfies Record<string, readonly [at: number, length: number]>
const TYPE_AT = 156

/** What a header can announce. `name` and `extended` speak of the entry that follows. */
type Kind = 'file' | 'folder' | 'name' | 'extended' | 'ignored' | 'other'

const KINDS: Readonly<Record<string, Kind>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '5': 'folder',
  L: 'name',
  x: 'extended',
  // for all that follows: nothing that pax lets stand there is of use here
  g: 'ignored',
  // of a link's long target
  K: 'ignored',
}

/** Longer announcements of names are refused; no file system knows such names. */
const MAX_ANNOUNCEMENT = 65_536

interface Announced {
  readonly name?: string
  readonly size?: number
}

/** One after the other, so that what stands before a damaged place is there. */
function* unpack(bytes: Uint8Array, budget: Budget): Generator<Part> {
  const account = new Account(bytes, budget)
  let announced: Announced = {}
  try {
    for (let at = 0; at + BLOCK <= bytes.length; ) {
      budget.checkTime()
      const header = bytes.subarray(at, at + BLOCK)
      // two blocks of zeros end an archive, and zeros fill it up
      if (header.every((byte) => byte === 0)) return yield* behindTheEnd(bytes.subarray(at))
      if (!sumHolds(header)) throw malformed(`the header at byte ${at} does not match its checksum`)
      const size = announced.size ?? numberAt(header, FIELDS.size)
      const content = bytes.subarray(at + BLOCK, at + BLOCK + size)
      if (content.length < size) throw malformed('it is cut off')
      at += BLOCK + BLOCK * Math.ceil(size / BLOCK)
      const kind = KINDS[String.fromCharCode(header[TYPE_AT] ?? 0)] ?? 'other'
      const name = announced.name ?? nameIn(header)
      if (kind === 'name' || kind === 'extended') announced = { ...announced, ...announcement(kind, content) }
      else if (kind !== 'ignored') {
        announced = {}
        account.entry()
      }
      // old archives have no other mark of a folder
      yield* partOf(kind === 'file' && name.endsWith('/') ? 'folder' : kind, name, () => memberOf(name, content, account))
    }
    // an archive without its end may have lost members
    throw malformed('it ends without its last two blocks')
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    yield { kind: 'missing', name: undefined, fault: thrown }
  }
}

function* partOf(kind: Kind, name: string, member: () => Member): Generator<Part> {
  if (kind === 'file') yield member()
  // some programs skip what stands there, and some go on reading in it
  if (kind === 'folder' && member().bytes.length > 0)
    yield { kind: 'missing', name, fault: malformed('a folder with content, which was not read') }
  if (kind === 'other') yield { kind: 'missing', name, fault: new Fault('input-unknown', 'a link or a device; it is not followed') }
}

/** A second archive, or a record that some other program shows. */
function* behindTheEnd(rest: Uint8Array): Generator<Part> {
  if (rest.every((byte) => byte === 0)) return
  yield { kind: 'missing', name: undefined, fault: malformed('something lies behind its end, and was not read') }
}

const memberOf = (name: string, content: Uint8Array, account: Account): Member => {
  account.bytes(content.length, content.length)
  return { kind: 'member', name, bytes: content.slice() }
}

const announcement = (kind: 'name' | 'extended', content: Uint8Array): Announced => {
  if (content.length > MAX_ANNOUNCEMENT) throw new Fault('limit-exceeded', `a name or header of more than ${MAX_ANNOUNCEMENT} bytes`)
  if (kind === 'name') return { name: textOf(content) }
  const records = paxRecords(content)
  const [name, size] = [records.get('path'), records.get('size')]
  return { ...(name === undefined ? {} : { name }), ...(size === undefined ? {} : { size: wholeNumber(size, 10) }) }
}

/** Records of `LENGTH NAME=VALUE\n`, where the length counts the whole record in bytes. */
const paxRecords = (content: Uint8Array): Map<string, string> => {
  const records = new Map<string, string>()
  for (let at = 0; at < content.length; ) {
    const digits = /^([1-9][0-9]{0,6}) /.exec(String.fromCharCode(...content.subarray(at, at + 8)))?.[1]
    const record = content.subarray(at, at + Number(digits))
    const [, name, value] = /^[0-9]+ ([^=]+)=(.*)\n$/s.exec(utf8Text(record)) ?? []
    if (digits === undefined || record.length < Number(digits) || name === undefined || value === undefined)
      throw malformed('an extended header is damaged')
    records.set(name, value)
    at += record.length
  }
  return records
}

const nameIn = (header: Uint8Array): string => {
  const name = textOf(field(header, FIELDS.name))
  const prefix = textOf(field(header, FIELDS.magic)) === 'ustar' && header[262] === 0 ? textOf(field(header, FIELDS.prefix)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

const field = (header: Uint8Array, [at, length]: readonly [number, number]): Uint8Array => header.subarray(at, at + length)

/** Up to the first zero byte; old archives hold names in any encoding, of which only the ASCII can be told. */
const textOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  const text = end < 0 ? bytes : bytes.subarray(0, end)
  try {
    return utf8Text(text)
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return [...text].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : '\ufffd')).join('')
  }
}

/** Octal in ASCII; or, with the first bit set, big endian (GNU tar). */
const numberAt = (header: Uint8Array, place: readonly [number, number]): number => {
  const bytes = field(header, place)
  const [first = 0] = bytes
  if (first < 0x80) return wholeNumber(textOf(bytes).trim() || '0', 8)
  const number = concat(Uint8Array.of(first & 0x7f), bytes.subarray(1)).reduce((sum, byte) => sum * 256 + byte, 0)
  return wholeNumber(String(number), 10)
}

const wholeNumber = (text: string, base: 8 | 10): number => {
  const number = Number.parseInt(text, base)
  const shape = base === 8 ? /^[0-7]{1,12}$/ : /^[0-9]{1,15}$/
  if (!shape.test(text)) throw malformed('a size is no number')
  return number
}

/** What a number in octal is written with: digits, blanks, and the zero that ends it. */
const isOctal = (byte = 0): boolean => byte === 0 || byte === 0x20 || (byte >= 0x30 && byte <= 0x37)

/** The sum of all bytes, with its own field read as blanks; old programs added signed bytes. */
const sumHolds = (header: Uint8Array): boolean => {
  const [at, length] = FIELDS.sum
  // nearly every text ends here
  for (let i = at; i < at + length; i++) if (!isOctal(header[i])) return false
  const stated = /^ *([0-7]{1,7})[ \0]*$/.exec(String.fromCharCode(...field(header, FIELDS.sum)))?.[1]
  if (stated === undefined) return false
  // not slice(): of a Buffer that is no copy
  const blanked = new Uint8Array(header)
  blanked.fill(0x20, at, at + length)
  const sum = blanked.reduce((total, byte) => total + byte, 0)
  const signed = new Int8Array(blanked.buffer).reduce((total, byte) => total + byte, 0)
  return [sum, signed].includes(Number.parseInt(stated, 8))
}

const malformed = (why: string): Fault => new Fault('record-malformed', `the tar archive cannot be read: ${why}`)
