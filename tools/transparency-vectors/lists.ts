// The golden vectors of several documents in one text, and of records that were copied with their encoding.
import { base64, hex, utf8 } from '../../src/base/bytes.ts'
import { alfenBlock, alfenEnd, alfenLine } from './alfen.ts'
import type { ContainerVectors, VectorCase } from './case.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, SIGNER } from './maker.ts'

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
