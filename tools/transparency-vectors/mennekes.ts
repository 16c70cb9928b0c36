// The golden vectors of Mennekes XML: a process, a bill with several, and twins for every element that is signed and every rule.
import { hex } from '../../src/base/bytes.ts'
import { type BlockField, blockNumber } from '../../src/metering/block.ts'
import { EDL_BLOCK } from '../../src/metering/formats/edl/block.ts'
import { type Files, type FormatVectors, fieldTwins, type VectorCase } from './case.ts'
import { edlBlock, edlEnd, edlSignature, P192 } from './edl-maker.ts'
import { vectorSigner } from './signer.ts'

export interface Measured {
  readonly block: Uint8Array
  readonly signature: Uint8Array
}

const signed = (block: Uint8Array, signer = P192): Measured => ({ block, signature: edlSignature(block, signer) })
const number = (block: Uint8Array, field: BlockField): bigint =>
  blockNumber(block, { ...field, form: field.form === 'hex' ? 'unsigned' : field.form })
const octets = (block: Uint8Array, { at, length }: BlockField): string => hex(block.subarray(at, at + length)).toUpperCase()
/** The wall clock of the place is what is signed. */
const time = (block: Uint8Array, field: BlockField): string =>
  `${new Date(Number(number(block, field)) * 1000).toISOString().slice(0, 19)}+01:00`

const measurement = (name: string, { block, signature }: Measured): string => {
  const [high = 0, low = 0] = block.subarray(39, 41)
  return `  <${name}>
    <TimestampCustomerIdent>${time(block, EDL_BLOCK.contractTime)}</TimestampCustomerIdent>
    <Timestamp>${time(block, EDL_BLOCK.time)}</Timestamp>
    <Signature>${hex(signature.subarray(0, 48)).toUpperCase()}</Signature>
    <EventCounter>${256 * high + low}</EventCounter>
    <MeterStatus>${0x10100 + (block[14] ?? 0)}</MeterStatus>
    <Value>${number(block, EDL_BLOCK.value)}</Value>
    <Scaler>${number(block, EDL_BLOCK.scaler)}</Scaler>
    <Pagination>${number(block, EDL_BLOCK.pagination)}</Pagination>
    <SecondIndex>${number(block, EDL_BLOCK.secondIndex)}</SecondIndex>
  </${name}>
`
}

const KEY = hex(P192.publicKey.point).toUpperCase()

/** Meter and customer stand once; they are those of the end. An empty key is left away. */
export const process = (begin: Measured | undefined, end: Measured | undefined, key = KEY): string => {
  const { block } = end ?? begin ?? signed(B)
  return `<ChargingProcess>
  <ServerId>${octets(block, EDL_BLOCK.serverId)}</ServerId>
${key === '' ? '' : `  <PublicKey>${key}</PublicKey>\n`}  <MeteringPoint>DE*CPV*E0001</MeteringPoint>
  <CustomerIdent>${octets(block, EDL_BLOCK.contractId).replace(/(?:00)+$/, '')}</CustomerIdent>
  <TimestampCustomerIdent>${time(block, EDL_BLOCK.contractTime)}</TimestampCustomerIdent>
${begin === undefined ? '' : measurement('MeasurementStart', begin)}${end === undefined ? '' : measurement('MeasurementEnd', end)}</ChargingProcess>
`
}

const bill = (...processes: readonly string[]): Files => ({
  'bill.xml': `<?xml version="1.0" encoding="UTF-8"?>
<Billing xmlns="http://www.mennekes.de/Mennekes.EdlVerification.xsd">
<BillingPeriods><BillingPeriod><ChargingProcesses>
${processes.join('')}</ChargingProcesses></BillingPeriod></BillingPeriods>
</Billing>
`,
})

const [B, E] = [edlBlock(), edlEnd()]
const of = (name: string, begin: Uint8Array | undefined, end: Uint8Array | undefined): VectorCase => ({
  name,
  question: { 'process.xml': process(begin && signed(begin), end && signed(end)) },
})

/** Of the name that the vectors' contracts have; behind it are zeros, which no element writes. */
const CONTRACT_BYTES = 8
/** More than one byte holds. */
const MANY = Uint8Array.of(1, 7)
const later = { contractTime: 1_772_438_390n }

export const mennekesVectors: FormatVectors = {
  format: 'mennekes',
  cases: () => {
    const whole = process(signed(B), signed(E))
    const unknown = { contractId: new Uint8Array() }
    const nobody = process(signed(edlBlock(unknown)), signed(edlEnd(unknown)))
    const next = process(
      signed(edlBlock({ ...later, time: 1_772_438_400n, pagination: 22n, value: 205_000n })),
      signed(edlEnd({ ...later, time: 1_772_442_000n, pagination: 23n, value: 210_000n })),
    )
    const altered = (name: string, from: string | RegExp, to: string): VectorCase => ({
      name: `form-${name}`,
      question: { 'process.xml': whole.replace(from, to) },
    })
    return [
      of('session', B, E),
      { name: 'session-bill', question: bill(whole, next) },
      { name: 'session-bill-one-twice', question: bill(whole, whole) },
      altered('signature-with-logbook', /<Signature>([0-9A-F]+)<\/Signature>/g, '<Signature>$10007</Signature>'),
      altered('signature-with-another-logbook', /<Signature>([0-9A-F]+)<\/Signature>/g, '<Signature>$10009</Signature>'),
      altered('element-missing', /<Pagination>20<\/Pagination>/, ''),
      altered('element-twice', '<Pagination>20</Pagination>', '<Pagination>20</Pagination><Pagination>20</Pagination>'),
      altered('value-no-number', '<Value>100000</Value>', '<Value>much</Value>'),
      altered('value-with-zeros-in-front', '<Value>100000</Value>', '<Value>000100000</Value>'),
      // all of these are cut to the signed bytes where nobody looks
      altered('meter-too-long', '</ServerId>', 'AB</ServerId>'),
      altered('customer-too-long', '</CustomerIdent>', `${'00'.repeat(120)}AB</CustomerIdent>`),
      altered('scaler-of-nine-bits', '<Scaler>-1</Scaler>', '<Scaler>255</Scaler>'),
      altered('number-of-33-bits', '<Pagination>20</Pagination>', `<Pagination>${2 ** 32 + 20}</Pagination>`),
      altered('counter-of-17-bits', '<EventCounter>7</EventCounter>', `<EventCounter>${2 ** 16 + 7}</EventCounter>`),
      altered('time-without-offset', /(<Timestamp>[^<+]*)\+01:00/, '$1'),
      altered('time-of-no-place', /(<MeasurementEnd>[\s\S]*?<Timestamp>[^<+]*)\+01:00/, '$1-99:00'),
      altered('place-between-two-hours', /\+01:00/g, '+05:45'),
      of('session-of-many-events', edlBlock({ logbook: MANY }), edlEnd({ logbook: MANY })),
      {
        name: 'events-tampered',
        question: {
          'process.xml': process(signed(edlBlock({ logbook: MANY })), signed(edlEnd({ logbook: MANY }))).replaceAll('>263<', '>7<'),
        },
      },
      altered('key-of-another', /<PublicKey>[^<]*/, `<PublicKey>${hex(vectorSigner('secp192r1', 'stranger').publicKey.point)}`),
      altered('document-type', /^/, '<!DOCTYPE ChargingProcess [<!ENTITY a "b">]>'),
      { name: 'form-no-customer', question: { 'process.xml': nobody } },
      { name: 'form-customer-added', question: { 'process.xml': nobody.replace('<CustomerIdent>', '<CustomerIdent>04A1B2C3') } },
      { name: 'form-no-measurement', question: { 'process.xml': process(undefined, undefined) } },
      of('rule-end-missing', B, undefined),
      of('rule-begin-missing', undefined, E),
      of('rule-end-before-begin', E, B),
      of('rule-duplicate-number', B, edlEnd({ pagination: 20n })),
      of('rule-time-backwards', B, edlEnd({ time: 1_772_351_999n })),
      of('rule-energy-decreasing', B, edlEnd({ value: 99_999n })),
      of('rule-scaler-differs', B, edlEnd({ scaler: 0n })),
      of('rule-logbook-changed', B, edlEnd({ logbook: Uint8Array.of(0, 8) })),
      of('rule-meter-status', B, edlEnd({ status: 0x09n })),
      of('rule-contract-time', B, edlEnd({ contractTime: 1_772_355_000n })),
      of('rule-implausible', B, edlEnd({ value: 5_200_001n })),
      {
        name: 'rule-halves-of-two-sessions',
        question: bill(process(signed(B), signed(edlEnd({ ...later, time: 1_772_442_000n, pagination: 23n, value: 210_000n })))),
      },
      ...fieldTwins({
        signed: E,
        // register and unit stand in no element: they are the format's
        fields: Object.entries(EDL_BLOCK)
          .filter(([name]) => name !== 'obis' && name !== 'unit')
          .map(([name, { at, length }]) => ({ name, at, length: name === 'contractId' ? CONTRACT_BYTES : length })),
        question: (block) => ({ 'process.xml': process(signed(B), { block, signature: edlSignature(E) }) }),
      }),
    ]
  },
}
