// PDF files: what is attached to them (PDF/A-3, ISO 19005-3 §6.8), whatever it is called. Pages, forms and scripts are neither read nor
// run, and nothing is fetched. docs/formats/pdf.md.
import { hasAt } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { Container, Part } from '../container.ts'
import type { Budget } from '../limits.ts'
import { isDictionary, isReference, PdfFile } from './pdf/file.ts'
import { AGAIN, type PdfDictionary, type PdfValue } from './pdf/value.ts'

export const pdf: Container = {
  name: 'pdf',
  // readers allow some bytes before the header, ISO 32000-2 annex I
  recognise: ({ bytes }) => holds(bytes.subarray(0, 1024), HEADER),
  open: ({ bytes }, budget) => attachments(bytes, budget),
}

/** `%PDF-` and `%%EOF`, ISO 32000-2 §7.5. */
const HEADER = [0x25, 0x50, 0x44, 0x46, 0x2d] as const
const END = [0x25, 0x25, 0x45, 0x4f, 0x46] as const
const PERCENT = 0x25

const holds = (bytes: Uint8Array, mark: readonly number[]): boolean => placeOf(bytes, mark) >= 0

/** -1 where it is not. */
const placeOf = (bytes: Uint8Array, mark: readonly number[]): number => {
  let at = bytes.indexOf(PERCENT)
  while (at >= 0 && !hasAt(bytes, mark, at)) at = bytes.indexOf(PERCENT, at + 1)
  return at
}

const attachments = (bytes: Uint8Array, budget: Budget): Part[] => {
  const file = new PdfFile(bytes, budget)
  if (file.encrypted) throw new Fault('input-unknown', 'the PDF is encrypted, which PDF/A forbids; save it without protection')
  const parts: Part[] = []
  const seen = new Set<number>()
  for (const value of [...[...file.objects.values()].map((object) => object.value), ...file.replaced]) {
    budget.checkTime()
    for (const specification of specificationsIn(value)) {
      for (const number of embedded(file, specification)) {
        if (seen.has(number)) continue
        seen.add(number)
        file.entry()
        parts.push(...attachment(file, number, nameOf(specification) || `attachment[${seen.size}]`))
      }
    }
  }
  if (!isWhole(bytes)) return [...parts, unread(undefined, 'the PDF is cut off')]
  const around = textAround(bytes)
  if (around > 0) parts.push(unread(undefined, `${around} bytes before the PDF's header or behind its end were not read`))
  if (parts.length === 0) throw new Fault('input-unknown', 'nothing is attached to the PDF; what is printed on its pages is not signed')
  return parts
}

const unread = (name: string | undefined, why: string): Part => ({ kind: 'missing', name, fault: new Fault('record-malformed', why) })

/** How many bytes before the header and behind the end are no blanks. Fewer than these are no record. */
const textAround = (bytes: Uint8Array): number => {
  const start = placeOf(bytes, HEADER)
  const from = Math.max(0, bytes.length - TAIL)
  let end = from
  for (let next = placeOf(bytes.subarray(end), END); next >= 0; next = placeOf(bytes.subarray(end), END)) end += next + END.length
  const count = [...bytes.subarray(0, start), ...bytes.subarray(end)].filter((byte) => byte > 0x20).length
  return count < SHORTEST ? 0 : count
}

const SHORTEST = 64

/** Its last line says so; some bytes may stand behind it (ISO 32000-2 annex I). */
const isWhole = (bytes: Uint8Array): boolean => holds(bytes.subarray(-TAIL), END)
const TAIL = 2048

const attachment = (file: PdfFile, number: number, name: string): Part[] => [
  content(file, number, name),
  ...(file.rewritten.has(number) ? [unread(name, 'the attachment stands in the PDF with another content too, which was not read')] : []),
]

const content = (file: PdfFile, number: number, name: string): Part => {
  try {
    const object = file.objects.get(number)
    if (object === undefined) throw new Fault('record-malformed', 'the attachment is named, and is not there')
    return { kind: 'member', name, bytes: file.unpacked(object) }
  } catch (thrown) {
    return { kind: 'missing', name, fault: asFault(thrown, 'record-malformed') }
  }
}

/** Dictionaries with `EF`, however deep: file specifications (ISO 32000-2 §7.11.3), which stand in the tree of names or in annotations. */
function* specificationsIn(value: PdfValue): Generator<PdfDictionary> {
  if (isDictionary(value)) {
    if (value.has('EF')) yield value
    for (const member of value.values()) yield* specificationsIn(member)
  } else if (Array.isArray(value)) for (const item of value) yield* specificationsIn(item)
}

/** Numbers of the streams that hold the file: `UF` and `F` are to name the same one (§7.11.4); where they do not, some readers show the one and some the other. */
const embedded = (file: PdfFile, specification: PdfDictionary): number[] => {
  const all = [...specification].flatMap(([name, value]) => (name.split(AGAIN)[0] === 'EF' ? [file.resolve(value)] : []))
  return all.flatMap((files) =>
    isDictionary(files) ? [files.get('UF'), ...files.values()].filter(isReference).map(({ object }) => object) : [],
  )
}

const nameOf = (specification: PdfDictionary): string => {
  const given = specification.get('UF') ?? specification.get('F')
  return typeof given === 'object' && given !== null && 'bytes' in given ? textOf(given.bytes) : ''
}

/** §7.9.2.2: UTF-16 or UTF-8 with their marks, else an encoding whose ASCII is ASCII. */
const textOf = (bytes: Uint8Array): string => {
  const [label, skip] = bytes[0] === 0xfe && bytes[1] === 0xff ? ['utf-16be', 2] : bytes[0] === 0xef ? ['utf-8', 3] : ['windows-1252', 0]
  return new TextDecoder(String(label)).decode(bytes.subarray(Number(skip)))
}
