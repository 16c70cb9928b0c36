// The verdict on one page of A4: for the one who pays, and for the one who must be convinced. What was judged, the whole verdict and the
// commands that repeat it are attached to the page, so that nobody has to believe it.
import { AFRelationship, PDFDocument, type RGB } from '@cantoo/pdf-lib'
import { decimal, kilowattHours, meterTime } from '../transparency/format.ts'
import {
  type CheckReport,
  CODE_SENTENCES,
  type InputReport,
  KEY_TRUST_SENTENCES,
  type Language,
  opensslCommands,
  type RecordReport,
  type SessionReport,
  SIGNATURE_SENTENCES,
  sentence,
  VERDICT_SENTENCES,
  VERDICT_WORDS,
  type Verdict,
} from '../transparency/index.ts'
import { INK, Sheet } from './sheet.ts'
import { PAPER, type Words } from './words.ts'

export interface ReportAbout {
  readonly language: Language
  /** What judged: version, hash of the sources, and of the page's build where a page did. Each is checked with `sha256sum`: docs/serve.md. */
  readonly software: { readonly version: string; readonly sources: string; readonly page?: string }
  /** When it was judged, milliseconds since 1970. */
  readonly at: number
  /** What was given, byte for byte. */
  readonly inputs: readonly { readonly name: string; readonly bytes: Uint8Array }[]
}

/**
 * A PDF of one page about one session, or about all of them where there are several and none is chosen. Same question, same bytes.
 * @param chosen the id of a session of the verdict
 */
export const pdfReport = async (verdict: Verdict, about: ReportAbout, chosen?: string): Promise<Uint8Array> => {
  const words = PAPER[about.language]
  const document = await PDFDocument.create()
  describe(document, words, about)
  const sheet = await Sheet.open(document, FOOT_SIZE * 1.3 * (about.software.page === undefined ? 4 : 5) + 8)
  sheet.paragraph(words.title, { size: 16, bold: true })
  sheet.space(6)
  const session = verdict.sessions.find(({ id }) => id === chosen) ?? (verdict.sessions.length === 1 ? verdict.sessions[0] : undefined)
  if (session === undefined) writeAll(sheet, verdict, about.language)
  else writeOne(sheet, session, { ...about, unused: verdict.inputs })
  writeFoot(sheet, about)
  await attach(document, verdict, about)
  return document.save({ useObjectStreams: false })
}

const FOOT_SIZE = 7.5
/** Nothing of the moment gets into the file but the moment that is told. */
const describe = (document: PDFDocument, words: Words, { language, software, at }: ReportAbout): void => {
  document.setTitle(words.title, { showInWindowTitleBar: true })
  document.setLanguage(language)
  document.setProducer(`Chargeproof ${software.version}`)
  document.setCreator('Chargeproof')
  document.setCreationDate(new Date(at))
  document.setModificationDate(new Date(at))
}

const TONES: Readonly<Record<Verdict['verdict'], RGB>> = {
  valid: INK.good,
  invalid: INK.bad,
  incomplete: INK.warn,
  unproven: INK.warn,
  unreadable: INK.quiet,
}

const headline = (sheet: Sheet, verdict: Verdict['verdict'], language: Language): void => {
  sheet.paragraph(sentence(VERDICT_WORDS, verdict, language), { size: 22, bold: true, ink: TONES[verdict] })
  sheet.paragraph(sentence(VERDICT_SENTENCES, verdict, language), { size: 11 })
}

const writeOne = (sheet: Sheet, session: SessionReport, { language, unused }: { language: Language; unused: Verdict['inputs'] }): void => {
  const words = PAPER[language]
  headline(sheet, session.verdict, language)
  for (const reason of reasonsOf(session.checks, language)) sheet.paragraph(`• ${reason}`, { bold: true })
  writeUnused(sheet, unused, language)
  sheet.rule()
  for (const [name, value] of factsOf(session, language)) sheet.row([name, value], [0.3, 0.7])
  sheet.rule()
  sheet.paragraph(words.key, { bold: true, size: 11 })
  sheet.paragraph(sentence(KEY_TRUST_SENTENCES, session.keyTrust, language))
  if (session.meter.keyFingerprint !== undefined)
    sheet.paragraph(`${words.fingerprint}: ${session.meter.keyFingerprint}`, { size: 8, mono: true, ink: INK.quiet })
  sheet.rule()
  writeValues(sheet, session, language)
  sheet.rule()
  writeCommands(sheet, session.records, language)
}

/** Each reason once, what fails before what only warns. */
const reasonsOf = (checks: readonly CheckReport[], language: Language): string[] => {
  const noted = (['fail', 'warn'] as const).flatMap((state) => checks.filter((check) => check.state === state))
  return [...new Set(noted.map(({ code, id }) => sentence(CODE_SENTENCES, code ?? id, language)))].slice(0, 8)
}

const factsOf = ({ energyWh, soFar, cost, begin, end, meter }: SessionReport, language: Language): [string, string][] => {
  const words = PAPER[language]
  const price = cost ?? soFar?.cost
  const time = (iso: string | undefined): string => (iso === undefined ? words.unknown : meterTime(iso, language))
  return [
    soFar === undefined
      ? [words.energy, energyWh === undefined ? words.unknown : kilowattHours(energyWh, language)]
      : [words.energySoFar, `${kilowattHours(soFar.energyWh, language)} (${time(soFar.time)})`],
    [words.begin, time(begin)],
    [words.end, time(end)],
    ...(price === undefined
      ? []
      : ([[soFar === undefined ? words.cost : words.costSoFar, `${decimal(price.amount, language)} ${price.currency}`]] satisfies [
          string,
          string,
        ][])),
    [words.meter, meter.id ?? words.unknown],
  ]
}

const VALUE_WIDTHS = [0.34, 0.2, 0.22, 0.24]
const VALUES_SHOWN = 12

const writeValues = (sheet: Sheet, { records }: SessionReport, language: Language): void => {
  const words = PAPER[language]
  sheet.row([words.time, words.value, words.register, words.signature], VALUE_WIDTHS, { size: 8, bold: true })
  const rows = records.flatMap((record) =>
    record.values.map(({ value, unit, obis = '', time = record.time ?? '' }) => [
      ...[meterTime(time, language), `${decimal(value, language)} ${unit}`, obis],
      sentence(SIGNATURE_SENTENCES, record.signature.state, language),
    ]),
  )
  // the first and the last are those that a bill rests on
  const shown = rows.length <= VALUES_SHOWN ? rows : [...rows.slice(0, VALUES_SHOWN - 1), ...rows.slice(-1)]
  for (const row of shown) sheet.row(row, VALUE_WIDTHS, { size: 8 })
  if (shown.length < rows.length) sheet.paragraph(words.more(rows.length - shown.length), { size: 8, ink: INK.quiet })
}

const writeCommands = (sheet: Sheet, records: readonly RecordReport[], language: Language): void => {
  const words = PAPER[language]
  sheet.paragraph(words.repeat, { bold: true, size: 11 })
  sheet.paragraph(words.repeatWhy, { size: 8 })
  let left = 0
  for (const record of records) {
    const found = opensslCommands(record)
    const isWritten =
      'commands' in found && left === 0 && sheet.paragraph(folded(`# ${record.id}\n${found.commands}`), { size: 5.5, mono: true })
    if (!isWritten) left++
  }
  if (left > 0) sheet.paragraph(words.attached(left), { size: 8, ink: INK.quiet })
}

/** What was given and told nothing: on every report, because the one who reads it may believe that it was judged. */
const writeUnused = (sheet: Sheet, inputs: readonly InputReport[], language: Language): void => {
  const names = inputs.flatMap(({ name, fault }) => (fault === undefined ? [] : [name]))
  if (names.length === 0) return
  const some = names.join(', ')
  sheet.paragraph(PAPER[language].unused(names.length, some.length > 300 ? `${some.slice(0, 300)} …` : some), { ink: INK.bad })
}

/** Characters of the smallest letters that fit on a line. */
const COMMAND_COLUMNS = 150

/** The same commands on shorter lines, as a shell takes them from paper: broken with a backslash, and within quotes between two quoted parts (POSIX.1 §2.2). */
const folded = (commands: string): string => {
  let [out, column, quoted] = ['', 0, false]
  for (const letter of commands) {
    if (letter === '\n') column = 0
    else if (++column > COMMAND_COLUMNS - 2) {
      out += quoted ? "'\\\n'" : '\\\n'
      column = quoted ? 2 : 1
    }
    if (letter === "'") quoted = !quoted
    out += letter
  }
  return out
}

const ALL_WIDTHS = [0.2, 0.16, 0.28, 0.36]

/** The bad ones first: they are what somebody has to look at. */
const WORST = ['invalid', 'incomplete', 'unproven', 'valid'] as const

const writeAll = (sheet: Sheet, { verdict, sessions, inputs }: Verdict, language: Language): void => {
  const words = PAPER[language]
  headline(sheet, verdict, language)
  const count = (state: string): number => sessions.filter((session) => session.verdict === state).length
  sheet.paragraph(WORST.map((state) => `${sentence(VERDICT_WORDS, state, language)}: ${count(state)}`).join(' · '), { bold: true })
  writeUnused(sheet, inputs, language)
  sheet.rule()
  sheet.row([words.verdict, words.energy, words.begin, words.meter], ALL_WIDTHS, { size: 8, bold: true })
  const rows = WORST.flatMap((state) => sessions.filter((session) => session.verdict === state))
  const written = rows.findIndex((session) => !writeLine(sheet, session, language))
  if (written >= 0) sheet.paragraph(words.more(rows.length - written), { size: 8, ink: INK.quiet })
}

/** False, and nothing is written, where the line that says how many more there are would find no room. */
const writeLine = (sheet: Sheet, { verdict, energyWh, begin = '', meter, checks }: SessionReport, language: Language): boolean => {
  if (sheet.room < 44) return false
  const cells = [sentence(VERDICT_WORDS, verdict, language), energyWh === undefined ? '' : kilowattHours(energyWh, language)]
  sheet.row([...cells, meterTime(begin, language), meter.id ?? ''], ALL_WIDTHS, { size: 8, ink: TONES[verdict] })
  const [reason] = reasonsOf(checks, language)
  if (verdict !== 'valid' && reason !== undefined) sheet.row(['', reason], [0.2, 0.8], { size: 8, ink: INK.quiet })
  return true
}

const writeFoot = (sheet: Sheet, { software, at, language, inputs }: ReportAbout): void => {
  const words = PAPER[language]
  sheet.foot(
    [
      words.judged(`Chargeproof ${software.version}`, new Date(at).toISOString()),
      `${words.sources}: ${software.sources}`,
      ...(software.page === undefined ? [] : [`${words.page}: ${software.page}`]),
      `${words.given}: ${inputs.map(({ name }) => name).join(', ')}`,
    ],
    words.changed,
    { size: FOOT_SIZE, ink: INK.quiet },
  )
}

const attach = async (document: PDFDocument, verdict: Verdict, { inputs, at, language }: ReportAbout): Promise<void> => {
  const dates = { creationDate: new Date(at), modificationDate: new Date(at) }
  const scripts = verdict.sessions
    .flatMap(({ records }) => records)
    .flatMap((record) => {
      const found = opensslCommands(record)
      return 'commands' in found ? [`# ${record.id}\n${found.commands}\n`] : []
    })
  const own = [
    { name: 'verdict.json', text: `${JSON.stringify(verdict, undefined, 1)}\n`, mimeType: 'application/json' },
    { name: 'openssl.sh', text: scripts.join('\n'), mimeType: 'application/x-sh' },
  ]
  for (const { name, text, mimeType } of own)
    await document.attach(new TextEncoder().encode(text), name, { ...dates, mimeType, afRelationship: AFRelationship.Supplement })
  const names = new Set(own.map(({ name }) => name))
  for (const { name, bytes } of inputs) {
    const free = freeName(names, name.replaceAll(/[^\w.-]+/g, '_').slice(-80) || 'input')
    names.add(free)
    await document.attach(bytes, free, {
      ...{ ...dates, mimeType: 'application/octet-stream', afRelationship: AFRelationship.Source },
      description: PAPER[language].given,
    })
  }
}

const freeName = (taken: ReadonlySet<string>, name: string): string => {
  let free = name
  for (let n = 2; taken.has(free); n++) free = `${n}-${name}`
  return free
}
