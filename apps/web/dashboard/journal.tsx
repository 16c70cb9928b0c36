// The end of the journal: what the nodes did and refused, newest first.
import { clockTime } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { Scroll } from '../shell/scroll.tsx'
import type { JournalEntry } from './model.ts'

const SHOWN = 60

export const JournalPanel = ({ journal }: { journal: readonly JournalEntry[] }) => {
  const { t, language } = useSpeech()
  return (
    <Panel title={t('journal')}>
      <Scroll label={t('journal')} tall>
        {journal.length === 0 && <p class="empty">{t('none-yet')}</p>}
        <ol class="journal">
          {journal
            .slice(-SHOWN)
            .reverse()
            .map((entry) => (
              <li key={`${entry.node} ${entry.seq} ${entry.at}`}>
                <time dateTime={new Date(entry.at).toISOString()}>{clockTime(entry.at, language)}</time>
                <span>{entry.toldBy === '' ? entry.node : t('told-by', { node: entry.toldBy })}</span>
                {entry.kind.endsWith('refused') ? <Mark tone="bad" text={entry.kind} /> : <span class="tag">{entry.kind}</span>}
                <strong>{entry.subject}</strong>
                <span>{entry.text}</span>
                {entry.rule !== '' && <code>{entry.rule}</code>}
                {entry.hop !== '' && <span class="minor">{t('came-over', { hop: entry.hop })}</span>}
                <span class="minor">{entry.rest}</span>
              </li>
            ))}
        </ol>
      </Scroll>
    </Panel>
  )
}
