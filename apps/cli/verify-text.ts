// A verdict as text for people at a terminal. Judges nothing; every sentence comes from the verifier's own tables.
import { styleText } from 'node:util'
import { formatDecimal, parseDecimal, scaleDecimal } from '../../src/base/decimal.ts'
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

export interface TextOptions {
  readonly language: Language
  readonly colour: boolean
}

export const verdictText = ({ verdict, inputs, sessions }: Verdict, options: TextOptions): string => {
  const faulty = inputs.filter(({ fault }) => fault !== undefined)
  const several = sessions.length > 1 ? ` (${sessions.length} ${LABELS.sessions[options.language]})` : ''
  const lines = [
    `${headline(verdict, options)}${several}`,
    ...sessions.flatMap((session) => ['', ...sessionLines(session, options)]),
    ...(faulty.length === 0 ? [] : ['', `${LABELS.unused[options.language]}:`, ...faulty.map((input) => inputLine(input, options))]),
  ]
  return `${lines.join('\n')}\n`
}

const LABELS = {
  sessions: { de: 'Ladevorgänge', en: 'sessions' },
  meter: { de: 'Zähler', en: 'meter' },
  energy: { de: 'Energie', en: 'energy' },
  cost: { de: 'Kosten', en: 'cost' },
  time: { de: 'Zeit', en: 'time' },
  key: { de: 'Schlüssel', en: 'key' },
  signer: { de: 'Bürge', en: 'signer' },
  records: { de: 'Datensätze', en: 'records' },
  unused: { de: 'Nicht verwendbar', en: 'Not usable' },
} as const

const COLOURS = { valid: 'green', invalid: 'red', incomplete: 'yellow', unproven: 'yellow', unreadable: 'yellow' } as const

const headline = (verdict: VerdictState, { language, colour }: TextOptions): string => {
  const word = sentence(VERDICT_WORDS, verdict, language).toUpperCase()
  const shown = colour ? styleText(COLOURS[verdict], word, { validateStream: false }) : word
  return `${shown}  ${sentence(VERDICT_SENTENCES, verdict, language)}`
}

const sessionLines = (session: SessionReport, options: TextOptions): string[] => {
  const { language } = options
  const row = (label: keyof typeof LABELS, text: string): string => `  ${LABELS[label][language].padEnd(12)}${text}`
  const { id = '?', keyFingerprint } = session.meter
  const key = `${sentence(KEY_TRUST_SENTENCES, session.keyTrust, language)}${keyFingerprint === undefined ? '' : ` [${keyFingerprint.slice(0, 16)}]`}`
  const [first, ...others] = session.records.flatMap((record) => recordRows(record, language))
  return [
    `${session.id}: ${headline(session.verdict, options)}`,
    row('meter', clean(id)),
    ...(session.energyWh === undefined ? [] : [row('energy', `${formatDecimal(scaleDecimal(parseDecimal(session.energyWh), -3))} kWh`)]),
    ...(session.cost === undefined ? [] : [row('cost', costText(session.cost))]),
    row('time', `${session.begin ?? '…'} – ${session.end ?? '…'}`),
    row('key', key),
    ...signerTexts(session, language).map((text) => row('signer', text)),
    ...(first === undefined ? [] : [row('records', first), ...others.map((line) => `  ${''.padEnd(12)}${line}`)]),
    ...session.checks.filter(({ state }) => state !== 'pass').map((check) => checkLine(check, language)),
  ]
}

/** Those who vouch for the key, each once. */
const signerTexts = ({ records }: SessionReport, language: Language): string[] => {
  const signers = records.flatMap(({ signature }) => signature.keySigners ?? [])
  return [...new Set(signers.map(({ issuer = '?', state }) => `${clean(issuer)}: ${sentence(KEY_SIGNER_SENTENCES, state, language)}`))]
}

/** Rounded, and exact in hundredths. */
const costText = ({ amount, currency, exactCents, tariff }: CostReport): string =>
  `${amount} ${clean(currency)} (${exactCents} / 100; ${clean(tariff)})`

const recordRows = ({ id, values, signature }: RecordReport, language: Language): string[] => {
  const state = sentence(SIGNATURE_SENTENCES, signature.state, language)
  const rows = values.map(({ time = '', obis = '', value, unit }) => `${time.padEnd(30)}${clean(obis).padEnd(20)}${value} ${clean(unit)}`)
  return [`${id}  ${state}`, ...rows.map((line) => `  ${line}`)]
}

const MARKS = { fail: '✗', warn: '!', skip: '?', pass: '✓' } as const

const checkLine = ({ state, code = '', detail }: CheckReport, language: Language): string =>
  `  ${MARKS[state]} ${sentence(CODE_SENTENCES, code, language)} [${code}${detail === undefined ? '' : `: ${clean(detail)}`}]`

const inputLine = ({ name, fault }: InputReport, { language }: TextOptions): string =>
  `  ${clean(name)}: ${sentence(INPUT_FAULT_SENTENCES, fault?.code ?? '', language)} [${fault?.code}: ${clean(fault?.detail ?? '')}]`

/** Input must not steer the terminal, nor turn the direction of writing. */
const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
