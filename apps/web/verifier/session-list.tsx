// The sessions that were found: their sums, what to look for among them, and the list from which one is chosen.
import { useMemo, useState } from 'preact/hooks'
import { type SessionReport, VERDICT_WORDS } from '../../../src/transparency/index.ts'
import { decimal, kilowattHours, meterMinute } from '../format.ts'
import { useSpeech } from '../shell/language.ts'
import { LongList } from '../shell/long-list.tsx'
import { Mark } from '../shell/mark.tsx'
import { Panel } from '../shell/panel.tsx'
import { type Filter, matching, totalsOf, WORST_FIRST, worstFirst } from './overview.ts'
import { placeOf } from './place.ts'
import { VERDICTS } from './words.ts'

interface SessionListProps {
  /** The bad ones first. */
  readonly sessions: readonly SessionReport[]
  readonly chosen: string | undefined
  readonly onChoose: (id: string) => void
}

export const SessionList = ({ sessions, chosen, onChoose }: SessionListProps) => {
  const { t, notation } = useSpeech()
  const [filter, setFilter] = useState<Filter>({ text: '' })
  const ordered = useMemo(() => worstFirst(sessions), [sessions])
  const wanted = useMemo(() => matching(ordered, filter, notation), [ordered, filter, notation])
  const byId = useMemo(() => new Map(wanted.map((session) => [session.id, session])), [wanted])
  const placed = useMemo(() => sessions.some((session) => (placeOf(session)?.address ?? '') !== ''), [sessions])
  return (
    <Panel title={t('sessions-found', { count: sessions.length })} class="sessions">
      {sessions.length > 1 && <Sums sessions={sessions} />}
      {sessions.length > 1 && <Search sessions={sessions} filter={filter} onFilter={setFilter} />}
      <p role="status" class={wanted.length === 0 ? 'empty' : 'unseen'}>
        {sessions.length > 1 && t('sessions-shown', { count: wanted.length })}
      </p>
      {wanted.length > 0 && (
        <LongList label={t('sessions')} ids={[...byId.keys()]} chosen={chosen} onChoose={onChoose} tall={placed}>
          {(id) => <Entry session={byId.get(id)} />}
        </LongList>
      )}
    </Panel>
  )
}

const Entry = ({ session }: { session: SessionReport | undefined }) => {
  const { say, notation } = useSpeech()
  if (session === undefined) return null
  const { verdict, energyWh, begin, meter, id } = session
  const place = placeOf(session)?.address ?? ''
  return (
    <>
      <span class="line">
        <Mark tone={VERDICTS[verdict]} text={say(VERDICT_WORDS, verdict)} />
        {energyWh !== undefined && <strong>{kilowattHours(energyWh, notation)}</strong>}
      </span>
      <span class="line minor">
        <span>{meter.id ?? id}</span>
        <span>{begin === undefined ? '' : meterMinute(begin, notation)}</span>
      </span>
      {place !== '' && (
        <span class="line minor">
          <span>{place}</span>
        </span>
      )}
    </>
  )
}

const Sums = ({ sessions }: { sessions: readonly SessionReport[] }) => {
  const { t, notation } = useSpeech()
  const { energyWh, costs } = useMemo(() => totalsOf(sessions), [sessions])
  return (
    <dl class="sums">
      <div>
        <dt>{t('energy-of-valid')}</dt>
        <dd>{kilowattHours(energyWh, notation)}</dd>
      </div>
      {costs.map(({ currency, amount }) => (
        <div key={currency}>
          <dt>{t('cost-of-valid')}</dt>
          <dd>
            {decimal(amount, notation)} {currency}
          </dd>
        </div>
      ))}
    </dl>
  )
}

interface SearchProps {
  readonly sessions: readonly SessionReport[]
  readonly filter: Filter
  readonly onFilter: (filter: Filter) => void
}

/** A button for each state that there is, and words. */
const Search = ({ sessions, filter, onFilter }: SearchProps) => {
  const { t, say } = useSpeech()
  const { counts } = useMemo(() => totalsOf(sessions), [sessions])
  const { text, state: wanted } = filter
  const states = WORST_FIRST.filter((state) => counts[state] > 0)
  return (
    <search class="search">
      <div class="states">
        <button type="button" class="small" aria-pressed={wanted === undefined} onClick={() => onFilter({ text })}>
          {t('all-states')} {sessions.length}
        </button>
        {states.map((state) => (
          <button key={state} type="button" class="small" aria-pressed={wanted === state} onClick={() => onFilter({ text, state })}>
            {say(VERDICT_WORDS, state)} {counts[state]}
          </button>
        ))}
      </div>
      <input
        type="search"
        aria-label={t('find')}
        placeholder={t('find-hint')}
        value={text}
        onInput={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
      />
    </search>
  )
}
