// The golden vectors of several documents in one text, and of records that were copied with their encoding.
import { base64, hex, utf8 } from '../../src/base/bytes.ts'
import { alfenBlock, alfenEnd, alfenLine } from './alfen.ts'
import type { ContainerVectors, VectorCase } from './case.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, ptbDocument, SIGNER, safeXml } from './maker.ts'

/** With the key behind it, as older stations write it: then a text needs nothing beside it. */
const [BEGIN, END] = [beginRecord(), endRecord()].map((fields) => `${ocmfText(fields)}|${hexKeyOf(SIGNER)}`) as [string, string]
const BAD = END.replace('20.500', '30.500')

const of = (name: string, text: string): VectorCase => ({ name, question: { 'records.txt': text } })

/** As a station sends it. */
const signed = (text: string, publicKey = ''): string =>
  JSON.stringify({ signedMeterValue: { signedMeterData: base64(utf8(text)), encodingMethod: 'OCMF', signingMethod: '', publicKey } })
const frame = (id: string, text: string): string =>
  `[2,"${id}","TransactionEvent",{"transactionInfo":{"transactionId":"t"},"meterValue":[{"sampledValue":[${signed(text, id === 'a' ? hexKeyOf(SIGNER) : '')}]}]}]`

/** The PTB's envelope, of which there is one for each charging. */
const envelope = (begin: string, end: string): string =>
  JSON.stringify({ format: 'ptb', publicKey: hexKeyOf(SIGNER), chargeboxIdentifier: 'DE*CPV*E0001', ocmfBegin: begin, ocmfEnd: end })
const LATER = [ocmfText(beginRecord({ PG: 'T3' })), ocmfText(endRecord({ PG: 'T4' }))] as const

export const listVectors: ContainerVectors = {
  container: 'list',
  cases: () => {
    return [
      of('session-of-frames-in-lines', `${frame('a', BEGIN)}\r\n${frame('b', END)}`),
      of('session-of-envelopes', `[${envelope(BEGIN, END)}, ${envelope(...LATER)}]`),
      of('session-of-lines', `${envelope(BEGIN, END)}\n${envelope(...LATER)}\n`),
      of('session-of-texts', JSON.stringify([BEGIN, END])),
      of('session-of-texts-in-lines', [BEGIN, END].map((text) => JSON.stringify(text)).join('\n')),
      of('envelopes-tampered', `[${envelope(BEGIN, END)}, ${envelope(LATER[0], LATER[1].replace('20.500', '30.500'))}]`),
      of('frames-in-lines-tampered', `${frame('a', BEGIN)}\n${frame('b', BAD)}`),
      of('texts-tampered', JSON.stringify([BEGIN, BAD])),
      of('text-twice', JSON.stringify([BEGIN, END, END])),
      of('item-of-no-format', `[${JSON.stringify(BEGIN)}, ${JSON.stringify(END)}, {"hello": "world"}, 5]`),
      of('line-that-is-broken', `${JSON.stringify(BEGIN)}\n${JSON.stringify(END)}\n{"a":}`),
    ]
  },
}

export const encodedVectors: ContainerVectors = {
  container: 'encoded',
  cases: () => {
    const whole = `${BEGIN}\n${END}`
    const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
    const lines = [alfenBlock(), alfenEnd()].map((block) => alfenLine(block)).join('\n')
    return [
      of('session-base64', base64(utf8(whole))),
      of('session-base64-in-lines', base64(utf8(whole)).replace(/.{76}/g, '$&\r\n')),
      of('session-hex', hex(utf8(whole))),
      of('session-alfen-in-base64', base64(utf8(lines))),
      of('session-escaped-for-html', escaped(whole)),
      of('session-escaped-for-json', JSON.stringify(whole).slice(1, -1)),
      of('session-escaped-for-a-url', encodeURIComponent(whole)),
      of('base64-tampered', base64(utf8(`${BEGIN}\n${BAD}`))),
      of('escaped-for-html-tampered', escaped(`${BEGIN}\n${BAD}`)),
      of('escaped-twice', escaped(escaped(whole))),
      of('base64-of-nothing-known', base64(utf8('word '.repeat(40)))),
    ]
  },
}

/** Cells as they are; each that has a delimiter, a quote or a line end in it stands in quotes. */
const table = (delimiter: string, ...rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map((cell) => (/[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter)).join('\r\n')

const KEY = hexKeyOf(SIGNER)
const [FIRST, LAST] = [beginRecord(), endRecord()].map((fields) => ocmfText(fields)) as [string, string]
const WRONG = LAST.replace('20.500', '30.500')
const HEAD = ['Session', 'kWh', 'Begin', 'End', 'Public key']
const LINES = [alfenBlock(), alfenEnd()].map((block) => alfenLine(block)) as [string, string]
/** With another value under the signature of the sound one. */
const SIGNATURE = LINES[1].split(';')[5] ?? ''
const alteredLine = alfenLine(alfenEnd({ value: 30_000n })).replace(/[^;]+;$/, `${SIGNATURE};`)
const COMMENT = 'station "A", left; first floor'

export const csvVectors: ContainerVectors = {
  container: 'csv',
  cases: () => {
    const file = (name: string, text: string): VectorCase => ({ name, question: { 'sessions.csv': text } })
    const row = (begin: string, end: string): string[] => ['S-1', '10.5', begin, end, KEY]
    const xml = safeXml([FIRST, LAST].map((data) => ({ data, key: KEY })))
    return [
      file('session', table(';', HEAD, row(FIRST, LAST))),
      file('session-commas', table(',', [...HEAD, 'Comment'], [...row(FIRST, LAST), COMMENT])),
      file('session-tabs', table('\t', HEAD, row(FIRST, LAST))),
      file('session-base64', table(';', HEAD, row(base64(utf8(FIRST)), base64(utf8(LAST))))),
      file('session-not-quoted', [HEAD, row(FIRST, LAST)].map((cells) => cells.join(',')).join('\n')),
      file('session-of-two-rows', table(';', ['Record', 'Key'], [FIRST, KEY], [LAST, KEY])),
      file('session-safe-xml', table(',', ['Session', 'File'], ['S-1', xml])),
      file('session-without-a-head', table(';', ['S-1', BEGIN], ['S-1', END])),
      file('session-of-one-cell', `"${`${BEGIN}\n${END}`.replaceAll('"', '""')}"`),
      file('session-alfen', table(';', ['Session', 'Lines'], ['S-1', LINES.join('\n')])),
      file('session-alfen-not-quoted', `Session;Begin;End\n${['S-1', ...LINES].join(';')}\n`),
      file('session-alfen-commas', `Session,Begin,End\n${['S-1', ...LINES].join(',')}\n`),
      file('session-ptb', table(',', ['Session', 'File'], ['S-1', ptbDocument(FIRST, LAST)])),
      file('session-for-a-spreadsheet', `sep=;\r\n${table(';', HEAD, row(FIRST, LAST))}`),
      file('ptb-tampered', table(',', ['Session', 'File'], ['S-1', ptbDocument(FIRST, WRONG)])),
      file('ptb-beside-a-record-tampered', table(';', [...HEAD, 'File'], [...row(FIRST, LAST), ptbDocument(FIRST, WRONG)])),
      file('first-row-that-nobody-knows', table(';', row('?'.repeat(300), ''), row(FIRST, LAST))),
      file('end-tampered', table(';', HEAD, row(FIRST, WRONG))),
      file('not-quoted-tampered', [HEAD, row(FIRST, WRONG)].map((cells) => cells.join(',')).join('\n')),
      file('safe-xml-tampered', table(',', ['Session', 'File'], ['S-1', xml.replace('20.500', '30.500')])),
      file('alfen-tampered', `Session;Begin;End\n${['S-1', LINES[0], alteredLine].join(';')}\n`),
      file('row-twice-tampered', table(';', HEAD, row(FIRST, LAST), row(FIRST, LAST))),
      file('rows-without-records', table(';', HEAD, row(FIRST, LAST), ['S-2', '3.5', '', '', ''])),
      file('quote-that-does-not-end', `${table(';', HEAD, row(FIRST, LAST))}\r\nS-2;3;"OCMF|{`),
      file('no-records', table(';', HEAD, ['S-1', '10.5', 'none', 'none', KEY])),
    ]
  },
}
