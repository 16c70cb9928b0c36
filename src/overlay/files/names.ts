// Names in a file space. A closed set, so that a name is the same file on every system, and nothing on any of them but a file below the
// folder. Whether a name leads over a link is for who touches the disk (adapters/file-space.ts).
import { Fault } from '../../base/fault.ts'

/** Bytes of UTF-8: of a part what file systems take (POSIX NAME_MAX), of the whole what fits every path. */
const PART_BYTES = 255
const NAME_BYTES = 1_024
const DEPTH = 8
/** Names of devices on Windows, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?$/i
/** Letters, marks and digits of any script; blanks, dots and hyphens inside. No separators, controls, or what shells and Windows take for more than a name. */
const PART = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N} ._+@=()-]*$/u

/** Why a text is no name of a file, or nothing. */
export const fileNameFlaw = (name: unknown): string | undefined => {
  if (typeof name !== 'string' || name === '') return 'it is empty'
  if (!name.isWellFormed()) return 'it is not Unicode'
  if (name.normalize('NFC') !== name) return 'it is not in the normal form NFC'
  if (bytesOf(name) > NAME_BYTES) return `it is longer than ${NAME_BYTES} bytes`
  const parts = name.split('/')
  if (parts.length > DEPTH) return `it is deeper than ${DEPTH} folders`
  for (const part of parts) {
    const flaw = partFlaw(part)
    if (flaw !== undefined) return flaw
  }
  return undefined
}

/** The name, where it is one. Throws Fault `refused`. */
export const fileName = (name: unknown): string => {
  const flaw = fileNameFlaw(name)
  if (flaw === undefined) return name as string
  throw new Fault('refused', `this is no name of a file: ${flaw}`, { rule: 'file-name' })
}

/** What two names have in common that are one file where capitals are not told apart. */
export const foldedName = (name: string): string => name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')

const partFlaw = (part: string): string | undefined => {
  if (part === '') return 'a part of it is empty'
  if (bytesOf(part) > PART_BYTES) return `a part of it is longer than ${PART_BYTES} bytes`
  if (!PART.test(part)) return 'a part of it has a character that names do not have, or begins with one that they do not begin with'
  if (/[. ]$/.test(part)) return 'a part of it ends with a dot or a blank'
  return DEVICE.test(part) ? 'a part of it is the name of a device' : undefined
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length
