// The golden vectors of how producers write messages of OCPP and signed data of OCPI beside what the specifications say; each habit with a twin
// that nobody may believe. docs/formats/ocpp.md and ocpi.md name who writes so.
import { base64, hex, unhex, utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import type { VectorCase } from './case.ts'
import { type Fields, hexKeyOf, SIGNER } from './maker.ts'
import { BAD, BEGIN, FINISH } from './two-records.ts'

const KEY = base64(unhex(hexKeyOf(SIGNER)))
const coded = (text: string): string => base64(utf8(text))

const envelope = (text: string): Json => ({ signedMeterData: coded(text), encodingMethod: 'OCMF', signingMethod: '', publicKey: KEY })

interface Spelled {
  readonly format?: string
  readonly value?: (text: string) => Json
  readonly last?: string
  readonly over?: Fields
}

const stop = ({ format = 'SignedData', value = (text) => JSON.stringify(envelope(text)), last = FINISH, over = {} }: Spelled): Fields => ({
  transactionId: 7,
  meterStop: 20_500,
  timestamp: '2026-03-01T08:00:00Z',
  transactionData: [BEGIN, last].map((text, index) => ({
    timestamp: '2026-03-01T07:00:00Z',
    sampledValue: [{ value: value(text), format, context: index === 0 ? 'Transaction.Begin' : 'Transaction.End' }],
  })),
  ...over,
})

const event = (text: string, number: number, eventType: 'Started' | 'Ended'): Json => ({
  eventType,
  transactionInfo: { transactionId: 'tx-0001' },
  meterValue: [
    {
      timestamp: '2026-03-01T07:00:00Z',
      sampledValue: [
        { value: number, context: eventType === 'Ended' ? 'Transaction.End' : 'Transaction.Begin', signedMeterValue: envelope(text) },
      ],
    },
  ],
})

/** As programs write it that name members in the way of Python. */
const underscored = (value: Json | Fields): string =>
  JSON.stringify(value, null, 1).replace(
    /"(\w+)":/g,
    (_, name: string) => `"${name.replace(/[A-Z]/g, (sign) => `_${sign.toLowerCase()}`)}":`,
  )

/** As programs write it that name every member, whether there is one or not: here of a sampled value that is not signed. */
const withNulls = (text: string): string =>
  text.replace(/"sampled_value": \[/g, '$& { "value": 230, "measurand": "Voltage", "signed_meter_value": null, "unit_of_measure": null },')

export const ocppHabits = (): VectorCase[] => {
  const of = (name: string, text: string): VectorCase => ({ name, question: { 'messages.json': text } })
  const json = (spelled: Spelled): string => JSON.stringify(stop(spelled), null, 1)
  const events = (number: number): string => underscored([event(BEGIN, 10_000, 'Started'), event(FINISH, number, 'Ended')])
  const asObject = { value: envelope }
  const twice = { value: (text: string) => coded(coded(text)), over: { publicKey: KEY } }
  return [
    of('session-format-in-small-letters', json({ format: 'signedData' })),
    of('format-in-small-letters-tampered', json({ format: 'signedData', last: BAD })),
    of('session-envelope-as-an-object', json(asObject)),
    of('envelope-as-an-object-tampered', json({ ...asObject, last: BAD })),
    of('session-names-with-underscores', events(20_500)),
    of('names-with-underscores-value-tampered', events(30_500)),
    of('session-members-that-are-null', withNulls(events(20_500))),
    of('members-that-are-null-tampered', withNulls(events(30_500))),
    of('session-stop-transaction-with-underscores', underscored(stop({}))),
    of('stop-transaction-with-underscores-tampered', underscored(stop({ over: { meterStop: 30_500 } }))),
    of('names-in-two-spellings-tampered', underscored(stop({})).replace('{', '{ "meterStop": 30500,')),
    of('key-missing-base64-in-base64', json(twice)),
    of(
      'base64-in-base64-tampered',
      json({ value: (text) => JSON.stringify({ ...(envelope(text) as object), signedMeterData: coded(coded(text)) }), last: BAD }),
    ),
  ]
}

export const ocpiHabits = (): VectorCase[] => {
  const bare = (name: string, encode: (text: string) => string, last = FINISH): VectorCase => ({
    name,
    question: {
      'cdr.json': JSON.stringify({
        encoding_method: 'OCMF',
        public_key: KEY,
        signed_values: [BEGIN, last].map((text, index) => ({
          nature: index === 0 ? 'Start' : 'End',
          plain_data: '',
          signed_data: encode(text),
        })),
      }),
    },
  })
  const twice = (text: string): string => coded(coded(text))
  return [
    bare('session-base64-in-base64', twice),
    bare('session-hex-in-base64', (text) => coded(hex(utf8(text)))),
    bare('base64-in-base64-tampered', twice, BAD),
  ]
}
