// Random questions about OCMF: who measured what, how it is packed, which keys are given in which way, and what somebody did to it. What the
// answer must be is said by model.ts, from the same world.
import fc from 'fast-check'
import { gzipSync, zipSync } from 'fflate'
import { base64, hex, utf8 } from '../../../src/base/bytes.ts'
import type { Signer } from '../../../src/crypto/engine.ts'
import { type SessionReport, verify } from '../../../src/transparency/index.ts'
import { pdfOf, tarOf } from '../../../tools/transparency-vectors/archives.ts'
import { keyDocument } from '../../../tools/transparency-vectors/keys.ts'
import { hexKeyOf, ocmfText, payload, pemOf, present, reading, safeXml } from '../../../tools/transparency-vectors/maker.ts'
import { vectorSigner } from '../../../tools/transparency-vectors/signer.ts'
import { ENGINE, inputsOf } from '../support.ts'

/** `m0` to `m2` are meters; `forger` is nobody's; `authority` vouches. */
export type Holder = 'm0' | 'm1' | 'm2' | 'forger'
const METERS = ['m0', 'm1', 'm2'] as const
const SIGNERS: Readonly<Record<Holder | 'authority', Signer>> = {
  m0: vectorSigner('secp256r1', 'm0'),
  m1: vectorSigner('secp256r1', 'm1'),
  m2: vectorSigner('secp256r1', 'm2'),
  forger: vectorSigner('secp256r1', 'forger'),
  authority: vectorSigner('secp384r1', 'authority'),
}

/** One record as it lies in the question. */
export interface Placed {
  readonly meter: Holder
  /** Of all sessions in the world. */
  readonly session: number
  /** Of its session; the last is the end. */
  readonly index: number
  /** Whose key signed it; undefined where the signature is of something else. */
  readonly signer: Holder | undefined
  /** What it says, which may have been changed. */
  readonly text: string
  readonly embedded: Holder | undefined
}

/** A key in the question or beside it, of which a file's name says whose it is; `lone` has no name. */
export interface KeySetting {
  readonly way: 'pinned' | 'given' | 'beside' | 'registered' | 'expired' | 'unverified' | 'wrong-meter'
  readonly meter: Holder
  readonly key: Holder
  readonly lone: boolean
}

export interface World {
  readonly lengths: readonly number[]
  readonly meters: readonly Holder[]
  readonly records: readonly Placed[]
  readonly keys: readonly KeySetting[]
}

export interface Told {
  readonly verdict: SessionReport['verdict']
  readonly meter: string
  readonly keyTrust: SessionReport['keyTrust']
  readonly energyWh: string | undefined
  readonly begin: string | undefined
  readonly end: string | undefined
}

const holder = fc.constantFrom<Holder>('m0', 'm1', 'm2', 'forger')
const change = fc.record({
  kind: fc.constantFrom('drop', 'double', 'tamper', 'signature', 'forge', 'forge-all', 'key', 'no-key'),
  at: fc.nat(20),
  other: fc.nat(20),
  holder,
})
const setting = fc.record({
  way: fc.constantFrom<KeySetting['way']>('pinned', 'given', 'beside', 'registered', 'expired', 'unverified', 'wrong-meter'),
  meter: fc.constantFrom<Holder>(...METERS),
  key: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: holder }),
  lone: fc.nat(5).map((n) => n === 0),
})

export const planned = fc.record({
  sessions: fc.array(fc.record({ meter: fc.constantFrom(...METERS), length: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  changes: fc.array(change, { maxLength: 3 }),
  keys: fc.array(setting, { maxLength: 3 }),
  order: fc.array(fc.nat(1000), { minLength: 20, maxLength: 20 }),
  cuts: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
  ways: fc.array(fc.nat(5), { minLength: 5, maxLength: 5 }),
  around: fc.array(fc.nat(5), { minLength: 5, maxLength: 5 }),
})

type Plan = typeof planned extends fc.Arbitrary<infer T> ? T : never

/** Of a session: an hour from its number on, in kWh that rise from session to session. */
export const energyAt = (session: number, index: number): string => `${100 * (session + 1) + 5 * index}.250`
export const timeAt = (session: number, index: number): string =>
  `2026-03-${String(session + 1).padStart(2, '0')}T08:${10 + 10 * index}:00,000+0100 S`

const signed = new Map<string, string>()

/** @param text in place of what the fields would be written as */
const documentOf = (fields: Parameters<typeof ocmfText>[0], signer: Holder, text?: string): string => {
  const name = `${signer} ${text ?? JSON.stringify(fields)}`
  const known = signed.get(name) ?? ocmfText(fields, { signer: SIGNERS[signer], ...(text === undefined ? {} : { write: () => text }) })
  signed.set(name, known)
  return known
}

const recordOf = (
  meter: Holder,
  number: number,
  { session, index, last, more }: { session: number; index: number; last: number; more?: string },
) =>
  payload({
    PG: `T${number}`,
    MS: meter.toUpperCase(),
    GS: `gw-${meter}`,
    RD: (last === 0 ? [0, 1] : [index]).map((each) =>
      present(
        reading({
          TX: last === 0 ? 'BE'.charAt(each) : each === 0 ? 'B' : each === last ? 'E' : 'C',
          RV: `#${more ?? energyAt(session, each)}`,
          TM: timeAt(session, each),
        }),
      ),
    ),
  })

/** Every record of every session, as its meter made it. A session of one record holds both readings in it. */
const honest = (sessions: Plan['sessions']): Placed[] => {
  const numbers = new Map<Holder, number>()
  return sessions.flatMap(({ meter, length }, session) =>
    Array.from({ length }, (_, index) => {
      const number = (numbers.get(meter) ?? 0) + 1
      numbers.set(meter, number)
      const text = documentOf(recordOf(meter, number, { session, index, last: length - 1 }), meter)
      return { meter, session, index, signer: meter, text, embedded: meter }
    }),
  )
}

const altered = (records: readonly Placed[], { kind, at, other, holder }: Plan['changes'][number]): Placed[] => {
  const one = records[at % records.length]
  const second = records[other % records.length]
  if (one === undefined || second === undefined) return [...records]
  const instead = (change: Partial<Placed>): Placed[] => records.map((each) => (each === one ? { ...each, ...change } : each))
  if (kind === 'drop') return records.filter((each) => each !== one)
  if (kind === 'double') return [...records, { ...one }]
  if (kind === 'tamper')
    return instead({ text: one.text.replace('.250', '.350'), signer: one.text.includes('.250') ? undefined : one.signer })
  if (kind === 'signature') {
    const section = second.text.slice(second.text.lastIndexOf('|'))
    const text = one.text.slice(0, one.text.lastIndexOf('|')) + section
    return instead({ text, signer: text === one.text ? one.signer : undefined })
  }
  if (kind === 'forge') return instead(forged(one))
  if (kind === 'forge-all')
    return records.map((each) => (each.session === one.session && each.meter === one.meter ? { ...each, ...forged(each) } : each))
  return instead({ embedded: kind === 'key' ? holder : undefined })
}

/** The same record, signed anew by somebody else, who puts his own key beside it. */
const forged = ({ text, signer }: Placed): Partial<Placed> => {
  // what was changed before would be another session of his own
  if (signer === undefined) return {}
  const bytes = text.slice(text.indexOf('{'), text.lastIndexOf('|'))
  return { text: documentOf({}, 'forger', bytes), signer: 'forger', embedded: 'forger' }
}

interface Packing {
  /** `once`: a key of one of them holds for all, where it is the only one. */
  readonly keys: 'none' | 'each' | 'once'
  write(records: readonly Placed[]): string
}

const PACKED: readonly Packing[] = [
  { keys: 'none', write: (records) => records.map(({ text }) => text).join('\n') },
  { keys: 'each', write: (records) => safeXml(records.map(({ text, embedded }) => ({ data: text, ...keyOf(embedded) }))) },
  { keys: 'none', write: (records) => JSON.stringify(records.map(({ text }) => text)) },
  { keys: 'once', write: (records) => JSON.stringify(records.map(envelopeOf)) },
  { keys: 'none', write: (records) => JSON.stringify({ chargingSessions: [{ original: records.map(({ text }) => text).join('\n') }] }) },
  { keys: 'none', write: (records) => JSON.stringify({ signed_values: records.map(({ text }) => ({ signed_data: text })) }) },
]

/** SignedMeterValueType of OCPP 2.x. */
const envelopeOf = ({ text, embedded }: Placed) => ({
  signedMeterData: base64(utf8(text)),
  publicKey: keyOf(embedded).key ?? '',
  encodingMethod: 'OCMF',
  signingMethod: '',
})

/** The records with the key that then stands beside each. */
const withKeys = (records: readonly Placed[], keys: Packing['keys']): Placed[] => {
  const [only, second] = new Set(records.flatMap(({ embedded }) => embedded ?? []))
  const shared = keys === 'once' && second === undefined ? only : undefined
  return records.map((record) => ({ ...record, embedded: keys === 'none' ? undefined : (record.embedded ?? shared) }))
}

const keyOf = (embedded: Holder | undefined): { key?: string } => (embedded === undefined ? {} : { key: hexKeyOf(SIGNERS[embedded]) })

const AROUND: readonly ((name: string, bytes: Uint8Array) => readonly [string, Uint8Array])[] = [
  (name, bytes) => [name, bytes],
  (name, bytes) => [`${name}.zip`, zipSync({ [name]: bytes })],
  (name, bytes) => [`${name}.tgz`, gzipSync(tarOf([{ name, content: bytes }]))],
  (name, bytes) => [`${name}.pdf`, pdfOf({ attachments: { [name]: bytes } })],
  (name, bytes) => [`${name}.zip`, zipSync({ 'inner.gz': gzipSync(bytes) })],
  (name, bytes) => [name, bytes],
]

/** Cut into up to five files, in any order. */
const packed = (
  records: readonly Placed[],
  { order, cuts, ways, around }: Plan,
): { files: Record<string, Uint8Array>; records: Placed[] } => {
  const mixed = records.map((record, index) => ({ record, by: order[index % order.length] ?? 0 })).sort((a, b) => a.by - b.by)
  const groups = Map.groupBy(mixed, (_, index) => cuts.filter((cut) => cut <= index % 4).length)
  const files: Record<string, Uint8Array> = {}
  const placed: Placed[] = []
  for (const [number, group] of groups) {
    const pack = PACKED[ways[number] ?? 0] ?? PACKED[0]
    const wrap = AROUND[around[number] ?? 0] ?? AROUND[0]
    if (pack === undefined || wrap === undefined) continue
    const inside = group.map(({ record }) => record)
    const [name, content] = wrap(`f${number}`, utf8(pack.write(inside)))
    files[name] = content
    placed.push(...withKeys(inside, pack.keys))
  }
  return { files, records: placed }
}

const VOUCHED: Readonly<Record<string, Readonly<Record<string, string>>>> = { expired: { notAfter: '2026-02-01T00:00:00Z' } }

/** Files of keys by where they are given. */
const keyFiles = (keys: readonly KeySetting[]): Record<'pinned' | 'given' | 'beside', Record<string, string>> => {
  const files: Record<'pinned' | 'given' | 'beside', Record<string, string>> = { pinned: {}, given: {}, beside: {} }
  keys.forEach(({ way, meter, key, lone }, index) => {
    const pem = pemOf(SIGNERS[key])
    // two keys of one name lie in two folders
    if (way === 'pinned' || way === 'given' || way === 'beside')
      files[way][`k${index}/${lone ? 'publicKey' : meter.toUpperCase()}.pem`] = pem
    else {
      const subject = { meterId: way === 'wrong-meter' ? 'ANOTHER' : meter.toUpperCase() }
      const value = `04${hex(SIGNERS[key].publicKey.point)}`
      const text = keyDocument(
        { subject, value },
        VOUCHED[way] ?? {},
        way === 'unverified' ? vectorSigner('secp384r1', 'stranger') : SIGNERS.authority,
      )
      files.beside[`k${index}/${meter.toUpperCase()}.json`] = text
    }
  })
  return files
}

export const askWorld = async (plan: Plan) => {
  const whole = honest(plan.sessions)
  const { files, records } = packed(plan.changes.reduce(altered, whole), plan)
  const keys = plan.keys.map((each) => ({ ...each, key: each.key ?? each.meter }))
  const { pinned, given, beside } = keyFiles(keys)
  const verdict = await verify(inputsOf({ ...files, ...beside }), {
    engine: ENGINE,
    keys: inputsOf(given),
    trust: inputsOf({ ...pinned, 'key-authority.pem': pemOf(SIGNERS.authority) }),
  })
  const world: World = {
    lengths: plan.sessions.map(({ length }) => length),
    meters: plan.sessions.map(({ meter }) => meter),
    records,
    keys,
  }
  const sessions: Told[] = verdict.sessions.map(({ verdict, meter, keyTrust, energyWh, begin, end }) => ({
    ...{ verdict, meter: meter.id ?? '', keyTrust, energyWh, begin, end },
  }))
  const count = verdict.sessions.reduce((sum, { records: all }) => sum + all.length, 0)
  return {
    world,
    placed: [...Object.keys(files), ...Object.keys(beside), ...Object.keys(given)],
    told: { verdict: verdict.verdict, sessions, records: count, inputs: verdict.inputs.map(({ name }) => name) },
  }
}
