// The report of an audit as text for people. Judges nothing; every sentence is a row of a table.
import {
  type Assumption,
  AUDIT_CODES,
  type AuditCode,
  type AuditReport,
  type JournalReport,
  type Measured,
  type OrderPower,
  type OrderReport,
  type Unsaid,
} from '../../src/overlay/index.ts'
import type { Language } from '../../src/transparency/index.ts'

export const auditText = ({ verdict, journals, findings, orders }: AuditReport, language: Language): string => {
  const lines = [
    `${verdict.toUpperCase()}  ${VERDICTS[verdict][language]}`,
    '',
    ...journals.map((journal) => journalLine(journal, language)),
    '',
    `${LABELS.orders[language]}: ${orders.length}`,
    ...orders.flatMap((order) => orderLines(order, language)),
    ...(findings.length === 0 ? [] : ['', `${LABELS.findings[language]}:`]),
    ...findings.map(({ code, node, seq, detail }) => {
      const where = node === undefined ? '' : ` ${clean(node)}${seq === undefined ? '' : ` #${seq}`}`
      return `  ${MARKS[AUDIT_CODES[code]]}${where} ${CODES[code][language]} [${code}: ${clean(detail)}]`
    }),
  ]
  return `${lines.join('\n')}\n`
}

const MARKS = { tampered: '✗', unproven: '!' } as const

const LABELS = {
  orders: { de: 'Entscheidungen über Befehle', en: 'decisions over orders' },
  findings: { de: 'Befunde', en: 'findings' },
  entries: { de: 'Einträge', en: 'entries' },
  signed: { de: 'unterschrieben bis', en: 'signed up to' },
  witnessed: { de: 'bezeugt bis', en: 'witnessed up to' },
  by: { de: 'von', en: 'by' },
  from: { de: 'angeblich von', en: 'says it is from' },
  rule: { de: 'Regel', en: 'rule' },
  nobody: { de: 'niemand', en: 'nobody' },
  whole: { de: 'ganze Station', en: 'whole station' },
  decided: { de: 'entschieden von', en: 'decided by' },
  answer: { de: 'Antwort', en: 'answer' },
  measured: { de: 'gemessen', en: 'measured' },
  over: { de: 'über der Grenze von', en: 'over limit' },
  since: { de: 'ab', en: 'from' },
  before: { de: 'vorher', en: 'before' },
  highest: { de: 'danach höchstens', en: 'afterwards at most' },
  after: { de: 'danach', en: 'afterwards' },
  assumed: { de: 'angenommen', en: 'assumed' },
  unsaid: { de: 'nicht am Zähler zu sehen', en: 'not to be seen from the meter' },
} as const

const VERDICTS = {
  sound: { de: 'Die Journale sind vollständig und unverändert.', en: 'The journals are whole and as they were written.' },
  tampered: {
    de: 'Etwas wurde entfernt, verändert, rückdatiert oder doppelt geführt.',
    en: 'Something was removed, altered, back-dated or kept twice.',
  },
  unproven: {
    de: 'Nichts ist nachweislich verändert, aber nicht alles ist belegt.',
    en: 'Nothing is proven to be altered, but not everything is proven.',
  },
} as const satisfies Record<AuditReport['verdict'], Record<Language, string>>

const DECISIONS = { accepted: { de: 'angenommen', en: 'accepted' }, refused: { de: 'abgelehnt', en: 'refused' } } as const
const OBEYED = {
  measured: { de: 'befolgt, wie gemessen', en: 'obeyed, as measured' },
  answered: { de: 'befolgt, wie geantwortet', en: 'obeyed, as answered' },
  no: { de: 'nicht befolgt', en: 'not obeyed' },
  unknown: { de: 'Ausgang unbekannt', en: 'outcome unknown' },
} as const
const UNSAID = {
  encrypted: {
    de: 'der Befehl war verschlüsselt; mit dem Leseschlüssel der Station (--reading-keys) lässt es sich sagen',
    en: 'the order was encrypted; with the reading key of the station (--reading-keys) it can be said',
  },
  'no-limit': { de: 'der Befehl nennt keine vergleichbare Grenze', en: 'the order holds no limit that can be compared' },
  'not-measured': { de: 'keine vergleichbare Messung, solange er galt', en: 'no report that compares, while it counted' },
  overridden: { de: 'ein anderes Profil galt an seiner Stelle', en: 'another profile counted in its place' },
  between: {
    de: 'gemessen wurde zwischen dem, was er sicher erlaubt, und dem, was er höchstens erlaubt',
    en: 'measured was between what it certainly allows and the most that it may allow',
  },
  'several-evses': {
    de: 'jeder Ladepunkt blieb darunter, zusammen vielleicht nicht',
    en: 'each charging point stayed below it, together they may not have',
  },
} as const satisfies Record<Unsaid, Record<Language, string>>

const ASSUMED = {
  'three-phases': { de: 'drei Phasen, wie OCPP ohne Angabe', en: 'three phases, as OCPP means without a number' },
  'even-phases': { de: 'alle Phasen gleich belastet', en: 'all phases loaded alike' },
  'reported-phases': { de: 'nicht gemeldete Phasen ziehen nicht mehr', en: 'phases that were not reported draw no more' },
  'nominal-voltage': { de: '230 V, höchstens 253 V', en: '230 V, at most 253 V' },
  'begins-with-order': { de: 'der Plan beginnt mit dem Befehl', en: 'the schedule begins with the order' },
  'session-begin': {
    de: 'der Plan beginnt mit der Sitzung oder dem Befehl, soweit bekannt',
    en: 'the schedule begins with the session or the order, as far as known',
  },
} as const satisfies Record<Assumption, Record<Language, string>>

const STATES = {
  verified: { de: 'geprüft', en: 'verified' },
  unproven: { de: 'nicht prüfbar', en: 'not proven' },
  unsigned: { de: 'nicht unterschrieben', en: 'not signed' },
} as const

const CODES = {
  'entry-altered': { de: 'Ein Eintrag wurde verändert oder vertauscht.', en: 'An entry was altered or exchanged.' },
  'entry-doubled': { de: 'Zwei verschiedene Einträge haben dieselbe Nummer.', en: 'Two different entries have one number.' },
  'history-rewritten': { de: 'Das Journal wurde neu geschrieben.', en: 'The journal was written anew.' },
  'history-split': { de: 'Der Knoten hat zwei verschiedene Journale unterschrieben.', en: 'The node signed two different journals.' },
  'entries-cut': { de: 'Das Ende wurde abgeschnitten.', en: 'The end was cut off.' },
  'back-dated': { de: 'Ein Eintrag trägt eine falsche Zeit.', en: 'An entry bears a false time.' },
  'order-forged': { de: 'Ein angenommener Befehl wurde so nie unterschrieben.', en: 'An accepted order was never signed like this.' },
  'report-forged': { de: 'Eine Messung wurde so nie unterschrieben.', en: 'A report was never signed like this.' },
  'answer-forged': { de: 'Eine Antwort wurde so nie unterschrieben.', en: 'An answer was never signed like this.' },
  'entries-missing': { de: 'Einträge fehlen.', en: 'Entries are missing.' },
  'entries-later': { de: 'Der Auszug ist älter als ein Zeugnis.', en: 'The export is older than a witness.' },
  'tail-unsigned': { de: 'Die letzten Einträge sind nicht unterschrieben.', en: 'The last entries are not signed.' },
  unwitnessed: { de: 'Kein anderer Knoten bezeugt dieses Journal.', en: 'No other node is a witness of this journal.' },
  'time-backwards': { de: 'Die Zeit springt zurück.', en: 'Time goes back.' },
  'head-unusable': { de: 'Ein Journalkopf ist nicht verwendbar.', en: 'A head of a journal cannot be used.' },
  'input-unusable': { de: 'Eine Eingabe ist nicht verwendbar.', en: 'An input cannot be used.' },
  'order-unproven': { de: 'Wer den Befehl gab, ist nicht prüfbar.', en: 'Who gave the order cannot be proven.' },
  'order-untimely': { de: 'Der Befehl galt nicht zu dieser Zeit.', en: 'The order was not valid at that time.' },
  'answer-unproven': { de: 'Wer antwortete, ist nicht prüfbar.', en: 'Who answered cannot be proven.' },
} as const satisfies Record<AuditCode, Record<Language, string>>

const journalLine = ({ node, first, last, entries, signedUpTo, witnessedUpTo, witnesses }: JournalReport, language: Language): string =>
  `  ${clean(node)}: ${LABELS.entries[language]} ${first}–${last} (${entries}), ${LABELS.signed[language]} ${signedUpTo}, ${LABELS.witnessed[language]} ${witnessedUpTo} (${witnesses.map(clean).join(', ') || LABELS.nobody[language]})`

const orderLines = (order: OrderReport, language: Language): string[] => {
  const { node, seq, at, station, evse, action, limits, decision, rule, by, claimed, obeyed, answer, reason, power, unsaid } = order
  const signers = by.map(
    (each) => `${clean(each.node || each.kid)}${each.role ? ` (${clean(each.role)})` : ''}, ${STATES[each.state][language]}`,
  )
  const who =
    claimed === undefined
      ? `${LABELS.by[language]} ${signers.join('; ')}`
      : `${LABELS.from[language]} ${clean(claimed)}, ${STATES.unsigned[language]}`
  const where = `${clean(station)}${evse === undefined ? ` (${LABELS.whole[language]})` : `/${evse}`}`
  return [
    `  ${new Date(at).toISOString()}  ${where}  ${clean(action)}${limits.length > 0 ? ` ${limits.map(clean).join(', ')}` : ''}  ${DECISIONS[decision][language]}, ${OBEYED[obeyed][language]}${over(power, language)}`,
    `    ${who}; ${LABELS.rule[language]} ${clean(rule)}; ${LABELS.decided[language]} ${clean(node)} #${seq}`,
    ...(reason === undefined ? [] : [`    ${clean(reason)}`]),
    ...(answer
      ? [`    ${LABELS.answer[language]} ${new Date(answer.at).toISOString()}: ${clean(answer.says)}, ${STATES[answer.receipt][language]}`]
      : []),
    ...powerLines(power, language),
    ...(power && power.assumed.length > 0
      ? [`    ${LABELS.assumed[language]}: ${power.assumed.map((each) => ASSUMED[each][language]).join('; ')}`]
      : []),
    ...(unsaid ? [`    ${LABELS.unsaid[language]}: ${UNSAID[unsaid][language]}`] : []),
  ]
}

const over = (power: OrderPower | undefined, language: Language): string => {
  if (!power?.exceeded) return ''
  const { watts, amperes, unit, limit, at } = power.exceeded
  const value = unit === 'W' ? watts : amperes
  return ` (${LABELS.measured[language]} ${value} ${unit} ${LABELS.over[language]} ${limit} ${unit} ${LABELS.since[language]} ${new Date(at).toISOString()})`
}

const quantity = ({ watts, amperes }: Measured): string =>
  [...(watts === undefined ? [] : [`${watts} W`]), ...(amperes === undefined ? [] : [`${amperes} A`])].join(', ')

const powerLines = (power: OrderPower | undefined, language: Language): string[] => {
  if (!power) return []
  const shown = (label: 'before' | 'highest' | 'after', reading: Measured | undefined): string[] =>
    reading
      ? [`${LABELS[label][language]} ${quantity(reading)} ${new Date(reading.at).toISOString()}, ${STATES[reading.receipt][language]}`]
      : []
  const lines = [
    ['', ...shown('before', power.before), ...shown('highest', power.after)],
    ...power.site.map((site) => [` ${clean(site.meter)}`, ...shown('before', site.before), ...shown('after', site.after)]),
  ]
  return lines
    .filter(({ length }) => length > 1)
    .map(([who, ...readings]) => `    ${LABELS.measured[language]}${who}: ${readings.join('; ')}`)
}

/** Input must not steer the terminal, nor turn the direction of writing. */
const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
