// Writers of archives, PDF files and pictures for the golden vectors: small, deterministic, and able to write what is wrong.
import { zlibSync } from 'fflate'
import { concat, utf8 } from '../../src/base/bytes.ts'

export interface TarEntry {
  readonly name: string
  readonly content?: Uint8Array
  /** `0` a file, `2` a link, `5` a folder, `L` and `x` what stands before a long name. */
  readonly type?: string
}

/** ustar, with its two last blocks. */
export const tarOf = (entries: readonly TarEntry[]): Uint8Array =>
  concat(...entries.flatMap(({ name, content = new Uint8Array(), type = '0' }) => tarEntry({ name, content, type })), new Uint8Array(1024))

const tarEntry = ({ name, content, type }: Required<TarEntry>): Uint8Array[] => {
  const header = new Uint8Array(512)
  header.set(utf8(name).subarray(0, 100))
  header.set(utf8(`0000644\0${'0000000\0'.repeat(2)}${octal(content.length, 11)}\0${octal(0, 11)}\0${' '.repeat(8)}${type}`), 100)
  header.set(utf8('ustar\x0000'), 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.set(utf8(`${octal(sum, 6)}\0 `), 148)
  return [header, content, new Uint8Array((512 - (content.length % 512)) % 512)]
}

const octal = (number: number, width: number): string => number.toString(8).padStart(width, '0')

/** The record that announces a name, `LENGTH path=NAME\n`. */
export const paxPath = (name: string): Uint8Array => {
  const body = ` path=${name}\n`
  const bare = utf8(body).length
  const digits = String(bare + String(bare + 3).length).length
  return utf8(`${bare + digits}${body}`)
}

export interface PdfParts {
  readonly attachments: Readonly<Record<string, Uint8Array>>
  /** Whether the dictionaries lie in an object stream, as newer programs write them. */
  readonly packed?: boolean
  readonly filter?: string
  readonly trailer?: string
}

/** A file with one empty page. Its table of places is left out: no reader of attachments needs it. */
export const pdfOf = ({ attachments, packed = false, filter = '/FlateDecode', trailer = '' }: PdfParts): Uint8Array => {
  const names = Object.keys(attachments)
  const streams = Object.values(attachments).map((content, i) => {
    const stream = filter === '' ? content : zlibSync(content)
    const head = `${10 + 2 * i} 0 obj\n<< /Type /EmbeddedFile ${filter === '' ? '' : `/Filter ${filter}`} /Length ${stream.length} >>\nstream\n`
    return concat(utf8(head), stream, utf8('\nendstream\nendobj\n'))
  })
  const tree = names.map((name, i) => `(${name}) ${11 + 2 * i} 0 R`).join(' ')
  const dictionaries: [number, string][] = [
    [1, `<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [${tree}] >> >> >>`],
    [2, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>'],
    [3, '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>'],
    ...names.map((name, i): [number, string] => [
      11 + 2 * i,
      `<< /Type /Filespec /F (${name}) /UF (${name}) /AFRelationship /Data /EF << /F ${10 + 2 * i} 0 R >> >>`,
    ]),
  ]
  const plain = dictionaries.map(([number, text]) => utf8(`${number} 0 obj\n${text}\nendobj\n`))
  const body = packed ? [objectStream(dictionaries)] : plain
  return concat(utf8('%PDF-1.7\n%âãÏÓ\n'), ...streams, ...body, utf8(`trailer\n<< /Root 1 0 R ${trailer} >>\n%%EOF\n`))
}

const objectStream = (dictionaries: readonly (readonly [number, string])[]): Uint8Array => {
  let at = 0
  const table = dictionaries.map(([number, text]) => {
    const entry = `${number} ${at}`
    at += text.length + 1
    return entry
  })
  const head = `${table.join(' ')}\n`
  const stream = zlibSync(utf8(head + dictionaries.map(([, text]) => text).join('\n')))
  const dictionary = `<< /Type /ObjStm /N ${dictionaries.length} /First ${head.length} /Filter /FlateDecode /Length ${stream.length} >>`
  return concat(utf8(`9 0 obj\n${dictionary}\nstream\n`), stream, utf8('\nendstream\nendobj\n'))
}

/** Black and white, eight bits for each pixel. */
export const pngOf = (pixels: readonly Uint8Array[], { width = pixels[0]?.length ?? 0, height = pixels.length } = {}): Uint8Array => {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header[8] = 8
  const rows = pixels.map((row) => concat(Uint8Array.of(0), row))
  const magic = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  return concat(magic, chunk('IHDR', header), chunk('IDAT', zlibSync(concat(...rows))), chunk('IEND', new Uint8Array()))
}

const chunk = (name: string, content: Uint8Array): Uint8Array => {
  const body = concat(utf8(name), content)
  return concat(bigEndian(content.length), body, bigEndian(crc32(body)))
}

const bigEndian = (number: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

/** PNG annex D. */
const crc32 = (bytes: Uint8Array): number => {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  }
  return (sum ^ 0xffffffff) >>> 0
}
