// The golden vectors of containers: the same two records and their key in every kind of archive, in a PDF and as codes in pictures; whole,
// damaged, and with what may not be followed.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync, zipSync } from 'fflate'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'
import { concat, utf8 } from '../../src/base/bytes.ts'
import { paxPath, pdfOf, pngOf, type TarEntry, tarOf } from './archives.ts'
import { bzip2 } from './bzip2.ts'
import type { ContainerVectors, Files, VectorCase } from './case.ts'
import { chainCases } from './chains.ts'
import { keyFormCases } from './key-forms.ts'
import { keyCases } from './keys.ts'
import { beginRecord, endRecord, METER, ocmfText, payload, pemOf, SIGNER } from './maker.ts'
import { extended, frame, losslessOf, lossyOf, webpOf } from './webp.ts'

const records = utf8([ocmfText(beginRecord()), ocmfText(endRecord())].join('\n'))
const tampered = utf8(new TextDecoder().decode(records).replace('20.500', '20.400'))
const key = utf8(pemOf(SIGNER))
const KEY: Files = { [`${METER}.pem`]: key }

const ask = (name: string, files: Files): VectorCase => ({ name, question: files })

const both: readonly TarEntry[] = [
  { name: 'session/', type: '5' },
  { name: 'session/records.ocmf', content: records },
  { name: `session/${METER}.pem`, content: key },
]
const LONG = `${'folder/'.repeat(30)}records.ocmf`

const tarCases = (): VectorCase[] => {
  const whole = tarOf(both)
  const broken = whole.slice()
  broken[512 + 3] = 0x7a
  return [
    ask('whole', { 'a.tar': whole }),
    ask('tampered', {
      'a.tar': tarOf([
        { name: 'r.ocmf', content: tampered },
        { name: `${METER}.pem`, content: key },
      ]),
    }),
    ask('long-name-pax', {
      'a.tar': tarOf([
        { name: 'x', type: 'x', content: paxPath(LONG) },
        { name: 'short', content: records },
      ]),
      ...KEY,
    }),
    ask('long-name-gnu', {
      'a.tar': tarOf([
        { name: '././@LongLink', type: 'L', content: utf8(`${LONG}\0`) },
        { name: 'short', content: records },
      ]),
      ...KEY,
    }),
    ask('path-upwards', { 'a.tar': tarOf([{ name: '../../etc/records.ocmf', content: records }]), ...KEY }),
    ask('link', { 'a.tar': tarOf([...both, { name: 'session/passwd', type: '2' }]) }),
    ask('device', { 'a.tar': tarOf([...both, { name: 'session/console', type: '3' }]) }),
    ask('header-damaged', { 'a.tar': broken }),
    ask('cut-off', { 'a.tar': whole.subarray(0, 512 * 3), ...KEY }),
    ask('behind-its-end', { 'a.tar': concat(whole, tarOf([{ name: 'r.ocmf', content: tampered }])) }),
    ask('without-its-end', { 'a.tar': whole.subarray(0, whole.length - 1024) }),
  ]
}

/** The time of day in the header is left out, so that the bytes are the same always. */
const gzip = (content: Uint8Array): Uint8Array => gzipSync(content, { mtime: 0 })

const gzCases = (): VectorCase[] => [
  ask('whole', { 'records.ocmf.gz': gzip(records), ...KEY }),
  ask('tampered', { 'records.ocmf.gz': gzip(tampered), ...KEY }),
  ask('two-pieces', { 'records.ocmf.gz': concat(gzip(records.subarray(0, 300)), gzip(records.subarray(300))), ...KEY }),
  ask('of-a-tar', { 'a.tgz': gzip(tarOf(both)) }),
  ask('of-a-key', { 'records.ocmf': records, [`${METER}.pem.gz`]: gzip(key) }),
  ask('cut-off', { 'records.ocmf.gz': gzip(records).subarray(0, 200), ...KEY }),
]

const bz2Cases = (): VectorCase[] => {
  const broken = bzip2(records)
  broken[12] = (broken[12] ?? 0) ^ 1
  return [
    ask('whole', { 'records.ocmf.bz2': bzip2(records), ...KEY }),
    ask('tampered', { 'records.ocmf.bz2': bzip2(tampered), ...KEY }),
    ask('two-pieces', { 'records.ocmf.bz2': concat(bzip2(records.subarray(0, 300)), bzip2(records.subarray(300))), ...KEY }),
    ask('of-a-tar', { 'a.tar.bz2': bzip2(tarOf(both)) }),
    ask('in-a-zip', { 'a.zip': zipSync({ 'a.tar.bz2': bzip2(tarOf(both)) }, { mtime: '2026-03-01T00:00:00' }) }),
    ask('checksum-wrong', { 'records.ocmf.bz2': broken, ...KEY }),
    ask('cut-off', { 'records.ocmf.bz2': bzip2(records).subarray(0, 200), ...KEY }),
  ]
}

const pdfCases = (): VectorCase[] => {
  const attachments = { 'records.ocmf': records, [`${METER}.pem`]: key }
  return [
    ask('whole', { 'invoice.pdf': pdfOf({ attachments }) }),
    ask('tampered', { 'invoice.pdf': pdfOf({ attachments: { ...attachments, 'records.ocmf': tampered } }) }),
    ask('packed-dictionaries', { 'invoice.pdf': pdfOf({ attachments, packed: true }) }),
    ask('not-packed', { 'invoice.pdf': pdfOf({ attachments, filter: '' }) }),
    ask('called-otherwise', { 'invoice.bin': pdfOf({ attachments: { 'data.xyz': records, 'publicKey.xyz': key } }) }),
    ask('of-an-archive', { 'invoice.pdf': pdfOf({ attachments: { 'a.tgz': gzip(tarOf(both)) } }) }),
    ask('nothing-attached', { 'invoice.pdf': pdfOf({ attachments: {} }) }),
    ask('encrypted', { 'invoice.pdf': pdfOf({ attachments, trailer: '/Encrypt 99 0 R' }) }),
    ask('filter-unknown', { 'invoice.pdf': pdfOf({ attachments, filter: '/LZWDecode' }) }),
    ask('cut-off', { 'invoice.pdf': pdfOf({ attachments }).subarray(0, 300) }),
  ]
}

const program = readFileSync(fileURLToPath(import.meta.resolve('zxing-wasm/writer/zxing_writer.wasm')))
prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(program).buffer } })

/** Rows of modules, FFh is light, with the quiet zone around them. */
export const codeOf = async (content: Uint8Array): Promise<Uint8Array[]> => {
  const { symbol, error } = await writeBarcode(content, { format: 'QRCode', ecLevel: 'L' })
  if (error !== '') throw new Error(error)
  const { data, width, height } = symbol
  const quiet = 4
  const blank = (): Uint8Array => new Uint8Array(width + 2 * quiet).fill(0xff)
  const rows = Array.from({ length: height }, (_, y) => {
    const row = blank()
    row.set(data.subarray(y * width, (y + 1) * width), quiet)
    return row
  })
  const edge = Array.from({ length: quiet }, blank)
  return [...edge, ...rows, ...edge]
}

const session = utf8(ocmfText(payload()))
const [RECORD, ALTERED, PEM, LINK] = await Promise.all(
  [session, utf8(ocmfText(payload()).replace('20.500', '20.400')), key, utf8('https://example.com/receipt?id=1')].map(codeOf),
)

/** Three pixels for each module. */
export const enlarged = (rows: readonly Uint8Array[]): Uint8Array[] =>
  rows.flatMap((row) => Array(3).fill(Uint8Array.from([...row].flatMap((pixel) => [pixel, pixel, pixel]))))

/** Side by side, the lower ones with light below. */
export const beside = (...codes: readonly (readonly Uint8Array[])[]): Uint8Array[] => {
  const height = Math.max(...codes.map((code) => code.length))
  return Array.from({ length: height }, (_, y) =>
    concat(...codes.map((code) => code[y] ?? new Uint8Array(code[0]?.length ?? 0).fill(0xff))),
  )
}

const svgOf = (rows: readonly Uint8Array[]): string => {
  const squares = rows.flatMap((row, y) =>
    [...row].flatMap((pixel, x) => (pixel === 0 ? [`<rect x="${x}" y="${y}" width="1" height="1"/>`] : [])),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${rows[0]?.length} ${rows.length}">${squares.join('')}</svg>\n`
}

const pathOf = (rows: readonly Uint8Array[]): string => {
  const moves = rows.flatMap((row, y) => [...row].flatMap((pixel, x) => (pixel === 0 ? [`M${x} ${y}h1v1h-1z`] : [])))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${rows[0]?.length}" height="${rows.length}"><path d="${moves.join('')}"/></svg>\n`
}

const qrCases = (): VectorCase[] => {
  const [record = [], altered = [], pem = [], link = []] = [RECORD, ALTERED, PEM, LINK]
  return [
    ask('whole', { 'receipt.png': pngOf(enlarged(record)), ...KEY }),
    ask('tampered', { 'receipt.png': pngOf(enlarged(altered)), ...KEY }),
    ask('two-codes', { 'receipt.png': pngOf(enlarged(beside(record, pem))) }),
    ask('key-as-a-code', { 'records.ocmf': records, [`${METER}.png`]: pngOf(enlarged(pem)) }),
    ask('link', { 'receipt.png': pngOf(enlarged(link)) }),
    ask('drawn-as-squares', { 'receipt.svg': svgOf(record), ...KEY }),
    ask('drawn-as-a-path', { 'receipt.svg': pathOf(record), ...KEY }),
    ask('no-code', { 'receipt.png': pngOf(Array.from({ length: 40 }, () => new Uint8Array(40).fill(0xff))) }),
    ask('size-a-lie', { 'receipt.png': pngOf(enlarged(record), { width: 50_000, height: 50_000 }) }),
    ask('cut-off', { 'receipt.png': pngOf(enlarged(record)).subarray(0, 200) }),
    ...webpCases(record, altered, pem),
  ]
}

const webpCases = (record: readonly Uint8Array[], altered: readonly Uint8Array[], pem: readonly Uint8Array[]): VectorCase[] => {
  const rows = enlarged(record)
  const size = { width: rows[0]?.length ?? 0, height: rows.length }
  const whole = losslessOf(rows)
  return [
    ask('webp', { 'receipt.webp': webpOf(whole), ...KEY }),
    ask('webp-tampered', { 'receipt.webp': webpOf(losslessOf(enlarged(altered))), ...KEY }),
    ask('webp-with-loss', { 'records.ocmf': records, [`${METER}.webp`]: webpOf(lossyOf(pem)) }),
    ask('webp-with-loss-tampered', { 'records.ocmf': tampered, [`${METER}.webp`]: webpOf(lossyOf(pem)) }),
    ask('webp-moving', {
      'receipt.webp': webpOf(extended(size, 0x02), frame(size, whole), frame(size, losslessOf(enlarged(altered)))),
      ...KEY,
    }),
    ask('webp-size-a-lie', { 'receipt.webp': webpOf(losslessOf(rows, { width: 16_384, height: 16_384 })) }),
    ask('webp-parts-of-other-sizes', { 'receipt.webp': webpOf(extended({ width: 10, height: 10 }, 0), whole) }),
    ask('webp-cut-off', { 'receipt.webp': webpOf(whole).subarray(0, 200) }),
    ask('webp-short-of-pixels', { 'receipt.webp': webpOf(losslessOf(rows, { ...size, height: size.height * 2 })) }),
  ]
}

export const FILE_VECTORS: readonly ContainerVectors[] = [
  { container: 'tar', cases: tarCases },
  { container: 'gz', cases: gzCases },
  { container: 'bz2', cases: bz2Cases },
  { container: 'pdf', cases: pdfCases },
  { container: 'qr', cases: qrCases },
  { container: 'keys', cases: () => [...keyCases(), ...keyFormCases(), ...chainCases()] },
]
