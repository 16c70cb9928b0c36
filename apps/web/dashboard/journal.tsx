// The end of the journal: what the nodes did and refused, newest first; alarms above all. A row opens to who signed and what proves it.
import { useState } from 'preact/hooks'
import { clockTime } from '../format.ts'
import type { TextKey } from '../i18n.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark, type Tone } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import { Kid } from './kid.tsx'
import type { JournalEntry } from './model.ts'

const SHOWN = 60

/** docs/operations.md says what a person does about each. */
const KINDS = {
  'order-accepted': { tone: 'good' },
  'order-refused': { tone: 'bad' },
  'order-answered': { tone: 'good' },
  'order-unknown': { tone: 'warn' },
  'order-settled': { tone: 'good' },
  'power-measured': { tone: 'quiet' },
  'message-refused': { tone: 'bad' },
  refusals: { tone: 'bad' },
  station: { tone: 'quiet' },
  node: { tone: 'quiet' },
  security: { tone: 'bad' },
  queue: { tone: 'warn' },
  firewall: { tone: 'warn' },
  policy: { tone: 'quiet' },
  head: { tone: 'quiet' },
} as const satisfies Record<string, { tone: Tone }>
type Kind = keyof typeof KINDS

const isKind = (kind: string): kind is Kind => Object.hasOwn(KINDS, kind)
/** A journal that is not what it was. */
const isAlarm = ({ kind, rule }: JournalEntry): boolean => kind === 'security' && rule.startsWith('journal-')
const keyOf = ({ node, seq, at }: JournalEntry): string => `${node} ${seq} ${at}`

export const JournalPanel = ({ journal }: { journal: readonly JournalEntry[] }) => {
  const { t } = useSpeech()
  const newest = journal.toReversed()
  const alarms = newest.filter(isAlarm)
  const rest = newest.filter((entry) => !isAlarm(entry)).slice(0, SHOWN)
  return (
    <Panel
      title={t('journal')}
      tools={<span class="minor">{t('shown-of', { shown: alarms.length + rest.length, all: journal.length })}</span>}
    >
      <Scroll label={t('journal')} tall>
        {journal.length === 0 && <p class="empty">{t('no-entries')}</p>}
        <ol class="journal">
          {[...alarms, ...rest].map((entry) => (
            <Row key={keyOf(entry)} entry={entry} />
          ))}
        </ol>
      </Scroll>
    </Panel>
  )
}

const Row = ({ entry }: { entry: JournalEntry }) => {
  const { t, language } = useSpeech()
  const [open, setOpen] = useState(false)
  const { at, node, toldBy, subject, text, rule, hop, rest } = entry
  return (
    <li class={isAlarm(entry) ? 'alarm' : undefined}>
      <time dateTime={new Date(at).toISOString()}>{clockTime(at, language)}</time>
      <span>{toldBy === '' ? node : t('told-by', { node: toldBy })}</span>
      <KindMark entry={entry} />
      <strong>{subject}</strong>
      <span>{text}</span>
      {rule !== '' && <code>{rule}</code>}
      {hop !== '' && <span class="minor">{t('came-over', { hop })}</span>}
      {rest !== '' && <span class="minor">{rest}</span>}
      {(entry.by.length > 0 || entry.order > 0 || entry.proof !== '') && (
        <button
          type="button"
          class="plain"
          aria-expanded={open}
          aria-label={t('evidence-of', { seq: entry.seq, node })}
          onClick={() => setOpen(!open)}
        >
          {t('evidence')}
        </button>
      )}
      {open && <Proof entry={entry} />}
    </li>
  )
}

const KindMark = ({ entry }: { entry: JournalEntry }) => {
  const { t } = useSpeech()
  if (isAlarm(entry)) return <Mark tone="bad" text={t('alarm')} />
  const { kind } = entry
  return isKind(kind) ? <Mark tone={KINDS[kind].tone} text={t(`row-${kind}` satisfies TextKey)} /> : <span class="tag">{kind}</span>
}

const Proof = ({ entry: { by, order, proof } }: { entry: JournalEntry }) => {
  const { t } = useSpeech()
  return (
    <div class="detail">
      {by.length > 0 && (
        <ul aria-label={t('signed-by')}>
          {by.map(({ node, role, kid }) => (
            <li key={kid}>
              <Mark tone="good" text={t('trace-valid')} /> <strong>{node}</strong> <span class="minor">{role}</span> <Kid kid={kid} />
            </li>
          ))}
        </ul>
      )}
      {order > 0 && <p>{t('answers-entry', { seq: order })}</p>}
      {proof !== '' && <pre>{proof}</pre>}
    </div>
  )
}
