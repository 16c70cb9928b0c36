// The golden vectors of OCPP over SOAP: messages of 1.6 and of 1.5 with signed values in each wrapping, and what is wrong with them.
import { base64, hex, unhex, utf8 } from '../../src/base/bytes.ts'
import type { ContainerVectors, VectorCase } from './case.ts'
import { hexKeyOf, ocmfText, payload, SIGNER, safeXml } from './maker.ts'
import { BAD, BEGIN, FINISH } from './two-records.ts'

const KEY = base64(unhex(hexKeyOf(SIGNER)))

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** The text that stands as the value, in its wrapping. */
const WRAPPINGS = {
  object: (text: string) =>
    JSON.stringify({ signedMeterData: base64(utf8(text)), encodingMethod: 'OCMF', signingMethod: '', publicKey: KEY }),
  hex: (text: string) => hex(utf8(text)),
  plain: (text: string) => text,
} as const

const envelope = (inside: string, header = ''): string => `<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:ns="urn://Ocpp/Cs/2015/10/">
<soap:Header><ns:chargeBoxIdentity>CP-1</ns:chargeBoxIdentity>${header}</soap:Header>
<soap:Body>${inside}</soap:Body>
</soap:Envelope>
`

const sampled = (value: string, context: string): string =>
  `<ns:timestamp>2026-03-01T08:00:00Z</ns:timestamp><ns:sampledValue><ns:value>${escaped(value)}</ns:value>` +
  `<ns:context>${context}</ns:context><ns:format>SignedData</ns:format></ns:sampledValue>`

const stop = (...values: readonly string[]): string => {
  const data = values.map((value, index) => sampled(value, index === 0 ? 'Transaction.Begin' : 'Transaction.End'))
  const elements = data.map((each) => `<ns:transactionData>${each}</ns:transactionData>`).join('\n')
  return `<ns:stopTransactionRequest><ns:transactionId>7</ns:transactionId><ns:meterStop>20500</ns:meterStop>
${elements}</ns:stopTransactionRequest>`
}

/** OCPP 1.5 has the members of a sampled value as attributes. */
const values15 = (...values: readonly string[]): string => {
  const elements = values.map(
    (value) =>
      `<ns:values><ns:timestamp>2026-03-01T08:00:00Z</ns:timestamp><ns:value format="SignedData">${escaped(value)}</ns:value></ns:values>`,
  )
  return `<ns:meterValuesRequest><ns:connectorId>1</ns:connectorId>${elements.join('\n')}</ns:meterValuesRequest>`
}

export const soapVectors: ContainerVectors = {
  container: 'soap',
  cases: () => {
    const { object, hex: inHex, plain } = WRAPPINGS
    const of = (name: string, body: string, header = ''): VectorCase => ({ name, question: { 'message.xml': envelope(body, header) } })
    const whole = stop(object(BEGIN), object(FINISH))
    const sample15 = (value: string) =>
      `<ns:value context="Transaction.End" unit="Wh">${value}</ns:value></ns:values></ns:meterValuesRequest>`
    const beside15 = (value: string) =>
      values15(object(BEGIN), object(FINISH)).replace('</ns:values></ns:meterValuesRequest>', sample15(value))
    const sample = (value: string) =>
      `<ns:sampledValue><ns:value>${value}</ns:value><ns:context>Transaction.End</ns:context></ns:sampledValue>`
    const beside = (value: string) => whole.replace('</ns:transactionData></ns:stop', `${sample(value)}</ns:transactionData></ns:stop`)
    return [
      of('session-stop-transaction', whole),
      of('session-in-hex', stop(object(BEGIN), inHex(FINISH))),
      of('session-plain', stop(object(BEGIN), plain(FINISH))),
      of('session-of-1.5', values15(object(BEGIN), inHex(FINISH))),
      of('session-of-one-value', stop(object(ocmfText(payload())))),
      of('session-of-1.5-beside-a-sample', beside15('20500')),
      of('sample-of-1.5-tampered', beside15('30500')),
      of('session-beside-a-sample', beside('20500')),
      of('sample-tampered', beside('30500')),
      of('value-tampered', stop(object(BEGIN), object(BAD))),
      of('value-of-1.5-tampered', values15(object(BEGIN), inHex(BAD))),
      of('meter-stop-tampered', whole.replace('>20500<', '>30500<')),
      of('session-meter-stop-between-blanks', whole.replace('>20500<', '>\n  20500\n<')),
      of('meter-stop-between-blanks-tampered', whole.replace('>20500<', '>\n  30500\n<')),
      of('meter-stop-twice-tampered', whole.replace('<ns:meterStop>', '<ns:meterStop>30500</ns:meterStop><ns:meterStop>')),
      of(
        'meter-stop-twice-beside-a-whole-session-tampered',
        stop(base64(utf8(safeXml([BEGIN, FINISH].map((data) => ({ data, key: hexKeyOf(SIGNER) })))))).replace(
          '<ns:meterStop>',
          '<ns:meterStop>30500</ns:meterStop><ns:meterStop>',
        ),
      ),
      of('stray-in-the-header', whole, `<ns:note>${escaped(BAD)}</ns:note>`),
      of('stray-around-elements', whole.replace('<ns:meterStop>', `${escaped(BAD)}<ns:meterStop>`)),
      of('key-absent', stop(plain(BEGIN), plain(FINISH))),
      of('form-elements-in-a-value', whole.replace('</ns:value>', '<b/></ns:value>')),
      of('form-comment-in-a-value', whole.replace('{"signed', '{<!-- a -->"signed')),
      { name: 'form-document-type', question: { 'message.xml': envelope(whole).replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>') } },
      of('form-no-values', '<ns:heartbeatRequest/>'),
    ]
  },
}
