// How records get into a question: each in a file, or several of any formats in one container, with or without keys beside them, and the
// files in archives.
import { gzipSync, zipSync } from 'fflate'
import { pdfOf, tarOf } from '../../../tools/transparency-vectors/archives.ts'
import { hexKeyOf } from '../../../tools/transparency-vectors/maker.ts'
import type { Files, Item, Numbers, Way } from './containers.ts'
import { MAKERS } from './makers/index.ts'
import { type Holder, type Said, type Signed, signerOf, type Written } from './said.ts'

/** A record as it is written, on its way into a container. */
export interface Packed extends Signed {
  readonly written: Written
  /** What a document around it says was charged, in Wh. */
  readonly told: Partial<Numbers>
  /** What it calls the record. */
  readonly calls: Said['kind']
  /** Whether a message of OCPP carries it, and which. */
  readonly message?: 'earlier' | 'ending' | undefined
  /** One key is in it, and another one beside it. */
  readonly conflict?: boolean
}

export const AROUND: readonly ((name: string, files: Readonly<Record<string, Uint8Array>>) => Readonly<Record<string, Uint8Array>>)[] = [
  (_, files) => files,
  (name, files) => ({ [`${name}.zip`]: zipSync(files) }),
  (name, files) => ({ [`${name}.tgz`]: gzipSync(tarOf(Object.entries(files).map(([name, content]) => ({ name, content })))) }),
  (name, files) => ({ [`${name}.pdf`]: pdfOf({ attachments: files }) }),
  (name, files) => ({
    [`${name}.zip`]: zipSync({ 'inner.zip': zipSync(files) }),
  }),
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

/** Of its numbers, what the container says; an event of OCPP has one beside its own record. */
const toldAt = ({ told, calls }: Packed, { tells = [], message }: Way): Partial<Numbers> => {
  const own = calls === 'begin' ? 'first' : calls === 'between' ? undefined : 'last'
  const names = message === 'event' ? tells.filter((name) => name === own) : tells
  return Object.fromEntries(names.flatMap((name) => (told[name] === undefined ? [] : [[name, told[name]]])))
}

const messageOf = ({ calls }: Packed, { message }: Way): Packed['message'] => {
  if (message !== 'event') return message
  return calls === 'end' || calls === 'whole' ? 'ending' : 'earlier'
}

/** What goes into one document, and the records as they are to be read there. */
const documentOf = (name: string, inside: readonly Packed[], way: Way): { files: Files; records: Packed[] } => {
  const keys = new Set(inside.map((record) => record.embedded && keyText(record, record.embedded)))
  const [only] = keys
  const shared = way.keys === 'shared' && keys.size === 1 ? only : undefined
  const one = new Set(inside.map(({ said }) => said.session)).size === 1
  const records = inside.map((record) => {
    const told = one ? toldAt(record, way) : {}
    const written = way.labels ? { ...record.written, label: record.calls } : record.written
    return { ...record, ...keysOf(record, way, shared !== undefined), written, told, message: messageOf(record, way) }
  })
  const items = records.map((record, index): Item => {
    const beside = inside[index]?.beside ?? record.embedded
    return { ...record.written, kind: record.calls, key: beside === undefined ? undefined : keyText(record, beside) }
  })
  const told: Partial<Numbers> = Object.assign({}, ...records.map((record) => record.told))
  return { files: { [name]: way.write(items, { key: shared, told }) }, records }
}

const alone = (name: string, record: Packed): { files: Files; records: Packed[] } => {
  const { content, signature, holdsKey } = record.written
  const files: Files = signature === undefined ? { [name]: content } : { [`${name}/secrrct`]: content, [`${name}/secrrct.sign`]: signature }
  return { files, records: [{ ...record, embedded: holdsKey ? record.embedded : undefined, told: {} }] }
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
