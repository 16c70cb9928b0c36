// One record, explained: signed bytes field by field, what was not signed, hash, key and where it comes from, signature, outcome.
import { unhex } from '../../src/base/bytes.ts'
import { CURVES } from '../../src/crypto/curves.ts'
import { readSignature } from '../../src/crypto/signature-parts.ts'
import {
  type Evidence,
  type EvidenceField,
  FIELD_WORDS,
  KEY_TRUST_SENTENCES,
  type KeyTrust,
  type Language,
  type RecordReport,
  SIGNATURE_SENTENCES,
  type SignatureReport,
  sentence,
} from '../../src/transparency/index.ts'
import { WORDS } from './explain-words.ts'
import { clean, table, wrapped } from './layout.ts'
import type { TextOptions } from './verify-text.ts'

export const recordLines = (record: RecordReport, trust: KeyTrust, { language, colour: _, ...space }: TextOptions): string[] => {
  const word = (name: Word): string => WORDS[name][language]
  const { signature, evidence, unsigned = [] } = record
  const title = ` ${wrapped(`${word('record')} ${record.id}: ${record.format}, ${clean(record.input)}`, { ...space, hang: 4, taken: 1 })}`
  if (evidence === undefined) return [title, `  ${word('no-evidence')}`]
  const state = sentence(SIGNATURE_SENTENCES, signature.state, language)
  const facts = [
    ...hashRows({ signature, evidence, word }),
    ...keyRows(record, evidence, word),
    [word('key'), sentence(KEY_TRUST_SENTENCES, signature.keySource === undefined ? 'none' : trust, language)],
    [word('signature'), [clean(signature.algorithm ?? signature.curve ?? ''), state].filter((part) => part !== '').join(': ')],
    ...numberRows(signature, evidence),
  ]
  return [
    title,
    `  ${word('signed')}: ${signedText(evidence, word)}`,
    ...table(fieldRows(evidence, word, language), { ...space, hang: 4 }),
    `  ${word('unsigned')}: ${unsigned.length === 0 ? word('nothing') : ''}`.trimEnd(),
    ...table(
      unsigned.map(({ name, value }) => [clean(name), clean(value)]),
      { ...space, hang: 4 },
    ),
    ...table(facts, { ...space, hang: 2 }),
  ]
}

type Word = keyof typeof WORDS
type Say = (name: Word) => string

const signedText = ({ signedBytes, signedPart }: Evidence, word: Say): string =>
  `${signedBytes.length / 2} ${word('signed-bytes')}${signedPart === undefined ? '' : ` (${word('part')}: ${signedPart})`}`

const fieldRows = (evidence: Evidence, word: Say, language: Language): string[][] => {
  const shift = payloadStart(evidence)
  const heading = [word('at'), word('bytes'), word('field'), word('value'), word('meaning')]
  const row = (field: EvidenceField): string[] => {
    const { name, value, meaning = '' } = field
    return [...placeOf(field, evidence.signedBytes, shift), clean(name), clean(value), sentence(FIELD_WORDS, meaning, language)]
  }
  return [heading, ...evidence.fields.map(row)]
}

const placeOf = ({ at, length }: EvidenceField, signed: string, shift: number): [string, string] => {
  if (at === undefined || length === undefined) return ['', '']
  const from = at + shift
  const bytes = signed.slice(2 * from, 2 * (from + length))
  return [length > 1 ? `${from}–${from + length - 1}` : String(from), short(bytes)]
}

/** Fields count from the payload's brace; where the blanks around it are signed too, it is not the first byte. */
const payloadStart = ({ signedBytes, signedPart }: Evidence): number =>
  signedPart === 'section' ? Math.max(0, unhex(signedBytes).indexOf('{'.charCodeAt(0))) : 0

const SHOWN = 24

/** Long fields: the beginning and the end are enough to find them. */
const short = (hex: string): string => (hex.length <= SHOWN ? hex : `${hex.slice(0, SHOWN - 5)}…${hex.slice(-4)}`)

const hashRows = ({ signature, evidence, word }: { signature: SignatureReport; evidence: Evidence; word: Say }): string[][] => {
  const { curve, hash } = signature
  if (curve === undefined || hash === undefined)
    return evidence.hash === '' && evidence.publicKey !== '' ? [[word('hash'), word('hash-inside')]] : []
  const cut = evidence.hash.length * 4 > CURVES[curve].n.toString(2).length
  return [[word('hash'), `${hash}: ${evidence.hash}${cut ? ` (${word('truncated')}: ${CURVES[curve].n.toString(2).length})` : ''}`]]
}

const keyRows = ({ signature }: RecordReport, { publicKey }: Evidence, word: Say): string[][] =>
  publicKey === ''
    ? []
    : [
        [word('key'), `${signature.curve ?? ''} ${publicKey}`.trimStart()],
        [word('fingerprint'), signature.keyFingerprint ?? ''],
        [word('from'), clean(signature.keySource ?? '')],
      ]

/** r and s of ECDSA, or the bytes as they are. */
const numberRows = ({ curve }: SignatureReport, { signature }: Evidence): string[][] => {
  const parts = curve === undefined || signature === '' ? undefined : readSignature(unhex(signature), curve)
  if (parts === undefined) return signature === '' ? [] : [['', signature]]
  return [
    ['', `r = ${parts.r}`],
    ['', `s = ${parts.s}`],
  ]
}
