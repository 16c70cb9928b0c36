// How every value of a verdict was made, as text: session, money and time first, then each record with its signed bytes field by field.
// Everything is taken from the verdict and its evidence; nothing is computed that the verifier did not compute, and nothing judged.
import { decimal } from '../../src/transparency/format.ts'
import {
  CHECK_SENTENCES,
  type CostReport,
  type Language,
  type SessionReport,
  sentence,
  type Verdict,
} from '../../src/transparency/index.ts'
import { energySum } from './explain-energy.ts'
import { recordLines } from './explain-record.ts'
import { WORDS } from './explain-words.ts'
import { clean, table, wrapped } from './layout.ts'
import { checkLine, headline, type TextOptions, unusable } from './verify-text.ts'

export const explanation = ({ verdict, inputs, sessions }: Verdict, options: TextOptions): string => {
  const lines = [
    headline('', verdict, options),
    ...sessions.flatMap((session) => ['', ...sessionLines(session, options)]),
    ...unusable(inputs, options),
  ]
  return `${lines.join('\n')}\n`
}

const sessionLines = (session: SessionReport, options: TextOptions): string[] => {
  const { language, ...space } = options
  const word = (name: keyof typeof WORDS): string => WORDS[name][language]
  const facts: [string, string][] = [
    [word('energy'), energyText(session, options)],
    [word('begin'), session.begin ?? word('unmarked')],
    [word('end'), session.end ?? word('unmarked')],
    ['', word('clock')],
    ...(session.cost === undefined ? [] : costRows(session.cost, word, language)),
  ]
  return [
    headline(`${session.id}: `, session.verdict, options),
    '',
    ` ${word('how')}`,
    ...table(facts, { ...space, hang: 2 }),
    ...session.records.flatMap((record) => ['', ...recordLines(record, session.keyTrust, options)]),
    '',
    ` ${word('rules')}`,
    ...session.checks.map((check) =>
      check.state === 'pass'
        ? `  ✓ ${wrapped(sentence(CHECK_SENTENCES, check.id, language), { ...space, hang: 4 })}`
        : checkLine(check, options),
    ),
  ]
}

const energyText = (session: SessionReport, { language }: TextOptions): string => {
  if (session.energyWh === undefined) return WORDS['no-energy'][language]
  const origin = session.records.length === 1 ? WORDS.stated : WORDS.difference
  return energySum(session, language) ?? `${decimal(session.energyWh, language)} Wh (${origin[language]})`
}

const costRows = (cost: CostReport, word: (name: keyof typeof WORDS) => string, language: Language): [string, string][] => [
  [word('cost'), `${word('tariff')} ${clean(cost.tariff)}`],
  ...cost.parts.map(({ unit, quantity, centsEach, cents }): [string, string] => [
    '',
    `${decimal(quantity, language)} ${unit} × ${decimal(centsEach, language)} / 100 = ${decimal(cents, language)} / 100`,
  ]),
  ['', `= ${decimal(cost.exactCents, language)} / 100 = ${decimal(cost.amount, language)} ${clean(cost.currency)} (${word('started')})`],
  ...(cost.unknown === undefined ? [] : [['', word(cost.unknown)] as [string, string]]),
]
