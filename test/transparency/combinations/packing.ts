// How records get into a question: each in a file, or several of any formats in one container, with or without keys beside them, and the
// files in archives.
import { gzipSync, zipSync } from 'fflate'
import { base64, concat, hex, utf8 } from '../../../src/base/bytes.ts'
import { pdfOf, tarOf } from '../../../tools/transparency-vectors/archives.ts'
import { oldContainer } from '../../../tools/transparency-vectors/chargeit-emh.ts'
import { hexKeyOf, safeXml } from '../../../tools/transparency-vectors/maker.ts'
import { MAKERS } from './makers/index.ts'
import { type Holder, type Said, type Signed, signerOf, type Written } from './said.ts'

/** A record as it is written, on its way into a container. */
export interface Packed extends Signed {
  readonly written: Written
  /** What a document around it says was charged, in Wh. */
  readonly told: number | undefined
  /** One key is in it, and another one beside it. */
  readonly conflict?: boolean
}

/** What a container is given. */
interface Item {
  readonly content: string | Uint8Array
  readonly form: Written['form']
  readonly kind: Said['kind']
  /** Hexadecimal; what stands beside the record, which may hold its own. */
  readonly key: string | undefined
}

type Files = Readonly<Record<string, string | Uint8Array>>
type Around = { readonly key: string | undefined; readonly kWh: string | undefined }

interface Way {
  readonly forms: readonly Written['form'][]
  /** `shared`: one key for all, where they have only one. `own`: those that are in the records. */
  readonly keys: 'own' | 'each' | 'shared'
  readonly tells?: true
  readonly labels?: true
  write(items: readonly Item[], around: Around): string | Uint8Array
}

const LINES: readonly Written['form'][] = ['ocmf', 'alfen', 'pcdf']
const PLACES: readonly Written['form'][] = [...LINES, 'edl40', 'isa', 'values', 'processes', 'json']

const textOf = ({ content }: Item): string => (typeof content === 'string' ? content : hex(content))
const base64Of = ({ content }: Item): string => base64(typeof content === 'string' ? utf8(content) : content)
/** `#5.000` becomes a number with all its decimals. */
const json = (value: unknown): string => JSON.stringify(value).replace(/"#([0-9.]+)"/, '$1')
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

const signedValues = (items: readonly Item[]) =>
  items.map((item, index) => ({ signed_data: index % 2 === 0 ? textOf(item) : base64Of(item) }))

/** A record of a whole session has no place in it. */
const STATUSES: Readonly<Record<Said['kind'], string>> = { begin: 'Start', between: 'Progress', end: 'End', whole: 'End' }

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
    write: (items) => safeXml(items.map((item) => ({ data: textOf(item), ...(item.key === undefined ? {} : { key: item.key }) }))),
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
    tells: true,
    write: (items, { key, kWh }) =>
      json({
        ...{ cdr_token: {}, charging_periods: [], total_energy: kWh },
        signed_data: { signed_values: signedValues(items), ...(key === undefined ? {} : { public_key: key }) },
      }),
  },
  {
    forms: PLACES,
    keys: 'shared',
    tells: true,
    labels: true,
    write: (items, { key, kWh }) =>
      json({
        ...{ SessionID: 's', EvseID: 'DE*CPV*E0001', ConsumedEnergy: kWh },
        SignedMeteringValues: items.map((item) => ({ SignedMeteringValue: textOf(item), MeteringStatus: STATUSES[item.kind] })),
        CalibrationLawVerificationInfo: key === undefined ? {} : { PublicKey: key },
      }),
  },
  {
    forms: PLACES,
    keys: 'shared',
    write: (items, { key }) =>
      JSON.stringify({
        chargingSessions: items.map((item, index) => ({ '@id': `s${index}`, original: base64Of(item) })),
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
]

export const AROUND: readonly ((name: string, files: Readonly<Record<string, Uint8Array>>) => Readonly<Record<string, Uint8Array>>)[] = [
  (_, files) => files,
  (name, files) => ({ [`${name}.zip`]: zipSync(files) }),
  (name, files) => ({ [`${name}.tgz`]: gzipSync(tarOf(Object.entries(files).map(([name, content]) => ({ name, content })))) }),
  (name, files) => ({ [`${name}.pdf`]: pdfOf({ attachments: files }) }),
  (_, files) => files,
]

const curveOf = ({ said }: Signed) => MAKERS[said.family].curve
const keyText = (record: Signed, holder: Holder): string => hexKeyOf(signerOf(holder, curveOf(record)))

/** The key that is read with the record, and whether that is in doubt. */
const keysOf = (
  { written: { holdsKey }, embedded, beside }: Packed,
  { keys }: Way,
  shared: boolean,
): Pick<Packed, 'embedded' | 'conflict'> => {
  const [inside, around] = [holdsKey ? embedded : undefined, keys === 'each' ? (beside ?? embedded) : shared ? embedded : undefined]
  return { embedded: inside ?? around, conflict: inside !== undefined && around !== undefined && inside !== around }
}

/** What goes into one document, and the records as they are to be read there. */
const documentOf = (name: string, inside: readonly Packed[], way: Way): { files: Files; records: Packed[] } => {
  const keys = new Set(inside.map((record) => record.embedded && keyText(record, record.embedded)))
  const [only] = keys
  const shared = way.keys === 'shared' && keys.size === 1 ? only : undefined
  const records = inside.map((record) => {
    const told = way.tells && new Set(inside.map(({ said }) => said.session)).size === 1 ? record.told : undefined
    const written = way.labels ? { ...record.written, label: record.said.kind } : record.written
    return { ...record, ...keysOf(record, way, shared !== undefined), written, told }
  })
  const items = records.map((record, index): Item => {
    const beside = inside[index]?.beside ?? record.embedded
    return { ...record.written, kind: record.said.kind, key: beside === undefined ? undefined : keyText(record, beside) }
  })
  const told = records[0]?.told
  return {
    files: { [name]: way.write(items, { key: shared, kWh: told === undefined ? undefined : `#${(told / 1000).toFixed(3)}` }) },
    records,
  }
}

const alone = (name: string, record: Packed): { files: Files; records: Packed[] } => {
  const { content, signature, holdsKey } = record.written
  const files: Files = signature === undefined ? { [name]: content } : { [`${name}/secrrct`]: content, [`${name}/secrrct.sign`]: signature }
  return { files, records: [{ ...record, embedded: holdsKey ? record.embedded : undefined, told: undefined }] }
}

/** Those that the container can carry are in it, and the others in files beside it. */
export const packed = (name: string, records: readonly Packed[], way: Way): { files: Files; records: Packed[] } => {
  const inside = records.filter(({ written }) => way.forms.includes(written.form))
  const others = records.filter(({ written }) => !way.forms.includes(written.form))
  const all = [
    ...(inside.length === 0 ? [] : [documentOf(name, inside, way)]),
    ...others.map((record, index) => alone(`${name}-${index}`, record)),
  ]
  return { files: Object.assign({}, ...all.map(({ files }) => files)), records: all.flatMap(({ records }) => records) }
}
