// A verdict as text for people at a terminal. Judges nothing; every sentence comes from the verifier's own tables.
import { styleText } from 'node:util'
import { decimal, kilowattHours } from '../../src/transparency/format.ts'
import {
  type CheckReport,
  CODE_SENTENCES,
  type CostReport,
  INPUT_FAULT_SENTENCES,
  type InputReport,
  KEY_SIGNER_SENTENCES,
  KEY_TRUST_SENTENCES,
  type Language,
  type RecordReport,
  type SessionReport,
  SIGNATURE_SENTENCES,
  sentence,
  VERDICT_SENTENCES,
  VERDICT_WORDS,
  type Verdict,
  type VerdictState,
} from '../../src/transparency/index.ts'
import { clean, table, wrapped } from './layout.ts'

export interface TextOptions {
  readonly language: Language
  readonly colour: boolean
  readonly columns?: number
}

export const verdictText = ({ verdict, inputs, sessions }: Verdict, options: TextOptions): string => {
  const { language } = options
  const several = sessions.length > 1 ? ` (${sessions.length} ${LABELS.sessions[language]})` : ''
  const lines = [
    headline('', verdict, { ...options, after: several }),
    ...sessions.flatMap((session) => ['', ...sessionLines(session, options)]),
    ...unusable(inputs, options),
  ]
  return `${lines.join('\n')}\n`
}

/** `before` VERDICT  and what it means. */
export const headline = (before: string, verdict: VerdictState, { language, colour, after = '', ...space }: Headline): string => {
  const word = sentence(VERDICT_WORDS, verdict, language).toUpperCase()
  const taken = before.length + word.length + 2
  const rest = wrapped(`${sentence(VERDICT_SENTENCES, verdict, language)}${after}`, { ...space, hang: 2, taken })
  return `${before}${colour ? styleText(COLOURS[verdict], word, { validateStream: false }) : word}  ${rest}`
}

type Headline = TextOptions & { readonly after?: string }

/** Inputs that could not be used, each with its reason; nothing where there is none. */
export const unusable = (inputs: readonly InputReport[], { language, ...space }: TextOptions): string[] => {
  const rows = inputs.flatMap(({ name, fault }) =>
    fault === undefined
      ? []
      : [[clean(name), `${sentence(INPUT_FAULT_SENTENCES, fault.code, language)} [${fault.code}: ${clean(fault.detail)}]`]],
  )
  return rows.length === 0 ? [] : ['', `${LABELS.unused[language]}:`, ...table(rows, { ...space, hang: 2 })]
}

const LABELS = {
  sessions: { de: 'Ladevorgänge', en: 'sessions' },
  meter: { de: 'Zähler', en: 'meter' },
  energy: { de: 'Energie', en: 'energy' },
  cost: { de: 'Kosten', en: 'cost' },
  time: { de: 'Zeit', en: 'time' },
  key: { de: 'Schlüssel', en: 'key' },
  signer: { de: 'Bürge', en: 'signer' },
  unused: { de: 'Nicht verwendbar', en: 'Not usable' },
  record: { de: 'Datensatz', en: 'record' },
  signature: { de: 'Signatur', en: 'signature' },
  register: { de: 'Register', en: 'register' },
  value: { de: 'Wert', en: 'value' },
} as const

const COLOURS = { valid: 'green', invalid: 'red', incomplete: 'yellow', unproven: 'yellow', unreadable: 'yellow' } as const

const sessionLines = (session: SessionReport, options: TextOptions): string[] => {
  const { language, ...space } = options
  const row = (label: keyof typeof LABELS, text: string): [string, string] => [LABELS[label][language], text]
  const { id = '?', keyFingerprint } = session.meter
  const key = `${sentence(KEY_TRUST_SENTENCES, session.keyTrust, language)}${keyFingerprint === undefined ? '' : ` [${keyFingerprint.slice(0, 16)}]`}`
  const facts = [
    row('meter', clean(id)),
    ...(session.energyWh === undefined ? [] : [row('energy', kilowattHours(session.energyWh, language))]),
    ...(session.cost === undefined ? [] : [row('cost', costText(session.cost, language))]),
    row('time', `${session.begin ?? '…'} – ${session.end ?? '…'}`),
    row('key', key),
    ...signerTexts(session, language).map((text) => row('signer', text)),
  ]
  return [
    headline(`${session.id}: `, session.verdict, options),
    ...table(facts, { ...space, hang: 2 }),
    '',
    ...table([HEADINGS.map((label) => LABELS[label][language]), ...session.records.flatMap((each) => recordRows(each, language))], {
      ...space,
      hang: 2,
    }),
    // two rules may find the same, and one rule the same in every record
    ...new Set(session.checks.filter(({ state }) => state !== 'pass').map((check) => checkLine(check, options))),
  ]
}

/** Those who vouch for the key, each once. */
const signerTexts = ({ records }: SessionReport, language: Language): string[] => {
  const signers = records.flatMap(({ signature }) => signature.keySigners ?? [])
  return [...new Set(signers.map(({ issuer = '?', state }) => `${clean(issuer)}: ${sentence(KEY_SIGNER_SENTENCES, state, language)}`))]
}

/** Rounded, and exact in hundredths. */
const costText = ({ amount, currency, exactCents, tariff }: CostReport, language: Language): string =>
  `${decimal(amount, language)} ${clean(currency)} (${decimal(exactCents, language)} / 100; ${clean(tariff)})`

const HEADINGS = ['record', 'signature', 'time', 'register', 'value'] as const

/** A row for each value; what is said of the whole record stands in the first. */
const recordRows = ({ id, values, signature }: RecordReport, language: Language): string[][] => {
  const state = sentence(SIGNATURE_SENTENCES, signature.state, language)
  const rows = values.map(({ time = '', obis = '', value, unit }) => [
    clean(time),
    clean(obis),
    `${decimal(value, language)} ${clean(unit)}`,
  ])
  return (rows.length === 0 ? [['', '', '']] : rows).map((row, i) => [i === 0 ? id : '', i === 0 ? state : '', ...row])
}

const MARKS = { fail: '✗', warn: '!', skip: '?', pass: '✓' } as const

/** What a rule found, as a driver and as an engineer reads it. */
export const checkLine = ({ state, code = '', detail }: CheckReport, { language, ...space }: TextOptions): string => {
  const told = `${sentence(CODE_SENTENCES, code, language)} [${code}${detail === undefined ? '' : `: ${clean(detail)}`}]`
  return `  ${MARKS[state]} ${wrapped(told, { ...space, hang: 4 })}`
}
