// Documents that carry records of any format: what each can hold, whose keys stand in it, and what it says about them.
import { base64, concat, hex, utf8 } from '../../../src/base/bytes.ts'
import { oldContainer } from '../../../tools/transparency-vectors/chargeit-emh.ts'
import { safeXml } from '../../../tools/transparency-vectors/maker.ts'
import type { Said, Written } from './said.ts'

/** What a container is given. */
export interface Item {
  readonly content: string | Uint8Array
  readonly form: Written['form']
  readonly signature?: Uint8Array
  readonly kind: Said['kind']
  /** Hexadecimal; what stands beside the record, which may hold its own. */
  readonly key: string | undefined
}

export type Files = Readonly<Record<string, string | Uint8Array>>

/** What somebody says about a session whose records he hands on, in Wh and seconds. */
export interface Numbers {
  readonly total: number
  /** Of the register, at the begin and at the end. */
  readonly first: number
  readonly last: number
  readonly start: number
  readonly until: number
}

interface Around {
  readonly key: string | undefined
  readonly told: Partial<Numbers>
}

export interface Way {
  readonly forms: readonly Written['form'][]
  /** `shared`: one key for all, where they have only one. `own`: those that are in the records. */
  readonly keys: 'own' | 'each' | 'shared'
  /** About a session that it holds alone. */
  readonly tells?: readonly (keyof Numbers)[]
  /** Whether it says of each record where in the session it is. */
  readonly labels?: true
  readonly message?: 'earlier' | 'ending' | 'event'
  write(items: readonly Item[], around: Around): string | Uint8Array
}

const LINES: readonly Written['form'][] = ['ocmf', 'alfen', 'pcdf']
const PLACES: readonly Written['form'][] = [...LINES, 'edl40', 'isa', 'values', 'processes', 'json']

const textOf = ({ content }: Item): string => (typeof content === 'string' ? content : hex(content))
const base64Of = ({ content }: Item): string => base64(typeof content === 'string' ? utf8(content) : content)
/** `#5.000` becomes a number with all its decimals. */
const json = (value: unknown): string => JSON.stringify(value).replace(/"#([0-9.]+)"/g, '$1')
const kWh = (wh: number | undefined): string | undefined => (wh === undefined ? undefined : `#${(wh / 1000).toFixed(3)}`)
const iso = (time: number | undefined): string | undefined => (time === undefined ? undefined : new Date(1000 * time).toISOString())
const of = (...forms: readonly Written['form'][]): Written['form'][] => [...forms]

const lines = (form: Written['form']): Way => ({ forms: of(form), keys: 'own', write: (items) => items.map(textOf).join('\n') })
const joined = (form: Written['form'], name: string): Way => ({
  forms: of(form),
  keys: 'own',
  write: (items) => `<${name}>${items.map(textOf).join('')}</${name}>`,
})
const telegrams = (form: Written['form']): Way => ({
  forms: of(form),
  keys: 'own',
  write: (items) => concat(...items.map(({ content }) => (typeof content === 'string' ? utf8(content) : content))),
})

const sampled = (items: readonly Item[], key = '') =>
  items.map((item) => ({
    timestamp: '2026-03-01T08:00:00Z',
    sampledValue: [
      {
        value: JSON.stringify({ signedMeterData: base64Of(item), publicKey: key, encodingMethod: '', signingMethod: '' }),
        ...{ format: 'SignedData', context: CONTEXTS[item.kind] },
      },
    ],
  }))

/** The number beside a signed value is that of its place. */
const event = (item: Item, key: string, { first, last }: Partial<Numbers>) => ({
  ...{ eventType: EVENTS[item.kind], transactionInfo: { transactionId: '7' } },
  meterValue: [
    {
      sampledValue: [
        {
          ...{ value: item.kind === 'begin' ? first : item.kind === 'between' ? undefined : last, context: CONTEXTS[item.kind] },
          signedMeterValue: { signedMeterData: base64Of(item), publicKey: key, encodingMethod: '', signingMethod: '' },
        },
      ],
    },
  ],
})
const EVENTS: Readonly<Record<Said['kind'], string>> = { begin: 'Started', between: 'Updated', end: 'Ended', whole: 'Ended' }

const signedValues = (items: readonly Item[]) =>
  items.map((item, index) => ({ signed_data: index % 2 === 0 ? textOf(item) : base64Of(item) }))

const receipt = (items: readonly Item[]): string =>
  safeXml(items.map((item) => ({ data: textOf(item), ...(item.key === undefined ? {} : { key: item.key }) })))

/** A record of a whole session has no place in it. */
const STATUSES: Readonly<Record<Said['kind'], string>> = { begin: 'Start', between: 'Progress', end: 'End', whole: 'End' }

const CONTEXTS: Readonly<Record<Said['kind'], string>> = {
  ...{ begin: 'Transaction.Begin', between: 'Sample.Periodic', end: 'Transaction.End', whole: 'Transaction.End' },
}
const NATURES: Readonly<Record<Said['kind'], string>> = { begin: 'Start', between: 'Intermediate', end: 'End', whole: 'End' }

export const WAYS: readonly Way[] = [
  // each in a file of its own
  { forms: [], keys: 'own', write: () => '' },
  ...LINES.map(lines),
  joined('values', 'signedMeterValues'),
  joined('processes', 'Billing'),
  telegrams('edl40'),
  telegrams('isa'),
  {
    forms: of('alfen', 'json'),
    keys: 'own',
    write: (items) =>
      oldContainer(items.map((item) => (item.form === 'json' ? JSON.parse(textOf(item)) : { format: 'ALFEN', payload: textOf(item) }))),
  },
  {
    forms: PLACES,
    keys: 'each',
    write: receipt,
  },
  { forms: PLACES, keys: 'own', write: (items) => JSON.stringify(items.map(textOf)) },
  {
    forms: PLACES,
    keys: 'shared',
    write: (items, { key = '' }) =>
      JSON.stringify(items.map((item) => ({ signedMeterData: base64Of(item), publicKey: key, encodingMethod: '', signingMethod: '' }))),
  },
  {
    forms: PLACES,
    keys: 'shared',
    write: (items, { key }) => JSON.stringify({ signed_values: signedValues(items), ...(key === undefined ? {} : { public_key: key }) }),
  },
  {
    forms: PLACES,
    keys: 'shared',
    tells: ['total', 'start', 'until'],
    write: (items, { key, told }) =>
      json({
        ...{ cdr_token: {}, charging_periods: [], total_energy: kWh(told.total) },
        ...{ start_date_time: iso(told.start), end_date_time: iso(told.until) },
        signed_data: { signed_values: signedValues(items), ...(key === undefined ? {} : { public_key: key }) },
      }),
  },
  {
    forms: PLACES,
    keys: 'shared',
    tells: ['total', 'first', 'last'],
    labels: true,
    write: (items, { key, told }) =>
      json({
        ...{ SessionID: 's', EvseID: 'DE*CPV*E0001', ConsumedEnergy: kWh(told.total) },
        ...{ MeterValueStart: kWh(told.first), MeterValueEnd: kWh(told.last) },
        SignedMeteringValues: items.map((item) => ({ SignedMeteringValue: textOf(item), MeteringStatus: STATUSES[item.kind] })),
        CalibrationLawVerificationInfo: key === undefined ? {} : { PublicKey: key },
      }),
  },
  {
    forms: [...PLACES, 'pair'],
    keys: 'shared',
    write: (items, { key }) =>
      JSON.stringify({
        chargingSessions: items.map((item, index) => ({
          ...{ '@id': `s${index}`, original: base64Of(item) },
          ...(item.signature === undefined ? {} : { signature: hex(item.signature) }),
        })),
        ...(key === undefined ? {} : { publicKeys: [{ value: key }] }),
      }),
  },
  {
    forms: PLACES,
    keys: 'shared',
    write: (items, { key }) =>
      JSON.stringify({
        '@context': 'https://open.charging.cloud/contexts/chargeTransparency/live/link/1.0',
        signedMeterValues: { encodings: ['base64'], values: items.map(base64Of) },
        chargingStation: { EVSE: { energyMeter: { publicKeys: key === undefined ? [] : [{ value: key }] } } },
      }),
  },
  {
    forms: PLACES,
    keys: 'shared',
    write: (items, { key = '' }) =>
      ['Public key;Record', ...items.map((item) => `${key};${item.form === 'alfen' ? textOf(item) : base64Of(item)}`)].join('\n'),
  },
  {
    forms: PLACES,
    keys: 'shared',
    labels: true,
    message: 'earlier',
    write: (items, { key }) => JSON.stringify({ connectorId: 1, transactionId: 7, meterValue: sampled(items, key) }),
  },
  {
    forms: PLACES,
    keys: 'shared',
    tells: ['last'],
    labels: true,
    message: 'ending',
    write: (items, { key, told }) => JSON.stringify({ transactionId: 7, meterStop: told.last, transactionData: sampled(items, key) }),
  },
  {
    forms: PLACES,
    keys: 'shared',
    labels: true,
    write: (items, { key }) =>
      JSON.stringify({
        signed_values: items.map((item) => ({ signed_data: textOf(item), nature: NATURES[item.kind] })),
        ...(key === undefined ? {} : { public_key: key }),
      }),
  },
  {
    forms: PLACES,
    keys: 'each',
    tells: ['total'],
    write: (items, { told }) =>
      json({
        ...{ cdr_token: {}, charging_periods: [], total_energy: kWh(told.total) },
        signed_data: { signed_values: [{ signed_data: receipt(items) }] },
      }),
  },
  {
    forms: PLACES,
    keys: 'shared',
    tells: ['first', 'last'],
    labels: true,
    message: 'event',
    write: (items, { key = '', told }) => JSON.stringify(items.map((item) => event(item, key, told))),
  },
]
